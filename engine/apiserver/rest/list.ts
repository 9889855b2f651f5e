/** GET of collections: from the watch cache, at an exact revision from etcd, in chunks. */
import { decodeUtf8, encodeUtf8, fromBase64Url, toBase64Url } from '#engine/base/bytes'
import { badRequestError } from '#engine/api/errors'
import { parseJson } from '#engine/api/json'
import { StatusError, type Status } from '#engine/api/status'
import { groupVersion, type KubeObject } from '#engine/api/object'
import type { ServedResource } from '#engine/apiserver/catalog'
import type { Call } from '#engine/apiserver/chain/call'
import { cacherOf, presented, queryInteger, storeOf, type Answer, type RestCore } from './core'
import { checkListOptions } from './list-options'
import { selectionOf, type Selection } from './selectors'

interface Chunk {
  readonly objects: readonly KubeObject[]
  readonly revision: number
  readonly continueToken?: string
  readonly remaining?: number
}

export async function list(core: RestCore, call: Call, served: ServedResource): Promise<Answer> {
  const { list: object } = await selectForCollection(core, call, served)
  return { status: 200, object }
}

export async function selectForCollection(core: RestCore, call: Call, served: ServedResource): Promise<{ list: unknown; objects: readonly KubeObject[] }> {
  const selection = selectionOf(call, served)
  const chunk = await readChunk(core, call, served, selection)
  const items = served.view || served.definition.decorate ? await Promise.all(chunk.objects.map((object) => presented(served, object))) : chunk.objects
  const { definition } = served
  const list = {
    kind: `${definition.kind}List`, apiVersion: groupVersion(definition.group, definition.version),
    metadata: { resourceVersion: String(chunk.revision), ...(chunk.continueToken ? { continue: chunk.continueToken } : {}), ...(chunk.remaining ? { remainingItemCount: chunk.remaining } : {}) },
    items,
  }
  if (!served.custom) asTyped(list)
  return { list, objects: chunk.objects }
}

/** Objects of a list of a built-in kind do not say what they are when they are written: Go's lists are typed. */
export function asTyped<T extends { readonly items: readonly KubeObject[] }>(list: T): T {
  return Object.defineProperty(list, 'toJSON', { value: () => ({ ...list, items: list.items.map(({ kind: _kind, apiVersion: _apiVersion, ...rest }) => rest) }) })
}

async function readChunk(core: RestCore, call: Call, served: ServedResource, selection: Selection): Promise<Chunk> {
  const { query } = call.info
  checkListOptions(query)
  const limit = Math.max(0, queryInteger(call, 'limit') ?? 0)
  const [token, version, match] = ['continue', 'resourceVersion', 'resourceVersionMatch'].map((name) => query.get(name) || '') as [string, string, string]
  if (token !== '') return continued(served, selection, token, limit)
  if (match === 'Exact' || (limit > 0 && match === '' && Number(version) > 0)) return readRange(served, selection, { revision: Number(version), limit })
  const cacher = cacherOf(served)
  if (version === '') await cacher.fresh(await storeOf(served).currentRevision())
  else await cacher.fresh(Number(version))
  const all = fromCache(served, selection)
  const revision = cacher.currentRevision
  if (limit === 0 || all.length <= limit) return { objects: all, revision }
  const objects = all.slice(0, limit)
  return { objects, revision, continueToken: tokenAfter(served, objects, revision), ...(selection.matches ? {} : { remaining: all.length - limit }) }
}

/** What of the cache a selection shows, in key order. */
export function fromCache(served: ServedResource, selection: Selection): KubeObject[] {
  const { scope, matches } = selection
  const candidates = narrowed(served, selection)
  if (!matches) return candidates
  return candidates.filter((object) => (scope.namespace === '' || object.metadata.namespace === scope.namespace) && matches(object))
}

