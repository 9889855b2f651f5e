/** What an object uses of the resources a quota can limit. */
import { addQuantities, maxQuantity, parseQuantity, type Quantity, quantityOf, zeroQuantity } from '#engine/api/quantity'
import type { PersistentVolumeClaim, Pod, PriorityClass, Service } from '#engine/api/kinds'
import type { KubeObject } from '#engine/api/object'
import { isPodTerminal } from '#engine/controllers/pods'

export type Usage = Map<string, Quantity>

type Amounts = Readonly<Record<string, string | number>>

export function add(to: Usage, name: string, quantity: Quantity): void {
  const known = to.get(name)
  to.set(name, known ? addQuantities(known, quantity) : quantity)
}

const one = quantityOf(1)

export function podUsage(pod: Pod): Usage {
  const out: Usage = new Map([['count/pods', one]])
  if (isPodTerminal(pod)) return out
  out.set('pods', one)
  for (const [kind, prefix] of [['requests', 'requests.'], ['limits', 'limits.']] as const)
    for (const [name, quantity] of podTotals(pod, kind)) {
      out.set(prefix + name, quantity)
      if (kind === 'requests' && (name === 'cpu' || name === 'memory' || name === 'ephemeral-storage' || name.startsWith('hugepages-'))) out.set(name, quantity)
    }
  return out
}

/** Containers together, or the greediest init container with the sidecars before it. */
function podTotals(pod: Pod, kind: 'requests' | 'limits'): Usage {
  const of = (container: { resources?: unknown }): Amounts => ((container.resources as Record<string, Amounts | undefined> | undefined)?.[kind] ?? {})
  const total: Usage = new Map()
  const sum = (into: Usage, amounts: Amounts): void => { for (const [name, amount] of Object.entries(amounts)) add(into, name, parseQuantity(amount)) }
  for (const container of pod.spec?.containers ?? []) sum(total, of(container))
  const sidecars: Usage = new Map()
  const peak: Usage = new Map()
  for (const container of pod.spec?.initContainers ?? []) {
    const own: Usage = new Map(sidecars)
    sum(own, of(container))
    if (container.restartPolicy === 'Always') {
      sum(sidecars, of(container))
      sum(total, of(container))
    }
    for (const [name, amount] of own) peak.set(name, maxQuantity(peak.get(name) ?? zeroQuantity, amount))
  }
  for (const [name, amount] of peak) total.set(name, maxQuantity(total.get(name) ?? zeroQuantity, amount))
  const level = of(pod.spec ?? {})
  for (const [name, amount] of Object.entries(level)) total.set(name, parseQuantity(amount))
  if (pod.spec?.overhead) sum(total, pod.spec.overhead as Amounts)
  return total
}

export function serviceUsage(service: Service): Usage {
  const out: Usage = new Map([['count/services', one], ['services', one], ['services.loadbalancers', zeroQuantity], ['services.nodeports', zeroQuantity]])
  const ports = service.spec?.ports?.length ?? 0
  if (service.spec?.type === 'NodePort') out.set('services.nodeports', quantityOf(ports))
  if (service.spec?.type === 'LoadBalancer') {
    out.set('services.loadbalancers', one)
    out.set('services.nodeports', quantityOf(service.spec.allocateLoadBalancerNodePorts === false ? (service.spec.ports ?? []).filter((port) => port.nodePort).length : ports))
  }
  return out
}

export function claimUsage(claim: PersistentVolumeClaim): Usage {
  const out: Usage = new Map([['count/persistentvolumeclaims', one], ['persistentvolumeclaims', one]])
  const storageClass = claim.metadata.annotations?.['volume.beta.kubernetes.io/storage-class'] ?? claim.spec?.storageClassName
  if (storageClass) out.set(`${storageClass}.storageclass.storage.k8s.io/persistentvolumeclaims`, one)
  const storage = (claim.spec?.resources?.requests as Amounts | undefined)?.['storage']
  if (storage !== undefined) {
    out.set('requests.storage', parseQuantity(storage))
    if (storageClass) out.set(`${storageClass}.storageclass.storage.k8s.io/requests.storage`, parseQuantity(storage))
  }
  return out
}

export interface Scopes {
  readonly scopes: readonly string[]
  readonly expressions: readonly { readonly scopeName: string; readonly operator: string; readonly values?: readonly string[] }[]
}

/** Whether a quota's scopes take the pod in. Only pods have scopes (and claims that of attribute classes). */
export function inScope(object: KubeObject, { scopes, expressions }: Scopes): boolean {
  const terms = [...scopes.map((scopeName) => ({ scopeName, operator: 'Exists', values: undefined })), ...expressions]
  return terms.every((term) => matchesScope(object, term.scopeName, term.operator, term.values))
}

function matchesScope(object: KubeObject, scope: string, operator: string, values: readonly string[] | undefined): boolean {
  if (object.kind === 'PersistentVolumeClaim') return scope === 'VolumeAttributesClass' && byOperator((object['spec'] as { volumeAttributesClassName?: string } | undefined)?.volumeAttributesClassName, operator, values)
  const pod = object as Pod
  switch (scope) {
    case 'Terminating': return pod.spec?.activeDeadlineSeconds !== undefined
    case 'NotTerminating': return pod.spec?.activeDeadlineSeconds === undefined
    case 'BestEffort': return pod.status?.qosClass === 'BestEffort'
    case 'NotBestEffort': return pod.status?.qosClass !== 'BestEffort'
    case 'PriorityClass': return byOperator((pod as { spec?: { priorityClassName?: PriorityClass['metadata']['name'] } }).spec?.priorityClassName, operator, values)
    case 'CrossNamespacePodAffinity': return crossesNamespaces(pod)
    default: return false
  }
}

function byOperator(value: string | undefined, operator: string, values: readonly string[] | undefined): boolean {
  switch (operator) {
    case 'Exists': return Boolean(value)
    case 'DoesNotExist': return !value
    case 'In': return value !== undefined && (values ?? []).includes(value)
    default: return !(values ?? []).includes(value ?? '')
  }
}

function crossesNamespaces(pod: Pod): boolean {
  const affinity = pod.spec?.affinity
  const terms = [affinity?.podAffinity, affinity?.podAntiAffinity].flatMap((part) => [...(part?.requiredDuringSchedulingIgnoredDuringExecution ?? []), ...(part?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map((entry) => entry.podAffinityTerm)])
  return terms.some((term) => (term.namespaces?.length ?? 0) > 0 || term.namespaceSelector !== undefined)
}
