/** Makes room for a pod by removing pods of lower priority, where that would let it run. */
import { nameOf, uidOf } from '#engine/api/meta'
import { labelSelectorOf, matchesLabels } from '#engine/api/selector'
import type { Pod, PodDisruptionBudget } from '#engine/api/kinds'
import { apiTime, parseTime } from '#engine/client/time'
import { isReason } from '#engine/api/status'
import { podDisruptionBudgets, pods } from '#engine/client/resources'
import { fitErrorText } from '#engine/scheduler/fit-error'
import type { CycleState, PluginFactory, PluginHandle, PostFilterResult, Status } from '#engine/scheduler/framework'
import type { NodeInfo } from '#engine/scheduler/node-info'
import type { PodInfo } from '#engine/scheduler/pod-info'

const name = 'DefaultPreemption'
const notHelpful: Status = { code: 'UnschedulableAndUnresolvable', reasons: ['Preemption is not helpful for scheduling'] }

interface Candidate {
  readonly node: string
  /** Most important first. */
  readonly victims: readonly PodInfo[]
  readonly violations: number
}

interface Settings {
  readonly minCandidateNodesPercentage: number
  readonly minCandidateNodesAbsolute: number
}

export const defaultPreemption: PluginFactory = {
  name,
  create(handle, args) {
    const settings: Settings = { minCandidateNodesPercentage: Number(args?.['minCandidateNodesPercentage'] ?? 10), minCandidateNodesAbsolute: Number(args?.['minCandidateNodesAbsolute'] ?? 100) }
    return {
      name,
      async postFilter(state, info, statuses) {
        const result = await preempt(handle, settings, state, info, statuses)
        const message = result.status?.reasons.join(', ')
        return result.status && message ? { ...result, status: { ...result.status, reasons: [`preemption: ${message}`] } } : result
      },
    }
  },
}

async function preempt(handle: PluginHandle, settings: Settings, state: CycleState, info: PodInfo, statuses: ReadonlyMap<string, Status>): Promise<PostFilterResult> {
  const refusal = ineligible(handle, info.pod, statuses)
  if (refusal) return { status: { code: 'Unschedulable', reasons: [refusal] } }
  const all = handle.cache.list()
  const possible = all.filter((node) => statuses.get(node.name)?.code === 'Unschedulable')
  const outcomes = new Map<string, Status>()
  const candidates = dryRun(handle, settings, state, info, possible, outcomes)
  if (candidates.length === 0) {
    for (const node of all) if (!outcomes.has(node.name)) outcomes.set(node.name, notHelpful)
    return { status: { code: 'Unschedulable', reasons: [fitErrorText(all.length, outcomes)] } }
  }
  const chosen = choose(candidates)
  await carryOut(handle, info, chosen)
  return { nominatedNode: chosen.node }
}

function ineligible(handle: PluginHandle, pod: Pod, statuses: ReadonlyMap<string, Status>): string | undefined {
  if (pod.spec?.preemptionPolicy === 'Never') return 'not eligible due to preemptionPolicy=Never.'
  const nominated = pod.status?.nominatedNodeName
  if (!nominated || statuses.get(nominated)?.code === 'UnschedulableAndUnresolvable') return undefined
  const priority = pod.spec?.priority ?? 0
  const there = [...(handle.cache.node(nominated)?.pods.values() ?? [])]
  return there.some((other) => other.priority < priority && leavesForUs(other.pod)) ? 'not eligible due to a terminating pod on the nominated node.' : undefined
}

/** A victim of preemption that has not yet gone. */
function leavesForUs(pod: Pod): boolean {
  if (pod.metadata.deletionTimestamp === undefined) return false
  return (pod.status?.conditions ?? []).some((condition) => condition.type === 'DisruptionTarget' && condition.status === 'True' && condition.reason === 'PreemptionByScheduler')
}

function dryRun(handle: PluginHandle, settings: Settings, state: CycleState, info: PodInfo, nodes: readonly NodeInfo[], outcomes: Map<string, Status>): Candidate[] {
  const enough = Math.min(nodes.length, Math.max(settings.minCandidateNodesAbsolute, Math.floor((nodes.length * settings.minCandidateNodesPercentage) / 100)))
  const offset = nodes.length === 0 ? 0 : handle.random.integer(nodes.length)
  const budgets = handle.informers.of(podDisruptionBudgets).store.list()
  const out: Candidate[] = []
  for (let i = 0; i < nodes.length && out.length < enough; i++) {
    const node = nodes[(offset + i) % nodes.length] as NodeInfo
    const found = victimsOn(handle, state, info, node, budgets)
    if ('code' in found) outcomes.set(node.name, found)
    else out.push(found)
  }
  return out
}

/** Takes all lower pods away, then gives back as many as possible, the most important first. */
function victimsOn(handle: PluginHandle, state: CycleState, info: PodInfo, original: NodeInfo, budgets: readonly PodDisruptionBudget[]): Candidate | Status {
  const node = original.clone()
  const trial = new Trial(handle, state, info, node)
  const lower = [...original.pods.values()].filter((other) => other.priority < info.priority)
  if (lower.length === 0) return { code: 'UnschedulableAndUnresolvable', reasons: ['No preemption victims found for incoming pod'] }
  for (const other of lower) trial.remove(other)
  const status = trial.filter()
  if (status) return status
  const sorted = lower.sort(moreImportant)
  const { violating, others } = splitByBudgets(sorted, budgets)
  const victims: PodInfo[] = []
  let violations = 0
  for (const other of violating) if (trial.stays(other)) { victims.push(other); violations++ }
  for (const other of others) if (trial.stays(other)) victims.push(other)
  return { node: original.name, victims: victims.sort(moreImportant), violations }
}

