/** Defaults of the networking and discovery groups. */
import type { KubeObject } from '#engine/api/object'
import { fallback, fallbackText, listOf } from '#engine/apiserver/registry/free'
import type { Free } from '#engine/apiserver/registry/free'

export function defaultNetworkPolicy(object: KubeObject): void {
  const spec = (object.spec ??= {}) as Free
  for (const rule of [...listOf(spec.ingress), ...listOf(spec.egress)]) for (const port of listOf(rule.ports)) fallbackText(port, 'protocol', 'TCP')
  if (listOf(spec.policyTypes).length === 0) spec.policyTypes = listOf(spec.egress).length > 0 ? ['Ingress', 'Egress'] : ['Ingress']
}

export function defaultIngressClass(object: KubeObject): void {
  if (object.spec?.parameters) fallbackText(object.spec.parameters, 'scope', 'Cluster')
}

export function defaultEndpointSlice(object: KubeObject): void {
  for (const port of listOf(object.ports)) {
    fallback(port, 'name', '')
    fallbackText(port, 'protocol', 'TCP')
  }
}
