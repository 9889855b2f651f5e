/** Services and endpoints as a proxy sees them: one entry per port of a service. */
import type { EndpointSlice, Service } from '#engine/api/kinds'

export interface ServicePort {
  readonly namespace: string
  readonly service: string
  /** Empty for an unnamed port. */
  readonly portName: string
  readonly protocol: string
  readonly clusterIp: string
  readonly port: number
  readonly nodePort: number
  readonly externalIps: readonly string[]
  readonly loadBalancerIps: readonly string[]
  readonly loadBalancerSourceRanges: readonly string[]
  readonly affinitySeconds: number
  readonly externalLocal: boolean
  readonly internalLocal: boolean
  readonly healthCheckNodePort: number
  readonly endpoints: readonly Endpoint[]
}

export interface Endpoint {
  readonly address: string
  readonly port: number
  readonly local: boolean
  readonly ready: boolean
  readonly serving: boolean
  readonly terminating: boolean
}

/** `namespace/name:port`, or without the port where it has no name. */
export function portId(port: { readonly namespace: string; readonly service: string; readonly portName: string }): string {
  return `${port.namespace}/${port.service}${port.portName === '' ? '' : `:${port.portName}`}`
}

/** Nothing for services that need no proxy: headless, ExternalName, or another proxy's. */
export function servicePorts(service: Service, slices: readonly EndpointSlice[], nodeName: string): ServicePort[] {
  const { spec } = service
  const clusterIp = spec?.clusterIP ?? ''
  if (!spec || clusterIp === '' || clusterIp === 'None' || clusterIp.includes(':') || spec.type === 'ExternalName' || service.metadata.labels?.['service.kubernetes.io/service-proxy-name'] !== undefined) return []
  const balancer = service.status?.loadBalancer?.ingress ?? []
  return (spec.ports ?? []).map((port) => ({
    namespace: service.metadata.namespace ?? '', service: service.metadata.name ?? '', portName: port.name ?? '', protocol: (port.protocol ?? 'TCP').toLowerCase(),
    clusterIp, port: port.port, nodePort: port.nodePort ?? 0,
    externalIps: (spec.externalIPs ?? []).filter((ip) => !ip.includes(':')),
    loadBalancerIps: balancer.flatMap((each) => (each.ip && each.ipMode !== 'Proxy' && !each.ip.includes(':') ? [each.ip] : [])),
    loadBalancerSourceRanges: spec.loadBalancerSourceRanges ?? [],
    affinitySeconds: spec.sessionAffinity === 'ClientIP' ? (spec.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? 10800) : 0,
    externalLocal: spec.externalTrafficPolicy === 'Local', internalLocal: spec.internalTrafficPolicy === 'Local', healthCheckNodePort: spec.healthCheckNodePort ?? 0,
    endpoints: endpointsOf(slices, port.name ?? '', (port.protocol ?? 'TCP'), nodeName),
  }))
}

function endpointsOf(slices: readonly EndpointSlice[], portName: string, protocol: string, nodeName: string): Endpoint[] {
  const found = new Map<string, Endpoint>()
  for (const slice of slices) {
    if (slice.addressType !== 'IPv4') continue
    const port = slice.ports?.find((each) => (each.name ?? '') === portName && (each.protocol ?? 'TCP') === protocol)
    if (!port?.port) continue
    for (const endpoint of slice.endpoints ?? []) {
      const address = endpoint.addresses[0]
      if (address === undefined) continue
      const ready = endpoint.conditions?.ready ?? true
      found.set(`${address}:${port.port}`, { address, port: port.port, local: endpoint.nodeName === nodeName, ready, serving: endpoint.conditions?.serving ?? ready, terminating: endpoint.conditions?.terminating ?? false })
    }
  }
  return [...found.values()].sort((a, b) => (`${a.address}:${a.port}` < `${b.address}:${b.port}` ? -1 : 1))
}

/** Those that take traffic: the ready ones, or where there are none the terminating ones that still serve. */
export function usable(endpoints: readonly Endpoint[]): Endpoint[] {
  const ready = endpoints.filter((each) => each.ready)
  return ready.length > 0 ? ready : endpoints.filter((each) => each.serving && each.terminating)
}
