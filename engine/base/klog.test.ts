import { describe, expect, it } from 'vitest'
import { VirtualClock } from './clock'
import { Klog, withoutStart } from './klog'

function told(resumed: boolean): string[] {
  const clock = new VirtualClock(Date.UTC(2026, 10, 21, 9, 0, 0))
  const lines: string[] = []
  const log = new Klog(clock, 1, withoutStart({ clock, resumed }, (line) => lines.push(line.replace(/^.*\] /, '').trim())))
  log.info('server.go:1', 'Starting')
  log.error('server.go:2', 'refused', 'Failed')
  clock.advanceTo(clock.now() + 2000)
  log.info('server.go:3', 'Later')
  return lines
}

describe('the log of a process', () => {
  it('does not tell of its start again where it goes on from a snapshot, but of what fails', () => {
    expect(told(false)).toEqual(['"Starting"', '"Failed" err="refused"', '"Later"'])
    expect(told(true)).toEqual(['"Failed" err="refused"', '"Later"'])
  })
})
