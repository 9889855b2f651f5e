/** Follows APIServices: is the service behind one there, and what does it serve. */
import { decodeUtf8, fromBase64 } from '#engine/base/bytes'
import { emptyBody, type HttpRequest, type HttpResponse } from '#engine/base/http'
import { copyObject, type KubeObject } from '#engine/api/object'
import { failure } from '#engine/api/status'
import type { Catalog } from '#engine/apiserver/catalog'
import type { Call } from '#engine/apiserver/chain/call'
import type { RemoteVersion } from '#engine/apiserver/discovery/documents'
import type { DialTls, ServerServices } from '#engine/apiserver/services'

const resource = 'apiservices.apiregistration.k8s.io'
/** A refused or failing service is asked again after this, then after twice as long, and so on. */
const firstRecheckMs = 100
const longestRecheckMs = 30_000

interface Spec {
  readonly group?: string
  readonly version?: string
  readonly caBundle?: string
  readonly insecureSkipTLSVerify?: boolean
  readonly service?: { readonly namespace: string; readonly name: string; readonly port?: number } | null
}

interface Remote {
  readonly spec: Spec
  available: boolean
  failures: number
  resources: readonly unknown[]
  /** By path below /openapi/v3/: of the version, and of its group. */
  openApi: ReadonlyMap<string, unknown>
}

export class Aggregator {
  private readonly remotes = new Map<string, Remote>()
  private versions: readonly RemoteVersion[] | undefined

  constructor(
    private readonly catalog: Catalog,
    private readonly services: ServerServices,
  ) {}

  remoteVersions(): readonly RemoteVersion[] {
    return (this.versions ??= [...this.remotes.values()].filter((remote) => remote.available || remote.resources.length > 0).map(({ spec, available, resources }) => ({ group: spec.group ?? '', version: spec.version ?? '', fresh: available, resources })))
  }

  documents(): ReadonlyMap<string, unknown> {
    return new Map([...this.remotes.values()].flatMap((remote) => [...remote.openApi]))
  }

  async start(signal: AbortSignal): Promise<void> {
    const served = this.catalog.servedNamed(resource)
    if (!served?.cacher) return
    await served.cacher.fresh()
    for (const object of served.cacher.list('')) void this.check(object.metadata.name ?? '')
    void this.follow(signal)
    void this.followEndpoints(signal)
  }

  private async follow(signal: AbortSignal): Promise<void> {
    const cacher = this.catalog.servedNamed(resource)?.cacher
    while (cacher && !signal.aborted) {
      const channel = cacher.subscribe({ namespace: '' }, 'now')
      if (channel === 'gone') return
      for await (const event of channel) {
        const name = event.object.metadata.name ?? ''
        if (event.type === 'DELETED') this.forget(name)
        else if (JSON.stringify((event.previous?.['spec'] ?? null) as unknown) !== JSON.stringify(event.object['spec'])) void this.check(name)
      }
      if (!signal.aborted) await this.services.clock.sleep(1000, signal).catch(() => undefined)
    }
  }

  /** Endpoints that come and go tell at once. */
  private async followEndpoints(signal: AbortSignal): Promise<void> {
    const cacher = this.catalog.servedNamed('endpointslices.discovery.k8s.io')?.cacher
    await cacher?.fresh()
    while (cacher && !signal.aborted) {
      const channel = cacher.subscribe({ namespace: '' }, 'now')
      if (channel === 'gone') return
      for await (const event of channel) {
        const service = event.object.metadata.labels?.['kubernetes.io/service-name']
        for (const [name, remote] of this.remotes) if (remote.spec.service?.name === service && remote.spec.service?.namespace === event.object.metadata.namespace) void this.check(name)
      }
      if (!signal.aborted) await this.services.clock.sleep(1000, signal).catch(() => undefined)
    }
  }

  private forget(name: string): void {
    this.remotes.delete(name)
    this.versions = undefined
  }

