import { describe, expect, it } from 'vitest'
import { VirtualClock } from '#engine/base/clock'
import { Pace } from '#engine/linux/net/http/pace'

describe("a client's requests", () => {
  it('cost no time as long as they are as many as a sound program makes', () => {
    const pace = new Pace(new VirtualClock(0))
    for (let asked = 0; asked < 5000; asked++) expect(pace.turn()).toBeUndefined()
  })

  it('take time when they never end, so that a deadline comes', async () => {
    const clock = new VirtualClock(0)
    const pace = new Pace(clock)
    let asked = 0
    while (clock.now() < 1000) {
      const turn = pace.turn()
      if (turn) clock.runNext()
      await turn
      asked++
    }
    expect(asked).toBeLessThan(8000)
  })
})
