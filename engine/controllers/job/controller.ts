/** job-controller: runs pods until enough of them have succeeded, or the job has failed. */
import type { Job, Pod, PodTemplateSpec } from '#engine/api/kinds'
import { nameOf, namespaceOf, uidOf } from '#engine/api/meta'
import { copyObject, equalJson, keyOf } from '#engine/api/object'
import { isReason } from '#engine/api/status'
import type { EventRecorder } from '#engine/client/events'
import { Expectations } from '#engine/client/expectations'
import { byController } from '#engine/client/indexes'
import type { Informer } from '#engine/client/informer'
import { jobs, pods as podResource } from '#engine/client/resources'
import { apiTime } from '#engine/client/time'
import type { Workqueue } from '#engine/client/workqueue'
import { resolveOwner } from '#engine/controllers/claim'
import { type Controller, type ControllerContext, informersOf, startQueue } from '#engine/controllers/controller'
import { isNamespaceTerminating, PodControl, slowStart } from '#engine/controllers/pod-control'
import { deletionOrder, podFromTemplate } from '#engine/controllers/pods'
import { indexAnnotation, indexOf, printIndexes } from './indexes'
import { failureCountOf, finishedAt, hasTracking, indexFailureAnnotation, isFinished, type JobState, jobState, type JobStatus, perIndexLimit, released, trackingFinalizer } from './state'
import { deadlineLeftMs, type Verdict, verdictOf } from './verdict'

const maxPodsPerSync = 500
const firstBackoffMs = 10_000
const maxBackoffMs = 600_000

export const jobController: Controller = {
  name: 'job-controller',
  aliases: ['job'],
  start(context) {
    new JobController(context)
  },
}

class JobController {
  private readonly jobs: Informer<Job>
  private readonly pods: Informer<Pod>
  private readonly events: EventRecorder
  private readonly control: PodControl
  private readonly expectations: Expectations
  private readonly queue: Workqueue

  constructor(private readonly context: ControllerContext) {
    this.jobs = context.informers.of(jobs)
    this.pods = context.informers.of(podResource).addIndexers(byController)
    this.events = context.events('job-controller')
    this.control = new PodControl(context.client, this.events)
    this.expectations = new Expectations(context.clock)
    this.queue = startQueue(context, 'job-controller', informersOf(this.jobs, this.pods), (key) => this.reconcile(key), { workers: context.options.concurrent['jobs'] ?? 5, quiet: isNamespaceTerminating })
    const enqueue = (job: Job): void => (isManagedByOther(job) ? undefined : this.queue.add(keyOf(job)))
    this.jobs.addHandlers({ added: enqueue, updated: enqueue, deleted: (job) => { this.expectations.forget(keyOf(job)); enqueue(job) } })
    this.pods.addHandlers({
      added: (pod) => this.podChanged(pod, true),
      updated: (next, previous) => this.podUpdated(next, previous),
      deleted: (pod) => this.podGone(pod),
    })
  }

  private podChanged(pod: Pod, created: boolean): void {
    const job = resolveOwner(this.jobs.store, pod, 'Job')
    if (job) {
      if (created) this.expectations.creationObserved(keyOf(job))
      this.queue.add(keyOf(job))
    } else if (hasTracking(pod)) this.queue.add(`orphan:${keyOf(pod)}`)
  }

  private podUpdated(next: Pod, previous: Pod): void {
    const job = resolveOwner(this.jobs.store, next, 'Job')
    if (job && next.metadata.deletionTimestamp !== undefined && previous.metadata.deletionTimestamp === undefined) this.expectations.deletionObserved(keyOf(job), keyOf(next))
    this.podChanged(next, false)
  }

  private podGone(pod: Pod): void {
    const job = resolveOwner(this.jobs.store, pod, 'Job')
    if (!job) return
    this.expectations.deletionObserved(keyOf(job), keyOf(pod))
    this.queue.add(keyOf(job))
  }

  private managed(key: string): Job | undefined {
    const job = this.jobs.store.byKey(key)
    return job && isManagedByOther(job) ? undefined : job
  }

