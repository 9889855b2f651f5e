/**
 * Events as client-go's `tools/events` makes them (events.k8s.io/v1; the scheduler's): a repeated one becomes a series,
 * which is written at its second occurrence and refreshed every half hour while it goes on.
 */
import type { Clock } from '#engine/base/clock'
import type { ObjectReference } from '#engine/api/kinds'
import type { KubeObject } from '#engine/api/object'
import { isReason, StatusError } from '#engine/api/status'
import type { Client } from '#engine/client/client'
import { eventName, type EventType, referenceTo } from '#engine/client/events'
import { Jobs } from '#engine/client/jobs'
import { newEvents } from '#engine/client/resources'
import { microTime } from '#engine/client/time'

const finishMs = 6 * 60_000
const refreshMs = 30 * 60_000
const retryMs = 10_000
const maxAttempts = 12
/** Longer notes are cut, as the API refuses them. */
const maxNoteBytes = 1024

interface Live {
  name: string
  namespace: string
  count: number
  lastAt: number
  writtenAt: number
}

export class SeriesEventRecorder {
  private readonly live = new Map<string, Live>()
  private order = 0
  private readonly jobs = new Jobs(1000)

  constructor(
    private readonly client: Client,
    private readonly clock: Clock,
    private readonly controller: string,
    /** `default-scheduler-controlplane`. */
    private readonly instance: string,
  ) {}

  event(about: KubeObject, related: KubeObject | undefined, type: EventType, reason: string, action: string, note: string): void {
    const regarding = referenceTo(about)
    const now = this.clock.now()
    const key = [type, action, reason, JSON.stringify({ ...regarding, resourceVersion: '' }), related?.metadata.uid ?? ''].join('\n')
    this.jobs.add(() => this.record(key, now, { regarding, ...(related ? { related: referenceTo(related) } : {}), type, reason, action, note: note.slice(0, maxNoteBytes) }))
  }

  private async record(key: string, now: number, fields: { regarding: ObjectReference; type: string; reason: string; action: string; note: string }): Promise<void> {
    const known = this.live.get(key)
    if (known && now - known.lastAt <= finishMs) return this.again(key, known, now)
    this.prune(now)
    const namespace = fields.regarding.namespace || 'default'
    const name = eventName(fields.regarding.name ?? '', now, this.order++)
    const sent = await this.attempt(() => this.client.of(newEvents).create({ metadata: { name, namespace }, eventTime: microTime(now), reportingController: this.controller, reportingInstance: this.instance, deprecatedSource: { component: this.controller }, ...fields }))
    if (sent) this.live.set(key, { name, namespace, count: 1, lastAt: now, writtenAt: now })
  }

  private async again(key: string, known: Live, now: number): Promise<void> {
    const first = known.count === 1
    known.count++
    known.lastAt = now
    if (!first && now - known.writtenAt < refreshMs) return
    known.writtenAt = now
    const sent = await this.attempt(() => this.client.of(newEvents).patch(known.namespace, known.name, 'strategic', { series: { count: known.count, lastObservedTime: microTime(now) } }))
    if (!sent) this.live.delete(key)
  }

  private async attempt(send: () => Promise<unknown>): Promise<boolean> {
    for (let tries = 1; tries <= maxAttempts; tries++) {
      try {
        await send()
        return true
      } catch (error) {
        if (error instanceof StatusError && !isReason(error, 'ServiceUnavailable')) return false
        await this.clock.sleep(retryMs)
      }
    }
    return false
  }

  private prune(now: number): void {
    if (this.live.size < 2048) return
    for (const [key, entry] of this.live) if (now - entry.lastAt > finishMs) this.live.delete(key)
  }
}
