import { describe, expect, it } from 'vitest'
import { VirtualClock } from '#engine/base/clock'
import { ClockDriver } from './driver'

describe('the driver of the clock', () => {
  it('lets time pass at once when asked, and goes on at the pace of the host', async () => {
    const clock = new VirtualClock(0)
    const driver = new ClockDriver(clock)
    driver.start()
    await driver.fastForward(60_000)
    expect(clock.now()).toBeGreaterThanOrEqual(60_000)
    const begun = performance.now()
    await new Promise<void>((resolve) => clock.after(20, resolve))
    expect(performance.now() - begun).toBeLessThan(5000)
    driver.stop()
  })

  it('settles as soon as the condition holds, on a clock that stands', async () => {
    const clock = new VirtualClock(0)
    let rung = false
    clock.after(3_600_000, () => (rung = true))
    expect(await new ClockDriver(clock).settle(() => rung, 7_200_000)).toBe(true)
    expect(clock.now()).toBe(3_600_000)
  })

  it('says when the condition does not hold within its limit', async () => {
    const clock = new VirtualClock(0)
    expect(await new ClockDriver(clock).settle(() => false, 5000)).toBe(false)
    expect(clock.now()).toBe(5000)
  })
})
