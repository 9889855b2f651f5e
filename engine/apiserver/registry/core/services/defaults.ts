import type { KubeObject } from '#engine/api/object'
import { fallback, fallbackText, listOf } from '#engine/apiserver/registry/free'
import type { Free } from '#engine/apiserver/registry/free'

export function defaultService(object: KubeObject): void {
  const spec = (object.spec ??= {}) as Free
  fallbackText(spec, 'sessionAffinity', 'None')
  if (spec.sessionAffinity === 'None') delete spec.sessionAffinityConfig
  if (spec.sessionAffinity === 'ClientIP') fallback(((spec.sessionAffinityConfig ??= {}).clientIP ??= {}), 'timeoutSeconds', 10800)
  fallbackText(spec, 'type', 'ClusterIP')
  for (const port of listOf(spec.ports)) {
    fallbackText(port, 'protocol', 'TCP')
    if (!port.targetPort) port.targetPort = port.port
  }
  if (isExternallyAccessible(spec)) fallbackText(spec, 'externalTrafficPolicy', 'Cluster')
  if (spec.type !== 'ExternalName') fallback(spec, 'internalTrafficPolicy', 'Cluster')
  if (spec.type === 'LoadBalancer') {
    fallback(spec, 'allocateLoadBalancerNodePorts', true)
    for (const point of listOf(object.status?.loadBalancer?.ingress)) if (point.ip) fallback(point, 'ipMode', 'VIP')
  }
}

/** Can traffic come from outside of the cluster? */
export function isExternallyAccessible(spec: Free): boolean {
  return spec.type === 'LoadBalancer' || spec.type === 'NodePort' || (spec.type === 'ClusterIP' && listOf(spec.externalIPs).length > 0)
}
