/** jq's times: seconds since the epoch and broken down times. */
import { formatDate } from '#engine/shell/builtins/strftime'
import { described, fail, type Json } from '#engine/programs/text/jq/values'

const arity: Readonly<Record<string, number>> = { gmtime: 0, localtime: 0, mktime: 0, strftime: 1, strflocaltime: 1, strptime: 1 }

export function hasDate(name: string, count: number): boolean {
  return arity[name] === count
}

export function dateFunction(name: string, value: Json, args: readonly Json[], nowMs: number): Json {
  void nowMs
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

function parseTime(value: Json, format: Json): Json {
  if (typeof value !== 'string') return fail(`strptime/1 requires string inputs and arguments`)
  const parts = { Y: 1900, m: 1, d: 1, H: 0, M: 0, S: 0 }
  let rest = value
  let offset = 0
  const bad = (): never => fail(`date "${value}" does not match format "${String(format)}"`)
  const expanded = String(format).replace(/%T/g, '%H:%M:%S').replace(/%F/g, '%Y-%m-%d').replace(/%D/g, '%m/%d/%y').replace(/%R/g, '%H:%M')
  for (let i = 0; i < expanded.length; i++) {
    if (expanded[i] !== '%') {
      if (/\s/.test(expanded[i] as string)) rest = rest.replace(/^\s+/, '')
      else if (rest.startsWith(expanded[i] as string)) rest = rest.slice(1)
      else bad()
      continue
    }
    const kind = expanded[++i] as string
    const pattern = ({ Y: /^\d{4}/, m: /^\d{1,2}/, d: /^\s?\d{1,2}/, e: /^\s?\d{1,2}/, H: /^\d{1,2}/, M: /^\d{1,2}/, S: /^\d{1,2}/, y: /^\d{2}/, j: /^\d{1,3}/, b: /^[A-Za-z]+/, B: /^[A-Za-z]+/, a: /^[A-Za-z]+/, A: /^[A-Za-z]+/, Z: /^[A-Za-z]+/, z: /^(?:Z|[-+]\d\d:?\d\d)/, s: /^\d+/ } as Record<string, RegExp>)[kind]
    const match = pattern?.exec(rest)
    if (!match) return bad()
    rest = rest.slice(match[0].length)
    if (kind === 'b' || kind === 'B') parts.m = months.indexOf(match[0].slice(0, 3).toLowerCase()) + 1
    else if (kind === 'y') parts.Y = Number(match[0]) + (Number(match[0]) < 69 ? 2000 : 1900)
    else if (kind === 'e') parts.d = Number(match[0])
    else if (kind === 's') return brokenDown(Number(match[0]))
    else if (kind in parts) parts[kind as 'Y'] = Number(match[0])
    void offset
    offset = 0
  }
  if (rest !== '') bad()
  return brokenDown(Date.UTC(parts.Y, parts.m - 1, parts.d, parts.H, parts.M, parts.S) / 1000)
}

export { described }
