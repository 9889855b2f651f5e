/** What an object uses of the resources a quota can limit. */
import { addQuantities, maxQuantity, parseQuantity, type Quantity, quantityOf, zeroQuantity } from '#engine/api/quantity'
import type { PersistentVolumeClaim, Pod, Service } from '#engine/api/kinds'
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

function sum(into: Usage, amounts: Amounts): void {
  for (const [name, amount] of Object.entries(amounts)) add(into, name, parseQuantity(amount))
}

/** Containers together, or the greediest init container with the sidecars before it. */
function podTotals(pod: Pod, kind: 'requests' | 'limits'): Usage {
  const of = (container: { resources?: unknown }): Amounts => (container.resources as Record<string, Amounts | undefined> | undefined)?.[kind] ?? {}
  const { containers = [], initContainers = [], overhead = {} } = pod.spec ?? {}
  const total: Usage = new Map()
  for (const container of containers) sum(total, of(container))
  const peak = initPeak(initContainers, of, total)
  for (const [name, amount] of peak) total.set(name, maxQuantity(total.get(name) ?? zeroQuantity, amount))
  for (const [name, amount] of Object.entries(of(pod.spec ?? {}))) total.set(name, parseQuantity(amount))
  sum(total, overhead as Amounts)
  return total
}

/** What the start of a pod takes at most; sidecars count towards the total as well. */
function initPeak(initContainers: readonly { restartPolicy?: string; resources?: unknown }[], of: (container: { resources?: unknown }) => Amounts, total: Usage): Usage {
  const sidecars: Usage = new Map()
  const peak: Usage = new Map()
  for (const container of initContainers) {
    const own: Usage = new Map(sidecars)
    sum(own, of(container))
    if (container.restartPolicy === 'Always') {
      sum(sidecars, of(container))
      sum(total, of(container))
    }
    for (const [name, amount] of own) peak.set(name, maxQuantity(peak.get(name) ?? zeroQuantity, amount))
  }
  return peak
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

type ScopeTest = (pod: Pod, operator: string, values: readonly string[] | undefined) => boolean

const podScopes: Readonly<Record<string, ScopeTest>> = {
  Terminating: (pod) => pod.spec?.activeDeadlineSeconds !== undefined,
  NotTerminating: (pod) => pod.spec?.activeDeadlineSeconds === undefined,
  BestEffort: (pod) => pod.status?.qosClass === 'BestEffort',
  NotBestEffort: (pod) => pod.status?.qosClass !== 'BestEffort',
  PriorityClass: (pod, operator, values) => byOperator(pod.spec?.priorityClassName, operator, values),
  CrossNamespacePodAffinity: (pod) => crossesNamespaces(pod),
}

function matchesScope(object: KubeObject, scope: string, operator: string, values: readonly string[] | undefined): boolean {
  if (object.kind === 'PersistentVolumeClaim') return scope === 'VolumeAttributesClass' && byOperator((object['spec'] as { volumeAttributesClassName?: string } | undefined)?.volumeAttributesClassName, operator, values)
  return podScopes[scope]?.(object as Pod, operator, values) ?? false
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
