import { describe, expect, it } from 'vitest'
import { VirtualClock } from '#engine/base/clock'

describe('the virtual clock', () => {
  it('runs timers in the order of their time, and of their setting where times are equal', () => {
    const clock = new VirtualClock(1000)
    const ran: string[] = []
    clock.after(20, () => ran.push('late'))
    clock.after(10, () => ran.push('first'))
    clock.after(10, () => ran.push('second'))
    while (clock.runNext());
    expect(ran).toEqual(['first', 'second', 'late'])
    expect(clock.now()).toBe(1020)
  })

  it('forgets a cancelled timer and says when nothing is left', () => {
    const clock = new VirtualClock(0)
    const timer = clock.after(5, () => expect.unreachable('was cancelled'))
    timer.cancel()
    expect(clock.nextTimerAt()).toBeUndefined()
    expect(clock.runNext()).toBe(false)
  })

  it('rejects a sleep whose signal is aborted', async () => {
    const clock = new VirtualClock(0)
    const abort = new AbortController()
    const sleeping = clock.sleep(1000, abort.signal)
    abort.abort(new Error('woken'))
    await expect(sleeping).rejects.toThrow('woken')
  })

  it('moves with every delay, however short: who sleeps for the rest of a pause wakes after it', () => {
    const today = Date.UTC(2026, 10, 21)
    const clock = new VirtualClock(today)
    clock.after(1e-9, () => undefined)
    clock.runNext()
    expect(clock.now()).toBeGreaterThan(today)
  })

  it('never moves past a timer that is due', () => {
    const clock = new VirtualClock(0)
    clock.after(10, () => undefined)
    clock.advanceTo(50)
    expect(clock.now()).toBe(10)
  })
})
