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
  let text = raw
  const numbers = numeric[kind]
  const flag = [...flags].reverse().find((f) => f === '-' || f === '_' || f === '0')
  if (numbers) {
    const padding = flag === '_' ? ' ' : flag === '0' ? '0' : flag === '-' ? '' : numbers[1]
    const wanted = Math.max(width === '' ? (flag === '-' ? 0 : numbers[0]) : Number(width), 0)
    text = padding === '' ? text : text.startsWith('-') && padding === '0' ? `-${text.slice(1).padStart(wanted - 1, '0')}` : text.padStart(wanted, padding)
  } else if (width !== '') text = text.padStart(Number(width), flag === '0' ? '0' : ' ')
  if (flags.includes('^')) return text.toUpperCase()
  if (flags.includes('#')) return kind === 'Z' || kind === 'p' ? text.toLowerCase() : text.toUpperCase()
  return text
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

function field(kind: string, date: Date, ms: number, offset: number, zone: string): string | undefined {
  const again = (format: string): string => formatDate(format, ms, offset, zone)
  switch (kind) {
    case 'a': return (days[date.getUTCDay()] as string).slice(0, 3)
    case 'A': return days[date.getUTCDay()]
    case 'b': case 'h': return (months[date.getUTCMonth()] as string).slice(0, 3)
    case 'B': return months[date.getUTCMonth()]
    case 'c': return again('%a %b %e %H:%M:%S %Y')
    case 'D': case 'x': return again('%m/%d/%y')
    case 'F': return again('%Y-%m-%d')
    case 'n': return '\n'
    case 'p': return date.getUTCHours() < 12 ? 'AM' : 'PM'
    case 'P': return date.getUTCHours() < 12 ? 'am' : 'pm'
    case 'r': return again('%I:%M:%S %p')
    case 'R': return again('%H:%M')
    case 't': return '\t'
    case 'T': case 'X': return again('%H:%M:%S')
    case '+': return again('%a %b %e %H:%M:%S %p %Z %Y')
    case '%': return '%'
    default: return number(kind, date, ms)
  }
}

function number(kind: string, date: Date, ms: number): string | undefined {
  const year = date.getUTCFullYear()
  switch (kind) {
    case 'C': return String(Math.floor(year / 100))
    case 'd': case 'e': return String(date.getUTCDate())
    case 'g': return String(isoWeek(date).year % 100)
    case 'G': return String(isoWeek(date).year)
    case 'H': case 'k': return String(date.getUTCHours())
    case 'I': case 'l': return String(date.getUTCHours() % 12 || 12)
    case 'j': return String(dayOfYear(date))
    case 'm': return String(date.getUTCMonth() + 1)
    case 'M': return String(date.getUTCMinutes())
    case 'q': return String(Math.floor(date.getUTCMonth() / 3) + 1)
    case 's': return String(Math.floor(ms / 1000))
    case 'S': return String(date.getUTCSeconds())
    case 'u': return String(date.getUTCDay() || 7)
    case 'U': return String(Math.floor((dayOfYear(date) + 6 - date.getUTCDay()) / 7))
    case 'V': return String(isoWeek(date).week)
    case 'w': return String(date.getUTCDay())
    case 'W': return String(Math.floor((dayOfYear(date) + 6 - ((date.getUTCDay() + 6) % 7)) / 7))
    case 'y': return String(((year % 100) + 100) % 100)
    case 'Y': return String(year)
    default: return undefined
  }
}

function dayOfYear(date: Date): number {
  return Math.floor((Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()) - Date.UTC(date.getUTCFullYear(), 0, 1)) / dayMs) + 1
}

function isoWeek(date: Date): { year: number; week: number } {
  const thursday = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate() + 4 - (date.getUTCDay() || 7)))
  return { year: thursday.getUTCFullYear(), week: Math.ceil(dayOfYear(thursday) / 7) }
}
