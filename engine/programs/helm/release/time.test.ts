import { describe, expect, it } from 'vitest'
import { ansiTime, formatTime, goTime } from './time'

describe('times of releases', () => {
  it('are told as the calendar does, with a blank before a day of one digit', () => {
    expect(ansiTime('2026-11-21T09:58:03.5Z')).toBe('Sat Nov 21 09:58:03 2026')
    expect(ansiTime('2026-12-01T00:00:00Z')).toBe('Tue Dec  1 00:00:00 2026')
  })

  it('are listed to the nanosecond', () => {
    expect(goTime('2026-11-21T09:57:42.627851566Z')).toBe('2026-11-21 09:57:42.627851566 +0000 UTC')
  })

  it('go by a layout of Go', () => {
    expect(formatTime('2026-11-21T15:04:05Z', '2006-01-02 15:04:05Z0700')).toBe('2026-11-21 15:04:05Z0700')
    expect(formatTime('2026-11-21T15:04:05Z', 'Mon Jan _2 3:04PM 2006')).toBe('Sat Nov 21 3:04PM 2026')
  })
})
