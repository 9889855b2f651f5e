/** Schedules of cron jobs: five fields, names such as @daily, and @every. */
import { Cron } from 'croner'

export interface Schedule {
  /** The first time after a moment; undefined if there is none. */
  next(afterMs: number): number | undefined
}

export class ScheduleError extends Error {
  override readonly name = 'ScheduleError'
}

const units: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1000, ms: 1 }

export function parseSchedule(text: string, timeZone: string | undefined): Schedule {
  const zone = /^(?:CRON_)?TZ=(\S+)\s+(.*)$/.exec(text)
  const pattern = zone?.[2] ?? text
  if (pattern.startsWith('@every ')) return every(pattern.slice('@every '.length))
  try {
    const timezone = timeZone ?? zone?.[1]
    // A zone by its name is looked up in the host's calendars, which is dear.
    const cron = new Cron(pattern.replace(/\?/g, '*'), { paused: true, ...(timezone ? { timezone } : { utcOffset: 0 }), mode: pattern.startsWith('@') ? 'auto' : '5-part' })
    return { next: (afterMs) => cron.nextRun(new Date(afterMs))?.getTime() }
  } catch (error) {
    throw new ScheduleError((error as Error).message)
  }
}

function every(duration: string): Schedule {
  let ms = 0
  for (const match of duration.matchAll(/([0-9.]+)(ms|h|m|s)/g)) ms += Number(match[1]) * (units[match[2] ?? 's'] ?? 1000)
  if (ms < 1000) ms = 1000
  return { next: (afterMs) => Math.floor((afterMs + ms) / 1000) * 1000 }
}

export interface Due {
  /** The latest time that should have been by now. */
  readonly at: number | undefined
  readonly missed: number
}

const tooMany = 100

/** The times between two moments: the last of them, and how many there were (counted no further than necessary). */
export function mostRecent(schedule: Schedule, sinceMs: number, nowMs: number): Due {
  const first = schedule.next(sinceMs)
  if (first === undefined || first > nowMs) return { at: undefined, missed: 0 }
  const second = schedule.next(first)
  if (second === undefined || second > nowMs) return { at: first, missed: 1 }
  let at = second
  // Where many were missed it is enough to look near the end.
  const gap = second - first
  const skip = Math.max(0, Math.floor((nowMs - second) / gap) - 2)
  if (skip > 2) at = schedule.next(nowMs - 3 * gap) ?? second
  for (let next = schedule.next(at), guard = 0; next !== undefined && next <= nowMs && guard < 10_000; next = schedule.next(at), guard++) at = next
  return { at, missed: skip + 2 }
}

export function isTooMany(missed: number): boolean {
  return missed > tooMany
}
