/** Paths that are no resources: discovery, OpenAPI, health, version, metrics, keys. */
import type { HttpResponse } from '#engine/base/http'
import { failure } from '#engine/api/status'
import type { Call } from '#engine/apiserver/chain/call'
import { jsonResponse, textResponse } from '#engine/apiserver/chain/respond'
import { aggregated, apiGroupList, apiVersions, orderedGroups, resourceList, singleGroup, type RemoteVersion } from '#engine/apiserver/discovery/documents'
import type { DispatchOptions } from '#engine/apiserver/dispatch-options'
import { dumpLevels, dumpQueues, dumpRequests } from '#engine/apiserver/flowcontrol/dump'
import { gatedKinds } from '#engine/apiserver/schema/gated'
import { Health } from './health'
import { OpenApi, type OpenApiSource } from './openapi'
import { versionOf } from './version'

/** What the server's own informers follow. */
const informed = ['secrets', 'namespaces', 'serviceaccounts']

export class Endpoints {
  private readonly health: Health
  private readonly openApi: OpenApi
  private asked: { readonly at: number; readonly answer: Promise<boolean> } | undefined

  constructor(
    private readonly options: DispatchOptions,
    private readonly remotes: () => readonly RemoteVersion[],
    source: OpenApiSource,
  ) {
    const { catalog } = options.core
    this.openApi = new OpenApi(source, gatedKinds.filter(({ group, version, resource }) => catalog.served(group, version, resource)))
    this.health = new Health({
      etcd: () => this.etcdAnswers(),
      hookDone: (name) => options.hooksDone.has('*') || options.hooksDone.has(name),
      informersSynced: () => this.informersSynced(),
      shuttingDown: () => options.shuttingDown(),
    })
  }

  /** Asked twice in one instant, etcd is asked once. */
  private etcdAnswers(): Promise<boolean> {
    const now = this.options.core.clock.now()
    if (this.asked?.at !== now) this.asked = { at: now, answer: this.options.etcd.range({ key: '/registry/health', limit: 1 }).then(() => true, () => false) }
    return this.asked.answer
  }

  private informersSynced(): boolean | Promise<boolean> {
    const unready = informed.filter((resource) => this.options.core.catalog.servedNamed(resource)?.cacher?.isFresh() === false)
    return unready.length === 0 || this.synced(unready)
  }

  private async synced(resources: readonly string[]): Promise<boolean> {
    try {
      for (const resource of resources) await this.options.core.catalog.servedNamed(resource)?.cacher?.fresh()
      return true
    } catch {
      return false
    }
  }

  async serve(call: Call): Promise<HttpResponse> {
    const { info } = call
    const parts = info.path.split('/').filter((part) => part !== '')
    const first = parts[0]
    if (first === undefined) return jsonResponse(200, { paths: this.paths() })
    if (isHealth(first)) return (await this.health.answer(first, parts.slice(1).join('/'), info.query)) ?? notFound()
    return this.plain(call, first, parts) ?? notFound()
  }

  private plain(call: Call, first: string, parts: readonly string[]): HttpResponse | undefined {
    switch (first) {
      case 'api': case 'apis': return this.discovery(call, parts)
      case 'version': return parts.length === 1 ? jsonResponse(200, versionOf(this.options.core.services.settings.gitVersion)) : undefined
      case 'openapi': return this.openApi.serve(call, parts)
      case '.well-known': case 'openid': return this.openId(call.info.path)
      case 'debug': return this.debug(parts)
      case 'metrics': return this.metrics(parts)
      default: return undefined
    }
  }

  private debug(parts: readonly string[]): HttpResponse {
    if (parts[1] !== 'api_priority_and_fairness' || parts.length !== 3) return notFound()
    const { flowControl } = this.options
    if (parts[2] === 'dump_priority_levels') return textResponse(200, dumpLevels(flowControl.levelNames(), flowControl.dispatched))
    if (parts[2] === 'dump_queues') return textResponse(200, dumpQueues(flowControl.queues()))
    return parts[2] === 'dump_requests' ? textResponse(200, dumpRequests()) : notFound()
  }

