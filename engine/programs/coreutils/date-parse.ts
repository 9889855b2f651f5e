/** Dates as `date -d` and `touch -d` read them (gnulib's parse_datetime, the parts people use). */
const monthNames = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const dayNames = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']
const zones: Readonly<Record<string, number>> = { utc: 0, gmt: 0, z: 0, ut: 0, wet: 0, cet: 60, cest: 120, eet: 120, eest: 180, bst: 60, msk: 180, est: -300, edt: -240, cst: -360, cdt: -300, mst: -420, mdt: -360, pst: -480, pdt: -420, jst: 540, ist: 330 }
const ordinals: Readonly<Record<string, number>> = { last: -1, this: 0, next: 1, first: 1, third: 3, fourth: 4, fifth: 5, sixth: 6, seventh: 7, eighth: 8, ninth: 9, tenth: 10, eleventh: 11, twelfth: 12 }
const units: Readonly<Record<string, readonly [kind: 'month' | 'ms', amount: number]>> = {
  year: ['month', 12], month: ['month', 1], fortnight: ['ms', 14 * 86400000], week: ['ms', 7 * 86400000], day: ['ms', 86400000], hour: ['ms', 3600000], minute: ['ms', 60000], min: ['ms', 60000], second: ['ms', 1000], sec: ['ms', 1000],
}

interface Draft {
  date: { year: number; month: number; day: number } | undefined
  time: { hour: number; minute: number; ms: number } | undefined
  offset: number | undefined
  months: number
  ms: number
  /** Relative days, kept apart: they move the calendar. */
  weekday: { day: number; ordinal: number } | undefined
}

/** Milliseconds since the epoch; undefined where the text is no date. `offset`: minutes of the local zone. */
export function parseDate(text: string, now: number, offset: number): number | undefined {
  const trimmed = text.replace(/^\s*TZ="[^"]*"\s*/, '').trim()
  const epoch = /^@(-?\d+(?:[.,]\d+)?)$/.exec(trimmed)
  if (epoch) return Number((epoch[1] as string).replace(',', '.')) * 1000
  const draft: Draft = { date: undefined, time: undefined, offset: undefined, months: 0, ms: 0, weekday: undefined }
  if (trimmed === '') draft.time = { hour: 0, minute: 0, ms: 0 }
  let rest = trimmed.toLowerCase().replace(/\([^)]*\)/g, ' ')
  while (rest.trim() !== '') {
    rest = rest.replace(/^[\s,]+/, '')
    const length = item(rest, draft, now + offset * 60000)
    if (length <= 0) return undefined
    rest = rest.slice(length)
  }
  return finish(draft, now, offset)
}

/** How much of the text the next item takes; 0 where nothing fits. */
function item(text: string, draft: Draft, now: number): number {
  return dateItem(text, draft, now) || timeItem(text, draft) || zoneItem(text, draft) || relativeItem(text, draft) || wordItem(text, draft) || numberItem(text, draft)
}

function setDate(draft: Draft, year: number, month: number, day: number): boolean {
  if (draft.date || month < 1 || month > 12 || day < 1 || day > new Date(Date.UTC(2000, month, 0)).getUTCDate()) return false
  if (new Date(Date.UTC(year, month - 1, day)).getUTCDate() !== day) return false
  draft.date = { year, month, day }
  return true
}

function fullYear(text: string): number {
  const year = Number(text)
  return text.length <= 2 ? year + (year < 69 ? 2000 : 1900) : year
}

const monthPattern = '(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\\.?'