  private async check(name: string): Promise<void> {
    const object = await this.services.reader.get(resource, '', name)
    if (!object) return this.forget(name)
    const spec = (object['spec'] ?? {}) as Spec
    if (!spec.service) return this.report(object, { status: 'True', reason: 'Local', message: 'Local APIServices are always available' })
    const remote = this.remotes.get(name) ?? { spec, available: false, failures: 0, resources: [], openApi: new Map() }
    const fresh: Remote = { ...remote, spec }
    this.remotes.set(name, fresh)
    const verdict = await this.look(fresh)
    fresh.available = verdict.status === 'True'
    if (fresh.available) await this.discover(fresh).catch(() => undefined)
    this.versions = undefined
    await this.report(object, verdict)
    fresh.failures = fresh.available ? 0 : fresh.failures + 1
    if (!fresh.available) this.services.clock.after(Math.min(firstRecheckMs * 2 ** (fresh.failures - 1), longestRecheckMs), () => void this.again(name))
  }

  private async again(name: string): Promise<void> {
    const remote = this.remotes.get(name)
    if (remote && !remote.available) await this.check(name).catch(() => undefined)
  }

  private async look({ spec }: Remote): Promise<Verdict> {
    const { reader } = this.services
    const { namespace, name, port = 443 } = spec.service as NonNullable<Spec['service']>
    const service = await reader.get('services', namespace, name)
    if (!service) return { status: 'False', reason: 'ServiceNotFound', message: `service/${name} in ${JSON.stringify(namespace)} is not present` }
    const ports = ((service['spec'] as { ports?: { port: number; name?: string }[] }).ports ?? [])
    if (!ports.some((item) => item.port === port)) return { status: 'False', reason: 'ServicePortError', message: `service/${name} in ${JSON.stringify(namespace)} is not listening on port ${port}` }
    const slices = (await reader.list('endpointslices.discovery.k8s.io', namespace)).filter((slice) => slice.metadata.labels?.['kubernetes.io/service-name'] === name)
    if (slices.length === 0) return { status: 'False', reason: 'EndpointsNotFound', message: `cannot find endpointslices for service/${name} in ${JSON.stringify(namespace)}` }
    const ready = slices.some((slice) => ((slice['endpoints'] ?? []) as { conditions?: { ready?: boolean } }[]).some((endpoint) => endpoint.conditions?.ready !== false))
    if (!ready) return { status: 'False', reason: 'MissingEndpoints', message: `endpoints for service/${name} in ${JSON.stringify(namespace)} have no addresses with port name ${JSON.stringify(ports.find((item) => item.port === port)?.name ?? '')}` }
    return this.ask(spec)
  }

  private async ask(spec: Spec): Promise<Verdict> {
    const path = `/apis/${spec.group ?? ''}/${spec.version ?? ''}`
    const { namespace, name, port = 443 } = spec.service as NonNullable<Spec['service']>
    const url = `https://${name}.${namespace}.svc:${port}${path}`
    try {
      const response = await this.send(spec, { method: 'GET', path, headers: asUser('system:kube-aggregator', ['system:masters']), body: emptyBody }, 5000)
      if (response.status < 200 || response.status >= 300) return { status: 'False', reason: 'FailedDiscoveryCheck', message: `failing or missing response from ${url}: bad status from ${url}: ${response.status}` }
      return { status: 'True', reason: 'Passed', message: 'all checks passed' }
    } catch (error) {
      return { status: 'False', reason: 'FailedDiscoveryCheck', message: `failing or missing response from ${url}: Get ${JSON.stringify(url)}: ${(error as Error).message}` }
    }
  }

  /** What the service serves, as entries of aggregated discovery. */
  private async discover(remote: Remote): Promise<void> {
    const { spec } = remote
    const list = (await this.json(spec, `/apis/${spec.group ?? ''}/${spec.version ?? ''}`)) as { resources?: PlainResource[] }
    remote.resources = (list.resources ?? []).filter((item) => !item.name.includes('/')).map((item) => ({
      resource: item.name, responseKind: { group: spec.group, version: spec.version, kind: item.kind }, scope: item.namespaced ? 'Namespaced' : 'Cluster', singularResource: item.singularName ?? '', verbs: item.verbs,
      ...(item.shortNames ? { shortNames: item.shortNames } : {}), ...(item.categories ? { categories: item.categories } : {}),
    }))
    remote.openApi = await this.documentsOf(spec)
  }

