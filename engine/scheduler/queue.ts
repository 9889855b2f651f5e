/**
 * Pods that wait for a node: ready ones by priority and age, those backing off, and those that were turned away and wait for
 * an event that could help. An idle scheduler takes pods out of the backoff early, as kube-scheduler does since v1.33.
 */
import type { Clock, Timer } from '#engine/base/clock'
import type { Pod } from '#engine/api/kinds'
import { keyOf } from '#engine/api/object'
import { parseTime } from '#engine/client/time'

export interface QueuedPod {
  pod: Pod
  readonly key: string
  /** When it came to the queue first. */
  readonly since: number
  readonly order: number
  attempts: number
  /** The plugins that turned it away; empty after an error. */
  rejectedBy: ReadonlySet<string>
  /** Kept out by this plugin of preEnqueue. */
  gatedBy: string | undefined
  unschedulableSince: number
  lastError: boolean
}

export interface QueueSettings {
  readonly initialBackoffMs: number
  readonly maxBackoffMs: number
  readonly maxUnschedulableMs: number
  /** Higher first. */
  readonly priority: (pod: Pod) => number
}

export class SchedulingQueue {
  private readonly active: QueuedPod[] = []
  private readonly activeKeys = new Set<string>()
  private readonly backoff = new Map<string, { readonly entry: QueuedPod; readonly timer: Timer }>()
  private readonly unschedulable = new Map<string, QueuedPod>()
  private readonly known = new Map<string, QueuedPod>()
  private readonly inFlight = new Set<string>()
  private readonly missed = new Set<string>()
  private waiter: ((entry: QueuedPod | undefined) => void) | undefined
  private flush: Timer | undefined
  private order = 0
  private closed = false

  constructor(
    private readonly clock: Clock,
    private readonly settings: QueueSettings,
  ) {}

  get waiting(): Iterable<QueuedPod> {
    return this.unschedulable.values()
  }

  get(key: string): QueuedPod | undefined {
    return this.known.get(key)
  }

  /** A new pod; `gatedBy` keeps it aside. */
  add(pod: Pod, gatedBy: string | undefined): void {
    const entry: QueuedPod = { pod, key: keyOf(pod), since: parseTime(pod.metadata.creationTimestamp) ?? this.clock.now(), order: this.order++, attempts: 0, rejectedBy: new Set(), gatedBy, unschedulableSince: this.clock.now(), lastError: false }
    this.known.set(entry.key, entry)
    if (gatedBy === undefined) this.activate(entry)
    else this.unschedulable.set(entry.key, entry)
  }

  /** The pod as it is now; the entry stays where it is. */
  refresh(pod: Pod): void {
    const entry = this.known.get(keyOf(pod))
    if (entry) entry.pod = pod
  }

  remove(key: string): void {
    this.known.delete(key)
    this.unschedulable.delete(key)
    this.backoff.get(key)?.timer.cancel()
    this.backoff.delete(key)
    this.inFlight.delete(key)
    if (this.activeKeys.delete(key)) removeFromHeap(this.active, this.active.findIndex((entry) => entry.key === key), this.before)
  }

  /** The next pod, or undefined once closed. Follow it by `scheduled` or `turnedAway`. */
  pop(): Promise<QueuedPod | undefined> {
    const entry = this.next()
    if (entry || this.closed) return Promise.resolve(entry)
    return new Promise((resolve) => (this.waiter = resolve))
  }

  /** Like pop, but only if one is there now. */
  popNow(): QueuedPod | undefined {
    return this.closed ? undefined : this.next()
  }

  scheduled(key: string): void {
    this.inFlight.delete(key)
    this.missed.delete(key)
    this.known.delete(key)
  }

  /** Back after an attempt: it waits for events, or after an error (or an event meanwhile) only for its backoff. */
  turnedAway(entry: QueuedPod, rejectedBy: ReadonlySet<string>, error: boolean): void {
    this.inFlight.delete(entry.key)
    const eventMeanwhile = this.missed.delete(entry.key)
    if (this.known.get(entry.key) !== entry) return
    entry.rejectedBy = rejectedBy
    entry.lastError = error
    entry.unschedulableSince = this.clock.now()
    if (error || eventMeanwhile) return this.toBackoff(entry)
    this.unschedulable.set(entry.key, entry)
    this.armFlush()
  }

  /** After an event: those for whom `helps` says so come back. */
  moveAll(helps: (entry: QueuedPod) => boolean): void {
    for (const entry of [...this.unschedulable.values()]) if (entry.gatedBy === undefined && helps(entry)) this.move(entry)
    for (const key of this.inFlight) this.missed.add(key)
  }

