/** Affinity and anti-affinity between pods, by the labels of the nodes they are on. */
import type { Pod } from '#engine/api/kinds'
import { namespaces } from '#engine/client/resources'
import { type ClusterEvent, maxScore, nodeChanged, type PluginFactory, type PluginHandle, podRelationsChanged, reject, rejectForGood, type Status } from '#engine/scheduler/framework'
import type { NodeInfo } from '#engine/scheduler/node-info'
import { type AffinityTerm, type NamespaceLabels, podInfo, type PodInfo, termMatches } from '#engine/scheduler/pod-info'

const name = 'InterPodAffinity'

/** Counts of pods by `topologyKey=value`. */
type Counts = Map<string, number>

interface State {
  readonly existingAnti: Counts
  readonly affinity: Counts
  readonly antiAffinity: Counts
}

export const interPodAffinity: PluginFactory = {
  name,
  create(handle, args) {
    const hardWeight = Number(args?.['hardPodAffinityWeight'] ?? 1)
    const namespaceLabels: NamespaceLabels = (namespace) => handle.informers.of(namespaces).store.byKey(namespace)?.metadata.labels
    return {
      name,
      preFilter(state, info, nodes) {
        const made = initialState(info, nodes, handle, namespaceLabels)
        state.write(name, made)
        if (made.existingAnti.size === 0 && info.affinity.length === 0 && info.antiAffinity.length === 0) state.skipFilter.add(name)
        return undefined
      },
      filter: (state, info, node) => filter(state.read<State>(name) as State, info, node, namespaceLabels),
      cloneState(state) {
        const own = state.read<State>(name) as State
        return { existingAnti: new Map(own.existingAnti), affinity: new Map(own.affinity), antiAffinity: new Map(own.antiAffinity) }
      },
      simulate: (state, info, other, node, by) => account(state.read<State>(name) as State, info, other, node, by, namespaceLabels),
      preScore(state, info, _nodes) {
        const weights = scoreWeights(info, handle, hardWeight, namespaceLabels)
        state.write(`${name}/score`, weights)
        return weights.size === 0 ? { code: 'Skip', reasons: [] } : undefined
      },
      score(state, _info, node) {
        let sum = 0
        for (const [topologyKey, values] of state.read<Map<string, Counts>>(`${name}/score`) ?? []) {
          const value = node.labels[topologyKey]
          if (value !== undefined) sum += values.get(value) ?? 0
        }
        return sum
      },
      normalize(_state, _info, scores) {
        const all = [...scores.values()]
        const min = Math.min(...all)
        const spread = Math.max(...all) - min
        for (const [node, score] of scores) scores.set(node, spread === 0 ? 0 : Math.floor((maxScore * (score - min)) / spread))
      },
      helps: (event, pod) => helps(event, pod, namespaceLabels),
    }
  },
}

function initialState(info: PodInfo, nodes: readonly NodeInfo[], handle: PluginHandle, namespaceLabels: NamespaceLabels): State {
  const state: State = { existingAnti: new Map(), affinity: new Map(), antiAffinity: new Map() }
  for (const node of handle.cache.antiAffinityNodes)
    for (const existing of node.withAntiAffinity.values()) addTerms(state.existingAnti, existing.antiAffinity, info.pod, node, 1, namespaceLabels)
  if (info.affinity.length > 0 || info.antiAffinity.length > 0) for (const node of nodes) for (const existing of node.pods.values()) addIncoming(state, info, existing, node, 1, namespaceLabels)
  return state
}

function account(state: State, info: PodInfo, other: PodInfo, node: NodeInfo, by: 1 | -1, namespaceLabels: NamespaceLabels): void {
  addTerms(state.existingAnti, other.antiAffinity, info.pod, node, by, namespaceLabels)
  addIncoming(state, info, other, node, by, namespaceLabels)
}

function addIncoming(state: State, info: PodInfo, existing: PodInfo, node: NodeInfo, by: number, namespaceLabels: NamespaceLabels): void {
  // A pod counts for affinity only if it matches all terms together.
  if (info.affinity.length > 0 && info.affinity.every((term) => termMatches(term, existing.pod, namespaceLabels))) for (const term of info.affinity) bump(state.affinity, node, term.topologyKey, by)
  addTerms(state.antiAffinity, info.antiAffinity, existing.pod, node, by, namespaceLabels)
}

