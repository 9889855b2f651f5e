/** One invocation of kubectl: its process, its flags, and its way to the cluster, made when first needed. */
import type { KubeObject } from '#engine/api/object'
import type { HttpResponse } from '#engine/base/http'
import { StatusError } from '#engine/api/status'
import { Client, decode, query } from '#engine/client/client'
import { dialTransport } from '#engine/client/dial'
import { ConnectionError } from '#engine/client/errors'
import type { Transport } from '#engine/client/transport'
import { readWatch, type WatchEvent } from '#engine/client/watch'
import type { Process } from '#engine/linux/abi/process'
import type { Invocation } from '#engine/programs/common/cobra/command'
import type { Flags } from '#engine/programs/common/cobra/flags'
import { type Connection, kubeconfigFiles, resolveConnection } from '#engine/programs/common/kube/config'
import { Discovery, type Mapping } from '#engine/programs/common/kube/discovery'
import { DiscoveryCache } from './discoverycache'
import { type AuthenticatedTransport, withCredentials } from './credentials'
import { buildKustomization, type BuiltKustomization } from '../kustomize/build'
import type { BuildOptions } from '../kustomize/loader'
import { Aggregate, CliError, SetupError, usageError } from './errors'
import { InvalidConfiguration } from '#engine/programs/common/kube/usable'
import { discoveryTries } from './tries.table'
import { traced as withTrace } from './tracing'
import { discoveryTimeout, requestTimeoutOf, withRequestTimeout } from './timeout'

export interface RequestOptions {
  readonly body?: unknown
  /** A body sent as it stands. */
  readonly text?: string
  readonly contentType?: string
  readonly accept?: string
  readonly signal?: AbortSignal
}

export const clientGitVersion = 'v1.35.4'

export type DryRun = 'none' | 'client' | 'server'

export class Session {
  readonly process: Process
  readonly flags: Flags
  readonly args: readonly string[]
  private connection: Connection | undefined
  private wire: Client | undefined
  private dialed: AuthenticatedTransport | undefined
  private found: Promise<Discovery> | undefined
  private isFromCache = false
  private distrustsCache = false
  private readonly warned = new Set<string>()

  constructor(readonly invocation: Invocation) {
    this.process = invocation.process
    this.flags = invocation.flags
    this.args = invocation.args
  }

  get path(): string {
    return this.invocation.command.path
  }

  out(text: string): Promise<void> {
    return this.process.stdout.write(text)
  }

  err(text: string): Promise<void> {
    return this.process.stderr.write(text)
  }

  now(): number {
    return this.process.clock.now()
  }

  usage(message: string): CliError {
    return usageError(this.path, message)
  }

  connect(): Connection {
    this.connection ??= resolveConnection(this.process, this.flags)
    return this.connection
  }

  /** What is wrong with the kubeconfig is told as found by a search, where the namespace was given and nobody had to look before. */
  connectForSearch(): void {
    try {
      this.connect()
    } catch (error) {
      throw error instanceof InvalidConfiguration ? new Aggregate([error]) : error
    }
  }

  get namespace(): string {
    return this.connect().namespace
  }

  get namespaceGiven(): boolean {
    return this.connect().namespaceGiven
  }

  get transport(): Transport {
    return this.client().transport
  }

  client(): Client {
    if (this.wire) return this.wire
    const { config } = this.connect()
    if (config.certificate && 'data' in config.certificate && !config.certificate.data.includes('-----BEGIN')) throw new SetupError('tls: failed to find any PEM data in certificate input')
    const dialed = this.dialed = withCredentials(config, this.process, (complete) => dialTransport(complete, this.process.net, (path) => this.process.files.readText(path), { wordFailures: true }))
    const transport = withRequestTimeout(dialed, this.process.clock, requestTimeoutOf(this.flags.string('request-timeout')))
    const { server } = config
    const traced = withTrace(transport, this.process.clock, { level: this.flags.number('v'), server, kubeconfig: kubeconfigFiles(this.process, this.flags.string('kubeconfig'))[0] ?? '', say: (text) => this.err(`${this.stamp('I')} ${text}\n`) })
    this.wire = new Client({ request: async (request) => this.showWarnings(await traced.request(request)) }, { userAgent: 'kubectl/v1.35.4 (linux/amd64) kubernetes/b4b9f1a' })
    return this.wire
  }

  /** Finds out whether the kubeconfig can be used, and asks for what it does not say. */
  async ready(): Promise<void> {
    this.client()
    await this.dialed?.ready()
  }