  private async reconcile(key: string): Promise<{ againAfterMs: number } | undefined> {
    if (key.startsWith('orphan:')) return this.freeOrphan(key.slice('orphan:'.length))
    const job = this.managed(key)
    if (!job) {
      this.expectations.forget(key)
      return undefined
    }
    const pods = this.pods.store.byIndex('controller', uidOf(job))
    if (isFinished(job) || job.metadata.deletionTimestamp !== undefined) return this.freeAll(job, pods)
    return this.sync(key, job, pods)
  }

  private async sync(key: string, given: Job, pods: readonly Pod[]): Promise<{ againAfterMs: number } | undefined> {
    const now = this.context.clock.now()
    const job = this.withStart(given)
    const counted = jobState(job, pods, now)
    const verdict = verdictOf(job, counted, now)
    const state = verdict ? released(counted) : counted
    const ready = this.expectations.satisfied(key)
    const conditions = suspension(job, now, this.events)
    // A job that is resumed starts anew as far as its deadline goes.
    if (conditions && job.spec?.suspend !== true && job.status) (job.status as JobStatus).startTime = apiTime(now)
    const changed = ready ? await this.adjust(key, job, state, verdict, pods) : { change: 0 }
    // What was deleted just now is on its way out: the job is not over before it is gone.
    const going = { ...state, terminating: state.terminating + Math.max(0, -changed.change) }
    await this.account(job, going, verdict, Math.max(0, state.active.length + changed.change), conditions, pods)
    if (changed.error !== undefined) throw changed.error
    const again = Math.min(deadlineLeftMs(job, now) ?? Number.POSITIVE_INFINITY, changed.waitMs ?? Number.POSITIVE_INFINITY)
    return again > 0 && Number.isFinite(again) ? { againAfterMs: again } : undefined
  }

  /** A job that is over or suspended runs nothing; another as many pods as it may. */
  private async adjust(key: string, job: Job, state: JobState, verdict: Verdict | undefined, pods: readonly Pod[]): Promise<{ change: number; error?: unknown; waitMs?: number }> {
    if (verdict || job.spec?.suspend === true) return { change: -(await this.deletePods(key, job, state.active)) }
    return this.manage(key, job, state, pods)
  }

  private withStart(job: Job): Job {
    if (job.spec?.suspend === true) return job
    return { ...job, status: { ...job.status, startTime: job.status?.startTime ?? apiTime(this.context.clock.now()) } } as Job
  }

  /** Creates or deletes pods so that the wanted number is active. */
  private async manage(key: string, job: Job, state: JobState, pods: readonly Pod[]): Promise<{ change: number; error?: unknown; waitMs?: number }> {
    const wanted = this.wantedActive(job, state)
    const active = state.active.length
    if (active > wanted) {
      const surplus = deletionOrder(state.active, () => 0, this.context.clock.now()).slice(0, active - wanted)
      return { change: -(await this.deletePods(key, job, surplus)) }
    }
    const missing = Math.min(maxPodsPerSync, wanted - active - (job.spec?.podReplacementPolicy === 'Failed' ? state.terminating : 0))
    if (missing <= 0) return { change: 0 }
    const waitMs = state.newlyFailed.length > 0 ? pauseMs(state.recentFailures) : Math.max(0, state.lastFailureAt + pauseMs(state.recentFailures) - this.context.clock.now())
    if (waitMs > 0 && state.recentFailures > 0 && perIndexLimit(job) === undefined) return { change: 0, waitMs }
    return this.createPods(key, job, state, pods, missing)
  }

  private wantedActive(job: Job, state: JobState): number {
    const parallelism = job.spec?.parallelism ?? 1
    if (state.completions === undefined) return state.succeeded > 0 ? Math.min(state.active.length, parallelism) : parallelism
    return Math.max(0, Math.min(parallelism, state.completions - state.succeeded - (perIndexLimit(job) === undefined ? 0 : state.failedIndexes.size)))
  }

