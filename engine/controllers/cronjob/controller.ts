/** cronjob-controller: starts jobs by a schedule and keeps a few of the ended ones. */
import type { CronJob, Job, ObjectReference } from '#engine/api/kinds'
import { nameOf, namespaceOf, uidOf } from '#engine/api/meta'
import { copyObject, equalJson, keyOf } from '#engine/api/object'
import { isReason } from '#engine/api/status'
import { type EventRecorder, referenceTo } from '#engine/client/events'
import { byController } from '#engine/client/indexes'
import type { Informer } from '#engine/client/informer'
import { cronJobs, jobs } from '#engine/client/resources'
import { apiTime, parseTime } from '#engine/client/time'
import type { Workqueue } from '#engine/client/workqueue'
import { resolveOwner } from '#engine/controllers/claim'
import { type Controller, type ControllerContext, informersOf, startQueue } from '#engine/controllers/controller'
import { isNamespaceTerminating } from '#engine/controllers/pod-control'
import { controllerRefTo } from '#engine/controllers/pods'
import { isTooMany, mostRecent, parseSchedule, type Schedule } from './schedule'

const scheduledAnnotation = 'batch.kubernetes.io/cronjob-scheduled-timestamp'
/** A little later than the time itself, so that it is over for sure. */
const deltaMs = 100

export const cronJobController: Controller = {
  name: 'cronjob-controller',
  aliases: ['cronjob'],
  start(context) {
    new CronJobController(context)
  },
}

interface Status {
  active?: ObjectReference[]
  lastScheduleTime?: string
  lastSuccessfulTime?: string
}

class CronJobController {
  private readonly cronJobs: Informer<CronJob>
  private readonly jobs: Informer<Job>
  private readonly events: EventRecorder
  private readonly queue: Workqueue

  constructor(private readonly context: ControllerContext) {
    this.cronJobs = context.informers.of(cronJobs)
    this.jobs = context.informers.of(jobs).addIndexers(byController)
    this.events = context.events('cronjob-controller')
    this.queue = startQueue(context, 'cronjob-controller', informersOf(this.cronJobs, this.jobs), (key) => this.reconcile(key), { workers: context.options.concurrent['cronjobs'] ?? 5, quiet: isNamespaceTerminating })
    const enqueue = (cronJob: CronJob): void => this.queue.add(keyOf(cronJob))
    this.cronJobs.addHandlers({ added: enqueue, updated: enqueue, deleted: enqueue })
    const byJob = (job: Job): void => {
      const cronJob = resolveOwner(this.cronJobs.store, job, 'CronJob')
      if (cronJob) enqueue(cronJob)
    }
    this.jobs.addHandlers({ added: byJob, updated: byJob, deleted: byJob })
  }

  private async reconcile(key: string): Promise<{ againAfterMs: number } | undefined> {
    const cronJob = this.cronJobs.store.byKey(key)
    if (!cronJob) return undefined
    const owned = this.jobs.store.byIndex('controller', uidOf(cronJob))
    const status = copyObject((cronJob.status ?? {}) as Status)
    await this.trimHistory(cronJob, owned)
    this.followJobs(cronJob, owned, status)
    const outcome = await this.schedule(cronJob, owned, status)
    await this.write(cronJob, status)
    return outcome
  }

  /** Brings the list of active jobs up to date. */
  private followJobs(cronJob: CronJob, owned: readonly Job[], status: Status): void {
    for (const job of owned) this.followJob(cronJob, job, status)
    const known = new Set(owned.map((job) => job.metadata.uid))
    for (const reference of status.active ?? []) {
      if (known.has(reference.uid ?? '')) continue
      this.events.event(cronJob, 'Normal', 'MissingJob', `Active job went missing: ${reference.name ?? ''}`)
      status.active = (status.active ?? []).filter((other) => other.uid !== reference.uid)
    }
  }

