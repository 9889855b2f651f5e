/**
 * Keys to be worked on: each at most once in the queue, never by two workers at a time; a key added while it is worked on
 * comes again afterwards. Failed keys come back after 5 ms, 10 ms, ... 1000 s.
 */
import type { Clock, Timer } from '#engine/base/clock'

export class Workqueue {
  private readonly ready: string[] = []
  private head = 0
  private readonly dirty = new Set<string>()
  private readonly processing = new Set<string>()
  private readonly failures = new Map<string, number>()
  private readonly timers = new Map<string, { readonly at: number; readonly timer: Timer }>()
  private readonly waiting: ((key: string | undefined) => void)[] = []
  private closed = false

  constructor(
    private readonly clock: Clock,
    private readonly retry: { readonly baseMs: number; readonly maxMs: number } = { baseMs: 5, maxMs: 1_000_000 },
  ) {}

  get length(): number {
    return this.ready.length - this.head
  }

  add(key: string): void {
    if (this.closed || this.dirty.has(key)) return
    this.dirty.add(key)
    if (!this.processing.has(key)) this.offer(key)
  }

  /** An earlier time that is already set stays. */
  addAfter(key: string, ms: number): void {
    if (ms <= 0) return this.add(key)
    if (this.closed) return
    const at = this.clock.now() + ms
    const pending = this.timers.get(key)
    if (pending && pending.at <= at) return
    pending?.timer.cancel()
    const timer = this.clock.after(ms, () => {
      this.timers.delete(key)
      this.add(key)
    })
    this.timers.set(key, { at, timer })
  }

  addRateLimited(key: string): void {
    const failures = this.failures.get(key) ?? 0
    this.failures.set(key, failures + 1)
    this.addAfter(key, Math.min(this.retry.maxMs, this.retry.baseMs * 2 ** Math.min(failures, 40)))
  }

  forget(key: string): void {
    this.failures.delete(key)
  }

  retries(key: string): number {
    return this.failures.get(key) ?? 0
  }

  /** Hands over the next key, or undefined once the queue is closed; never within this call. Follow it by `done`. Who waits costs nothing. */
  next(worker: (key: string | undefined) => void): void {
    if (this.length > 0) later(worker, this.take())
    else if (this.closed) later(worker, undefined)
    else this.waiting.push(worker)
  }

  done(key: string): void {
    this.processing.delete(key)
    if (this.dirty.has(key)) this.offer(key)
  }

  close(): void {
    this.closed = true
    for (const { timer } of this.timers.values()) timer.cancel()
    this.timers.clear()
    for (const worker of this.waiting.splice(0)) later(worker, undefined)
  }

  private offer(key: string): void {
    const worker = this.waiting.shift()
    this.ready.push(key)
    if (worker) later(worker, this.take())
  }

  private take(): string {
    const key = this.ready[this.head++] as string
    if (this.head > 256 && this.head * 2 > this.ready.length) {
      this.ready.splice(0, this.head)
      this.head = 0
    }
    this.dirty.delete(key)
    this.processing.add(key)
    return key
  }
}

function later(worker: (key: string | undefined) => void, key: string | undefined): void {
  void Promise.resolve(key).then(worker)
}

export interface WorkerOptions {
  readonly workers: number
  readonly signal: AbortSignal
  /** Told of every failure; the key comes back by rate limit. */
  readonly onError: (key: string, error: unknown) => void
}

/** What a reconcile may ask for: to be called again after a while. */
export interface Again {
  readonly againAfterMs?: number
}

/** Runs workers over a queue until the signal. `reconcile` throws to be retried. */
export function runWorkers(queue: Workqueue, reconcile: (key: string) => Promise<Again | undefined | void>, options: WorkerOptions): void {
  options.signal.addEventListener('abort', () => queue.close(), { once: true })
  if (options.signal.aborted) queue.close()
  for (let worker = 0; worker < options.workers; worker++) work(queue, reconcile, options)
}

function work(queue: Workqueue, reconcile: (key: string) => Promise<Again | undefined | void>, options: WorkerOptions): void {
  queue.next((key) => {
    if (key !== undefined && !options.signal.aborted) void workOn(key, queue, reconcile, options)
  })
}

async function workOn(key: string, queue: Workqueue, reconcile: (key: string) => Promise<Again | undefined | void>, options: WorkerOptions): Promise<void> {
  try {
    const again = await reconcile(key)
    queue.forget(key)
    if (again?.againAfterMs !== undefined) queue.addAfter(key, again.againAfterMs)
  } catch (error) {
    if (options.signal.aborted) return
    options.onError(key, error)
    queue.addRateLimited(key)
  } finally {
    queue.done(key)
  }
  work(queue, reconcile, options)
}
