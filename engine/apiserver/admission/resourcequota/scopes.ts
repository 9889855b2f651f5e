/** Which pods and claims a quota with scopes counts. */
import type { KubeObject } from '#engine/api/object'
import { qosClassOf } from '#engine/apiserver/registry/core/pods/qos'
import { listOf } from '#engine/apiserver/registry/free'
import type { Free } from '#engine/apiserver/registry/free'

interface Requirement { readonly scopeName: string; readonly operator: string; readonly values?: readonly string[] }

export function requirementsOf(quota: KubeObject): Requirement[] {
  const plain = (listOf(quota.spec?.scopes) as string[]).map((scopeName) => ({ scopeName, operator: 'Exists' }))
  return [...plain, ...(listOf(quota.spec?.scopeSelector?.matchExpressions) as Requirement[])]
}

/** Quotas with scopes are about pods, or about claims by their attributes class. */
export function quotaMatches(quota: KubeObject, resource: string, object: KubeObject): boolean {
  const requirements = requirementsOf(quota)
  if (requirements.length === 0) return true
  if (resource === 'persistentvolumeclaims') return requirements.every((item) => item.scopeName === 'VolumeAttributesClass' && byName(item, (object.spec?.volumeAttributesClassName ?? '') as string))
  return resource === 'pods' && requirements.every((item) => podMatches(item, object))
}

function podMatches(item: Requirement, pod: KubeObject): boolean {
  const spec = (pod.spec ?? {}) as Free
  switch (item.scopeName) {
    case 'Terminating': return spec.activeDeadlineSeconds !== undefined && spec.activeDeadlineSeconds >= 0
    case 'NotTerminating': return spec.activeDeadlineSeconds === undefined
    case 'BestEffort': return qosClassOf(spec) === 'BestEffort'
    case 'NotBestEffort': return qosClassOf(spec) !== 'BestEffort'
    case 'PriorityClass': return byName(item, (spec.priorityClassName ?? '') as string)
    case 'CrossNamespacePodAffinity': return crossesNamespaces(spec)
    default: return false
  }
}

function byName({ operator, values }: Requirement, name: string): boolean {
  switch (operator) {
    case 'In': return (values ?? []).includes(name)
    case 'NotIn': return !(values ?? []).includes(name)
    case 'Exists': return name !== ''
    default: return name === ''
  }
}

function crossesNamespaces(spec: Free): boolean {
  const terms = [spec.affinity?.podAffinity, spec.affinity?.podAntiAffinity].flatMap((affinity) => [
    ...listOf(affinity?.requiredDuringSchedulingIgnoredDuringExecution),
    ...listOf(affinity?.preferredDuringSchedulingIgnoredDuringExecution).map((item) => item.podAffinityTerm),
  ])
  return terms.some((term) => listOf(term?.namespaces).length > 0 || term?.namespaceSelector !== undefined)
}
