/** Whether a job is over, and why. */
import type { Job, Pod } from '#engine/api/kinds'
import { parseTime } from '#engine/client/time'
import { metSuccessRule } from './policy'
import type { JobState } from './state'

export interface Verdict {
  readonly type: 'Failed' | 'Complete'
  readonly reason: string
  readonly message: string
}

export function verdictOf(job: Job, state: JobState, now: number): Verdict | undefined {
  return noted(job) ?? failure(job, state, now) ?? success(job, state)
}

/** Decided before, while its pods are still to end. */
function noted(job: Job): Verdict | undefined {
  for (const condition of job.status?.conditions ?? []) {
    if (condition.status !== 'True') continue
    if (condition.type === 'FailureTarget') return { type: 'Failed', reason: condition.reason ?? '', message: condition.message ?? '' }
    if (condition.type === 'SuccessCriteriaMet') return { type: 'Complete', reason: condition.reason ?? '', message: condition.message ?? '' }
  }
  return undefined
}

function failure(job: Job, state: JobState, now: number): Verdict | undefined {
  const failed = (reason: string, message: string): Verdict => ({ type: 'Failed', reason, message })
  if (state.fatal !== undefined) return failed('PodFailurePolicy', state.fatal)
  const limit = job.spec?.backoffLimit ?? 6
  if (state.failed > limit || restartsExceed(job, state.active, limit)) return failed('BackoffLimitExceeded', 'Job has reached the specified backoff limit')
  if (pastDeadline(job, now)) return failed('DeadlineExceeded', 'Job was active longer than specified deadline')
  return indexFailure(job, state)
}

function indexFailure(job: Job, state: JobState): Verdict | undefined {
  const { backoffLimitPerIndex, maxFailedIndexes } = (job.spec ?? {}) as { backoffLimitPerIndex?: number; maxFailedIndexes?: number }
  if (backoffLimitPerIndex === undefined) return undefined
  const { failedIndexes, completedIndexes } = state
  if (maxFailedIndexes !== undefined && failedIndexes.size > maxFailedIndexes) return { type: 'Failed', reason: 'MaxFailedIndexesExceeded', message: 'Job has exceeded the specified maximal number of failed indexes' }
  if (failedIndexes.size > 0 && failedIndexes.size + completedIndexes.size >= (state.completions ?? 0)) return { type: 'Failed', reason: 'FailedIndexes', message: 'Job has failed indexes' }
  return undefined
}

function restartsExceed(job: Job, active: readonly Pod[], limit: number): boolean {
  if (job.spec?.template?.spec?.restartPolicy !== 'OnFailure') return false
  const restarts = active.reduce((sum, pod) => sum + restartsOf(pod), 0)
  return limit === 0 ? restarts > 0 : restarts >= limit
}

function restartsOf(pod: Pod): number {
  const { phase, initContainerStatuses = [], containerStatuses = [] } = pod.status ?? {}
  if (phase !== 'Running' && phase !== 'Pending') return 0
  return [...initContainerStatuses, ...containerStatuses].reduce((sum, status) => sum + (status.restartCount ?? 0), 0)
}

export function deadlineLeftMs(job: Job, now: number): number | undefined {
  const seconds = job.spec?.activeDeadlineSeconds
  const start = parseTime(job.status?.startTime)
  return seconds === undefined || start === undefined || job.spec?.suspend === true ? undefined : start + seconds * 1000 - now
}

function pastDeadline(job: Job, now: number): boolean {
  const left = deadlineLeftMs(job, now)
  return left !== undefined && left <= 0
}

function success(job: Job, state: JobState): Verdict | undefined {
  if (state.indexed) {
    const rule = metSuccessRule(job, state.completedIndexes)
    if (rule !== undefined) return { type: 'Complete', reason: 'SuccessPolicy', message: `Matched rules at index ${rule}` }
  }
  const reached = state.completions === undefined ? state.succeeded > 0 && state.active.length === 0 : state.succeeded >= state.completions && state.active.length === 0
  if (!reached || (state.completions === undefined && job.spec?.suspend === true)) return undefined
  return { type: 'Complete', reason: 'CompletionsReached', message: 'Reached expected number of succeeded pods' }
}
