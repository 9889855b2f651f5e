/** What endpoints and endpoint slices have in common: pods behind a service, their addresses and ports. */
import { nameOf, namespaceOf, uidOf } from '#engine/api/meta'
import type { EndpointSlice, Node, Pod, Service, ServicePort } from '#engine/api/kinds'
import { isPodReady, isPodTerminal } from '#engine/controllers/pods'

export interface ResolvedPort {
  readonly name: string
  readonly port: number | undefined
  readonly protocol: string
  readonly appProtocol: string | undefined
}

/** Only pods with an address that have not ended; those being deleted only where they are asked for. */
export function belongs(pod: Pod, includeTerminating: boolean): boolean {
  if (isPodTerminal(pod) || (pod.status?.podIPs?.length ?? (pod.status?.podIP ? 1 : 0)) === 0) return false
  return includeTerminating || pod.metadata.deletionTimestamp === undefined
}

/** The port's number in the pod: named ones are looked up, and may be missing. */
export function resolvePort(servicePort: ServicePort, pod: Pod): ResolvedPort | undefined {
  const { name = '', protocol = 'TCP', appProtocol, targetPort } = servicePort
  const port = typeof targetPort === 'string' && targetPort !== '' ? namedPort(pod, targetPort, protocol) : targetPort || servicePort.port
  return port === undefined ? undefined : { name, protocol, appProtocol, port: Number(port) }
}

function namedPort(pod: Pod, name: string, protocol: string): number | undefined {
  const { containers = [], initContainers = [] } = pod.spec ?? {}
  const all = [...containers, ...initContainers.filter((container) => container.restartPolicy === 'Always')].flatMap((container) => container.ports ?? [])
  return all.find((port) => port.name === name && (port.protocol ?? 'TCP') === protocol)?.containerPort
}

export function portsOf(service: Service, pod: Pod): ResolvedPort[] {
  const ports = service.spec?.ports ?? []
  return ports.map((port) => resolvePort(port, pod)).filter((port) => port !== undefined)
}

export type AddressFamily = 'IPv4' | 'IPv6'

export function addressOf(pod: Pod, family: AddressFamily): string | undefined {
  const all = pod.status?.podIPs?.map((entry) => entry.ip) ?? [pod.status?.podIP]
  return all.find((ip) => ip !== undefined && ip !== '' && ip.includes(':') === (family === 'IPv6'))
}

/** The pod's own hostname counts where the service gives it its subdomain. */
export function hostnameFor(service: Service, pod: Pod): string | undefined {
  const { hostname, subdomain } = pod.spec ?? {}
  return hostname && subdomain === service.metadata.name && pod.metadata.namespace === service.metadata.namespace ? hostname : undefined
}

export type SliceEndpoint = NonNullable<EndpointSlice['endpoints']>[number]

export function sliceEndpoint(service: Service, pod: Pod, node: Node | undefined, family: AddressFamily): SliceEndpoint {
  const serving = isPodReady(pod)
  const terminating = pod.metadata.deletionTimestamp !== undefined
  const ready = service.spec?.publishNotReadyAddresses === true || (serving && !terminating)
  const hostname = hostnameFor(service, pod)
  const zone = node?.metadata.labels?.['topology.kubernetes.io/zone']
  return {
    addresses: [addressOf(pod, family) ?? ''],
    conditions: { ready, serving, terminating },
    ...(hostname ? { hostname } : {}),
    ...(pod.spec?.nodeName ? { nodeName: pod.spec.nodeName } : {}),
    targetRef: { kind: 'Pod', namespace: namespaceOf(pod), name: nameOf(pod), uid: uidOf(pod) },
    ...(zone ? { zone } : {}),
  }
}

/** Whether a pod's change can matter to the endpoints of a service. */
export function endpointChanged(previous: Pod, next: Pod): boolean {
  const view = (pod: Pod): string => JSON.stringify([pod.status?.podIPs, pod.status?.podIP, isPodReady(pod), isPodTerminal(pod), pod.metadata.deletionTimestamp, pod.spec?.nodeName, pod.spec?.hostname, pod.spec?.subdomain])
  return view(previous) !== view(next)
}