  private async showWarnings(response: HttpResponse): Promise<HttpResponse> {
    const header = response.headers['warning']
    if (!header) return response
    for (const match of header.matchAll(/\b299 \S+ "((?:[^"\\]|\\.)*)"/g)) {
      const text = (match[1] as string).replace(/\\(.)/g, '$1')
      if (this.warned.has(text)) continue
      this.warned.add(text)
      await this.err(`Warning: ${text}\n`)
    }
    return response
  }

  get warnings(): number {
    return this.warned.size
  }

  /** Discovery as kept in the home or asked for, once for the invocation. A refused connection is reported as often as the real client tries. */
  async discovery(attempts = discoveryTries[this.path] ?? 5): Promise<Discovery> {
    this.found ??= this.discover()
    try {
      return await this.found
    } catch (error) {
      this.found = undefined
      const told = ofDiscovery(error)
      if (told instanceof ConnectionError || told instanceof StatusError) for (let i = 0; i < attempts; i++) await this.err(`${this.stamp('E')} memcache.go:265] "Unhandled Error" err=${JSON.stringify(`couldn't get current server API group list: ${told.message}`)}\n`)
      throw told
    }
  }

  private async discover(): Promise<Discovery> {
    const cache = this.discoveryCache()
    const kept = this.distrustsCache ? undefined : cache.read()
    this.isFromCache = kept !== undefined
    if (kept) return new Discovery(kept)
    const fresh = await Discovery.load(this.client(), discoveryTimeout(this.flags.string('request-timeout')))
    cache.write(fresh.groups)
    return fresh
  }

  private discoveryCache(): DiscoveryCache {
    const given = this.flags.changed('cache-dir') ? this.flags.string('cache-dir') : (this.process.env.get('KUBECACHEDIR') ?? `${this.process.env.get('HOME') ?? ''}/.kube/cache`)
    return new DiscoveryCache(this.process, given, this.connect().config.server)
  }

  /** What discovery has of something; what the kept one does not know, the server is asked for. */
  async lookUp<T>(look: (discovery: Discovery) => T | undefined, attempts = discoveryTries[this.path] ?? 5): Promise<T | undefined> {
    const found = look(await this.discovery(attempts))
    if (found !== undefined || !this.isFromCache) return found
    this.forgetDiscovery()
    return look(await this.discovery(attempts))
  }

  /** A kustomization built: warnings and notes go to standard error. */
  async kustomize(path: string, options: BuildOptions = {}): Promise<BuiltKustomization> {
    return await buildKustomization(this.process, path, options, (text) => this.err(`${this.stamp('I')} log.go:244] ${text}\n`))
  }

  /** For --match-server-version. */
  async requireSameVersion(): Promise<void> {
    const { gitVersion } = await this.request<{ gitVersion?: string }>('GET', '/version?timeout=32s')
    if (gitVersion !== clientGitVersion) throw new CliError(`server version (${gitVersion ?? ''}) differs from client version (${clientGitVersion})`)
  }

  /** From here on the server is asked. */
  forgetDiscovery(): void {
    this.found = undefined
    this.distrustsCache = true
  }

  stamp(severity: string): string {
    const date = new Date(this.now())
    const two = (value: number): string => String(value).padStart(2, '0')
    return `${severity}${two(date.getUTCMonth() + 1)}${two(date.getUTCDate())} ${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())}.${String(Math.floor((this.now() % 1000) * 1000)).padStart(6, '0')} ${String(this.process.pid).padStart(7)}`
  }

  async mappingFor(word: string): Promise<Mapping> {
    // RESOURCE.GROUP.TLD reads as RESOURCE.VERSION.GROUP first: what is not there as such has the kept discovery asked for anew.
    if (!(await this.discovery()).knowsVersioned(word) && this.isFromCache) this.forgetDiscovery()
    const mapping = await this.lookUp((discovery) => discovery.find(word))
    if (!mapping) throw new CliError(`the server doesn't have a resource type ${JSON.stringify(word.split('.')[0])}`)
    for (const other of (await this.discovery()).ambiguities(word)) await this.err(`Warning: short name ${JSON.stringify(word.split('.')[0])} could also match lower priority resource ${other}\n`)
    return mapping
  }

  async request<T = KubeObject>(method: string, path: string, options: RequestOptions = {}): Promise<T> {
    return (await decode((await this.exchange(method, path, options)).body)) as T
  }

  exchange(method: string, path: string, options: RequestOptions = {}): Promise<HttpResponse> {
    return this.client().exchange(method, path, {
      ...(options.body === undefined ? {} : { body: options.body }),
      ...(options.text === undefined ? {} : { text: options.text }),
      ...(options.contentType ? { contentType: options.contentType } : {}),
      ...(options.signal ? { signal: options.signal } : {}),
      ...(options.accept ? { headers: { accept: options.accept } } : {}),
    })
  }

  get<T = KubeObject>(mapping: Mapping, namespace: string, name: string, subresource = ''): Promise<T> {
    return this.request<T>('GET', resourcePath(mapping, namespace, name, subresource))
  }

  list(mapping: Mapping, namespace: string, fields: Record<string, unknown> = {}): Promise<{ items: KubeObject[]; metadata: { resourceVersion?: string } }> {
    return this.request('GET', resourcePath(mapping, namespace) + query(fields))
  }

  async watch(mapping: Mapping, namespace: string, fields: Record<string, unknown>, signal?: AbortSignal): Promise<AsyncIterable<WatchEvent>> {
    const response = await this.exchange('GET', resourcePath(mapping, namespace) + query({ ...fields, watch: true }), signal ? { signal } : {})
    return readWatch(response.body)
  }
}

