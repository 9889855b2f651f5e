/** pods/proxy, services/proxy and nodes/proxy: plain HTTP through the server. */
import type { HttpRequest, HttpResponse } from '#engine/base/http'
import { badRequestError } from '#engine/api/errors'
import { failure } from '#engine/api/status'
import type { KubeObject } from '#engine/api/object'
import { subjectOf, type ActionRequest } from './action'
import { kubeletOf } from './kubelet'

interface Named {
  readonly scheme: 'http' | 'https'
  readonly name: string
  readonly port: string
}

/** `[scheme:]name[:port]` */
function split(text: string): Named {
  const parts = text.split(':')
  if (parts.length === 1) return { scheme: 'http', name: text, port: '' }
  if (parts.length === 2) return { scheme: 'http', name: parts[0] as string, port: parts[1] as string }
  if (parts.length === 3 && (parts[0] === 'http' || parts[0] === 'https' || parts[0] === '')) return { scheme: parts[0] === 'https' ? 'https' : 'http', name: parts[1] as string, port: parts[2] as string }
  throw badRequestError(`invalid proxy request ${JSON.stringify(text)}`)
}

function renamed(request: ActionRequest, name: string): ActionRequest {
  return { ...request, call: { ...request.call, info: { ...request.call.info, name } } }
}

export async function podProxy(request: ActionRequest): Promise<HttpResponse> {
  const target = split(request.call.info.name)
  const pod = await subjectOf(renamed(request, target.name))
  const spec = pod['spec'] as { containers?: { ports?: { containerPort: number; name?: string }[] }[] }
  const ports = (spec.containers ?? []).flatMap((container) => container.ports ?? [])
  const port = target.port === '' ? (ports[0]?.containerPort ?? 80) : (ports.find((item) => item.name === target.port)?.containerPort ?? Number(target.port))
  const address = (pod['status'] as { podIP?: string } | undefined)?.podIP ?? ''
  if (address === '') throw failure(503, 'ServiceUnavailable', 'no endpoints available for pod')
  return forward(request, address, port, target.scheme)
}

export async function serviceProxy(request: ActionRequest): Promise<HttpResponse> {
  const target = split(request.call.info.name)
  const service = await subjectOf(renamed(request, target.name))
  const { address, port } = await endpointOf(request, service, target)
  return forward(request, address, port, target.scheme)
}

interface ServicePort {
  readonly name?: string
  readonly port: number
}

async function endpointOf({ core, call }: ActionRequest, service: KubeObject, target: Named): Promise<{ address: string; port: number }> {
  const ports = ((service['spec'] as { ports?: ServicePort[] }).ports ?? [])
  const wanted = target.port === '' ? (ports.length === 1 ? ports[0] : undefined) : ports.find((item) => item.name === target.port || String(item.port) === target.port)
  if (!wanted) throw failure(503, 'ServiceUnavailable', `no service port ${JSON.stringify(target.port)} found for service ${JSON.stringify(target.name)}`)
  const slices = (await core.services.reader.list('endpointslices.discovery.k8s.io', call.info.namespace)).filter((slice) => slice.metadata.labels?.['kubernetes.io/service-name'] === target.name)
  for (const slice of slices) {
    const port = (slice['ports'] as ServicePort[] | undefined)?.find((item) => (item.name ?? '') === (wanted.name ?? ''))
    const ready = ((slice['endpoints'] ?? []) as { addresses: string[]; conditions?: { ready?: boolean } }[]).filter((endpoint) => endpoint.conditions?.ready !== false)
    const chosen = ready[core.random.integer(Math.max(1, ready.length))]
    if (port && chosen?.addresses[0]) return { address: chosen.addresses[0], port: port.port }
  }
  throw failure(503, 'ServiceUnavailable', `no endpoints available for service ${JSON.stringify(target.name)}`)
}

export async function nodeProxy(request: ActionRequest): Promise<HttpResponse> {
  const target = split(request.call.info.name)
  await subjectOf(renamed(request, target.name))
  const kubelet = await kubeletOf(request.core, target.name)
  const port = target.port === '' ? kubelet.port : Number(target.port)
  return reach(() => request.core.services.dialer.kubelet({ ...kubelet, port }, upstream(request)))
}

async function forward(request: ActionRequest, address: string, port: number, scheme: 'http' | 'https'): Promise<HttpResponse> {
  return reach(() => request.core.services.dialer.endpoint({ address, port, scheme }, upstream(request)))
}

function upstream({ call }: ActionRequest): HttpRequest {
  const { http, info } = call
  const marker = '/proxy'
  const mark = http.path.indexOf('?')
  const path = mark < 0 ? http.path : http.path.slice(0, mark)
  const start = path.indexOf(marker, path.indexOf(`/${info.resource}/`))
  const rest = path.slice(start + marker.length)
  const { authorization: _, ...headers } = http.headers
  return { ...http, path: `${rest === '' ? '/' : rest}${mark < 0 ? '' : http.path.slice(mark)}`, headers: { ...headers, 'x-forwarded-uri': path } }
}

async function reach(send: () => Promise<HttpResponse>): Promise<HttpResponse> {
  try {
    return await send()
  } catch (error) {
    throw failure(503, 'ServiceUnavailable', `error trying to reach service: ${(error as Error).message}`)
  }
}
