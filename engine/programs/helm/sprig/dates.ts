/** Dates, by the machine's clock. */
import { GoStruct, kindOf } from '#engine/programs/common/gotemplate/values'
import { parseDuration } from '#engine/programs/common/cobra/values'
import { fn, type FunctionTable, int, named, strval, toInteger } from './define'
import { formatTime, parseTime } from './layout'

const times = new WeakMap<GoStruct, number>()
const zeroTime = -62_135_596_800_000

function timeOf(ms: number): GoStruct {
  const struct: GoStruct = new GoStruct('time.Time', {
    Format: (layout: unknown) => formatTime(ms, strval(layout)), Unix: () => Math.floor(ms / 1000), UnixMilli: () => Math.floor(ms), UnixNano: () => BigInt(Math.floor(ms)) * 1_000_000n, String: () => shown(ms),
    Year: () => int(new Date(ms).getUTCFullYear()), Month: () => formatTime(ms, 'January'), Day: () => int(new Date(ms).getUTCDate()), Hour: () => int(new Date(ms).getUTCHours()),
    Minute: () => int(new Date(ms).getUTCMinutes()), Second: () => int(new Date(ms).getUTCSeconds()), Weekday: () => formatTime(ms, 'Monday'), YearDay: () => int(Number(formatTime(ms, '002'))),
    UTC: () => timeOf(ms), Local: () => timeOf(ms), IsZero: () => ms === zeroTime, AddDate: (years: unknown, months: unknown, days: unknown) => timeOf(shifted(ms, toInteger(years), toInteger(months), toInteger(days))),
  }, { text: () => shown(ms), json: () => formatTime(ms, '2006-01-02T15:04:05.999Z07:00') })
  times.set(struct, ms)
  return struct
}

function shown(ms: number): string {
  return formatTime(ms, '2006-01-02 15:04:05.999999999 -0700 MST')
}

function shifted(ms: number, years: number, months: number, days: number): number {
  const date = new Date(ms)
  date.setUTCFullYear(date.getUTCFullYear() + years, date.getUTCMonth() + months, date.getUTCDate() + days)
  return date.getTime()
}

/** `1h2m3s`. */
function shownDuration(ms: number): string {
  const seconds = Math.abs(ms) / 1000
  if (seconds === 0) return '0s'
  const sign = ms < 0 ? '-' : ''
  if (seconds < 1) return `${sign}${Number((seconds * 1000).toFixed(6))}ms`
  const [hours, minutes, rest] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, Number((seconds % 60).toFixed(9))]
  return sign + (hours > 0 ? `${hours}h${minutes}m` : minutes > 0 ? `${minutes}m` : '') + `${rest}s`
}

function rounded(ms: number): string {
  const units: readonly (readonly [string, number])[] = [['y', 31_536_000_000], ['mo', 2_592_000_000], ['d', 86_400_000], ['h', 3_600_000], ['m', 60_000], ['s', 1000]]
  const unit = units.find(([, size]) => Math.abs(ms) >= size)
  return unit ? `${Math.floor(Math.abs(ms) / unit[1])}${unit[0]}` : '0s'
}

/** Undefined for what is no duration. */
function durationMs(text: string): number | undefined {
  try {
    return parseDuration(text)
  } catch {
    return undefined
  }
}

export function dateFunctions(nowMs: () => number): FunctionTable {
  const msOf = (value: unknown): number => {
    if (value instanceof GoStruct) return times.get(value) ?? nowMs()
    return kindOf(value) === 'int' ? toInteger(value) * 1000 : nowMs()
  }
  const durationOf = (value: unknown): number => {
    if (typeof value === 'string') return durationMs(value) ?? 0
    return value instanceof GoStruct ? nowMs() - msOf(value) : toInteger(value) / 1_000_000
  }
  const modify = (must: boolean) => (by: string, value: unknown) => {
    const change = durationMs(by)
    if (change === undefined && must) throw new Error(`time: invalid duration ${JSON.stringify(by)}`)
    return timeOf(msOf(value) + (change ?? 0))
  }
  const read = (must: boolean) => (layout: string, text: string) => {
    const ms = parseTime(layout, text)
    if (ms === undefined && must) throw new Error(`parsing time ${JSON.stringify(text)} as ${JSON.stringify(layout)}: cannot parse ${JSON.stringify(text)} as ${JSON.stringify(layout)}`)
    return timeOf(ms ?? zeroTime)
  }
  return {
    now: fn('', () => timeOf(nowMs())),
    date: fn('string any', (layout: string, value: unknown) => formatTime(msOf(value), layout)),
    ...named('dateInZone date_in_zone', fn('string any string', (layout: string, value: unknown) => formatTime(msOf(value), layout))),
    ...named('dateModify date_modify', fn('string any', modify(false))),
    ...named('mustDateModify must_date_modify', fn('string any', modify(true))),
    htmlDate: fn('any', (value: unknown) => formatTime(msOf(value), '2006-01-02')),
    htmlDateInZone: fn('any string', (value: unknown) => formatTime(msOf(value), '2006-01-02')),
    ago: fn('any', (value: unknown) => shownDuration(Math.round((nowMs() - msOf(value)) / 1000) * 1000)),
    toDate: fn('string string', read(false)),
    mustToDate: fn('string string', read(true)),
    unixEpoch: fn('any', (value: unknown) => String(Math.floor(msOf(value) / 1000))),
    duration: fn('any', (value: unknown) => shownDuration(toInteger(value) * 1000)),
    durationRound: fn('any', (value: unknown) => rounded(durationOf(value))),
  }
}
