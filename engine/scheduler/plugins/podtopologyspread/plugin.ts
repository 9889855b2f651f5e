/** Spreads pods over the values of a node label, by hard constraints (filter) and soft ones (score). */
import { namespaceOf } from '#engine/api/meta'
import { type LabelSelector, labelSelectorOf, matchesLabels } from '#engine/api/selector'
import type { Node, Pod, Service, TopologySpreadConstraint } from '#engine/api/kinds'
import { bySelector, controllerOf, selecting } from '#engine/client/indexes'
import { replicaSets, replicationControllers, services, statefulSets } from '#engine/client/resources'
import { type ClusterEvent, type CycleState, maxScore, nodeChanged, type PluginFactory, type PluginHandle, podRelationsChanged, reject, rejectForGood, type Status } from '#engine/scheduler/framework'
import { matchesNode } from '#engine/api/node-affinity'
import type { NodeInfo } from '#engine/scheduler/node-info'
import type { PodInfo } from '#engine/scheduler/pod-info'
import { untolerated } from '#engine/api/tolerations'

const name = 'PodTopologySpread'
const hostname = 'kubernetes.io/hostname'

interface Constraint {
  readonly maxSkew: number
  readonly topologyKey: string
  readonly selector: LabelSelector
  readonly minDomains: number
  readonly honorAffinity: boolean
  readonly honorTaints: boolean
}

interface Counted {
  readonly constraint: Constraint
  /** Pods by value of the label. */
  readonly domains: Map<string, number>
}

const systemDefaults: readonly { maxSkew: number; topologyKey: string; whenUnsatisfiable: string }[] = [
  { maxSkew: 3, topologyKey: hostname, whenUnsatisfiable: 'ScheduleAnyway' },
  { maxSkew: 5, topologyKey: 'topology.kubernetes.io/zone', whenUnsatisfiable: 'ScheduleAnyway' },
]

interface ScoreState {
  readonly constraints: readonly { readonly constraint: Constraint; readonly counts: ReadonlyMap<string, number>; readonly domains: Map<string, number>; readonly weight: number }[]
  readonly ignored: Set<NodeInfo>
}

export const podTopologySpread: PluginFactory = {
  name,
  create(handle, args) {
    const defaults = args?.['defaultingType'] === 'List' ? ((args['defaultConstraints'] ?? []) as readonly TopologySpreadConstraint[]) : undefined
    handle.informers.of(services).addIndexers(bySelector((service: Service) => (service.spec?.selector ? { matchLabels: service.spec.selector as Record<string, string> } : undefined)))
    const constraintsOf = (pod: Pod, when: string): Constraint[] => {
      const own = pod.spec?.topologySpreadConstraints
      if (own && own.length > 0) return own.filter((constraint) => constraint.whenUnsatisfiable === when).map((constraint) => parsed(constraint, pod, undefined))
      return defaulted(pod, when, defaults ?? systemDefaults, handle)
    }
    return {
      name,
      preFilter(state, info, nodes) {
        const constraints = constraintsOf(info.pod, 'DoNotSchedule')
        if (constraints.length === 0) state.skipFilter.add(name)
        else state.write(name, count(constraints, info, nodes, handle))
        return undefined
      },
      filter: (state, info, node) => filter(state.read<Counted[]>(name) ?? [], info, node),
      cloneState: (state) => state.read<Counted[]>(name)?.map(({ constraint, domains }) => ({ constraint, domains: new Map(domains) })),
      simulate(state, info, other, node, by) {
        for (const { constraint, domains } of state.read<Counted[]>(name) ?? []) {
          const value = node.labels[constraint.topologyKey]
          const counts = value !== undefined && domains.has(value) && other.pod.metadata.namespace === info.pod.metadata.namespace && matchesLabels(constraint.selector, other.pod.metadata.labels)
          if (counts) domains.set(value, (domains.get(value) ?? 0) + by)
        }
      },
      preScore(state, info, nodes) {
        const constraints = constraintsOf(info.pod, 'ScheduleAnyway')
        if (constraints.length === 0) return { code: 'Skip', reasons: [] }
        const everyKey = (info.pod.spec?.topologySpreadConstraints ?? []).length > 0 || defaults !== undefined
        state.write(`${name}/score`, scoreState(constraints, info, nodes, handle, everyKey))
        return undefined
      },
      score: (state, _info, node) => score(state, node),
      normalize: (state, _info, scores) => normalize(state.read<ScoreState>(`${name}/score`) as ScoreState, scores),
      helps,
    }
  },
}