/** `/apis/apps/v1/namespaces/x/deployments/web/scale`. */
export function resourcePath(mapping: Pick<Mapping, 'group' | 'version' | 'resource' | 'namespaced'>, namespace = '', name = '', subresource = ''): string {
  let path = mapping.group === '' ? `/api/${mapping.version}` : `/apis/${mapping.group}/${mapping.version}`
  if (mapping.namespaced && namespace !== '') path += `/namespaces/${encodeURIComponent(namespace)}`
  path += `/${mapping.resource}`
  if (name !== '') path += `/${encodeURIComponent(name).replace(/%3A/g, ':')}`
  return subresource === '' ? path : `${path}/${subresource}`
}

/** A resource known without discovery: what typed clients of kubectl use. */
export function builtin(group: string, version: string, resource: string, kind: string, namespaced = true): Mapping {
  return { group, version, resource, singular: kind.toLowerCase(), kind, namespaced, verbs: [], shortNames: [], categories: [], subresources: [] }
}

export const pods = builtin('', 'v1', 'pods', 'Pod')
export const services = builtin('', 'v1', 'services', 'Service')
export const nodes = builtin('', 'v1', 'nodes', 'Node', false)
export const namespaces = builtin('', 'v1', 'namespaces', 'Namespace', false)
export const coreEvents = builtin('', 'v1', 'events', 'Event')
export const replicaSets = builtin('apps', 'v1', 'replicasets', 'ReplicaSet')
export const controllerRevisions = builtin('apps', 'v1', 'controllerrevisions', 'ControllerRevision')

/** `deployment.apps/web`, `pod/web`. */
export function resourceName(mapping: Pick<Mapping, 'group' | 'kind'>, name: string): string {
  return mapping.group === '' ? `${mapping.kind.toLowerCase()}/${name}` : `${mapping.kind.toLowerCase()}.${mapping.group}/${name}`
}

export async function dryRunOf(session: Session): Promise<DryRun> {
  const flag = session.flags.string('dry-run')
  switch (flag) {
    case 'client': case 'server': case 'none':
      return flag
    case 'unchanged': {
      await session.err(`${session.stamp('W')} helpers.go:719] --dry-run is deprecated and can be replaced with --dry-run=client.\n`)
      return 'client'
    }
  }
  if (['true', 't', '1', 'T', 'TRUE', 'True'].includes(flag)) {
    await session.err(`${session.stamp('W')} helpers.go:733] --dry-run=true is deprecated (boolean value) and can be replaced with --dry-run=client.\n`)
    return 'client'
  }
  if (['false', 'f', '0', 'F', 'FALSE', 'False'].includes(flag)) {
    await session.err(`${session.stamp('W')} helpers.go:736] --dry-run=false is deprecated (boolean value) and can be replaced with --dry-run=none.\n`)
    return 'none'
  }
  throw new CliError(`Invalid dry-run value (${flag}). Must be "none", "server", or "client".`)
}

/** Discovery does not read the Status of a refusal: it words the code itself. */
function ofDiscovery(error: unknown): unknown {
  return error instanceof StatusError && error.reason === 'Unauthorized' ? new StatusError({ ...error.status, message: 'the server has asked for the client to provide credentials' }) : error
}
