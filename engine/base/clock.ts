/**
 * The virtual clock: one per cluster group. Nothing in the engine reads another.
 *
 * All engine work runs as promise jobs and timers of this clock, so "is it quiet?" has an exact answer: once the host's
 * job queue is drained, whatever is left waits for `nextTimerAt()` or for an event from outside.
 */
export interface Clock {
  /** Milliseconds since the Unix epoch, in virtual time. May have a fraction. */
  now(): number
  /** Resolves after `ms` of virtual time, or rejects with the signal's reason as soon as it is aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
  /** Calls `run` once after `ms` of virtual time; any delay above zero moves time. Timers due at the same instant run in the order they were set. */
  after(ms: number, run: () => void): Timer
}

export interface Timer {
  /** Harmless on a timer that has run. */
  cancel(): void
}

interface Entry {
  readonly at: number
  readonly order: number
  run: (() => void) | undefined
}

/** Twice what a number of today's size still tells apart: a shorter delay would leave time where it is, and who asks for the rest of a pause would ask for ever. */
const shortestMs = 2 ** -11

/** A clock that only moves when its host says so, by `runNext`, `advanceTo` or a driver built on them. */
export class VirtualClock implements Clock {
  private current: number
  private order = 0
  private readonly heap: Entry[] = []
  private cancelled = 0
  /** Called when a timer is set that is due before all others, so a sleeping driver can wake earlier. */
  onEarlier: (() => void) | undefined

  constructor(startMs: number) {
    this.current = startMs
  }

  now(): number {
    return this.current
  }

  after(ms: number, run: () => void): Timer {
    const entry: Entry = { at: this.current + (ms > 0 ? Math.max(shortestMs, ms) : 0), order: this.order++, run }
    const first = this.heap[0]
    push(this.heap, entry)
    if (!first || entry.at < first.at) this.onEarlier?.()
    return {
      cancel: () => {
        if (!entry.run) return
        entry.run = undefined
        if (++this.cancelled > 64 && this.cancelled > this.heap.length / 2) this.compact()
      },
    }
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason as Error)
      const onAbort = (): void => {
        timer.cancel()
        reject(signal?.reason as Error)
      }
      const timer = this.after(ms, () => {
        signal?.removeEventListener('abort', onAbort)
        resolve()
      })
      signal?.addEventListener('abort', onAbort, { once: true })
    })
  }

  /** When the next timer is due, or undefined when nothing is set. */
  nextTimerAt(): number | undefined {
    this.dropCancelled()
    return this.heap[0]?.at
  }

  /** Moves to the next timer and runs it. False when nothing is set. The caller drains the job queue between calls. */
  runNext(): boolean {
    this.dropCancelled()
    const entry = pop(this.heap)
    if (!entry) return false
    if (entry.at > this.current) this.current = entry.at
    const run = entry.run
    entry.run = undefined
    run?.()
    return true
  }

  /** Moves time forward without running anything; never past a timer that is due, never backwards. */
  advanceTo(ms: number): void {
    const next = this.nextTimerAt()
    const limit = next === undefined ? ms : Math.min(ms, next)
    if (limit > this.current) this.current = limit
  }

  private dropCancelled(): void {
    while (this.heap[0] && !this.heap[0].run) {
      pop(this.heap)
      this.cancelled--
    }
  }

  private compact(): void {
    const live = this.heap.filter((entry) => entry.run)
    this.heap.length = 0
    for (const entry of live) push(this.heap, entry)
    this.cancelled = 0
  }
}

function before(a: Entry, b: Entry): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order)
}

function push(heap: Entry[], entry: Entry): void {
  let index = heap.length
  heap.push(entry)
  while (index > 0) {
    const parent = (index - 1) >> 1
    const above = heap[parent] as Entry
    if (!before(entry, above)) break
    heap[index] = above
    index = parent
  }
  heap[index] = entry
}

function pop(heap: Entry[]): Entry | undefined {
  const top = heap[0]
  const last = heap.pop()
  if (!top || !last || heap.length === 0) return top
  let index = 0
  for (;;) {
    let child = index * 2 + 1
    if (child >= heap.length) break
    if (child + 1 < heap.length && before(heap[child + 1] as Entry, heap[child] as Entry)) child++
    if (!before(heap[child] as Entry, last)) break
    heap[index] = heap[child] as Entry
    index = child
  }
  heap[index] = last
  return top
}
