/** metrics.k8s.io/v1beta1 over the stored figures. */
import { encodeUtf8 } from '#engine/base/bytes'
import { type HttpRequest, type HttpResponse, valueBody } from '#engine/base/http'
import { type LabelSelector, matchesFields, matchesLabels, parseFieldSelector, parseLabelSelector, SelectorError } from '#engine/api/selector'
import type { Node, Pod } from '#engine/api/kinds'
import { keyOf, type KubeObject } from '#engine/api/object'
import { failure, StatusError } from '#engine/api/status'
import type { Store } from '#engine/client/store'
import { apiTime } from '#engine/client/time'
import { openApiDocuments } from './openapi.table'
import type { MetricStore, Usage } from './store'

const group = 'metrics.k8s.io'
const apiVersion = `${group}/v1beta1`

export interface MetricsApi {
  readonly store: MetricStore
  readonly nodes: Store<Node>
  readonly pods: Store<Pod>
  readonly now: () => number
}

/** Undefined where the path is not of this API. */
export function answerMetrics(api: MetricsApi, request: HttpRequest, path: string): HttpResponse | undefined {
  if (path === '/apis') return json(200, { kind: 'APIGroupList', apiVersion: 'v1', groups: [groupDocument()] })
  if (path === `/apis/${group}`) return json(200, { ...groupDocument(), kind: 'APIGroup', apiVersion: 'v1' })
  if (path === `/apis/${apiVersion}`) return json(200, resourceList())
  if (path.startsWith('/openapi/v3')) return openApi(path)
  if (!path.startsWith(`/apis/${apiVersion}/`)) return undefined
  try {
    return json(200, resource(api, path.slice(`/apis/${apiVersion}/`.length).split('/'), new URLSearchParams(request.path.split('?')[1] ?? '')))
  } catch (error) {
    if (error instanceof StatusError) return json(error.code, error.status)
    if (error instanceof SelectorError) return json(400, failure(400, 'BadRequest', error.message).status)
    throw error
  }
}

function openApi(path: string): HttpResponse | undefined {
  if (path === '/openapi/v3') return json(200, { paths: Object.fromEntries(Object.keys(openApiDocuments).map((name) => [name, { serverRelativeURL: `/openapi/v3/${name}` }])) })
  const text = openApiDocuments[path.slice('/openapi/v3/'.length)]
  return text === undefined ? undefined : json(200, JSON.parse(text))
}

function resource(api: MetricsApi, parts: readonly string[], query: URLSearchParams): unknown {
  if (parts[0] === 'nodes') return parts[1] === undefined ? list('NodeMetricsList', select(api.nodes.list(), query).map((node) => nodeMetrics(api, node))) : one(nodeMetricsOf(api, parts[1]), 'nodes', parts[1])
  if (parts[0] === 'pods' && parts.length === 1) return list('PodMetricsList', select(api.pods.list(), query).map((pod) => podMetrics(api, pod)))
  if (parts[0] === 'namespaces' && parts[1] !== undefined && parts[2] === 'pods') {
    if (parts[3] === undefined) return list('PodMetricsList', select(api.pods.list(parts[1]), query).map((pod) => podMetrics(api, pod)))
    const pod = api.pods.get(parts[1], parts[3])
    // Only running pods are watched at all.
    if (pod?.status?.phase !== 'Running') throw unknown('pods', parts[3])
    return one(podMetrics(api, pod), 'pods', `${parts[1]}/${parts[3]}`)
  }
  throw failure(404, 'NotFound', 'the server could not find the requested resource')
}

function nodeMetricsOf(api: MetricsApi, name: string): unknown {
  const node = api.nodes.byKey(name)
  if (!node) throw unknown('nodes', name)
  return nodeMetrics(api, node)
}

function unknown(kind: 'nodes' | 'pods', name: string): StatusError {
  return failure(404, 'NotFound', `${kind === 'nodes' ? 'node' : kind} ${JSON.stringify(name)} not found`, { name, kind: kind === 'nodes' ? 'node' : kind })
}

function one(object: unknown, what: 'nodes' | 'pods', name: string): unknown {
  if (object !== undefined) return object
  const kind = what === 'nodes' ? 'nodemetrics' : 'podmetrics'
  throw failure(404, 'NotFound', `${kind}.${group} ${JSON.stringify(name)} not found`, { name, group, kind })
}

function select<T extends KubeObject>(objects: readonly T[], query: URLSearchParams): T[] {
  const labels: LabelSelector = parseLabelSelector(query.get('labelSelector') ?? '')
  const fields = parseFieldSelector(query.get('fieldSelector') ?? '')
  const field = (object: T, name: string): string => (name === 'metadata.name' ? (object.metadata.name ?? '') : name === 'metadata.namespace' ? (object.metadata.namespace ?? '') : '')
  return objects.filter((object) => matchesLabels(labels, object.metadata.labels) && matchesFields(fields, (name) => field(object, name))).sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
}

function list(kind: string, items: readonly unknown[]): unknown {
  return { kind, apiVersion, metadata: {}, items: items.filter((item) => item !== undefined) }
}

function nodeMetrics(api: MetricsApi, node: Node): unknown {
  const used = api.store.node(keyOf(node))
  return used && { kind: 'NodeMetrics', apiVersion, ...about(api, node, used), usage: amounts(used) }
}

function podMetrics(api: MetricsApi, pod: Pod): unknown {
  const used = pod.status?.phase === 'Running' && pod.spec?.nodeName ? api.store.pod(pod.spec.nodeName, keyOf(pod)) : undefined
  return used && { kind: 'PodMetrics', apiVersion, ...about(api, pod, used), containers: [...used.containers].map(([name, usage]) => ({ name, usage: amounts(usage) })) }
}

function about(api: MetricsApi, object: KubeObject, used: { at: number; windowMs: number }): object {
  const { name, namespace, labels } = object.metadata
  return { metadata: { name, ...(namespace ? { namespace } : {}), creationTimestamp: apiTime(api.now()), ...(labels ? { labels } : {}) }, timestamp: apiTime(used.at), window: `${(used.windowMs / 1000).toFixed(3)}s` }
}

function amounts(used: Usage): Record<string, string> {
  return { cpu: used.cpuNanoCores === 0 ? '0' : `${used.cpuNanoCores}n`, memory: `${Math.floor(used.memoryBytes / 1024)}Ki` }
}

function groupDocument(): object {
  const version = { groupVersion: apiVersion, version: 'v1beta1' }
  return { name: group, versions: [version], preferredVersion: version }
}

function resourceList(): object {
  const entry = (name: string, kind: string, namespaced: boolean): object => ({ name, singularName: '', namespaced, kind, verbs: ['get', 'list'] })
  return { kind: 'APIResourceList', apiVersion: 'v1', groupVersion: apiVersion, resources: [entry('nodes', 'NodeMetrics', false), entry('pods', 'PodMetrics', true)] }
}

function json(status: number, value: unknown): HttpResponse {
  return { status, headers: { 'content-type': 'application/json' }, body: valueBody(value, (content) => encodeUtf8(JSON.stringify(content))) }
}