  private async createPods(key: string, job: Job, state: JobState, pods: readonly Pod[], missing: number): Promise<{ change: number; error?: unknown; waitMs?: number }> {
    const { indexes, waitMs } = this.nextIndexes(job, state, pods, missing)
    const count = state.indexed ? indexes.length : missing
    this.expectations.expectCreations(key, count)
    const { succeeded, error } = await slowStart(count, async (at) => {
      try {
        await this.control.create(this.newPod(job, indexes[at], pods), job)
      } catch (failed) {
        if (!isNamespaceTerminating(failed)) throw failed
        this.expectations.creationObserved(key)
      }
    })
    for (let skipped = count - succeeded; skipped > 0; skipped--) this.expectations.creationObserved(key)
    return { change: succeeded, ...(error === undefined ? {} : { error }), ...(waitMs === undefined ? {} : { waitMs }) }
  }

  /** Of the first indexes without a pod those whose pause after a failure is over, and how long the next of the others waits. */
  private nextIndexes(job: Job, state: JobState, pods: readonly Pod[], missing: number): { indexes: number[]; waitMs: number | undefined } {
    const pending = state.indexed ? freeIndexes(state, missing) : []
    if (perIndexLimit(job) === undefined) return { indexes: pending, waitMs: undefined }
    const now = this.context.clock.now()
    const pauses = new Map(pending.map((index) => [index, pauseOf(pods.filter((pod) => indexOf(pod) === index && pod.status?.phase === 'Failed'), now)]))
    const waits = [...pauses.values()].filter((ms) => ms > 0)
    return { indexes: pending.filter((index) => (pauses.get(index) ?? 0) <= 0), waitMs: waits.length > 0 ? Math.min(...waits) : undefined }
  }

  private newPod(job: Job, index: number | undefined, pods: readonly Pod[]): Pod {
    const name = nameOf(job)
    const pod = podFromTemplate(job.spec?.template as PodTemplateSpec, namespaceOf(job), { generateName: index === undefined ? `${name}-` : `${name}-${index}-` }, job)
    pod.metadata.finalizers = [...(pod.metadata.finalizers ?? []), trackingFinalizer]
    if (index === undefined) return pod
    pod.metadata.annotations = { ...pod.metadata.annotations, [indexAnnotation]: String(index) }
    pod.metadata.labels = { ...pod.metadata.labels, [indexAnnotation]: String(index) }
    if (perIndexLimit(job) !== undefined) {
      const failures = Math.max(-1, ...pods.filter((other) => indexOf(other) === index && other.status?.phase === 'Failed').map(failureCountOf)) + 1
      pod.metadata.annotations[indexFailureAnnotation] = String(failures)
    }
    const spec = pod.spec as NonNullable<Pod['spec']>
    spec.hostname = `${name}-${index}`
    const variable = { name: 'JOB_COMPLETION_INDEX', valueFrom: { fieldRef: { fieldPath: `metadata.labels['${indexAnnotation}']` } } }
    for (const container of [...(spec.containers ?? []), ...(spec.initContainers ?? [])]) if (!container.env?.some((entry) => entry.name === variable.name)) container.env = [...(container.env ?? []), copyObject(variable)]
    return pod
  }

  /** How many were deleted. */
  private async deletePods(key: string, job: Job, victims: readonly Pod[]): Promise<number> {
    if (victims.length === 0) return 0
    this.expectations.expectDeletions(key, victims.map(keyOf))
    const outcomes = await Promise.allSettled(
      victims.map(async (pod) => {
        try {
          await this.control.delete(namespaceOf(pod), nameOf(pod), job)
        } catch (error) {
          this.expectations.deletionObserved(key, keyOf(pod))
          if (!isReason(error, 'NotFound')) throw error
        }
      }),
    )
    return outcomes.filter((outcome) => outcome.status === 'fulfilled').length
  }

