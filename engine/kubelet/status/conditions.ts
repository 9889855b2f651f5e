/** Conditions of a pod, and its phase. */
import type { Container, ContainerStatus, Pod, PodCondition, PodStatus } from '#engine/api/kinds'
import { isSidecar, shouldRestart } from '../runtime/restart'

export type Phase = 'Pending' | 'Running' | 'Succeeded' | 'Failed' | 'Unknown'

interface Verdict { readonly status: 'True' | 'False'; readonly reason?: string; readonly message?: string }

export function phaseOf(pod: Pod, statuses: readonly ContainerStatus[], initStatuses: readonly ContainerStatus[], terminal: boolean): Phase {
  const byName = new Map([...statuses, ...initStatuses].map((status) => [status.name, status]))
  const mainStarted = statuses.some(hasRun)
  const inits = countInits(pod, byName, terminal || mainStarted)
  if (inits.failed > 0 && (pod.spec?.restartPolicy ?? 'Always') === 'Never' && (pod.spec?.initContainers ?? []).every((container) => !retries(container))) return 'Failed'
  if (inits.pending + inits.failed > 0 && !mainStarted) return 'Pending'
  return phaseOfCounts(count(pod, byName), terminal)
}

function hasRun(status: ContainerStatus): boolean {
  return status.state?.running !== undefined || status.state?.terminated !== undefined || status.lastState?.terminated !== undefined
}

/** Sidecars hold the pod back only until they have started. */
function countInits(pod: Pod, byName: ReadonlyMap<string, ContainerStatus>, past: boolean): { pending: number; failed: number } {
  const out = { pending: 0, failed: 0 }
  for (const container of pod.spec?.initContainers ?? []) {
    const status = byName.get(container.name)
    const verdict = isSidecar(container) ? (past || status?.started ? 'passed' : 'pending') : initVerdict(status)
    if (verdict !== 'passed') out[verdict]++
  }
  return out
}

function initVerdict(status: ContainerStatus | undefined): 'passed' | 'pending' | 'failed' {
  const { state = {}, lastState = {} } = status ?? {}
  if (state.terminated) return state.terminated.exitCode === 0 ? 'passed' : 'failed'
  const before = state.waiting ? lastState.terminated : undefined
  return before && before.exitCode !== 0 ? 'failed' : 'pending'
}

function phaseOfCounts(counts: Counts, terminal: boolean): Phase {
  if (counts.waiting > 0 || counts.unknown > 0) return 'Pending'
  if (counts.running > 0) return 'Running'
  if (counts.stopped === 0) return 'Pending'
  if (!terminal && counts.willRestart > 0) return 'Running'
  return counts.stopped === counts.succeeded ? 'Succeeded' : 'Failed'
}

function retries(container: { restartPolicy?: string }): boolean {
  return container.restartPolicy === 'Always' || container.restartPolicy === 'OnFailure'
}

interface Counts { running: number; waiting: number; stopped: number; succeeded: number; unknown: number; willRestart: number }

function count(pod: Pod, byName: ReadonlyMap<string, ContainerStatus>): Counts {
  const out: Counts = { running: 0, waiting: 0, stopped: 0, succeeded: 0, unknown: 0, willRestart: 0 }
  for (const container of pod.spec?.containers ?? []) {
    const status = byName.get(container.name)
    if (status) countOne(out, pod, container, status)
    else out.unknown++
  }
  return out
}

function countOne(out: Counts, pod: Pod, container: Container, { state = {}, lastState = {} }: ContainerStatus): void {
  const ended = state.terminated ?? lastState.terminated
  if (state.running) out.running++
  else if (ended) {
    out.stopped++
    if (shouldRestart(pod, container, ended)) out.willRestart++
    if (state.terminated?.exitCode === 0) out.succeeded++
  } else out.waiting++
}