  private followJob(cronJob: CronJob, job: Job, status: Status): void {
    const name = nameOf(job)
    const active = status.active ?? []
    const listed = active.some((reference) => reference.uid === job.metadata.uid)
    const end = endOf(job)
    if (!listed && !end) this.events.event(cronJob, 'Warning', 'UnexpectedJob', `Saw a job that the controller did not create or forgot: ${name}`)
    else if (listed && end) {
      status.active = active.filter((reference) => reference.uid !== job.metadata.uid)
      this.events.event(cronJob, 'Normal', 'SawCompletedJob', `Saw completed job: ${name}, condition: ${end}`)
    }
    const completed = job.status?.completionTime
    if (end === 'Complete' && completed && (parseTime(completed) ?? 0) > (parseTime(status.lastSuccessfulTime) ?? 0)) status.lastSuccessfulTime = completed
  }

  private async schedule(cronJob: CronJob, owned: readonly Job[], status: Status): Promise<{ againAfterMs: number } | undefined> {
    const spec = cronJob.spec
    if (cronJob.metadata.deletionTimestamp !== undefined || spec?.suspend === true) return undefined
    const schedule = this.parse(cronJob)
    if (!schedule) return undefined
    const now = this.context.clock.now()
    const after = schedule.next(now)
    await this.startIfDue(cronJob, schedule, owned, status, now)
    return after === undefined ? undefined : { againAfterMs: after - now + deltaMs }
  }

  private async startIfDue(cronJob: CronJob, schedule: Schedule, owned: readonly Job[], status: Status, now: number): Promise<void> {
    const spec = cronJob.spec
    const at = this.dueTime(cronJob, schedule, status, now)
    if (at === undefined || (status.active ?? []).some((reference) => reference.name === jobName(cronJob, at)) || parseTime(status.lastScheduleTime) === at) return
    if (spec?.concurrencyPolicy === 'Forbid' && (status.active ?? []).length > 0) {
      this.events.event(cronJob, 'Normal', 'JobAlreadyActive', 'Not starting job because prior execution is running and concurrency policy is Forbid')
      return
    }
    if (spec?.concurrencyPolicy === 'Replace') await this.replaceActive(cronJob, owned, status)
    await this.start(cronJob, at, status)
  }

  /** The latest time that has come and is not too long ago. */
  private dueTime(cronJob: CronJob, schedule: Schedule, status: Status, now: number): number | undefined {
    const spec = cronJob.spec
    const deadlineMs = spec?.startingDeadlineSeconds === undefined ? undefined : spec.startingDeadlineSeconds * 1000
    let since = parseTime(status.lastScheduleTime) ?? parseTime(cronJob.metadata.creationTimestamp) ?? now
    if (deadlineMs !== undefined) since = Math.max(since, now - deadlineMs)
    const { at, missed } = mostRecent(schedule, since, now)
    if (isTooMany(missed)) this.events.event(cronJob, 'Warning', 'TooManyMissedTimes', 'too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew')
    if (at === undefined || deadlineMs === undefined || at + deadlineMs >= now) return at
    this.events.event(cronJob, 'Warning', 'MissSchedule', `Missed scheduled time to start a job: ${new Date(at).toUTCString()}`)
    return undefined
  }

  private parse(cronJob: CronJob): Schedule | undefined {
    try {
      return parseSchedule(cronJob.spec?.schedule ?? '', cronJob.spec?.timeZone ?? undefined)
    } catch (error) {
      this.events.event(cronJob, 'Warning', 'UnparseableSchedule', `unparseable schedule: ${JSON.stringify(cronJob.spec?.schedule ?? '')} : ${(error as Error).message}`)
      return undefined
    }
  }

  private async replaceActive(cronJob: CronJob, owned: readonly Job[], status: Status): Promise<void> {
    for (const reference of status.active ?? []) {
      const job = owned.find((candidate) => candidate.metadata.uid === reference.uid)
      if (job) await this.delete(cronJob, job)
    }
    status.active = []
  }