function dateItem(text: string, draft: Draft, now: number): number {
  const thisYear = String(new Date(now).getUTCFullYear())
  const forms: readonly (readonly [RegExp, (m: RegExpExecArray) => readonly [string, string | number, string]])[] = [
    [/^(\d{4})-(\d{1,2})-(\d{1,2})(?:t(?=\d))?/, (m) => [m[1] as string, m[2] as string, m[3] as string]],
    [/^(\d{4})(\d\d)(\d\d)(?:t(?=\d)|(?=\s|$))/, (m) => [m[1] as string, m[2] as string, m[3] as string]],
    [/^(\d{4})\/(\d{1,2})\/(\d{1,2})/, (m) => [m[1] as string, m[2] as string, m[3] as string]],
    [/^(\d{1,2})\/(\d{1,2})\/(\d{4}|\d\d)/, (m) => [m[3] as string, m[1] as string, m[2] as string]],
    [/^(\d{1,2})\/(\d{1,2})(?!\d)/, (m) => [thisYear, m[1] as string, m[2] as string]],
    [new RegExp(`^(\\d{1,2})[\\s-]*${monthPattern}(?:[\\s,-]+(\\d{4}|\\d\\d)(?![\\d:]))?`), (m) => [m[3] ?? thisYear, monthNames.indexOf(m[2] as string) + 1, m[1] as string]],
    [new RegExp(`^${monthPattern}[\\s-]+(\\d{1,2})(?:st|nd|rd|th)?(?![\\d:])(?:\\s*,\\s*(\\d{4}|\\d\\d)(?![\\d:])|[\\s-]+(\\d{4})(?![\\d:]))?`), (m) => [m[3] ?? m[4] ?? thisYear, monthNames.indexOf(m[1] as string) + 1, m[2] as string]],
  ]
  for (const [pattern, read] of forms) {
    const match = pattern.exec(text)
    if (!match) continue
    const [year, month, day] = read(match)
    return setDate(draft, fullYear(year), Number(month), Number(day)) ? match[0].length : 0
  }
  return 0
}

function timeItem(text: string, draft: Draft): number {
  const match = /^(\d{1,2}):(\d\d)(?::(\d\d)(?:[.,](\d+))?)?\s*(?:([ap])\.?m\.?)?/.exec(text) ?? /^(\d{1,2})()()()\s*([ap])\.?m\.?(?![a-z])/.exec(text)
  if (!match || draft.time) return 0
  const hour = hourOf(Number(match[1]), match[5])
  const [minute, second] = [Number(match[2] || 0), Number(match[3] || 0)]
  if (hour === undefined || minute > 59 || second > 60 || (hour === 24 && (minute > 0 || second > 0))) return 0
  draft.time = { hour, minute, ms: second * 1000 + (match[4] ? Number(`0.${match[4]}`) * 1000 : 0) }
  return match[0].length + offsetItem(text.slice(match[0].length), draft)
}

/** Undefined where there is no such hour. */
function hourOf(hour: number, half: string | undefined): number | undefined {
  if (half === undefined) return hour > 24 ? undefined : hour
  return hour < 1 || hour > 12 ? undefined : (hour % 12) + (half === 'p' ? 12 : 0)
}

/** `+02:00` right behind a time. */
function offsetItem(text: string, draft: Draft): number {
  const zone = /^\s*([-+])(\d\d?):?(\d\d)?(?![\d:])/.exec(text)
  if (!zone || /^\s*[-+]\d+\s*[a-z]/.test(text)) return 0
  draft.offset = (zone[1] === '-' ? -1 : 1) * (Number(zone[2]) * 60 + Number(zone[3] ?? 0))
  return zone[0].length
}

function zoneItem(text: string, draft: Draft): number {
  const named = /^([a-z]+)(?:([-+])(\d\d?):?(\d\d)?)?(?![a-z0-9])/.exec(text)
  if (!named || zones[named[1] as string] === undefined || draft.offset !== undefined) return 0
  draft.offset = (zones[named[1] as string] as number) + (named[2] ? (named[2] === '-' ? -1 : 1) * (Number(named[3]) * 60 + Number(named[4] ?? 0)) : 0)
  return named[0].length
}