function parsed(constraint: TopologySpreadConstraint, pod: Pod, selector: LabelSelector | undefined): Constraint {
  const keys = ((constraint as { matchLabelKeys?: string[] }).matchLabelKeys ?? []).filter((key) => pod.metadata.labels?.[key] !== undefined)
  const base = selector ?? labelSelectorOf(constraint.labelSelector as Parameters<typeof labelSelectorOf>[0]) ?? [{ key: '', operator: 'exists' as const, values: [] }]
  return {
    maxSkew: constraint.maxSkew,
    topologyKey: constraint.topologyKey,
    selector: [...base, ...keys.map((key) => ({ key, operator: 'in' as const, values: [pod.metadata.labels?.[key] ?? ''] }))],
    minDomains: constraint.minDomains ?? 1,
    honorAffinity: constraint.nodeAffinityPolicy !== 'Ignore',
    honorTaints: constraint.nodeTaintsPolicy === 'Honor',
  }
}

/** Constraints of the configuration count for pods of a service or a set. */
function defaulted(pod: Pod, when: string, defaults: readonly { maxSkew: number; topologyKey: string; whenUnsatisfiable: string }[], handle: PluginHandle): Constraint[] {
  const wanted = defaults.filter((constraint) => constraint.whenUnsatisfiable === when)
  if (wanted.length === 0) return []
  const selector = ownSelector(pod, handle)
  return selector.length === 0 ? [] : wanted.map((constraint) => parsed(constraint as TopologySpreadConstraint, pod, selector))
}

function ownSelector(pod: Pod, handle: PluginHandle): LabelSelector {
  return [...serviceSelector(pod, handle), ...controllerSelector(pod, handle)]
}

/** The selectors of all services that select the pod, as one. */
function serviceSelector(pod: Pod, { informers }: PluginHandle): LabelSelector {
  const labels: Record<string, string> = {}
  for (const service of selecting(informers.of(services).store, namespaceOf(pod), pod.metadata.labels)) {
    const selector = (service.spec?.selector ?? {}) as Record<string, string>
    if (Object.entries(selector).every(([key, value]) => pod.metadata.labels?.[key] === value)) Object.assign(labels, selector)
  }
  return labelSelectorOf({ matchLabels: labels }) ?? []
}

function controllerSelector(pod: Pod, { informers }: PluginHandle): LabelSelector {
  const owner = controllerOf(pod)
  const namespace = namespaceOf(pod)
  switch (owner?.kind) {
    case 'ReplicationController': return labelSelectorOf({ matchLabels: (informers.of(replicationControllers).store.get(namespace, owner.name)?.spec?.selector ?? {}) as Record<string, string> }) ?? []
    case 'ReplicaSet': return labelSelectorOf(informers.of(replicaSets).store.get(namespace, owner.name)?.spec?.selector as Parameters<typeof labelSelectorOf>[0]) ?? []
    case 'StatefulSet': return labelSelectorOf(informers.of(statefulSets).store.get(namespace, owner.name)?.spec?.selector as Parameters<typeof labelSelectorOf>[0]) ?? []
    default: return []
  }
}

function eligible(constraint: Constraint, info: PodInfo, node: NodeInfo): boolean {
  if (constraint.honorAffinity && !(node.node && matchesNode(info.pod, node.node))) return false
  return !(constraint.honorTaints && untolerated(info.pod, node.node?.spec?.taints, ['NoSchedule', 'NoExecute']))
}

function count(constraints: readonly Constraint[], info: PodInfo, nodes: readonly NodeInfo[], handle: PluginHandle): Counted[] {
  return constraints.map((constraint) => {
    const counts = handle.cache.counters.get(namespaceOf(info.pod), constraint.selector)
    const domains = new Map<string, number>()
    for (const node of nodes) {
      if (!constraints.every((other) => node.labels[other.topologyKey] !== undefined) || !eligible(constraint, info, node)) continue
      const value = node.labels[constraint.topologyKey] as string
      domains.set(value, (domains.get(value) ?? 0) + (counts.get(node.name) ?? 0))
    }
    return { constraint, domains }
  })
}

