/** What a job has come to, from its status and its pods as they are now. */
import { uidOf } from '#engine/api/meta'
import type { Job, Pod } from '#engine/api/kinds'
import { parseTime } from '#engine/client/time'
import { isPodActive, isPodReady } from '#engine/controllers/pods'
import { indexOf, parseIndexes } from './indexes'
import { failureVerdict } from './policy'

export const trackingFinalizer = 'batch.kubernetes.io/job-tracking'

export interface JobStatus {
  active?: number
  ready?: number
  terminating?: number
  succeeded?: number
  failed?: number
  startTime?: string
  completionTime?: string
  completedIndexes?: string
  failedIndexes?: string
  uncountedTerminatedPods?: { succeeded?: string[]; failed?: string[] }
  conditions?: { type: string; status: string; reason?: string; message?: string; lastProbeTime?: string; lastTransitionTime?: string }[]
}

export interface JobState {
  readonly indexed: boolean
  readonly completions: number | undefined
  readonly active: readonly Pod[]
  readonly ready: number
  readonly terminating: number
  /** Counted already, and those that now are to be. */
  readonly succeeded: number
  readonly failed: number
  readonly newlySucceeded: readonly Pod[]
  readonly newlyFailed: readonly Pod[]
  /** Failed pods of indexes with a limit of their own: counted once another stands in their place, or the job is over. */
  readonly held: readonly Pod[]
  /** Ended pods that a rule says not to count. */
  readonly ignored: readonly Pod[]
  readonly completedIndexes: Set<number>
  readonly failedIndexes: Set<number>
  /** The first failure that a policy says ends the job. */
  readonly fatal: string | undefined
  /** Failures since the last success, and when the last was: for the pause before the next pod. */
  readonly recentFailures: number
  readonly lastFailureAt: number
}

export function hasTracking(pod: Pod): boolean {
  return pod.metadata.finalizers?.includes(trackingFinalizer) === true
}

export function isFinished(job: Job): boolean {
  return (job.status?.conditions ?? []).some((condition) => (condition.type === 'Complete' || condition.type === 'Failed') && condition.status === 'True')
}

function isFailedFor(job: Job, pod: Pod): boolean {
  if (pod.status?.phase === 'Failed') return true
  const onlyFailed = job.spec?.podReplacementPolicy === 'Failed' || job.spec?.podFailurePolicy !== undefined
  return !onlyFailed && pod.metadata.deletionTimestamp !== undefined && pod.status?.phase !== 'Succeeded'
}

/** What the ended pods add up to. */
class Tally {
  readonly newlySucceeded: Pod[] = []
  readonly newlyFailed: Pod[] = []
  readonly ignored: Pod[] = []
  readonly completedIndexes: Set<number>
  readonly failedIndexes: Set<number>
  fatal: string | undefined
  private readonly waiting: ReadonlySet<string>
  private readonly indexed: boolean
  private readonly completions: number

  constructor(
    private readonly job: Job,
    status: JobStatus,
  ) {
    this.indexed = job.spec?.completionMode === 'Indexed'
    this.completions = job.spec?.completions ?? 0
    this.waiting = new Set([...(status.uncountedTerminatedPods?.succeeded ?? []), ...(status.uncountedTerminatedPods?.failed ?? [])])
    this.completedIndexes = parseIndexes(status.completedIndexes, this.completions)
    this.failedIndexes = parseIndexes(status.failedIndexes, this.completions)
  }

  add(pod: Pod): void {
    if (!hasTracking(pod)) return
    if (pod.status?.phase === 'Succeeded') this.succeeded(pod)
    else if (isFailedFor(this.job, pod)) this.failed(pod)
  }

  private isWaiting(pod: Pod): boolean {
    return this.waiting.has(uidOf(pod))
  }

  private succeeded(pod: Pod): void {
    const index = indexOf(pod)
    const inRange = index !== undefined && index < this.completions
    const fresh = !this.indexed || (inRange && !this.completedIndexes.has(index))
    if (fresh && !this.isWaiting(pod)) this.newlySucceeded.push(pod)
    else this.ignored.push(pod)
    if (this.indexed && inRange) this.completedIndexes.add(index)
  }