  /** Notes ended pods in the status, frees them, and only then counts them: nothing is counted twice or lost. */
  private async account(job: Job, state: JobState, verdict: Verdict | undefined, active: number, conditions: JobStatus['conditions'], pods: readonly Pod[]): Promise<void> {
    const before = (job.status ?? {}) as JobStatus
    const uids = (list: readonly Pod[]): string[] => list.map((pod) => uidOf(pod))
    const waiting = before.uncountedTerminatedPods ?? {}
    const uncounted = { succeeded: state.indexed ? [] : [...(waiting.succeeded ?? []), ...uids(state.newlySucceeded)], failed: [...(waiting.failed ?? []), ...uids(state.newlyFailed)] }
    const status: JobStatus = { ...before, ...counts(active, state.ready, state.terminating), ...(conditions ? { conditions } : {}), ...indexFields(job, state) }
    if (verdict) status.conditions = withTarget(status, verdict, this.context.clock.now())
    status.uncountedTerminatedPods = Object.fromEntries(Object.entries(uncounted).filter(([, list]) => list.length > 0))
    const ended = uncounted.succeeded.length + uncounted.failed.length
    const current = ended > 0 && !equalJson(prune(status), prune(this.stored(job))) ? await this.write(job, status) : job
    const done = new Set([...state.newlySucceeded, ...state.newlyFailed, ...state.ignored])
    await Promise.all(pods.filter((pod) => hasTracking(pod) && done.has(pod)).map((pod) => this.free(pod)))
    await this.finish(current, status, uncounted, verdict, active, state)
  }

  private async finish(job: Job, status: JobStatus, uncounted: { succeeded: string[]; failed: string[] }, verdict: Verdict | undefined, active: number, state: JobState): Promise<void> {
    const final: JobStatus = { ...status, uncountedTerminatedPods: {} }
    // Counts of 0 are left out when it is written.
    if (!state.indexed) final.succeeded = (status.succeeded ?? 0) + uncounted.succeeded.length
    final.failed = (status.failed ?? 0) + uncounted.failed.length
    const ended = active === 0 && state.terminating === 0 ? verdict : undefined
    if (ended) conclude(final, ended, this.context.clock.now())
    if (equalJson(prune(final), prune(this.stored(job)))) return
    const written = await this.write(job, final)
    if (ended) this.tell(written, ended)
  }

  /** As the server has it: a start time set in passing is not yet there. */
  private stored(job: Job): JobStatus {
    return (this.jobs.store.byKey(keyOf(job))?.metadata.resourceVersion === job.metadata.resourceVersion ? (this.jobs.store.byKey(keyOf(job))?.status ?? {}) : (job.status ?? {})) as JobStatus
  }

  private write(job: Job, status: JobStatus): Promise<Job> {
    return this.context.client.of(jobs).updateStatus({ ...job, status: prune(status) } as Job)
  }

  private tell(job: Job, verdict: Verdict): void {
    if (verdict.type === 'Complete') this.events.event(job, 'Normal', 'Completed', 'Job completed')
    else this.events.event(job, 'Warning', verdict.reason, verdict.message)
  }

  private async free(pod: Pod): Promise<void> {
    const finalizers = (pod.metadata.finalizers ?? []).filter((entry) => entry !== trackingFinalizer)
    try {
      await this.context.client.of(podResource).patch(namespaceOf(pod), nameOf(pod), 'merge', { metadata: { finalizers: finalizers.length > 0 ? finalizers : null } })
    } catch (error) {
      if (!isReason(error, 'NotFound')) throw error
    }
  }

