/**
 * A client of the API over a transport. Objects come shared, as the server or its cache holds them: copy before changing.
 * A refused request throws StatusError; a connection that fails rejects with the socket's own error.
 */
import { encodeUtf8 } from '#engine/base/bytes'
import { emptyBody, type HttpBody, type HttpRequest, type HttpResponse, textBody, valueBody } from '#engine/base/http'
import type { KubeList, KubeObject } from '#engine/api/object'
import { failure, type Status, StatusError } from '#engine/api/status'
import { statusFromPlain } from '#engine/client/errors'
import type { ResourceRef } from '#engine/client/resources'
import type { Transport } from '#engine/client/transport'
import { type BegunWatch, readBegunWatch, readWatch, type WatchEvent } from '#engine/client/watch'

export interface ListOptions {
  readonly labelSelector?: string
  readonly fieldSelector?: string
  readonly limit?: number
  readonly continue?: string
  readonly resourceVersion?: string
  readonly resourceVersionMatch?: string
}

export interface WatchOptions extends ListOptions {
  readonly allowWatchBookmarks?: boolean
  readonly timeoutSeconds?: number
  readonly sendInitialEvents?: boolean
  readonly signal?: AbortSignal
}

export interface WriteOptions {
  readonly subresource?: string
  readonly fieldManager?: string
  readonly dryRun?: boolean
}

export interface PatchOptions extends WriteOptions {
  readonly force?: boolean
}

export interface DeleteOptions {
  readonly gracePeriodSeconds?: number
  readonly propagationPolicy?: 'Foreground' | 'Background' | 'Orphan'
  readonly preconditions?: { uid?: string; resourceVersion?: string }
  readonly dryRun?: boolean
}

export type PatchType = 'json' | 'merge' | 'strategic' | 'apply'

const patchTypes: Record<PatchType, string> = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  apply: 'application/apply-patch+yaml',
}

export interface ClientOptions {
  readonly userAgent?: string
}

export class Client {
  private readonly headers: Record<string, string>

  constructor(
    readonly transport: Transport,
    options: ClientOptions = {},
  ) {
    this.headers = { accept: 'application/json', ...(options.userAgent ? { 'user-agent': options.userAgent } : {}) }
  }

  of<T extends KubeObject>(resource: ResourceRef<T>): ResourceClient<T> {
    return new ResourceClient<T>(this, resource)
  }

  /** One exchange; answers past 399 throw StatusError. `text` is a body that is sent as it stands. */
  async exchange(method: string, path: string, extra: { body?: unknown; text?: string; contentType?: string; signal?: AbortSignal; headers?: Record<string, string> } = {}): Promise<HttpResponse> {
    const request: HttpRequest = {
      method,
      path,
      headers: { ...this.headers, ...(extra.body === undefined && extra.text === undefined ? {} : { 'content-type': extra.contentType ?? 'application/json' }), ...extra.headers },
      body: extra.text !== undefined ? textBody(extra.text) : extra.body === undefined ? emptyBody : valueBody(extra.body, encodeJson),
      ...(extra.signal ? { signal: extra.signal } : {}),
    }
    const response = await this.transport.request(request)
    if (response.status >= 400) throw await statusOf(method, path, response)
    return response
  }

  /** One exchange whose answer is JSON. */
  json<T = unknown>(method: string, path: string, body?: unknown, contentType?: string): Promise<T> {
    return this.exchange(method, path, contentType ? { body, contentType } : { body }).then((response) => (response.body.value ?? decode(response.body)) as T)
  }

  /** The answer as text (`/healthz`, `/metrics`, logs). */
  async text(path: string): Promise<string> {
    return (await this.exchange('GET', path, { headers: { accept: '*/*' } })).body.text()
  }
}

export class ResourceClient<T extends KubeObject = KubeObject> {
  constructor(
    private readonly client: Client,
    readonly resource: ResourceRef<T>,
  ) {}

  get(namespace: string, name: string, subresource?: string, resourceVersion?: string): Promise<T> {
    return this.client.json<T>('GET', this.path(namespace, name, subresource) + query({ resourceVersion }))
  }

  list(namespace = '', options: ListOptions = {}): Promise<KubeList<T>> {
    return this.client.json<KubeList<T>>('GET', this.path(namespace) + query({ ...options })).then((list) => this.typedList(list))
  }

  create(object: T | Omit<T, 'apiVersion' | 'kind'>, options: WriteOptions = {}): Promise<T> {
    const full = this.typed(object)
    const path = options.subresource ? this.path(full.metadata.namespace ?? '', full.metadata.name, options.subresource) : this.path(full.metadata.namespace ?? '')
    return this.client.json<T>('POST', path + writeQuery(options), full)
  }

  update(object: T, options: WriteOptions = {}): Promise<T> {
    const { namespace, name } = object.metadata
    return this.client.json<T>('PUT', this.path(namespace ?? '', name, options.subresource) + writeQuery(options), this.typed(object))
  }

  updateStatus(object: T): Promise<T> {
    return this.update(object, { subresource: 'status' })
  }

