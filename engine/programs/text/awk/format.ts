/** awk's printf. */
import { floatText, toNumber, toText, type Value } from '#engine/programs/text/awk/values'

export class FormatProblem extends Error {
  constructor(
    message: string,
    /** What was formatted before. */
    readonly output: string,
  ) {
    super(message)
  }
}

export function formatAwk(format: string, args: readonly Value[], convert: string, caller: string): string {
  let next = 0
  let out = ''
  let last = 0
  const take = (): Value => {
    if (next >= args.length) throw new FormatProblem(`not enough arguments passed to ${caller}("${format}")`, out)
    return args[next++] as Value
  }
  for (const match of format.matchAll(/%([-+ #0]*)(\*|\d+)?(?:\.(\*|\d*))?(?:hh?|ll?|[qjzL])?([^])|%$/g)) {
    out += format.slice(last, match.index)
    last = match.index + match[0].length
    if (match[4] === undefined) {
      take()
      out += match[0]
      continue
    }
    if (match[4] === '%') {
      out += '%'
      continue
    }
    let flags = match[1] as string
    let width = match[2] === '*' ? Math.trunc(toNumber(take())) : Number(match[2] ?? 0)
    if (width < 0) {
      flags += '-'
      width = -width
    }
    const precision = match[3] === undefined ? undefined : match[3] === '*' ? Math.trunc(toNumber(take())) : Number(match[3] || 0)
    if (!'diouxXeEfFgGcs'.includes(match[4])) throw new FormatProblem(`bad conversion in call to ${caller}("${format}")`, out)
    out += pad(...piece(match[4], take(), flags, precision, convert), flags, width)
  }
  return out + format.slice(last)
}

/** Sign, body, and whether zeros may fill. */
function piece(kind: string, value: Value, flags: string, precision: number | undefined, convert: string): [string, string, boolean] {
  if (kind === 's') {
    const text = toText(value, convert)
    return ['', precision === undefined ? text : text.slice(0, precision), false]
  }
  if (kind === 'c') return ['', typeof value === 'string' ? value.charAt(0) || '\0' : typeof value === 'number' ? String.fromCharCode(value & 255) : value.text.charAt(0), false]
  const number = toNumber(value)
  const sign = number < 0 ? '-' : flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : ''
  if (!Number.isFinite(number)) return [sign, Number.isNaN(number) ? 'nan' : 'inf', false]
  if ('eEfFgG'.includes(kind)) return [sign, floatText(kind === 'F' ? 'f' : kind, Math.abs(number), precision), true]
  if (kind === 'd' || kind === 'i') {
    const digits = String(Math.min(Math.abs(Math.trunc(number)), 2147483647 + (number < 0 ? 1 : 0)))
    return [sign, precision === undefined ? digits : digits.padStart(precision, '0'), precision === undefined]
  }
  const positive = Math.max(0, Math.trunc(number))
  let digits = positive.toString(kind === 'o' ? 8 : kind === 'u' ? 10 : 16)
  if (kind === 'X') digits = digits.toUpperCase()
  if (precision !== undefined) digits = digits.padStart(precision, '0')
  return [flags.includes('#') && positive !== 0 ? (kind === 'o' ? '0' : kind === 'u' ? '' : `0${kind}`) : '', digits, precision === undefined]
}

function pad(sign: string, body: string, zeros: boolean, flags: string, width: number): string {
  const missing = width - sign.length - body.length
  if (missing <= 0) return sign + body
  if (flags.includes('-')) return sign + body + ' '.repeat(missing)
  return zeros && flags.includes('0') ? sign + '0'.repeat(missing) + body : ' '.repeat(missing) + sign + body
}