function filter(counted: readonly Counted[], info: PodInfo, node: NodeInfo): Status | undefined {
  for (const { constraint, domains } of counted) {
    const value = node.labels[constraint.topologyKey]
    if (value === undefined) return rejectForGood("node(s) didn't match pod topology spread constraints (missing required label)")
    const least = domains.size < constraint.minDomains || domains.size === 0 ? 0 : Math.min(...domains.values())
    const self = matchesLabels(constraint.selector, info.pod.metadata.labels) ? 1 : 0
    if ((domains.get(value) ?? 0) + self - least > constraint.maxSkew) return reject("node(s) didn't match pod topology spread constraints")
  }
  return undefined
}

function scoreState(constraints: readonly Constraint[], info: PodInfo, feasible: readonly NodeInfo[], handle: PluginHandle, everyKey: boolean): ScoreState {
  const ignored = new Set<NodeInfo>()
  if (everyKey) for (const node of feasible) if (!constraints.every((constraint) => node.labels[constraint.topologyKey] !== undefined)) ignored.add(node)
  const namespace = namespaceOf(info.pod)
  return {
    ignored,
    constraints: constraints.map((constraint) => {
      const counts = handle.cache.counters.get(namespace, constraint.selector)
      const domains = constraint.topologyKey === hostname ? new Map<string, number>() : domainCounts(constraint, counts, info, feasible.filter((node) => !ignored.has(node)), handle)
      const size = constraint.topologyKey === hostname ? feasible.length - ignored.size : domains.size
      return { constraint, counts, domains, weight: Math.log(size + 2) }
    }),
  }
}

/** Pods by value of the label, for the values that feasible nodes have. */
function domainCounts(constraint: Constraint, counts: ReadonlyMap<string, number>, info: PodInfo, feasible: readonly NodeInfo[], handle: PluginHandle): Map<string, number> {
  const domains = new Map<string, number>()
  for (const node of feasible) {
    const value = node.labels[constraint.topologyKey]
    if (value !== undefined) domains.set(value, 0)
  }
  if (domains.size === 0) return domains
  for (const node of handle.cache.list()) {
    const value = node.labels[constraint.topologyKey]
    if (value !== undefined && domains.has(value) && eligible(constraint, info, node)) domains.set(value, (domains.get(value) ?? 0) + (counts.get(node.name) ?? 0))
  }
  return domains
}

function score(state: CycleState, node: NodeInfo): number {
  const own = state.read<ScoreState>(`${name}/score`) as ScoreState
  if (own.ignored.has(node)) return 0
  let sum = 0
  for (const { constraint, counts, domains, weight } of own.constraints) {
    const value = node.labels[constraint.topologyKey]
    if (value === undefined) continue
    const count = constraint.topologyKey === hostname ? (counts.get(node.name) ?? 0) : (domains.get(value) ?? 0)
    sum += count * weight + (constraint.maxSkew - 1)
  }
  return Math.round(sum)
}

function normalize(state: ScoreState, scores: Map<NodeInfo, number>): void {
  let min = Number.POSITIVE_INFINITY
  let max = 0
  for (const [node, value] of scores) {
    if (state.ignored.has(node)) continue
    min = Math.min(min, value)
    max = Math.max(max, value)
  }
  for (const [node, value] of scores) {
    if (state.ignored.has(node)) scores.set(node, 0)
    else scores.set(node, max === 0 ? maxScore : Math.floor((maxScore * (max + min - value)) / max))
  }
}

function helps(event: ClusterEvent, pod: Pod): boolean {
  if (event.kind === 'Node') return nodeChanged(event, (node: Node) => [node.metadata.labels, node.spec?.taints])
  if (event.kind === 'UnscheduledPod') return true
  const other = (event.next ?? event.previous) as Pod | undefined
  return event.kind === 'AssignedPod' && podRelationsChanged(event) && other?.metadata.namespace === pod.metadata.namespace
}
