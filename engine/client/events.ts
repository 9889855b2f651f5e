/**
 * Events as client-go's `tools/record` makes them (core/v1): the same event again raises its count, many like it are
 * combined after ten in ten minutes, and a source that floods one object (25, then one in five minutes) is cut off.
 */
import type { Clock } from '#engine/base/clock'
import type { Event, ObjectReference } from '#engine/api/kinds'
import type { KubeObject } from '#engine/api/object'
import { isReason, StatusError } from '#engine/api/status'
import type { Client } from '#engine/client/client'
import { Jobs } from '#engine/client/jobs'
import { events } from '#engine/client/resources'
import { apiTime } from '#engine/client/time'

export type EventType = 'Normal' | 'Warning'

export interface EventRecorder {
  /** Never fails and never waits: it is sent behind the caller's back. */
  event(about: KubeObject | ObjectReference, type: EventType, reason: string, message: string, annotations?: Readonly<Record<string, string>>): void
}

export interface EventSource {
  readonly component: string
  readonly host?: string
}

/** What became of an event that did not go through: it is tried again, given up after the last try, or refused for good. */
export type EventFate = 'retried' | 'given up' | 'refused'

export function referenceTo(object: KubeObject): ObjectReference {
  const { name, namespace, uid, resourceVersion } = object.metadata
  return { kind: object.kind, apiVersion: object.apiVersion, ...(namespace ? { namespace } : {}), ...(name ? { name } : {}), ...(uid ? { uid } : {}), ...(resourceVersion ? { resourceVersion } : {}) }
}

/** `NAME.HEX`: the name of an object and the nanoseconds of the moment, as client-go names events. */
export function eventName(name: string, nowMs: number, order: number): string {
  const nanoseconds = BigInt(Math.floor(nowMs * 1000)) * 1000n + BigInt(order % 1000)
  return `${name}.${nanoseconds.toString(16)}`
}

const maxSimilar = 10
const similarForMs = 600_000
const spamBurst = 25
const spamRefillMs = 300_000
const cacheSize = 4096
const maxAttempts = 12
const retryMs = 10_000

interface Seen {
  count: number
  firstTimestamp: string
  name: string
  namespace: string
}

interface Similar {
  messages: Set<string>
  lastAt: number
}

interface Bucket {
  tokens: number
  at: number
}

export class CoreEventRecorder implements EventRecorder {
  private readonly seen = new Map<string, Seen>()
  private readonly similar = new Map<string, Similar>()
  private readonly buckets = new Map<string, Bucket>()
  private readonly jobs = new Jobs(1000)
  private order = 0

  constructor(
    private readonly client: Client,
    private readonly clock: Clock,
    private readonly source: EventSource,
    private readonly complain?: (error: unknown, fate: EventFate, event: Event) => void,
  ) {}

  event(about: KubeObject | ObjectReference, type: EventType, reason: string, message: string, annotations?: Readonly<Record<string, string>>): void {
    const object = 'metadata' in about ? referenceTo(about as KubeObject) : about
    const now = this.clock.now()
    if (!this.allowed(object, now)) return
    const text = this.aggregate(object, type, reason, message, now)
    const key = [text.key, text.message].join('\n')
    this.jobs.add(() => this.send(key, object, type, reason, text.message, now, annotations))
  }

  /** False once the source has used up its burst for the object. */
  private allowed(object: ObjectReference, now: number): boolean {
    const key = `${this.source.component}${this.source.host ?? ''}${objectKey(object)}`
    const bucket = touch(this.buckets, key, () => ({ tokens: spamBurst, at: now }))
    bucket.tokens = Math.min(spamBurst, bucket.tokens + (now - bucket.at) / spamRefillMs)
    bucket.at = now
    if (bucket.tokens < 1) return false
    bucket.tokens--
    return true
  }

  /** After ten different messages of one reason, further ones become a single, combined event. */
  private aggregate(object: ObjectReference, type: EventType, reason: string, message: string, now: number): { key: string; message: string } {
    const key = [this.source.component, this.source.host ?? '', objectKey(object), type, reason].join('\n')
    const record = touch(this.similar, key, () => ({ messages: new Set<string>(), lastAt: now }))
    if (now - record.lastAt > similarForMs) record.messages.clear()
    record.lastAt = now
    record.messages.add(message)
    if (record.messages.size < maxSimilar) return { key, message }
    record.messages.delete(record.messages.values().next().value as string)
    return { key: `${key}\ncombined`, message: `(combined from similar events): ${message}` }
  }

