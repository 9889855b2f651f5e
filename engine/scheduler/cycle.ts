/** One pod's way through preFilter, filter and score: the node it shall run on, or why there is none. */
import type { Random } from '#engine/base/random'
import type { SchedulerCache } from '#engine/scheduler/cache'
import { type CycleState, maxScore, type Plugin, type Status } from '#engine/scheduler/framework'
import type { NodeInfo } from '#engine/scheduler/node-info'
import type { PodInfo } from '#engine/scheduler/pod-info'
import type { Profile } from '#engine/scheduler/profile'

export interface CycleInput {
  readonly profile: Profile
  readonly cache: SchedulerCache
  readonly random: Random
  readonly state: CycleState
  readonly info: PodInfo
  /** Where in the list of nodes to begin, so that all have their turn. */
  readonly start: number
  readonly nominatedNode: string | undefined
  filter(node: NodeInfo): Status | undefined
}

export interface Found {
  readonly node: string
  readonly nextStart: number
}

export interface NotFound {
  readonly statuses: ReadonlyMap<string, Status>
  readonly rejectedBy: ReadonlySet<string>
  readonly preFilter?: string
  readonly error?: string
  readonly noNodes?: boolean
  readonly nextStart: number
}

const minFeasible = 100
const minPercentage = 5

export function selectNode(input: CycleInput): Found | NotFound {
  const all = input.cache.list()
  const base = { statuses: new Map<string, Status>(), rejectedBy: new Set<string>(), nextStart: input.start }
  if (all.length === 0) return { ...base, noNodes: true }
  const before = preFilter(input, all)
  if ('code' in before) return turnedAwayEarly(before, all, base)
  const names = before.names
  const pool = names ? all.filter((node) => names.has(node.name)) : all
  const feasible = nominatedFirst(input, pool) ?? filterNodes(input, pool, base)
  if (names) absent(all, names, before.by, base)
  const error = [...base.statuses.values()].find((status) => status.code === 'Error')
  if (error) return { ...base, error: error.reasons.join(', ') }
  if (feasible.nodes.length === 0) return { ...base, nextStart: feasible.nextStart }
  const [only] = feasible.nodes
  const chosen = feasible.nodes.length === 1 && only ? only : best(input, feasible.nodes)
  return { node: chosen.name, nextStart: feasible.nextStart }
}

interface Narrowed {
  readonly names: ReadonlySet<string> | undefined
  readonly by: readonly string[]
}

function preFilter(input: CycleInput, all: readonly NodeInfo[]): Narrowed | Status {
  let names: ReadonlySet<string> | undefined
  const by: string[] = []
  for (const plugin of input.profile.at.preFilter) {
    const result = plugin.preFilter?.(input.state, input.info, all)
    if (result?.status) return { ...result.status, plugin: plugin.name }
    const own = result?.nodeNames
    if (!own) continue
    by.push(plugin.name)
    names = names === undefined ? own : new Set([...names].filter((name) => own.has(name)))
    if (names.size === 0) return { code: 'UnschedulableAndUnresolvable', reasons: [`node(s) didn't satisfy plugin(s) [${by.join(' ')}] simultaneously`], plugin: plugin.name }
  }
  return { names, by }
}

function turnedAwayEarly(status: Status, all: readonly NodeInfo[], base: { nextStart: number }): NotFound {
  if (status.code === 'Error') return { ...base, statuses: new Map(), rejectedBy: new Set(), error: `running PreFilter plugin ${JSON.stringify(status.plugin ?? '')}: ${status.reasons.join(', ')}` }
  return { ...base, statuses: new Map(all.map((node) => [node.name, status])), rejectedBy: new Set([status.plugin ?? '']), preFilter: status.reasons.join(', ') }
}

function absent(all: readonly NodeInfo[], names: ReadonlySet<string>, by: readonly string[], base: { statuses: Map<string, Status>; rejectedBy: Set<string> }): void {
  const status: Status = { code: 'UnschedulableAndUnresolvable', reasons: [`node(s) didn't satisfy plugin(s) [${by.join(' ')}]`] }
  for (const node of all) if (!names.has(node.name)) base.statuses.set(node.name, status)
  for (const name of by) base.rejectedBy.add(name)
}

/** Where preemption made room for the pod it shall go, if it fits by now. */
function nominatedFirst(input: CycleInput, pool: readonly NodeInfo[]): { nodes: NodeInfo[]; nextStart: number } | undefined {
  const node = input.nominatedNode === undefined ? undefined : pool.find((candidate) => candidate.name === input.nominatedNode)
  return node && !input.filter(node) ? { nodes: [node], nextStart: input.start } : undefined
}

function filterNodes(input: CycleInput, pool: readonly NodeInfo[], base: { statuses: Map<string, Status>; rejectedBy: Set<string> }): { nodes: NodeInfo[]; nextStart: number } {
  const enough = feasibleEnough(pool.length, input.profile.percentageOfNodesToScore)
  const out: NodeInfo[] = []
  let seen = 0
  for (; seen < pool.length && out.length < enough; seen++) {
    const node = pool[(input.start + seen) % pool.length] as NodeInfo
    const status = input.filter(node)
    if (!status) out.push(node)
    else {
      base.statuses.set(node.name, status)
      if (status.plugin) base.rejectedBy.add(status.plugin)
    }
  }
  return { nodes: out, nextStart: pool.length === 0 ? 0 : (input.start + seen) % pool.length }
}

/** In a large cluster a share of the nodes is enough to choose from. */
function feasibleEnough(total: number, percentage: number): number {
  if (total < minFeasible) return total
  const share = percentage > 0 ? percentage : Math.max(minPercentage, 50 - Math.floor(total / 125))
  return Math.max(minFeasible, Math.floor((total * Math.min(100, share)) / 100))
}

function best(input: CycleInput, nodes: readonly NodeInfo[]): NodeInfo {
  const { profile, state, info } = input
  for (const plugin of profile.at.preScore) if (plugin.preScore?.(state, info, nodes)?.code === 'Skip') state.skipScore.add(plugin.name)
  const totals = new Map<NodeInfo, number>()
  for (const node of nodes) totals.set(node, 0)
  for (const plugin of profile.at.score) {
    const weight = profile.weights.get(plugin.name) ?? 1
    if (weight > 0 && !state.skipScore.has(plugin.name)) addScores(input, plugin, weight, totals)
  }
  return highest(totals, input.random)
}

function addScores({ state, info }: CycleInput, plugin: Plugin, weight: number, totals: Map<NodeInfo, number>): void {
  const scores = new Map<NodeInfo, number>()
  for (const node of totals.keys()) scores.set(node, plugin.score?.(state, info, node) ?? 0)
  plugin.normalize?.(state, info, scores)
  for (const [node, score] of scores) totals.set(node, (totals.get(node) ?? 0) + Math.min(maxScore, score) * weight)
}

/** Among equals each has the same chance. */
function highest(totals: ReadonlyMap<NodeInfo, number>, random: Random): NodeInfo {
  let max = Number.NEGATIVE_INFINITY
  let equals: NodeInfo[] = []
  for (const [node, total] of totals) {
    if (total > max) {
      max = total
      equals = [node]
    } else if (total === max) equals.push(node)
  }
  return equals[equals.length === 1 ? 0 : random.integer(equals.length)] as NodeInfo
}
