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

const directive = /%([-+ #0]*)(\*|\d+)?(?:\.(\*|\d*))?(?:hh?|ll?|[qjzL])?([^])|%$/g

export function formatAwk(format: string, args: readonly Value[], convert: string, caller: string): string {
  let next = 0
  let out = ''
  let last = 0
  let conversions = 0
  const take = (): Value => {
    if (next >= args.length) throw new FormatProblem(`not enough arguments passed to ${caller}("${format}")`, out)
    return args[next++] as Value
  }
  for (const match of format.matchAll(directive)) {
    out += format.slice(last, match.index)
    last = match.index + match[0].length
    if (match[0] === '%%') {
      out += '%'
      continue
    }
    conversions++
    const kind = match[4]
    if (kind === undefined || !Object.hasOwn(pieces, kind)) {
      take()
      if (kind !== undefined) throw new FormatProblem(`improper conversion(number ${conversions}) in ${caller}("${format}")`, out)
      out += match[0]
    } else out += converted(kind, layoutOf(match, take), take(), convert)
  }
  return out + format.slice(last)
}

interface Layout {
  readonly flags: string
  readonly width: number
  readonly precision: number | undefined
}

/** A width or precision of `*` is an argument; a negative width sets text to the left. */
function layoutOf(match: RegExpExecArray, take: () => Value): Layout {
  const flags = match[1] ?? ''
  const width = match[2] === '*' ? Math.trunc(toNumber(take())) : Number(match[2] ?? 0)
  const precision = match[3] === undefined ? undefined : match[3] === '*' ? Math.trunc(toNumber(take())) : Number(match[3] || 0)
  return { flags: width < 0 ? `${flags}-` : flags, width: Math.abs(width), precision }
}

function converted(kind: string, layout: Layout, value: Value, convert: string): string {
  const { sign, body, zeros } = pieces[kind]?.(value, layout, kind, convert) ?? { sign: '', body: '', zeros: false }
  return pad(sign, body, zeros, layout.flags, layout.width)
}

/** Sign, body, and whether zeros may fill. */
interface Piece {
  readonly sign: string
  readonly body: string
  readonly zeros: boolean
}

type Convert = (value: Value, layout: Layout, kind: string, convert: string) => Piece

const plain = (body: string): Piece => ({ sign: '', body, zeros: false })

const text: Convert = (value, { precision }, _, convert) => plain(toText(value, convert).slice(0, precision))

const character: Convert = (value) => {
  if (typeof value === 'number') return plain(String.fromCharCode(value & 255))
  return plain((typeof value === 'string' ? value : value.text).charAt(0) || '\0')
}

function signOf(number: number, flags: string): string {
  if (number < 0) return '-'
  return flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : ''
}

const float: Convert = (value, { flags, precision }, kind) => {
  const number = toNumber(value)
  if (Number.isNaN(number)) return { sign: '-', body: 'nan', zeros: false }
  if (!Number.isFinite(number)) return { sign: signOf(number, flags), body: 'inf', zeros: false }
  return { sign: signOf(number, flags), body: floatText(kind === 'F' ? 'f' : kind, Math.abs(number), precision), zeros: true }
}

const maxInteger = 2147483647

const decimal: Convert = (value, layout, kind) => {
  const number = toNumber(value)
  if (!Number.isFinite(number)) return float(value, layout, kind, '')
  const digits = String(Math.min(Math.abs(Math.trunc(number)), maxInteger))
  return { sign: signOf(number, layout.flags), body: digits.padStart(layout.precision ?? 0, '0'), zeros: layout.precision === undefined }
}

const bases: Readonly<Record<string, readonly [base: number, prefix: string]>> = { o: [8, '0'], u: [10, ''], x: [16, '0x'], X: [16, '0X'] }

const unsigned: Convert = (value, layout, kind) => {
  const number = toNumber(value)
  if (!Number.isFinite(number)) return float(value, layout, kind, '')
  const [base, prefix] = bases[kind] ?? [10, '']
  const positive = Math.max(0, Math.trunc(number))
  const digits = positive.toString(base).padStart(layout.precision ?? 0, '0')
  return { sign: layout.flags.includes('#') && positive !== 0 ? prefix : '', body: kind === 'X' ? digits.toUpperCase() : digits, zeros: layout.precision === undefined }
}

const pieces: Readonly<Record<string, Convert>> = { s: text, c: character, d: decimal, i: decimal, o: unsigned, u: unsigned, x: unsigned, X: unsigned, e: float, E: float, f: float, F: float, g: float, G: float }

function pad(sign: string, body: string, zeros: boolean, flags: string, width: number): string {
  const missing = width - sign.length - body.length
  if (missing <= 0) return sign + body
  if (flags.includes('-')) return sign + body + ' '.repeat(missing)
  return zeros && flags.includes('0') ? sign + '0'.repeat(missing) + body : ' '.repeat(missing) + sign + body
}
