import { describe, expect, it } from 'vitest'
import { VirtualClock } from '#engine/base/clock'
import { Workqueue } from '#engine/client/workqueue'

describe('a work queue', () => {
  it('holds a key once, and brings it again if it was added while being worked on', async () => {
    const queue = new Workqueue(new VirtualClock(0))
    queue.add('a')
    queue.add('a')
    expect(queue.length).toBe(1)
    const key = await new Promise<string | undefined>((resolve) => queue.next(resolve))
    queue.add('a')
    expect(queue.length).toBe(0)
    queue.done(key ?? '')
    expect(queue.length).toBe(1)
  })

  it('waits longer after each failure, and not at all once the key is forgotten', () => {
    const clock = new VirtualClock(0)
    const queue = new Workqueue(clock)
    const failAt = (): number | undefined => {
      queue.addRateLimited('a')
      const at = clock.nextTimerAt()
      clock.runNext()
      queue.next(() => undefined)
      queue.done('a')
      return at
    }
    expect(failAt()).toBe(5)
    expect(failAt()).toBe(15)
    queue.forget('a')
    expect(failAt()).toBe(20)
  })
})