  private async freeAll(job: Job, pods: readonly Pod[]): Promise<undefined> {
    await Promise.all(pods.filter((pod) => hasTracking(pod) && (job.metadata.deletionTimestamp !== undefined || pod.metadata.deletionTimestamp !== undefined || pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed')).map((pod) => this.free(pod)))
    return undefined
  }

  /** The job is gone, or never was: its pods must not be held back. */
  private async freeOrphan(key: string): Promise<undefined> {
    const pod = this.pods.store.byKey(key)
    if (pod && hasTracking(pod) && !resolveOwner(this.jobs.store, pod, 'Job')) await this.free(pod)
    return undefined
  }
}

function pauseMs(failures: number): number {
  return failures === 0 ? 0 : Math.min(maxBackoffMs, firstBackoffMs * 2 ** Math.min(20, failures - 1))
}

/** What is left of the pause after the last failure of an index. */
function pauseOf(failures: readonly Pod[], now: number): number {
  if (failures.length === 0) return 0
  return Math.max(...failures.map((pod) => finishedAt(pod, now))) + pauseMs(Math.max(...failures.map(failureCountOf)) + 1) - now
}

function freeIndexes(state: JobState, count: number): number[] {
  const taken = new Set(state.active.map(indexOf))
  const out: number[] = []
  for (let index = 0; index < (state.completions ?? 0) && out.length < count; index++) if (!taken.has(index) && !state.completedIndexes.has(index) && !state.failedIndexes.has(index)) out.push(index)
  return out
}

function counts(active: number, ready: number, terminating: number): Pick<JobStatus, 'active' | 'ready' | 'terminating'> {
  return { active, ready: Math.min(ready, active), terminating }
}

function indexFields(job: Job, state: JobState): Partial<JobStatus> {
  if (!state.indexed) return {}
  return {
    ...(state.completedIndexes.size > 0 ? { completedIndexes: printIndexes(state.completedIndexes), succeeded: state.completedIndexes.size } : {}),
    ...(perIndexLimit(job) === undefined ? {} : { failedIndexes: printIndexes(state.failedIndexes) }),
  }
}

/** Zero counts are left out on the wire, but for those that are pointers. */
function prune(status: JobStatus): JobStatus {
  const out = { ...status }
  if (!out.active) delete out.active
  if (!out.succeeded) delete out.succeeded
  if (!out.failed) delete out.failed
  if (out.conditions?.length === 0) delete out.conditions
  return out
}

function withTarget(status: JobStatus, verdict: Verdict, now: number): NonNullable<JobStatus['conditions']> {
  const type = verdict.type === 'Failed' ? 'FailureTarget' : 'SuccessCriteriaMet'
  const known = status.conditions ?? []
  if (known.some((condition) => condition.type === type)) return known
  return [...known, { type, status: 'True', reason: verdict.reason, message: verdict.message, lastProbeTime: apiTime(now), lastTransitionTime: apiTime(now) }]
}

function conclude(status: JobStatus, verdict: Verdict, now: number): void {
  status.conditions = [...(status.conditions ?? []), { type: verdict.type, status: 'True', reason: verdict.reason, message: verdict.message, lastProbeTime: apiTime(now), lastTransitionTime: apiTime(now) }]
  if (verdict.type === 'Complete') status.completionTime = apiTime(now)
}

/** The Suspended condition, if there is news of it. */
function suspension(job: Job, now: number, events: EventRecorder): JobStatus['conditions'] {
  const known = ((job.status as JobStatus | undefined)?.conditions ?? []).find((condition) => condition.type === 'Suspended')
  const suspended = job.spec?.suspend === true
  if (suspended === (known?.status === 'True')) return undefined
  const others = ((job.status as JobStatus | undefined)?.conditions ?? []).filter((condition) => condition.type !== 'Suspended')
  const stamp = apiTime(now)
  if (suspended) {
    events.event(job, 'Normal', 'Suspended', 'Job suspended')
    return [...others, { type: 'Suspended', status: 'True', reason: 'JobSuspended', message: 'Job suspended', lastProbeTime: stamp, lastTransitionTime: stamp }]
  }
  events.event(job, 'Normal', 'Resumed', 'Job resumed')
  return [...others, { type: 'Suspended', status: 'False', reason: 'JobResumed', message: 'Job resumed', lastProbeTime: stamp, lastTransitionTime: stamp }]
}

/** `managedBy` hands the job to another controller. */
function isManagedByOther(job: Job): boolean {
  const manager = (job.spec as { managedBy?: string } | undefined)?.managedBy
  return manager !== undefined && manager !== 'kubernetes.io/job-controller'
}