function addTerms(counts: Counts, terms: readonly AffinityTerm[], pod: Pod, node: NodeInfo, by: number, namespaceLabels: NamespaceLabels): void {
  for (const term of terms) if (termMatches(term, pod, namespaceLabels)) bump(counts, node, term.topologyKey, by)
}

function bump(counts: Counts, node: NodeInfo, topologyKey: string, by: number): void {
  const value = node.labels[topologyKey]
  if (value === undefined) return
  const key = `${topologyKey}=${value}`
  const next = (counts.get(key) ?? 0) + by
  if (next === 0) counts.delete(key)
  else counts.set(key, next)
}

function filter(state: State, info: PodInfo, node: NodeInfo, namespaceLabels: NamespaceLabels): Status | undefined {
  if (!affinitySatisfied(state, info, node, namespaceLabels)) return rejectForGood("node(s) didn't match pod affinity rules")
  for (const term of info.antiAffinity) {
    const value = node.labels[term.topologyKey]
    if (value !== undefined && (state.antiAffinity.get(`${term.topologyKey}=${value}`) ?? 0) > 0) return reject("node(s) didn't match pod anti-affinity rules")
  }
  for (const key of state.existingAnti.keys()) {
    const at = key.indexOf('=')
    if (node.labels[key.slice(0, at)] === key.slice(at + 1)) return reject("node(s) didn't satisfy existing pods anti-affinity rules")
  }
  return undefined
}

function affinitySatisfied(state: State, info: PodInfo, node: NodeInfo, namespaceLabels: NamespaceLabels): boolean {
  let found = true
  for (const term of info.affinity) {
    const value = node.labels[term.topologyKey]
    if (value === undefined) return false
    if ((state.affinity.get(`${term.topologyKey}=${value}`) ?? 0) <= 0) found = false
  }
  // The first pod of a group that wants to be near itself has to go somewhere.
  return found || (state.affinity.size === 0 && info.affinity.every((term) => termMatches(term, info.pod, namespaceLabels)))
}

function scoreWeights(info: PodInfo, handle: PluginHandle, hardWeight: number, namespaceLabels: NamespaceLabels): Map<string, Counts> {
  const weights = new Map<string, Counts>()
  const add = (term: AffinityTerm, pod: Pod, node: NodeInfo, weight: number): void => {
    const value = node.labels[term.topologyKey]
    if (value === undefined || weight === 0 || !termMatches(term, pod, namespaceLabels)) return
    let values = weights.get(term.topologyKey)
    if (!values) weights.set(term.topologyKey, (values = new Map<string, number>()))
    values.set(value, (values.get(value) ?? 0) + weight)
  }
  const own = info.preferredAffinity.length + info.preferredAntiAffinity.length > 0
  for (const node of own ? handle.cache.list() : handle.cache.affinityNodes)
    for (const existing of (own ? node.pods : node.withAffinity).values()) {
      for (const term of info.preferredAffinity) add(term, existing.pod, node, term.weight)
      for (const term of info.preferredAntiAffinity) add(term, existing.pod, node, -term.weight)
      for (const term of existing.affinity) add(term, info.pod, node, hardWeight)
      for (const term of existing.preferredAffinity) add(term, info.pod, node, term.weight)
      for (const term of existing.preferredAntiAffinity) add(term, info.pod, node, -term.weight)
    }
  return weights
}

function helps(event: ClusterEvent, pod: Pod, namespaceLabels: NamespaceLabels): boolean {
  if (event.kind === 'Node') return nodeChanged(event, (node) => node.metadata.labels)
  if (event.kind === 'UnscheduledPod') return true
  if (event.kind !== 'AssignedPod' || !podRelationsChanged(event)) return false
  const other = (event.next ?? event.previous) as Pod | undefined
  if (!other) return false
  const info = podInfo(pod)
  if (event.action !== 'delete') return info.affinity.some((term) => termMatches(term, other, namespaceLabels)) || event.action === 'update'
  return info.antiAffinity.some((term) => termMatches(term, other, namespaceLabels)) || podInfo(other).antiAffinity.some((term) => termMatches(term, pod, namespaceLabels))
}
