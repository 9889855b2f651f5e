/** jq's times: seconds since the epoch and broken down times. */
import { formatDate } from '#engine/shell/builtins/strftime'
import { fail, type Json } from '#engine/programs/text/jq/values'

const arity: Readonly<Record<string, number>> = { gmtime: 0, localtime: 0, mktime: 0, strftime: 1, strflocaltime: 1, strptime: 1 }

export function hasDate(name: string, count: number): boolean {
  return arity[name] === count
}

export function dateFunction(name: string, value: Json, args: readonly Json[]): Json {
  switch (name) {
    case 'gmtime': case 'localtime': return brokenDown(value)
    case 'mktime': return Math.floor(epochMs(value, 'mktime') / 1000)
    case 'strptime': return parseTime(value, args[0] as Json)
    default: {
      if (typeof value !== 'number' && !Array.isArray(value)) return fail(`${name}/1 requires parsed datetime inputs`)
      if (typeof args[0] !== 'string') return fail(`${name}/1 requires a string format`)
      return formatDate(args[0], epochMs(typeof value === 'number' ? brokenDown(value) : value, name), 0, 'UTC')
    }
  }
}

function brokenDown(value: Json): Json {
  if (typeof value !== 'number') return fail('gmtime() requires a number')
  const date = new Date(Math.floor(value) * 1000)
  const yearStart = Date.UTC(date.getUTCFullYear(), 0, 1)
  const fraction = Number((value - Math.floor(value)).toFixed(6))
  return [date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate(), date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds() + fraction, date.getUTCDay(), Math.floor((date.getTime() - yearStart) / 86400000)]
}

function epochMs(value: Json, name: string): number {
  if (!Array.isArray(value) || value.length < 6 || value.some((part) => typeof part !== 'number')) return fail(`${name} requires ${Array.isArray(value) ? 'parsed datetime inputs' : 'array of 6 numbers'}`)
  const [year, month, day, hour, minute, second] = value as number[]
  return Date.UTC(year as number, month, day, hour, minute, Math.floor(second as number))
}

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']

const fields: Readonly<Record<string, RegExp>> = { Y: /^\d{4}/, m: /^\d{1,2}/, d: /^\s?\d{1,2}/, e: /^\s?\d{1,2}/, H: /^\d{1,2}/, M: /^\d{1,2}/, S: /^\d{1,2}/, y: /^\d{2}/, j: /^\d{1,3}/, b: /^[A-Za-z]+/, B: /^[A-Za-z]+/, a: /^[A-Za-z]+/, A: /^[A-Za-z]+/, Z: /^[A-Za-z]+/, z: /^(?:Z|[-+]\d\d:?\d\d)/, s: /^\d+/ }

const shorthand: Readonly<Record<string, string>> = { '%T': '%H:%M:%S', '%F': '%Y-%m-%d', '%D': '%m/%d/%y', '%R': '%H:%M' }

interface Parts {
  Y: number
  m: number
  d: number
  H: number
  M: number
  S: number
}

/** What a field says of the time; where it lies is left out, as jq's own strptime does. */
const setters: Readonly<Record<string, (parts: Parts, text: string) => void>> = {
  b: (parts, text) => (parts.m = months.indexOf(text.slice(0, 3).toLowerCase()) + 1),
  B: (parts, text) => (parts.m = months.indexOf(text.slice(0, 3).toLowerCase()) + 1),
  y: (parts, text) => (parts.Y = Number(text) + (Number(text) < 69 ? 2000 : 1900)),
  e: (parts, text) => (parts.d = Number(text)),
}

function parseTime(value: Json, format: Json): Json {
  if (typeof value !== 'string') return fail('strptime/1 requires string inputs and arguments')
  const parts: Parts = { Y: 1900, m: 1, d: 1, H: 0, M: 0, S: 0 }
  const bad = (): never => fail(`date "${value}" does not match format "${String(format)}"`)
  let rest = value
  for (const [piece] of String(format).replace(/%[TFDR]/g, (whole) => shorthand[whole] ?? whole).matchAll(/%[^]|\s+|[^]/g)) {
    const found = match(piece, rest) ?? bad()
    rest = rest.slice(found.length)
    if (piece === '%s') return brokenDown(Number(found))
    if (piece.length === 2 && piece.startsWith('%')) setPart(parts, piece.charAt(1), found)
  }
  if (rest !== '') bad()
  return brokenDown(Date.UTC(parts.Y, parts.m - 1, parts.d, parts.H, parts.M, parts.S) / 1000)
}

/** What of the text a piece of the format takes; blanks take any. */
function match(piece: string, text: string): string | undefined {
  if (piece.length === 2 && piece.startsWith('%')) return fields[piece.charAt(1)]?.exec(text)?.[0]
  if (/^\s/.test(piece)) return /^\s*/.exec(text)?.[0]
  return text.startsWith(piece) ? piece : undefined
}

function setPart(parts: Parts, kind: string, text: string): void {
  const set = setters[kind]
  if (set) set(parts, text)
  else if (kind in parts) parts[kind as keyof Parts] = Number(text)
}