  private openId(path: string): HttpResponse {
    const { keys } = this.options
    if (keys && path === '/.well-known/openid-configuration') return jsonResponse(200, keys.configuration())
    if (keys && path === '/openid/v1/jwks') return { ...jsonResponse(200, keys.jwks()), headers: { 'content-type': 'application/jwk-set+json' } }
    return notFound()
  }

  private discovery(call: Call, parts: readonly string[]): HttpResponse {
    const { catalog } = this.options.core
    const form = aggregatedForm(call.http.headers['accept'])
    const orders = orderedGroups(catalog, this.remotes())
    const headers: Record<string, string> = form ? { 'content-type': `application/json;g=apidiscovery.k8s.io;v=${form};as=APIGroupDiscoveryList` } : {}
    if (parts[0] === 'api') return this.legacy(parts, form, headers)
    if (parts.length === 1) return form ? jsonResponse(200, aggregated(catalog, orders, this.remotes(), form), headers) : jsonResponse(200, apiGroupList(orders))
    const order = orders.find((item) => item.group === parts[1])
    if (!order) return notFound()
    if (parts.length === 2) return jsonResponse(200, singleGroup(order))
    if (parts.length === 3 && order.versions.includes(parts[2] as string)) return jsonResponse(200, resourceList(catalog, order.group, parts[2] as string))
    return notFound()
  }

  private legacy(parts: readonly string[], form: 'v2' | 'v2beta1' | undefined, headers: Record<string, string>): HttpResponse {
    const { catalog } = this.options.core
    if (parts.length === 1) return form ? jsonResponse(200, aggregated(catalog, [{ group: '', versions: ['v1'] }], [], form), headers) : jsonResponse(200, apiVersions(`${this.options.hostname}:6443`))
    return parts.length === 2 && parts[1] === 'v1' ? jsonResponse(200, resourceList(catalog, '', 'v1')) : notFound()
  }

  private metrics(parts: readonly string[]): HttpResponse | undefined {
    const headers = { 'content-type': 'text/plain; version=0.0.4; charset=utf-8; escaping=underscores' }
    if (parts.length === 1) return textResponse(200, this.metricsText(), headers)
    return parts.length === 2 && parts[1] === 'slis' ? textResponse(200, this.health.tallies.text(), headers) : undefined
  }

  private metricsText(): string {
    const objects = new Map<string, number>()
    for (const served of this.options.core.catalog.allServed()) {
      const { definition, cacher } = served
      if (cacher && cacher.currentRevision > 0 && !served.view) objects.set(definition.group === '' ? definition.plural : `${definition.plural}.${definition.group}`, cacher.size)
    }
    return this.options.metrics.text({ objects, inFlight: { mutating: 0, readOnly: 1 }, dispatched: this.options.flowControl.dispatchedBySchema })
  }

  private paths(): string[] {
    const groups = orderedGroups(this.options.core.catalog, this.remotes()).flatMap((order) => [`/apis/${order.group}`, ...order.versions.map((version) => `/apis/${order.group}/${version}`)])
    const fixed = ['/.well-known/openid-configuration', '/api', '/api/v1', '/apis', '/apis/']
    return [...new Set([...fixed, ...groups, ...this.health.paths(), '/debug/api_priority_and_fairness/dump_priority_levels', '/debug/api_priority_and_fairness/dump_queues', '/debug/api_priority_and_fairness/dump_requests', '/metrics', '/metrics/slis', '/openapi/v2', '/openapi/v3', '/openapi/v3/', '/openid/v1/jwks', '/version'])].sort()
  }
}

function isHealth(part: string): part is 'healthz' | 'livez' | 'readyz' {
  return ['healthz', 'livez', 'readyz'].includes(part)
}

function aggregatedForm(accept: string | undefined): 'v2' | 'v2beta1' | undefined {
  for (const clause of (accept ?? '').split(',')) {
    if (!clause.includes('g=apidiscovery.k8s.io')) {
      if (/application\/json\s*$|\*\/\*/.test(clause)) return undefined
      continue
    }
    if (clause.includes('v=v2beta1')) return 'v2beta1'
    if (clause.includes('v=v2')) return 'v2'
  }
  return undefined
}

export function notFound(): HttpResponse {
  return textResponse(404, '404 page not found\n')
}

export function unavailable(message: string): never {
  throw failure(503, 'ServiceUnavailable', message)
}