  patch(namespace: string, name: string, type: PatchType, patch: unknown, options: PatchOptions = {}): Promise<T> {
    const path = this.path(namespace, name, options.subresource) + query({ ...writeFields(options), force: options.force })
    return this.client.json<T>('PATCH', path, patch, patchTypes[type])
  }

  /** Posts to a subresource that takes an object of its own: `binding`, `eviction`, `token`. */
  post<R extends KubeObject = KubeObject>(namespace: string, name: string, subresource: string, body: unknown): Promise<R> {
    return this.client.json<R>('POST', this.path(namespace, name, subresource), body)
  }

  delete(namespace: string, name: string, options: DeleteOptions = {}): Promise<unknown> {
    return this.client.json('DELETE', this.path(namespace, name), deleteBody(options))
  }

  deleteCollection(namespace: string, options: DeleteOptions = {}, list: ListOptions = {}): Promise<unknown> {
    return this.client.json('DELETE', this.path(namespace) + query({ ...list }), deleteBody(options))
  }

  /** Events until the server or the signal ends them; an ERROR event throws its StatusError. */
  async watch(namespace = '', options: WatchOptions = {}): Promise<AsyncIterable<WatchEvent<T>>> {
    return readWatch<T>((await this.openWatch(namespace, options)).body)
  }

  /** The same, with what the server tells at once in one piece. */
  async beginWatch(namespace = '', options: WatchOptions = {}): Promise<BegunWatch<T>> {
    return readBegunWatch<T>((await this.openWatch(namespace, options)).body)
  }

  private openWatch(namespace: string, { signal, ...rest }: WatchOptions): Promise<HttpResponse> {
    return this.client.exchange('GET', this.path(namespace) + query({ ...rest, watch: true }), signal ? { signal } : {})
  }

  path(namespace: string, name?: string, subresource?: string): string {
    const { group, version, resource, namespaced } = this.resource
    let path = group === '' ? `/api/${version}` : `/apis/${group}/${version}`
    if (namespaced && namespace !== '') path += `/namespaces/${namespace}`
    path += `/${resource}`
    if (name !== undefined) path += `/${encodeURIComponentStrict(name)}`
    return subresource ? `${path}/${subresource}` : path
  }

  /** Items of a list do not name their kind on the wire. */
  private typedList(list: KubeList<T>): KubeList<T> {
    const items = (list.items as T[] | null) ?? []
    return items.length > 0 && items[0]?.kind ? list : { ...list, items: items.map((item) => this.typed(item)) }
  }

  private typed(object: T | Omit<T, 'apiVersion' | 'kind'>): T {
    const given = object as T
    if (given.apiVersion && given.kind) return given
    const { group, version, kind } = this.resource
    return { ...given, apiVersion: group === '' ? version : `${group}/${version}`, kind }
  }
}

export function encodeJson(value: unknown): Uint8Array {
  return encodeUtf8(JSON.stringify(value))
}

/** The decoded value of a body, from memory or from JSON text. */
export async function decode(body: HttpBody): Promise<unknown> {
  if (body.value !== undefined) return body.value
  const text = await body.text()
  return text === '' ? undefined : (JSON.parse(text) as unknown)
}

async function statusOf(method: string, path: string, response: HttpResponse): Promise<StatusError> {
  const value = response.body.value as Status | undefined
  if (value?.kind === 'Status') return new StatusError(value)
  const text = await response.body.text()
  try {
    const parsed = JSON.parse(text) as Status
    if (parsed.kind === 'Status') return new StatusError(parsed)
  } catch {
    return statusFromPlain(method, path, response.status, text)
  }
  return failure(response.status, '', text)
}

function deleteBody(options: DeleteOptions): unknown {
  const { dryRun, ...rest } = options
  return { kind: 'DeleteOptions', apiVersion: 'v1', ...rest, ...(dryRun ? { dryRun: ['All'] } : {}) }
}

function writeFields(options: WriteOptions): Record<string, unknown> {
  return { fieldManager: options.fieldManager, dryRun: options.dryRun ? 'All' : undefined }
}

function writeQuery(options: WriteOptions): string {
  return query(writeFields(options))
}

/** `?a=1&b=true`, without what is undefined or empty. */
export function query(fields: Record<string, unknown>): string {
  const parts: string[] = []
  for (const [key, value] of Object.entries(fields)) if (value !== undefined && value !== '' && value !== false) parts.push(`${key}=${encodeURIComponentStrict(String(value))}`)
  return parts.length === 0 ? '' : `?${parts.join('&')}`
}

function encodeURIComponentStrict(text: string): string {
  return encodeURIComponent(text).replace(/%3A/g, ':').replace(/%2C/g, '%2C')
}

/** A client whose every request tells how long it may take, as client-go's `Timeout` does. */
export function timedClient(client: Client, seconds: number, userAgent: string): Client {
  const timed = (path: string): string => `${path}${path.includes('?') ? '&' : '?'}timeout=${seconds}s`
  return new Client({ request: (request) => client.transport.request({ ...request, path: timed(request.path) }) }, { userAgent })
}