/** The kubelet's conditions in their order; those of others are kept behind. */
export function conditionsOf(pod: Pod, status: PodStatus, phase: Phase, sandboxReady: boolean, now: string): PodCondition[] {
  const verdicts: [string, Verdict][] = [
    ['PodReadyToStartContainers', { status: sandboxReady ? 'True' : 'False' }],
    ['Initialized', initialized(pod, status, phase)],
    ['Ready', ready(pod, status, phase)],
    ['ContainersReady', containersReady(pod, status, phase)],
    ['PodScheduled', { status: 'True' }],
  ]
  const known = pod.status?.conditions ?? []
  const own = new Set(verdicts.map(([type]) => type))
  const generation = pod.metadata.generation
  const first = verdicts.map(([type, verdict]): PodCondition => {
    const before = known.find((condition) => condition.type === type)
    const since = before?.status === verdict.status && before.lastTransitionTime ? before.lastTransitionTime : now
    return { type, status: verdict.status, ...(verdict.reason ? { reason: verdict.reason } : {}), ...(verdict.message ? { message: verdict.message } : {}), lastProbeTime: null as never, lastTransitionTime: since, ...(generation === undefined ? {} : { observedGeneration: generation }) }
  })
  return [...first, ...known.filter((condition) => !own.has(condition.type))]
}

function statusesOf(pod: Pod, status: PodStatus): { unready: string[]; unknown: string[] } {
  const sidecars = (pod.spec?.initContainers ?? []).filter(isSidecar)
  const unready: string[] = []
  const unknown: string[] = []
  const check = (name: string, list: readonly ContainerStatus[] | undefined): void => {
    const found = list?.find((item) => item.name === name)
    if (!found) unknown.push(name)
    else if (!found.ready) unready.push(name)
  }
  for (const container of sidecars) check(container.name, status.initContainerStatuses)
  for (const container of pod.spec?.containers ?? []) check(container.name, status.containerStatuses)
  return { unready, unknown }
}

function containersReady(pod: Pod, status: PodStatus, phase: Phase): Verdict {
  if (phase === 'Succeeded') return { status: 'False', reason: 'PodCompleted' }
  if (phase === 'Failed') return { status: 'False', reason: 'PodFailed' }
  const { unready, unknown } = statusesOf(pod, status)
  const parts = [...(unknown.length > 0 ? [`containers with unknown status: [${unknown.join(' ')}]`] : []), ...(unready.length > 0 ? [`containers with unready status: [${unready.join(' ')}]`] : [])]
  return parts.length === 0 ? { status: 'True' } : { status: 'False', reason: 'ContainersNotReady', message: parts.join(', ') }
}

function ready(pod: Pod, status: PodStatus, phase: Phase): Verdict {
  const containers = containersReady(pod, status, phase)
  if (containers.status === 'False') return containers
  const missing: string[] = []
  for (const gate of pod.spec?.readinessGates ?? []) {
    const condition = pod.status?.conditions?.find((item) => item.type === gate.conditionType)
    if (!condition) missing.push(`corresponding condition of pod readiness gate "${gate.conditionType}" does not exist.`)
    else if (condition.status !== 'True') missing.push(`the status of pod readiness gate "${gate.conditionType}" is not "True", but ${condition.status}`)
  }
  return missing.length === 0 ? { status: 'True' } : { status: 'False', reason: 'ReadinessGatesNotReady', message: missing.join(', ') }
}

function initialized(pod: Pod, status: PodStatus, phase: Phase): Verdict {
  if (phase === 'Succeeded') return { status: 'True', reason: 'PodCompleted' }
  const inits = pod.spec?.initContainers ?? []
  if (inits.length === 0) return { status: 'True' }
  const mainStarted = (status.containerStatuses ?? []).some((item) => item.state?.running || item.state?.terminated || item.lastState?.terminated)
  if (mainStarted) return { status: 'True' }
  const incomplete = inits.filter((container) => {
    const found = status.initContainerStatuses?.find((item) => item.name === container.name)
    return isSidecar(container) ? !found?.started : !found?.ready
  }).map((container) => container.name)
  return incomplete.length === 0 ? { status: 'True' } : { status: 'False', reason: 'ContainersNotInitialized', message: `containers with incomplete status: [${incomplete.join(' ')}]` }
}
