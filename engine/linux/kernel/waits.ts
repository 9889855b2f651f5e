/**
 * How a process waits, and what its work costs. Every wait can be ended by the process's death; while it is stopped no wait
 * comes back. Work costs virtual time: whoever has used up a quantum waits for the clock before going on, so that no loop
 * holds the host.
 */
import type { Clock, Timer } from '#engine/base/clock'
import { ProcessKilled } from '#engine/linux/abi/errno'

const quantumMs = 1
/** A system call's price: 400,000 a second. */
export const callCostMs = 0.0025
const resolved = Promise.resolve()

export class Waits {
  dead = false
  stopped = false
  cpuMs = 0
  lastRunMs = 0
  /** Virtual milliseconds per millisecond of work: more than 1 where a cgroup's quota throttles. */
  slowdown: () => number = () => 1
  private debtMs = 0
  private readonly pending = new Set<(reason: Error) => void>()
  private readonly held: (() => void)[] = []
  private readonly timers = new Set<Timer>()

  constructor(private readonly clock: Clock) {}

  get waiting(): boolean {
    return this.pending.size > 0
  }

  /** At the head of every synchronous call. */
  enter(): void {
    if (this.dead) throw new ProcessKilled()
    this.charge(callCostMs)
  }

  charge(ms: number): void {
    this.cpuMs += ms
    this.debtMs += ms
    this.lastRunMs = this.clock.now()
  }

  /** At the head of every call that may wait: pays for work done. */
  pay(ms = callCostMs): Promise<void> {
    return this.due(ms) ?? resolved
  }

  /** The same for callers that go on at once where there is nothing to wait for, as mostly there is not. */
  due(ms = callCostMs): Promise<void> | undefined {
    if (this.dead) return Promise.reject(new ProcessKilled())
    this.charge(ms)
    if (this.debtMs < quantumMs) return this.stopped ? this.block((done) => this.hold(done)) : undefined
    const debt = this.debtMs * this.slowdown()
    this.debtMs = 0
    return this.sleep(debt)
  }

  /** `start` gets what to call with the result, and returns how to give up. */
  block<T>(start: (done: (value: T) => void) => () => void): Promise<T> {
    if (this.dead) return Promise.reject(new ProcessKilled())
    return new Promise<T>((resolve, reject) => {
      let over = false
      const giveUp: { now?: () => void } = {}
      const fail = (reason: Error): void => {
        over = true
        this.pending.delete(fail)
        giveUp.now?.()
        reject(reason)
      }
      const done = (value: T): void => {
        if (over) return
        if (this.stopped) return void this.held.push(() => done(value))
        over = true
        this.pending.delete(fail)
        resolve(value)
      }
      this.pending.add(fail)
      giveUp.now = start(done)
    })
  }

  /** A wait on a promise that knows nothing of this process. */
  guard<T>(promise: Promise<T>): Promise<T> {
    if (this.dead) {
      promise.catch(ignore)
      return Promise.reject(new ProcessKilled())
    }
    return this.block<{ value: T } | { error: unknown }>((done) => {
      promise.then((value) => done({ value }), (error: unknown) => done({ error }))
      return ignore
    }).then((result) => {
      if ('error' in result) throw result.error
      return result.value
    })
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.reject(signal.reason as Error)
    if (!signal)
      return this.block<void>((done) => {
        const timer = this.clock.after(ms, done)
        return () => timer.cancel()
      })
    return this.guard(this.clock.sleep(ms, signal))
  }

  after(ms: number, run: () => void): Timer {
    if (this.dead) throw new ProcessKilled()
    const timer = this.clock.after(ms, () => {
      this.timers.delete(timer)
      if (!this.dead) run()
    })
    this.timers.add(timer)
    return {
      cancel: () => {
        timer.cancel()
        this.timers.delete(timer)
      },
    }
  }

  stop(): void {
    this.stopped = true
  }

  resume(): void {
    this.stopped = false
    for (const wake of this.held.splice(0)) wake()
  }

  die(): void {
    this.dead = true
    this.stopped = false
    for (const timer of this.timers) timer.cancel()
    this.timers.clear()
    const pending = [...this.pending]
    this.pending.clear()
    this.held.length = 0
    for (const fail of pending) fail(new ProcessKilled())
  }

  private hold(done: (value: void) => void): () => void {
    done()
    return ignore
  }
}

function ignore(): void {
  // Nothing to give up.
}
