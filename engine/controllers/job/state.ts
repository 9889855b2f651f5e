/** What a job has come to, from its status and its pods as they are now. */
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

export function jobState(job: Job, pods: readonly Pod[], now: number): JobState {
  const indexed = job.spec?.completionMode === 'Indexed'
  const completions = job.spec?.completions
  const status = (job.status ?? {}) as JobStatus
  const waiting = new Set([...(status.uncountedTerminatedPods?.succeeded ?? []), ...(status.uncountedTerminatedPods?.failed ?? [])])
  const completedIndexes = parseIndexes(status.completedIndexes, completions ?? 0)
  const failedIndexes = parseIndexes(status.failedIndexes, completions ?? 0)
  const newlySucceeded: Pod[] = []
  const newlyFailed: Pod[] = []
  const ignored: Pod[] = []
  let fatal: string | undefined
  for (const pod of pods) {
    if (!hasTracking(pod)) continue
    if (pod.status?.phase === 'Succeeded') {
      const index = indexOf(pod)
      const counts = !waiting.has(pod.metadata.uid ?? '') && (!indexed || (index !== undefined && index < (completions ?? 0) && !completedIndexes.has(index)))
      if (counts) newlySucceeded.push(pod)
      else ignored.push(pod)
      if (indexed && index !== undefined && index < (completions ?? 0)) completedIndexes.add(index)
    } else if (isFailedFor(job, pod)) {
      const verdict = failureVerdict(job, pod)
      if (verdict?.action === 'FailJob') fatal ??= verdict.message
      const index = indexOf(pod)
      if (index !== undefined && (verdict?.action === 'FailIndex' || indexIsOver(job, pod))) failedIndexes.add(index)
      if (verdict?.action === 'Ignore' || waiting.has(pod.metadata.uid ?? '')) ignored.push(pod)
      else newlyFailed.push(pod)
    }
  }
  const active = pods.filter((pod) => isPodActive(pod))
  return {
    indexed, completions, active, newlySucceeded, newlyFailed, ignored, completedIndexes, failedIndexes, fatal,
    ready: active.filter(isPodReady).length,
    terminating: pods.filter((pod) => pod.metadata.deletionTimestamp !== undefined && pod.status?.phase !== 'Failed' && pod.status?.phase !== 'Succeeded').length,
    succeeded: indexed ? completedIndexes.size : (status.succeeded ?? 0) + (status.uncountedTerminatedPods?.succeeded?.length ?? 0) + newlySucceeded.length,
    failed: (status.failed ?? 0) + (status.uncountedTerminatedPods?.failed?.length ?? 0) + newlyFailed.length,
    ...recent(pods, now),
  }
}

/** With backoffLimitPerIndex an index is over once its pods have failed once more than that. */
function indexIsOver(job: Job, pod: Pod): boolean {
  const limit = (job.spec as { backoffLimitPerIndex?: number } | undefined)?.backoffLimitPerIndex
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
