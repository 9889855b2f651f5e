/**
 * Requests cost no virtual time, but a client that asks again and again without a pause must not stop the clock: past a
 * burst that no sound program makes in an instant, its requests take the time that a real server would need for each.
 */
import type { Clock } from '#engine/base/clock'

/** Requests in one instant that cost nothing. */
const burst = 5000
/** What a real server answers one client in a second, about. */
const perSecond = 2000

export class Pace {
  private level = 0
  private lastMs: number

  constructor(private readonly clock: Clock) {
    this.lastMs = clock.now()
  }

  /** Nothing, or what to wait for before the request may go. */
  turn(signal?: AbortSignal): Promise<void> | undefined {
    const now = this.clock.now()
    this.level = Math.max(0, this.level - ((now - this.lastMs) * perSecond) / 1000) + 1
    this.lastMs = now
    return this.level > burst ? this.clock.sleep(1000 / perSecond, signal) : undefined
  }
}
