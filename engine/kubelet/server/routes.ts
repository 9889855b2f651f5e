/** What the kubelet answers on its paths. */
import type { HttpHandler, HttpRequest, HttpResponse } from '#engine/base/http'
import type {  } from '#engine/base/http'
import type { Kubelet } from '../kubelet'
import { containerLogs } from './logs'
import { metrics, resourceMetrics, summary } from './stats'
import { json, plain } from './answers'
import { attach, exec, portForward, runCommand } from './streams'
import { configz } from './configz'

type Route = (kubelet: Kubelet, request: HttpRequest, parts: readonly string[], query: URLSearchParams) => Promise<HttpResponse> | HttpResponse

const table: Readonly<Record<string, Route>> = {
  healthz: () => plain(200, 'ok'),
  pods: (kubelet) => json({ kind: 'PodList', apiVersion: 'v1', metadata: {}, items: podList(kubelet) }),
  runningpods: (kubelet) => json({ kind: 'PodList', apiVersion: 'v1', metadata: {}, items: podList(kubelet).filter((pod) => pod.status?.phase === 'Running') }),
  configz: (kubelet) => json({ kubeletconfig: configz(kubelet.context.config.document) }),
  containerLogs,
  exec,
  attach,
  run: runCommand,
  portForward,
  stats: (kubelet, _request, parts) => (parts[1] === 'summary' ? summary(kubelet) : plain(404, '404 page not found\n')),
  metrics: (kubelet, _request, parts) => (parts[1] === 'resource' ? resourceMetrics(kubelet) : parts.length === 1 ? metrics(kubelet) : parts[1] === 'cadvisor' || parts[1] === 'probes' ? plain(200, '') : plain(404, '404 page not found\n')),
}

export function routes(kubelet: Kubelet): HttpHandler {
  return async (request) => {
    const [path = '/', search = ''] = request.path.split('?')
    const parts = path.split('/').filter((part) => part !== '').map(decodeURIComponentSafe)
    const route = table[parts[0] ?? '']
    if (!route) return plain(404, '404 page not found\n')
    return route(kubelet, request, parts, new URLSearchParams(search))
  }
}

function decodeURIComponentSafe(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function podList(kubelet: Kubelet): ReturnType<Kubelet['store']['all']> {
  return kubelet.store.all().map((pod) => ({ ...pod, status: kubelet.status.get(pod.metadata.uid ?? '') ?? pod.status }) as typeof pod)
}