function relativeItem(text: string, draft: Draft): number {
  const match = /^([-+]?\s*\d+|[a-z]+)?\s*(year|month|fortnight|week|day|hour|minute|min|second|sec)s?(?![a-z])(\s+ago(?![a-z]))?/.exec(text)
  if (!match) return 0
  const word = match[1]?.replace(/\s+/g, '')
  const count = word === undefined ? 1 : /\d/.test(word) ? Number(word) : ordinals[word]
  if (count === undefined) return 0
  const [kind, amount] = units[match[2] as string] as readonly [string, number]
  const signed = count * amount * (match[3] ? -1 : 1)
  if (kind === 'month') draft.months += signed
  else draft.ms += signed
  return match[0].length
}

const wordDays: Readonly<Record<string, number>> = { now: 0, today: 0, yesterday: -1, tomorrow: 1 }

function wordItem(text: string, draft: Draft): number {
  const word = /^(now|today|yesterday|tomorrow)(?![a-z])/.exec(text)?.[1]
  if (word !== undefined) {
    draft.ms += (wordDays[word] as number) * 86400000
    return word.length
  }
  const day = /^(?:(last|this|next|\d+(?:st|nd|rd|th)?)\s+)?(sun|mon|tue|wed|thu|fri|sat)(?:[a-z]*)\.?,?(?![a-z])/.exec(text)
  if (!day || draft.weekday) return 0
  draft.weekday = { day: dayNames.indexOf(day[2] as string), ordinal: day[1] === undefined ? 0 : (ordinals[day[1]] ?? Number.parseInt(day[1])) }
  return day[0].length
}

/** Bare digits: a year after a date with a time, a time `hhmm`, or a day `yyyymmdd`. */
function numberItem(text: string, draft: Draft): number {
  const digits = /^\d+(?![\d:/-])/.exec(text)?.[0]
  if (digits === undefined) return 0
  if (draft.date && draft.time && digits.length >= 4) {
    draft.date.year = Number(digits)
    return digits.length
  }
  if (digits.length === 8 && !draft.date) return setDate(draft, Number(digits.slice(0, 4)), Number(digits.slice(4, 6)), Number(digits.slice(6))) ? 8 : 0
  return digits.length <= 4 && !draft.time ? clockItem(digits, draft) : 0
}

/** `9`, `21`, `930`, `2130`. */
function clockItem(digits: string, draft: Draft): number {
  const short = digits.length <= 2
  const hour = Number(short ? digits : digits.slice(0, -2))
  const minute = short ? 0 : Number(digits.slice(-2))
  if (hour > 23 || minute > 59) return 0
  draft.time = { hour, minute, ms: 0 }
  return digits.length
}

function finish(draft: Draft, now: number, local: number): number {
  const offset = draft.offset ?? local
  const base = new Date(now + offset * 60000)
  const date = draft.date ?? { year: base.getUTCFullYear(), month: base.getUTCMonth() + 1, day: base.getUTCDate() }
  const time = draft.time ?? (draft.date || draft.weekday ? { hour: 0, minute: 0, ms: 0 } : { hour: base.getUTCHours(), minute: base.getUTCMinutes(), ms: base.getUTCSeconds() * 1000 + (now % 1000) })
  let value = Date.UTC(date.year, date.month - 1 + draft.months, date.day, time.hour, time.minute) + time.ms
  if (date.year < 100) value = new Date(value).setUTCFullYear(date.year)
  if (draft.weekday && !draft.date) value += daysTo(draft.weekday, value) * 86400000
  return value + draft.ms - offset * 60000
}

/** Days to a weekday: `next` is the one after today, `last` the one before. */
function daysTo({ day, ordinal }: { readonly day: number; readonly ordinal: number }, from: number): number {
  const ahead = (day - new Date(from).getUTCDay() + 7) % 7
  return ahead + 7 * (ordinal - (ordinal > 0 && ahead !== 0 ? 1 : 0))
}
