/** strftime in the C locale, with GNU date's flags and widths. */
const days = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']
const months = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December']
const dayMs = 86400000

export interface DateFormatOptions {
  /** `%N`'s digits below a millisecond. */
  readonly nanoseconds?: number
}

/** `offset`: minutes east of UTC. */
export function formatDate(format: string, ms: number, offset: number, zone: string, options: DateFormatOptions = {}): string {
  const date = new Date(Math.floor(ms) + offset * 60000)
  return format.replace(/%([-_0^#]*)(\d*)(:{0,3})([EO]?)([a-zA-Z%+])/g, (whole, flags: string, width: string, colons: string, _modifier: string, kind: string) => {
    if (colons !== '' && kind !== 'z') return whole
    const raw = kind === 'z' ? offsetText(offset, colons.length) : kind === 'Z' ? zone : kind === 'N' ? nanoseconds(ms, options, width, flags) : field(kind, date, ms, offset, zone)
    return raw === undefined ? whole : adorn(raw, kind, flags, kind === 'N' ? '' : width)
  })
}

function nanoseconds(ms: number, options: DateFormatOptions, width: string, flags: string): string {
  const total = String(options.nanoseconds ?? Math.floor((((ms % 1000) + 1000) % 1000) * 1e6)).padStart(9, '0')
  if (flags.includes('-')) return total.replace(/0+$/, '') || '0'
  return width === '' ? total : total.slice(0, Number(width)).padEnd(Number(width), '0')
}

const numeric: Readonly<Record<string, readonly [width: number, pad: string]>> = {
  C: [2, '0'], d: [2, '0'], e: [2, ' '], g: [2, '0'], G: [4, '0'], H: [2, '0'], I: [2, '0'], j: [3, '0'], k: [2, ' '], l: [2, ' '], m: [2, '0'], M: [2, '0'],
  S: [2, '0'], s: [1, '0'], u: [1, '0'], U: [2, '0'], V: [2, '0'], w: [1, '0'], W: [2, '0'], y: [2, '0'], Y: [1, '0'],
}

function adorn(raw: string, kind: string, flags: string, width: string): string {
  const flag = [...flags].reverse().find((f) => f === '-' || f === '_' || f === '0')
  const numbers = numeric[kind]
  const text = numbers ? padded(raw, numbers, flag, width) : width === '' ? raw : raw.padStart(Number(width), flag === '0' ? '0' : ' ')
  if (flags.includes('^')) return text.toUpperCase()
  if (flags.includes('#')) return kind === 'Z' || kind === 'p' ? text.toLowerCase() : text.toUpperCase()
  return text
}

function padded(text: string, [usual, usualPad]: readonly [number, string], flag: string | undefined, width: string): string {
  if (flag === '-') return text
  const padding = flag === '_' ? ' ' : flag === '0' ? '0' : usualPad
  const wanted = width === '' ? usual : Number(width)
  return text.startsWith('-') && padding === '0' ? `-${text.slice(1).padStart(wanted - 1, '0')}` : text.padStart(wanted, padding)
}

export function offsetText(offset: number, colons: number): string {
  const sign = offset < 0 ? '-' : '+'
  const hours = String(Math.floor(Math.abs(offset) / 60)).padStart(2, '0')
  const minutes = String(Math.abs(offset) % 60).padStart(2, '0')
  if (colons === 0) return `${sign}${hours}${minutes}`
  if (colons === 1) return `${sign}${hours}:${minutes}`
  if (colons === 2) return `${sign}${hours}:${minutes}:00`
  return minutes === '00' ? `${sign}${hours}` : `${sign}${hours}:${minutes}`
}

interface FieldInput {
  readonly date: Date
  readonly again: (format: string) => string
}

/** Fields that are words or other formats. */
const textFields: Readonly<Record<string, (input: FieldInput) => string | undefined>> = {
  a: ({ date }) => (days[date.getUTCDay()] as string).slice(0, 3),
  A: ({ date }) => days[date.getUTCDay()],
  b: ({ date }) => (months[date.getUTCMonth()] as string).slice(0, 3),
  h: ({ date }) => (months[date.getUTCMonth()] as string).slice(0, 3),
  B: ({ date }) => months[date.getUTCMonth()],
  c: ({ again }) => again('%a %b %e %H:%M:%S %Y'),
  D: ({ again }) => again('%m/%d/%y'),
  x: ({ again }) => again('%m/%d/%y'),
  F: ({ again }) => again('%Y-%m-%d'),
  n: () => '\n',
  p: ({ date }) => date.getUTCHours() < 12 ? 'AM' : 'PM',
  P: ({ date }) => date.getUTCHours() < 12 ? 'am' : 'pm',
  r: ({ again }) => again('%I:%M:%S %p'),
  R: ({ again }) => again('%H:%M'),
  t: () => '\t',
  T: ({ again }) => again('%H:%M:%S'),
  X: ({ again }) => again('%H:%M:%S'),
  '+': ({ again }) => again('%a %b %e %H:%M:%S %p %Z %Y'),
  '%': () => '%',
}

function field(kind: string, date: Date, ms: number, offset: number, zone: string): string | undefined {
  const again = (format: string): string => formatDate(format, ms, offset, zone)
  const entry = Object.hasOwn(textFields, kind) ? textFields[kind] : undefined
  return entry ? entry({ date, again }) : number(kind, date, ms)
}

interface NumberInput {
  readonly date: Date
  readonly ms: number
  readonly year: number
}

/** Fields that are numbers, before padding. */
const numberFields: Readonly<Record<string, (input: NumberInput) => string | undefined>> = {
  C: ({ year }) => String(Math.floor(year / 100)),
  d: ({ date }) => String(date.getUTCDate()),
  e: ({ date }) => String(date.getUTCDate()),
  g: ({ date }) => String(isoWeek(date).year % 100),
  G: ({ date }) => String(isoWeek(date).year),
  H: ({ date }) => String(date.getUTCHours()),
  k: ({ date }) => String(date.getUTCHours()),
  I: ({ date }) => String(date.getUTCHours() % 12 || 12),
  l: ({ date }) => String(date.getUTCHours() % 12 || 12),
  j: ({ date }) => String(dayOfYear(date)),
  m: ({ date }) => String(date.getUTCMonth() + 1),
  M: ({ date }) => String(date.getUTCMinutes()),
  q: ({ date }) => String(Math.floor(date.getUTCMonth() / 3) + 1),
  s: ({ ms }) => String(Math.floor(ms / 1000)),
  S: ({ date }) => String(date.getUTCSeconds()),
  u: ({ date }) => String(date.getUTCDay() || 7),
  U: ({ date }) => String(Math.floor((dayOfYear(date) + 6 - date.getUTCDay()) / 7)),
  V: ({ date }) => String(isoWeek(date).week),
  w: ({ date }) => String(date.getUTCDay()),
  W: ({ date }) => String(Math.floor((dayOfYear(date) + 6 - ((date.getUTCDay() + 6) % 7)) / 7)),
  y: ({ year }) => String(((year % 100) + 100) % 100),
  Y: ({ year }) => String(year),
}

function number(kind: string, date: Date, ms: number): string | undefined {
  const year = date.getUTCFullYear()
  const entry = Object.hasOwn(numberFields, kind) ? numberFields[kind] : undefined
  return entry ? entry({ date, ms, year }) : undefined
}

function dayOfYear(date: Date): number {
  return Math.floor((Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()) - Date.UTC(date.getUTCFullYear(), 0, 1)) / dayMs) + 1
}

function isoWeek(date: Date): { year: number; week: number } {
  const thursday = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate() + 4 - (date.getUTCDay() || 7)))
  return { year: thursday.getUTCFullYear(), week: Math.ceil(dayOfYear(thursday) / 7) }
}