  private async documentsOf(spec: Spec): Promise<ReadonlyMap<string, unknown>> {
    const found = new Map<string, unknown>()
    for (const path of [`apis/${spec.group ?? ''}`, `apis/${spec.group ?? ''}/${spec.version ?? ''}`]) {
      const document = await this.json(spec, `/openapi/v3/${path}`).catch(() => undefined)
      if (document !== undefined) found.set(path, document)
    }
    return found
  }

  private async json(spec: Spec, path: string): Promise<unknown> {
    const response = await this.send(spec, { method: 'GET', path, headers: { accept: 'application/json', ...asUser('system:aggregator', ['system:masters']) }, body: emptyBody }, 5000)
    if (response.status !== 200) throw new Error(`status ${response.status}`)
    return response.body.value ?? (JSON.parse(await response.body.text()) as unknown)
  }

  /** The answer of the service to a request of its group; undefined where nobody serves the group. */
  async proxy(call: Call): Promise<HttpResponse | undefined> {
    const { info } = call
    const parts = info.path.split('/').filter((part) => part !== '')
    if (parts[0] !== 'apis' || parts.length < 3) return undefined
    const remote = [...this.remotes.values()].find(({ spec }) => spec.group === parts[1] && spec.version === parts[2])
    if (!remote) return undefined
    if (!remote.available) throw failure(503, 'ServiceUnavailable', 'service unavailable')
    const { authorization: _, ...headers } = call.http.headers
    try {
      return await this.send(remote.spec, { ...call.http, headers: { ...headers, ...asUser(call.user.username, call.user.groups, call.user.extra) } }, undefined)
    } catch (error) {
      throw failure(503, 'ServiceUnavailable', `error trying to reach service: ${(error as Error).message}`)
    }
  }

  private send(spec: Spec, request: HttpRequest, timeoutMs: number | undefined): Promise<HttpResponse> {
    const { namespace, name, port = 443 } = spec.service as NonNullable<Spec['service']>
    const tls: DialTls = { proxyClient: true, ...(spec.caBundle ? { roots: decodeUtf8(fromBase64(spec.caBundle)) } : {}), ...(spec.insecureSkipTLSVerify ? { insecureSkipVerify: true } : {}), ...(timeoutMs === undefined ? {} : { timeoutMs }) }
    return this.services.dialer.service({ namespace, name, port }, request, tls)
  }

  private async report(object: KubeObject, verdict: Verdict): Promise<void> {
    const conditions = ((object['status'] as { conditions?: Condition[] } | undefined)?.conditions ?? [])
    const previous = conditions.find((condition) => condition.type === 'Available')
    if (previous && previous.status === verdict.status && previous.reason === verdict.reason && previous.message === verdict.message) return
    const next = copyObject(object)
    const lastTransitionTime = previous?.status === verdict.status ? previous.lastTransitionTime : `${new Date(this.services.clock.now()).toISOString().slice(0, 19)}Z`
    next['status'] = { conditions: [...conditions.filter((condition) => condition.type !== 'Available'), { lastTransitionTime, message: verdict.message, reason: verdict.reason, status: verdict.status, type: 'Available' }] }
    await this.services.client.update(resource, next, 'status').catch(() => undefined)
  }
}

interface Verdict {
  readonly status: 'True' | 'False'
  readonly reason: string
  readonly message: string
}

interface Condition extends Verdict {
  readonly type: string
  readonly lastTransitionTime: string
}

interface PlainResource {
  readonly name: string
  readonly singularName?: string
  readonly namespaced: boolean
  readonly kind: string
  readonly verbs: readonly string[]
  readonly shortNames?: readonly string[]
  readonly categories?: readonly string[]
}

function asUser(username: string, groups: readonly string[], extra: Readonly<Record<string, readonly string[]>> = {}): Record<string, string> {
  const out: Record<string, string> = { 'x-remote-user': username, 'x-remote-group': groups.join(', ') }
  for (const [key, values] of Object.entries(extra)) out[`x-remote-extra-${encodeURIComponent(key.toLowerCase())}`] = values.join(', ')
  return out
}