  private async send(key: string, object: ObjectReference, type: EventType, reason: string, message: string, at: number, annotations?: Readonly<Record<string, string>>): Promise<void> {
    for (let attempt = 1; attempt <= maxAttempts; attempt++) {
      try {
        const known = this.seen.get(combinedKey(key))
        if (known && (await this.countUp(known, message, at))) return
        await this.create(combinedKey(key), object, type, reason, message, at, annotations)
        return
      } catch (error) {
        const fate = error instanceof StatusError ? 'refused' : attempt === maxAttempts ? 'given up' : 'retried'
        if ((error as Error).name !== 'ProcessKilled') this.complain?.(error, fate, this.made(object, type, reason, message, at, annotations)(eventName(object.name ?? '', at, this.order)) as Event)
        // The server has refused it: trying again would not help.
        if (fate === 'refused') return
        await this.clock.sleep(retryMs)
      }
    }
  }

  private async countUp(known: Seen, message: string, at: number): Promise<boolean> {
    try {
      await this.client.of(events).patch(known.namespace, known.name, 'strategic', { count: known.count + 1, lastTimestamp: apiTime(at), message })
      known.count++
      return true
    } catch (error) {
      if (isReason(error, 'NotFound')) return false
      throw error
    }
  }

  private async create(key: string, object: ObjectReference, type: EventType, reason: string, message: string, at: number, annotations?: Readonly<Record<string, string>>): Promise<void> {
    const made = this.made(object, type, reason, message, at, annotations)
    const name = await this.createFresh(object.name ?? '', at, made)
    remember(this.seen, key, { count: 1, firstTimestamp: apiTime(at), name, namespace: object.namespace || 'default' })
  }

  private made(object: ObjectReference, type: EventType, reason: string, message: string, at: number, annotations?: Readonly<Record<string, string>>): (name: string) => Omit<Event, 'apiVersion' | 'kind'> {
    const timestamp = apiTime(at)
    return (name) => ({
      metadata: { name, namespace: object.namespace || 'default', ...(annotations ? { annotations: { ...annotations } } : {}) },
      involvedObject: object,
      reason,
      message,
      source: { component: this.source.component, ...(this.source.host ? { host: this.source.host } : {}) },
      firstTimestamp: timestamp,
      lastTimestamp: timestamp,
      count: 1,
      type,
      reportingComponent: this.source.component,
      reportingInstance: this.source.host ?? '',
    })
  }

  /** Another recorder may tell of the same object in the same instant of virtual time: then the next nanosecond names the event. */
  private async createFresh(about: string, at: number, made: (name: string) => Omit<Event, 'apiVersion' | 'kind'>): Promise<string> {
    for (let left = maxAttempts; ; left--) {
      const name = eventName(about, at, this.order++)
      try {
        await this.client.of(events).create(made(name))
        return name
      } catch (error) {
        if (left === 0 || !isReason(error, 'AlreadyExists')) throw error
      }
    }
  }
}

/** Combined events share one record whatever their message. */
function combinedKey(key: string): string {
  const at = key.indexOf('\ncombined\n')
  return at < 0 ? key : key.slice(0, at + 9)
}

function objectKey(object: ObjectReference): string {
  return `${object.kind ?? ''}${object.namespace ?? ''}${object.name ?? ''}${object.fieldPath ?? ''}${object.uid ?? ''}${object.apiVersion ?? ''}`
}

function touch<T>(map: Map<string, T>, key: string, make: () => T): T {
  const known = map.get(key)
  if (known !== undefined) {
    map.delete(key)
    map.set(key, known)
    return known
  }
  const made = make()
  remember(map, key, made)
  return made
}

/** Keeps the most recently used. */
function remember<T>(map: Map<string, T>, key: string, value: T): void {
  map.set(key, value)
  if (map.size > cacheSize) map.delete(map.keys().next().value as string)
}
