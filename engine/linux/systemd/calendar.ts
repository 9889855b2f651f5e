/** Calendar expressions of systemd.time(7): `daily`, `*-*-* 03:00:00`, `Mon..Fri 09:00`, `*:0/15`. */

interface Part {
  readonly from: number
  readonly to: number
  readonly step: number
}
type Field = readonly Part[] | undefined

export interface Calendar {
  readonly normalized: string
  /** The next instant after `afterMs`, in UTC; undefined where there is none. */
  next(afterMs: number): number | undefined
}

const names = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'] as const
const shorthands: Readonly<Record<string, string>> = {
  minutely: '*-*-* *:*:00', hourly: '*-*-* *:00:00', daily: '*-*-* 00:00:00', weekly: 'Mon *-*-* 00:00:00', monthly: '*-*-01 00:00:00', quarterly: '*-01,04,07,10-01 00:00:00', semiannually: '*-01,07-01 00:00:00', yearly: '*-01-01 00:00:00', annually: '*-01-01 00:00:00',
}

export function parseCalendar(text: string): Calendar | undefined {
  let rest = (shorthands[text.trim().toLowerCase()] ?? text.trim()).replace(/\s+UTC$/, '')
  let days: ReadonlySet<number> | undefined
  const first = /^([A-Za-z]{3,9}(?:(?:,|\.\.)[A-Za-z]{3,9})*),?(?:\s+|$)/.exec(rest)
  if (first) {
    days = parseDays(first[1] as string)
    if (!days) return undefined
    rest = rest.slice(first[0].length)
  }
  const parts = rest === '' ? [] : rest.split(/\s+/)
  const date = parts[0]?.includes('-') ? parts.shift() : '*-*-*'
  const time = parts.shift() ?? '00:00:00'
  if (parts.length > 0 || date === undefined || !time.includes(':')) return undefined
  return build(days, date.split('-'), time.split(':'))
}

function build(days: ReadonlySet<number> | undefined, date: readonly string[], time: readonly string[]): Calendar | undefined {
  if (date.length < 2 || date.length > 3 || time.length < 2 || time.length > 3) return undefined
  const dateTexts = date.length === 2 ? ['*', ...date] : date
  const timeTexts = time.length === 2 ? [...time, '00'] : time
  const limits: readonly (readonly [number, number])[] = [[1970, 2199], [1, 12], [1, 31], [0, 23], [0, 59], [0, 59]]
  const fields: Field[] = []
  for (const [index, field] of [...dateTexts, ...timeTexts].entries()) {
    const parsed = parseField(field, limits[index] as readonly [number, number])
    if (parsed === null) return undefined
    fields.push(parsed)
  }
  const pad = (field: Field, width: number): string => (field ? field.map((part) => show(part, width)).join(',') : '*')
  const dayText = days ? `${describeDays(days)} ` : ''
  const normalized = `${dayText}${pad(fields[0], 4)}-${pad(fields[1], 2)}-${pad(fields[2], 2)} ${pad(fields[3], 2)}:${pad(fields[4], 2)}:${pad(fields[5], 2)}`
  return { normalized, next: (afterMs) => search(fields, days, afterMs) }
}

function parseDays(text: string): ReadonlySet<number> | undefined {
  const out = new Set<number>()
  const index = (name: string): number => names.findIndex((each) => name.slice(0, 3).toLowerCase() === each.toLowerCase())
  for (const part of text.split(',')) {
    const [from = '', to = from] = part.split('..')
    const start = index(from)
    const end = index(to)
    if (start < 0 || end < 0) return undefined
    for (let day = start; ; day = (day + 1) % 7) {
      out.add(day)
      if (day === end) break
    }
  }
  return out
}

function describeDays(days: ReadonlySet<number>): string {
  const runs: string[] = []
  for (let day = 0; day < 7; day++) {
    if (!days.has(day) || (day > 0 && days.has(day - 1))) continue
    let end = day
    while (days.has(end + 1)) end++
    runs.push(end - day >= 2 ? `${names[day]}..${names[end]}` : names.slice(day, end + 1).join(','))
  }
  return runs.join(',')
}

/** Null where it is no field. */
function parseField(text: string, [low, high]: readonly [number, number]): Field | null {
  if (text === '*') return undefined
  const out: Part[] = []
  for (const piece of text.split(',')) {
    const match = /^(?:(\d+)(?:\.\.(\d+))?|\*)(?:\/(\d+))?$/.exec(piece)
    if (!match) return null
    const from = match[1] === undefined ? low : Number(match[1])
    const step = Number(match[3] ?? 0)
    const to = match[2] === undefined ? (step > 0 ? high : from) : Number(match[2])
    if (from < low || to > high || to < from) return null
    out.push({ from, to, step: step || 1 })
  }
  return out
}

function show(part: Part, width: number): string {
  const number = (value: number): string => String(value).padStart(width, '0')
  if (part.from === part.to) return number(part.from)
  return part.step > 1 ? `${number(part.from)}/${part.step}` : `${number(part.from)}..${number(part.to)}`
}

function matches(field: Field, value: number): boolean {
  return field === undefined || field.some((part) => value >= part.from && value <= part.to && (value - part.from) % part.step === 0)
}

function search(fields: readonly Field[], days: ReadonlySet<number> | undefined, afterMs: number): number | undefined {
  const start = Math.floor(afterMs / 1000) * 1000 + 1000
  let day = Math.floor(start / 86_400_000) * 86_400_000
  for (let count = 0; count < 366 * 30; count++, day += 86_400_000) {
    const date = new Date(day)
    if (!matches(fields[0], date.getUTCFullYear()) || !matches(fields[1], date.getUTCMonth() + 1) || !matches(fields[2], date.getUTCDate())) continue
    if (days && !days.has((date.getUTCDay() + 6) % 7)) continue
    const found = searchDay(fields, day, start)
    if (found !== undefined) return found
  }
  return undefined
}

function searchDay(fields: readonly Field[], day: number, start: number): number | undefined {
  for (let hour = 0; hour < 24; hour++) {
    if (!matches(fields[3], hour) || day + (hour + 1) * 3_600_000 <= start) continue
    for (let minute = 0; minute < 60; minute++) {
      if (!matches(fields[4], minute)) continue
      for (let second = 0; second < 60; second++) {
        const at = day + hour * 3_600_000 + minute * 60_000 + second * 1000
        if (at >= start && matches(fields[5], second)) return at
      }
    }
  }
  return undefined
}
