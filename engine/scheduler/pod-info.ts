/** What the scheduler computes once of a pod: requests, ports, affinity terms. */
import { namespaceOf } from '#engine/api/meta'
import { type LabelSelector, labelSelectorOf, matchesLabels } from '#engine/api/selector'
import type { Container, Pod, PodAffinityTerm } from '#engine/api/kinds'
import { keyOf } from '#engine/api/object'
import { addAmounts, amountsOf, type Amounts, maxAmounts, noAmounts, type QuantityMap } from '#engine/scheduler/resources'

export interface HostPort {
  readonly ip: string
  readonly protocol: string
  readonly port: number
}

export interface AffinityTerm {
  readonly namespaces: ReadonlySet<string>
  readonly namespaceSelector: LabelSelector | undefined
  readonly selector: LabelSelector | undefined
  readonly topologyKey: string
  /** Of preferred terms. */
  readonly weight: number
}

export interface PodInfo {
  readonly pod: Pod
  readonly key: string
  readonly requests: Amounts
  /** For scoring: what asks for nothing counts as 100m and 200 MB. */
  readonly nonZeroCpu: number
  readonly nonZeroMemory: number
  readonly hostPorts: readonly HostPort[]
  readonly affinity: readonly AffinityTerm[]
  readonly antiAffinity: readonly AffinityTerm[]
  readonly preferredAffinity: readonly AffinityTerm[]
  readonly preferredAntiAffinity: readonly AffinityTerm[]
  readonly priority: number
}

const defaultCpu = 100
const defaultMemory = 200 * 1024 * 1024

export function podInfo(pod: Pod): PodInfo {
  const requests = podRequests(pod)
  const affinity = pod.spec?.affinity
  const required = (terms: readonly PodAffinityTerm[] | undefined): AffinityTerm[] => (terms ?? []).map((term) => affinityTerm(pod, term, 0))
  const preferred = (terms: readonly { weight: number; podAffinityTerm: PodAffinityTerm }[] | undefined): AffinityTerm[] => (terms ?? []).map((entry) => affinityTerm(pod, entry.podAffinityTerm, entry.weight))
  return {
    pod,
    key: keyOf(pod),
    requests,
    ...nonZero(pod),
    hostPorts: hostPorts(pod),
    affinity: required(affinity?.podAffinity?.requiredDuringSchedulingIgnoredDuringExecution),
    antiAffinity: required(affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution),
    preferredAffinity: preferred(affinity?.podAffinity?.preferredDuringSchedulingIgnoredDuringExecution),
    preferredAntiAffinity: preferred(affinity?.podAntiAffinity?.preferredDuringSchedulingIgnoredDuringExecution),
    priority: pod.spec?.priority ?? 0,
  }
}

/** All containers together, or the largest init container with the sidecars before it; plus overhead. */
export function podRequests(pod: Pod, of: (container: Container) => Amounts = (container) => containerRequests(pod, container)): Amounts {
  const total = noAmounts()
  for (const container of pod.spec?.containers ?? []) addAmounts(total, of(container))
  const sidecars = noAmounts()
  const peak = noAmounts()
  for (const container of pod.spec?.initContainers ?? []) {
    const own = of(container)
    if (container.restartPolicy === 'Always') {
      addAmounts(sidecars, own)
      addAmounts(total, own)
      maxAmounts(peak, sidecars)
    } else {
      addAmounts(own, sidecars)
      maxAmounts(peak, own)
    }
  }
  maxAmounts(total, peak)
  podLevel(pod, total)
  if (pod.spec?.overhead) addAmounts(total, amountsOf(pod.spec.overhead as QuantityMap))
  return total
}

/** Requests of the pod as a whole take the place of the containers' sum. */
function podLevel(pod: Pod, total: Amounts): void {
  const requests = (pod.spec as { resources?: { requests?: QuantityMap } } | undefined)?.resources?.requests
  if (!requests) return
  const level = amountsOf(requests)
  if (requests['cpu'] !== undefined) total.milliCpu = level.milliCpu
  if (requests['memory'] !== undefined) total.memory = level.memory
  for (const [name, value] of level.scalar) if (name.startsWith('hugepages-')) total.scalar.set(name, value)
}

/** While a resize is under way the larger of asked, allocated and actual counts. */
function containerRequests(pod: Pod, container: Container): Amounts {
  const amounts = amountsOf(container.resources?.requests as QuantityMap | undefined)
  const status = [...(pod.status?.containerStatuses ?? []), ...(pod.status?.initContainerStatuses ?? [])].find((entry) => entry.name === container.name)
  if (!status) return amounts
  if (status.allocatedResources) maxAmounts(amounts, amountsOf(status.allocatedResources as QuantityMap))
  if (status.resources?.requests) maxAmounts(amounts, amountsOf(status.resources.requests as QuantityMap))
  return amounts
}

function nonZero(pod: Pod): { nonZeroCpu: number; nonZeroMemory: number } {
  const amounts = podRequests(pod, (container) => {
    const requests = container.resources?.requests as QuantityMap | undefined
    const own = amountsOf(requests)
    if (requests?.['cpu'] === undefined) own.milliCpu = defaultCpu
    if (requests?.['memory'] === undefined) own.memory = defaultMemory
    return own
  })
  return { nonZeroCpu: amounts.milliCpu, nonZeroMemory: amounts.memory }
}

function hostPorts(pod: Pod): HostPort[] {
  const out: HostPort[] = []
  const sidecars = (pod.spec?.initContainers ?? []).filter((container) => container.restartPolicy === 'Always')
  for (const container of [...(pod.spec?.containers ?? []), ...sidecars])
    for (const port of container.ports ?? []) if (port.hostPort) out.push({ ip: port.hostIP || '0.0.0.0', protocol: port.protocol ?? 'TCP', port: port.hostPort })
  return out
}

function affinityTerm(pod: Pod, term: PodAffinityTerm, weight: number): AffinityTerm {
  const namespaces = term.namespaces ?? []
  const own = namespaces.length === 0 && term.namespaceSelector === undefined
  return {
    namespaces: new Set(own ? [namespaceOf(pod)] : namespaces),
    namespaceSelector: labelSelectorOf(term.namespaceSelector as Parameters<typeof labelSelectorOf>[0]),
    selector: labelSelectorOf(term.labelSelector as Parameters<typeof labelSelectorOf>[0]),
    topologyKey: term.topologyKey,
    weight,
  }
}

export type NamespaceLabels = (namespace: string) => Readonly<Record<string, string>> | undefined

export function termMatches(term: AffinityTerm, pod: Pod, namespaceLabels: NamespaceLabels): boolean {
  const namespace = namespaceOf(pod)
  const inNamespace = term.namespaces.has(namespace) || (term.namespaceSelector !== undefined && matchesLabels(term.namespaceSelector, namespaceLabels(namespace) ?? {}))
  return inNamespace && term.selector !== undefined && matchesLabels(term.selector, pod.metadata.labels)
}
