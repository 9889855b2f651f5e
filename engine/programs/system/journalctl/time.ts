/** Times as journalctl takes them: `2026-11-21 09:00`, `09:00`, `today`, `-5min`, `1 hour ago`, `@1700000000`. */
import { parseSpan } from '#engine/linux/systemd/unitfile'

const day = 86_400_000

/** Milliseconds since the epoch; undefined where it is no time. */
export function parseTime(text: string, nowMs: number): number | undefined {
  const trimmed = text.trim().replace(/ UTC$/, '')
  const midnight = Math.floor(nowMs / day) * day
  const named = new Map([['now', nowMs], ['today', midnight], ['yesterday', midnight - day], ['tomorrow', midnight + day]]).get(trimmed)
  if (named !== undefined) return named
  if (/^@\d+(\.\d+)?$/.test(trimmed)) return Number(trimmed.slice(1)) * 1000
  const relative = /^([+-])(.+)$/.exec(trimmed) ?? /^(.+)()\s+ago$/.exec(trimmed)
  if (relative) {
    const isAgo = /\sago$/.test(trimmed)
    const length = parseSpan((isAgo ? relative[1] : relative[2]) ?? '')
    return length === undefined ? undefined : isAgo || relative[1] === '-' ? nowMs - length : nowMs + length
  }
  return absolute(trimmed, midnight)
}

function absolute(text: string, midnight: number): number | undefined {
  const match = /^(?:[A-Z][a-z]{2} )?(?:(\d{4})-(\d{1,2})-(\d{1,2}))?(?:[ T]?(\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,6}))?)?)?Z?$/.exec(text)
  if (!match || text === '') return undefined
  const [, year, month, date, hour = '0', minute = '0', second = '0', fraction = ''] = match
  const base = year === undefined ? midnight : Date.UTC(Number(year), Number(month) - 1, Number(date))
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined
  return base + Number(hour) * 3_600_000 + Number(minute) * 60_000 + Number(second) * 1000 + Number(`0.${fraction || '0'}`) * 1000
}