function narrowed(served: ServedResource, { scope }: Selection): KubeObject[] {
  const cacher = cacherOf(served)
  if (scope.name !== undefined && (scope.namespace !== '' || served.definition.scope === 'cluster')) {
    const one = cacher.get(storeOf(served).key(scope.namespace, scope.name))
    return one ? [one] : []
  }
  if (scope.index) return cacher.indexed(scope.index.name, scope.index.value)
  return cacher.list(scope.namespace)
}

interface Token {
  readonly v: string
  readonly rv: number
  readonly start: string
}

async function continued(served: ServedResource, selection: Selection, text: string, limit: number): Promise<Chunk> {
  const token = readToken(text)
  const after = `${storeOf(served).prefix}${token.start.replace(/\0$/, '')}`
  try {
    return await readRange(served, selection, { revision: token.rv > 0 ? token.rv : 0, limit, after })
  } catch (error) {
    if (error instanceof StatusError && error.code === 410) throw expired(token)
    throw error
  }
}

function rangeOptions(revision: number, limit: number, after: string | undefined): { revision?: number; limit?: number; after?: string } {
  return { ...(revision > 0 ? { revision } : {}), ...(limit > 0 ? { limit } : {}), ...(after === undefined ? {} : { after }) }
}

async function readRange(served: ServedResource, selection: Selection, options: { revision: number; limit: number; after?: string }): Promise<Chunk> {
  const store = storeOf(served)
  const objects: KubeObject[] = []
  let after = options.after
  for (;;) {
    const response = await store.range(selection.scope.namespace, rangeOptions(options.revision, options.limit, after))
    const revision = options.revision > 0 ? options.revision : response.header.revision
    for (const kv of response.kvs) {
      const object = store.codec.decode(kv)
      after = kv.key
      if (selection.matches && !selection.matches(object)) continue
      objects.push(object)
      if (options.limit > 0 && objects.length === options.limit) {
        if (!response.more && kv === response.kvs[response.kvs.length - 1]) return { objects, revision }
        return { objects, revision, continueToken: tokenAfter(served, objects, revision), ...(selection.matches ? {} : { remaining: response.count - response.kvs.length }) }
      }
    }
    if (!response.more) return { objects, revision }
  }
}

function tokenAfter(served: ServedResource, objects: readonly KubeObject[], revision: number): string {
  const last = objects[objects.length - 1] as KubeObject
  const key = storeOf(served).key(last.metadata.namespace ?? '', last.metadata.name ?? '')
  const token: Token = { v: 'meta.k8s.io/v1', rv: revision, start: `${key.slice(storeOf(served).prefix.length)}\0` }
  return toBase64Url(encodeUtf8(JSON.stringify(token)))
}

function readToken(text: string): Token {
  let token: Token
  const stray = text.search(/[^A-Za-z0-9_-]/)
  if (stray >= 0) throw badRequestError(`continue key is not valid: illegal base64 data at input byte ${stray}`)
  try {
    token = parseJson(decodeUtf8(fromBase64Url(text))) as Token
  } catch (error) {
    throw badRequestError(`continue key is not valid: ${(error as Error).message}`)
  }
  if (token?.v !== 'meta.k8s.io/v1') throw badRequestError(`continue key is not valid: server does not recognize this encoded version ${JSON.stringify(token?.v ?? '')}`)
  if (typeof token.start !== 'string' || token.start === '') throw badRequestError('continue key is not valid: encoded continue tokens must not be empty')
  // Out of its resource leads no way.
  if (token.start.split('/').some((part, index) => part === '..' || part === '.' || (part === '' && index > 0))) throw badRequestError(`continue key is not valid: invalid start key: ${token.start}`)
  return token
}

function expired(token: Token): StatusError {
  const status: Status = {
    kind: 'Status', apiVersion: 'v1', metadata: { continue: toBase64Url(encodeUtf8(JSON.stringify({ v: token.v, rv: -1, start: token.start }))) }, status: 'Failure',
    message: 'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.',
    reason: 'Expired', code: 410,
  }
  return new StatusError(status)
}