  private async start(cronJob: CronJob, at: number, status: Status): Promise<void> {
    const template = copyObject(cronJob.spec?.jobTemplate ?? {}) as { metadata?: { labels?: Record<string, string>; annotations?: Record<string, string> }; spec?: Job['spec'] }
    const job = {
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: {
        name: jobName(cronJob, at),
        namespace: namespaceOf(cronJob),
        ...(template.metadata?.labels ? { labels: template.metadata.labels } : {}),
        annotations: { ...template.metadata?.annotations, [scheduledAnnotation]: stampIn(at, cronJob.spec?.timeZone ?? undefined) },
        ownerReferences: [controllerRefTo(cronJob)],
      },
      spec: template.spec,
    } as Job
    let made: Job
    try {
      made = await this.context.client.of(jobs).create(job)
    } catch (error) {
      if (isNamespaceTerminating(error)) return
      if (!isReason(error, 'AlreadyExists')) {
        this.events.event(cronJob, 'Warning', 'FailedCreate', `Error creating job: ${(error as Error).message}`)
        throw error
      }
      made = await this.context.client.of(jobs).get(namespaceOf(cronJob), jobName(cronJob, at))
    }
    this.events.event(cronJob, 'Normal', 'SuccessfulCreate', `Created job ${nameOf(made)}`)
    status.active = [...(status.active ?? []), referenceTo(made)]
    status.lastScheduleTime = apiTime(at)
  }

  private async trimHistory(cronJob: CronJob, owned: readonly Job[]): Promise<void> {
    const limits = { Complete: cronJob.spec?.successfulJobsHistoryLimit, Failed: cronJob.spec?.failedJobsHistoryLimit } as const
    for (const end of ['Complete', 'Failed'] as const) {
      const limit = limits[end]
      if (limit === undefined) continue
      const ended = owned.filter((job) => endOf(job) === end && job.metadata.deletionTimestamp === undefined).sort((a, b) => ((a.status?.startTime ?? '') < (b.status?.startTime ?? '') ? -1 : 1))
      for (const job of ended.slice(0, Math.max(0, ended.length - limit))) await this.delete(cronJob, job)
    }
  }

  private async delete(cronJob: CronJob, job: Job): Promise<void> {
    try {
      await this.context.client.of(jobs).delete(namespaceOf(job), nameOf(job), { propagationPolicy: 'Background' })
      this.events.event(cronJob, 'Normal', 'SuccessfulDelete', `Deleted job ${nameOf(job)}`)
    } catch (error) {
      if (isReason(error, 'NotFound')) return
      this.events.event(cronJob, 'Warning', 'FailedDelete', `Deleted job: ${(error as Error).message}`)
      throw error
    }
  }

  private async write(cronJob: CronJob, status: Status): Promise<void> {
    if (status.active?.length === 0) delete status.active
    if (equalJson(status, cronJob.status ?? {})) return
    try {
      await this.context.client.of(cronJobs).updateStatus({ ...cronJob, status } as CronJob)
    } catch (error) {
      if (!isReason(error, 'NotFound')) throw error
    }
  }
}

function jobName(cronJob: CronJob, at: number): string {
  return `${nameOf(cronJob)}-${Math.floor(at / 60_000)}`
}

function endOf(job: Job): 'Complete' | 'Failed' | undefined {
  return job.status?.conditions?.find((condition) => (condition.type === 'Complete' || condition.type === 'Failed') && condition.status === 'True')?.type as 'Complete' | 'Failed' | undefined
}

/** RFC 3339 in the zone of the schedule. */
function stampIn(at: number, timeZone: string | undefined): string {
  if (timeZone === undefined || timeZone === 'UTC' || timeZone === 'Etc/UTC') return apiTime(at)
  const parts = Object.fromEntries(new Intl.DateTimeFormat('en-CA', { timeZone, hourCycle: 'h23', year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit' }).formatToParts(new Date(at)).map((part) => [part.type, part.value]))
  const local = Date.UTC(Number(parts['year']), Number(parts['month']) - 1, Number(parts['day']), Number(parts['hour']), Number(parts['minute']), Number(parts['second']))
  const minutes = Math.round((local - at) / 60_000)
  const two = (value: number): string => String(value).padStart(2, '0')
  const offset = minutes === 0 ? 'Z' : `${minutes < 0 ? '-' : '+'}${two(Math.floor(Math.abs(minutes) / 60))}:${two(Math.abs(minutes) % 60)}`
  return `${new Date(local).toISOString().slice(0, 19)}${offset}`
}
