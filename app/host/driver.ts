/**
 * Drives a virtual clock from the host: 1:1 while a person works, or as fast as the processor allows until something holds.
 * One macrotask between two timers drains the engine's promise jobs, so that each timer finds the world quiet.
 */
import type { VirtualClock } from '#engine/base/clock'

/** After a gap longer than this the host was asleep: virtual time does not jump after it. */
const longestGapMs = 10_000

/** Timers in one instant after which time is taken to stand still: thousands of pods make some hundred thousand. */
const mostAtOnce = 2_000_000

export class ClockDriver {
  private running = false
  private stepping = false
  private wakeUp: NodeJS.Timeout | undefined
  private originWallMs = 0
  private originVirtualMs = 0

  constructor(
    private readonly clock: VirtualClock,
    private speed = 1,
  ) {}

  start(): void {
    if (this.running) return
    this.running = true
    this.rebase()
    this.clock.onEarlier = () => this.wake()
    this.wake()
  }

  stop(): void {
    this.running = false
    this.clock.onEarlier = undefined
    clearTimeout(this.wakeUp)
  }

  /** Brings the clock to now: call before something enters from outside. */
  enter(): void {
    if (this.running && !this.stepping) this.clock.advanceTo(this.target())
  }

  setSpeed(speed: number): void {
    this.rebase()
    this.speed = speed
    this.wake()
  }

  /** Runs ahead by `ms` of virtual time as fast as it goes; resolves when that time has passed. */
  async fastForward(ms: number): Promise<void> {
    const goal = this.clock.now() + ms
    await this.runUntil(() => this.clock.now() >= goal, goal)
  }

  /**
   * Runs ahead until `done` holds or `limitMs` of virtual time have passed; says whether it held. Works on a stopped driver too.
   */
  settle(done: () => boolean | Promise<boolean>, limitMs: number): Promise<boolean> {
    return this.runUntil(done, this.clock.now() + limitMs)
  }

  private async runUntil(done: () => boolean | Promise<boolean>, limitMs: number): Promise<boolean> {
    const outer = this.stepping
    this.stepping = true
    let [instant, atOnce] = [this.clock.now(), 0]
    try {
      for (;;) {
        await drained()
        if (await done()) return true
        const next = this.clock.nextTimerAt()
        if (next === undefined || next > limitMs) {
          this.clock.advanceTo(limitMs)
          await drained()
          return await done()
        }
        this.clock.runNext()
        if (this.clock.now() > instant) [instant, atOnce] = [this.clock.now(), 0]
        else if (++atOnce > mostAtOnce) throw new Error(`time stands still at ${new Date(instant).toISOString()}: more than ${mostAtOnce} timers in one instant`)
      }
    } finally {
      this.stepping = outer
      // The host's time goes on from where the virtual clock has run to, and so do the timers that are waited for.
      this.rebase()
      this.wake()
    }
  }

  private target(): number {
    const target = this.originVirtualMs + (performance.now() - this.originWallMs) * this.speed
    if (target - this.clock.now() <= longestGapMs * this.speed) return target
    this.rebase()
    return this.clock.now()
  }

  private rebase(): void {
    this.originWallMs = performance.now()
    this.originVirtualMs = this.clock.now()
  }

  private wake(): void {
    if (!this.running || this.stepping) return
    clearTimeout(this.wakeUp)
    const next = this.clock.nextTimerAt()
    if (next === undefined) return
    const waitMs = (next - this.target()) / this.speed
    if (waitMs <= 0) void this.step()
    else this.wakeUp = setTimeout(() => void this.step(), Math.min(waitMs, 2 ** 30))
  }

  private async step(): Promise<void> {
    if (this.stepping) return
    this.stepping = true
    try {
      // Never within the call that set the timer: who sets one must have its handle before it can run.
      await drained()
      for (;;) {
        const next = this.clock.nextTimerAt()
        const target = this.target()
        if (!this.running || next === undefined || next > target) break
        this.clock.runNext()
        await drained()
      }
      this.clock.advanceTo(this.target())
    } finally {
      this.stepping = false
      this.wake()
    }
  }
}

/** Resolves when all promise jobs that stand now, and those they make, have run. */
export function drained(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