class Trial {
  private readonly state: CycleState

  constructor(
    private readonly handle: PluginHandle,
    state: CycleState,
    private readonly info: PodInfo,
    private readonly node: NodeInfo,
  ) {
    const copies = new Map<string, unknown>()
    for (const plugin of handle.plugins()) if (plugin.cloneState && state.read(plugin.name) !== undefined) copies.set(plugin.name, plugin.cloneState(state))
    this.state = state.derive(copies)
  }

  remove(other: PodInfo): void {
    this.node.removePod(other.key)
    this.simulate(other, -1)
  }

  filter(): Status | undefined {
    return this.handle.runFilters(this.state, this.info, this.node)
  }

  /** Gives a pod back; true if it has to go after all. */
  stays(other: PodInfo): boolean {
    this.node.addPod(other)
    this.simulate(other, 1)
    if (!this.filter()) return false
    this.remove(other)
    return true
  }

  private simulate(other: PodInfo, by: 1 | -1): void {
    for (const plugin of this.handle.plugins()) if (plugin.simulate && this.state.read(plugin.name) !== undefined) plugin.simulate(this.state, this.info, other, this.node, by)
  }
}

function startOf(pod: Pod): number {
  return parseTime(pod.status?.startTime) ?? Number.POSITIVE_INFINITY
}

function moreImportant(a: PodInfo, b: PodInfo): number {
  return b.priority - a.priority || startOf(a.pod) - startOf(b.pod) || (a.key < b.key ? -1 : 1)
}

function splitByBudgets(list: readonly PodInfo[], budgets: readonly PodDisruptionBudget[]): { violating: PodInfo[]; others: PodInfo[] } {
  const left = new Map(budgets.map((budget) => [budget, budget.status?.disruptionsAllowed ?? 0]))
  const violating: PodInfo[] = []
  const others: PodInfo[] = []
  for (const info of list) {
    const covered = budgets.filter((budget) => budget.metadata.namespace === info.pod.metadata.namespace && selects(budget, info.pod) && (budget.status as { disruptedPods?: Record<string, string> } | undefined)?.disruptedPods?.[nameOf(info.pod)] === undefined)
    for (const budget of covered) left.set(budget, (left.get(budget) ?? 0) - 1)
    if (covered.some((budget) => (left.get(budget) ?? 0) < 0)) violating.push(info)
    else others.push(info)
  }
  return { violating, others }
}

function selects(budget: PodDisruptionBudget, pod: Pod): boolean {
  const selector = labelSelectorOf(budget.spec?.selector as Parameters<typeof labelSelectorOf>[0])
  return selector !== undefined && selector.length > 0 && matchesLabels(selector, pod.metadata.labels)
}

/** Fewest violated budgets, lowest top priority, smallest sum, fewest pods, latest start of the highest. */
function choose(candidates: readonly Candidate[]): Candidate {
  const top = (candidate: Candidate): number => candidate.victims[0]?.priority ?? Number.NEGATIVE_INFINITY
  const sum = (candidate: Candidate): number => candidate.victims.reduce((total, victim) => total + victim.priority + 2147483648, 0)
  const earliest = (candidate: Candidate): number => Math.min(...candidate.victims.filter((victim) => victim.priority === top(candidate)).map((victim) => startOf(victim.pod)))
  const order = (a: Candidate, b: Candidate): number => a.violations - b.violations || top(a) - top(b) || sum(a) - sum(b) || a.victims.length - b.victims.length || earliest(b) - earliest(a)
  return candidates.reduce((best, candidate) => (order(candidate, best) < 0 ? candidate : best))
}

async function carryOut(handle: PluginHandle, info: PodInfo, { node, victims }: Candidate): Promise<void> {
  for (const victim of victims) await evict(handle, info.pod, victim.pod, node)
  for (const other of handle.nominatedTo(node)) if (other.priority < info.priority && other.key !== info.key) handle.clearNomination(other.pod)
}

async function evict(handle: PluginHandle, preemptor: Pod, victim: Pod, node: string): Promise<void> {
  const { namespace = '', name: victimName = '' } = victim.metadata
  const now = apiTime(handle.now())
  try {
    if (victim.metadata.deletionTimestamp === undefined) {
      const condition = { type: 'DisruptionTarget', status: 'True', reason: 'PreemptionByScheduler', message: `${preemptor.spec?.schedulerName ?? 'default-scheduler'}: preempting to accommodate a higher priority pod`, lastTransitionTime: now, lastProbeTime: null }
      await handle.client.of(pods).patch(namespace, victimName, 'strategic', { status: { conditions: [condition] } }, { subresource: 'status' })
      await handle.client.of(pods).delete(namespace, victimName)
    }
  } catch (error) {
    if (!isReason(error, 'NotFound')) throw error
  }
  handle.event(victim, preemptor, 'Normal', 'Preempted', 'Preempting', `Preempted by pod ${uidOf(preemptor)} on node ${node}`)
}