  private failed(pod: Pod): void {
    const verdict = failureVerdict(this.job, pod)
    if (verdict?.action === 'FailJob') this.fatal ??= verdict.message
    const index = indexOf(pod)
    if (index !== undefined && (verdict?.action === 'FailIndex' || indexIsOver(this.job, pod))) this.failedIndexes.add(index)
    if (verdict?.action === 'Ignore' || this.isWaiting(pod)) this.ignored.push(pod)
    else this.newlyFailed.push(pod)
  }
}

export function jobState(job: Job, pods: readonly Pod[], now: number): JobState {
  const status = (job.status ?? {}) as JobStatus
  const indexed = job.spec?.completionMode === 'Indexed'
  const tally = new Tally(job, status)
  for (const pod of pods) tally.add(pod)
  const { newlySucceeded, ignored, completedIndexes, failedIndexes, fatal } = tally
  const held = tally.newlyFailed.filter((pod) => isHeld(job, pod, pods, failedIndexes))
  const newlyFailed = tally.newlyFailed.filter((pod) => !held.includes(pod))
  const active = pods.filter((pod) => isPodActive(pod))
  const counted = (known: number | undefined, waiting: readonly string[] | undefined): number => (known ?? 0) + (waiting?.length ?? 0)
  return {
    indexed, completions: job.spec?.completions, active, newlySucceeded, newlyFailed, held, ignored, completedIndexes, failedIndexes, fatal,
    ready: active.filter(isPodReady).length,
    terminating: pods.filter(isTerminating).length,
    succeeded: indexed ? completedIndexes.size : counted(status.succeeded, status.uncountedTerminatedPods?.succeeded) + newlySucceeded.length,
    failed: counted(status.failed, status.uncountedTerminatedPods?.failed) + newlyFailed.length,
    ...recent(pods, now),
  }
}

function isTerminating(pod: Pod): boolean {
  return pod.metadata.deletionTimestamp !== undefined && pod.status?.phase !== 'Failed' && pod.status?.phase !== 'Succeeded'
}

/** The state once the job is over: nothing is held any longer. */
export function released(state: JobState): JobState {
  return { ...state, newlyFailed: [...state.newlyFailed, ...state.held], failed: state.failed + state.held.length, held: [] }
}

function isHeld(job: Job, pod: Pod, pods: readonly Pod[], failedIndexes: ReadonlySet<number>): boolean {
  const index = indexOf(pod)
  if (perIndexLimit(job) === undefined || index === undefined || failedIndexes.has(index)) return false
  return !pods.some((other) => indexOf(other) === index && failureCountOf(other) > failureCountOf(pod))
}

export function perIndexLimit(job: Job): number | undefined {
  return (job.spec as { backoffLimitPerIndex?: number } | undefined)?.backoffLimitPerIndex
}

/** With backoffLimitPerIndex an index is over once its pods have failed once more than that. */
function indexIsOver(job: Job, pod: Pod): boolean {
  const limit = perIndexLimit(job)
  return limit !== undefined && failureCountOf(pod) >= limit
}

export const indexFailureAnnotation = 'batch.kubernetes.io/job-index-failure-count'

export function failureCountOf(pod: Pod): number {
  return Number(pod.metadata.annotations?.[indexFailureAnnotation] ?? '0') || 0
}

function recent(pods: readonly Pod[], now: number): { recentFailures: number; lastFailureAt: number } {
  const lastSuccess = Math.max(0, ...pods.filter((pod) => pod.status?.phase === 'Succeeded').map((pod) => finishedAt(pod, now)))
  const failures = pods.filter((pod) => pod.status?.phase === 'Failed').map((pod) => finishedAt(pod, now)).filter((at) => at > lastSuccess)
  return { recentFailures: failures.length, lastFailureAt: Math.max(0, ...failures) }
}

export function finishedAt(pod: Pod, now: number): number {
  const ends = (pod.status?.containerStatuses ?? []).map((status) => parseTime(status.state?.terminated?.finishedAt)).filter((at) => at !== undefined)
  return ends.length > 0 ? Math.max(...ends) : (parseTime(pod.metadata.deletionTimestamp) ?? now)
}