  /** No longer kept out by preEnqueue. */
  ungate(entry: QueuedPod): void {
    entry.gatedBy = undefined
    if (this.unschedulable.has(entry.key)) this.move(entry)
  }

  close(): void {
    this.closed = true
    this.flush?.cancel()
    for (const { timer } of this.backoff.values()) timer.cancel()
    this.waiter?.(undefined)
    this.waiter = undefined
  }

  private move(entry: QueuedPod): void {
    this.unschedulable.delete(entry.key)
    if (this.backoffLeft(entry) > 0) this.toBackoff(entry)
    else this.activate(entry)
  }

  private toBackoff(entry: QueuedPod): void {
    const left = this.backoffLeft(entry)
    if (left <= 0) return this.activate(entry)
    const timer = this.clock.after(left, () => {
      this.backoff.delete(entry.key)
      this.activate(entry)
    })
    this.backoff.set(entry.key, { entry, timer })
    // Whoever waits for work may have it early, unless the last attempt ended in an error.
    if (!entry.lastError) this.wake()
  }

  private backoffLeft(entry: QueuedPod): number {
    if (entry.attempts === 0) return 0
    const pause = Math.min(this.settings.maxBackoffMs, this.settings.initialBackoffMs * 2 ** Math.min(30, entry.attempts - 1))
    return entry.unschedulableSince + pause - this.clock.now()
  }

  private activate(entry: QueuedPod): void {
    if (this.activeKeys.has(entry.key)) return
    this.activeKeys.add(entry.key)
    pushHeap(this.active, entry, this.before)
    this.wake()
  }

  private wake(): void {
    const waiter = this.waiter
    if (!waiter) return
    const entry = this.next()
    if (!entry) return
    this.waiter = undefined
    waiter(entry)
  }

  private next(): QueuedPod | undefined {
    const entry = popHeap(this.active, this.before) ?? this.early()
    if (!entry) return undefined
    this.activeKeys.delete(entry.key)
    this.inFlight.add(entry.key)
    entry.attempts++
    return entry
  }

  private early(): QueuedPod | undefined {
    for (const [key, { entry, timer }] of this.backoff) {
      if (entry.lastError) continue
      timer.cancel()
      this.backoff.delete(key)
      return entry
    }
    return undefined
  }

  /** Nobody waits for ever: after five minutes a pod is tried again without an event. */
  private armFlush(): void {
    if (this.flush) return
    this.flush = this.clock.after(this.settings.maxUnschedulableMs, () => {
      this.flush = undefined
      const now = this.clock.now()
      for (const entry of [...this.unschedulable.values()]) if (entry.gatedBy === undefined && now - entry.unschedulableSince >= this.settings.maxUnschedulableMs) this.move(entry)
      if (this.unschedulable.size > 0) this.armFlush()
    })
  }

  private readonly before = (a: QueuedPod, b: QueuedPod): boolean => {
    const byPriority = this.settings.priority(b.pod) - this.settings.priority(a.pod)
    return byPriority === 0 ? a.since < b.since || (a.since === b.since && a.order < b.order) : byPriority < 0
  }
}

type Before = (a: QueuedPod, b: QueuedPod) => boolean

function pushHeap(heap: QueuedPod[], entry: QueuedPod, before: Before): void {
  heap.push(entry)
  siftUp(heap, heap.length - 1, before)
}

function popHeap(heap: QueuedPod[], before: Before): QueuedPod | undefined {
  const top = heap[0]
  if (top) removeFromHeap(heap, 0, before)
  return top
}

function removeFromHeap(heap: QueuedPod[], at: number, before: Before): void {
  const last = heap.pop()
  if (!last || at < 0 || at >= heap.length) return
  heap[at] = last
  siftDown(heap, at, before)
  siftUp(heap, at, before)
}

function siftUp(heap: QueuedPod[], from: number, before: Before): void {
  let index = from
  while (index > 0) {
    const parent = (index - 1) >> 1
    if (!before(heap[index] as QueuedPod, heap[parent] as QueuedPod)) return
    swap(heap, index, parent)
    index = parent
  }
}

function siftDown(heap: QueuedPod[], from: number, before: Before): void {
  let index = from
  for (;;) {
    let best = index
    for (const child of [index * 2 + 1, index * 2 + 2]) if (child < heap.length && before(heap[child] as QueuedPod, heap[best] as QueuedPod)) best = child
    if (best === index) return
    swap(heap, index, best)
    index = best
  }
}

function swap(heap: QueuedPod[], a: number, b: number): void {
  const entry = heap[a] as QueuedPod
  heap[a] = heap[b] as QueuedPod
  heap[b] = entry
}
