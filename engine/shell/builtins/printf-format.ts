/** printf's formatting, for the builtin and for /usr/bin/printf: they word their complaints differently. */
import { byteLength, decodeLossless, encodeLossless } from '#engine/base/lossless'
import { decodeEcho } from '#engine/shell/syntax/ansi'
import { exponentText, fixedText } from '#engine/shell/builtins/float-text'
import { formatDate } from '#engine/shell/builtins/strftime'

export interface PrintfHost {
  /** A complaint; formatting goes on. `written`: what stands before it. */
  complain(kind: 'invalid-number' | 'out-of-range' | 'trailing' | 'hex', text: string, written: string): void
  /** %q. */
  quote(text: string): string
  now(): number
  startedMs(): number
  timeZoneOffsetMinutes(): number
}

/** An unusable format: ends printf. */
export class FormatError extends Error {
  constructor(
    readonly specification: string,
    readonly kind: 'invalid' | 'missing',
    /** Written before the format failed. */
    readonly output: string,
  ) {
    super(specification)
  }
}

export interface PrintfResult {
  readonly text: string
}

const specification = /^%([-+ #0']*)(\*|\d+)?(?:\.(\*|-?\d*))?(?:hh|h|ll|l|j|z|t|L)?(\([^)]*\))?(.?)/s

export function formatPrintf(host: PrintfHost, format: string, args: readonly string[]): PrintfResult {
  return new Formatter(host, format, args).run()
}

class Formatter {
  private next = 0
  private out = ''
  private stopped = false
  private consumed = false

  constructor(
    private readonly host: PrintfHost,
    private readonly format: string,
    private readonly args: readonly string[],
  ) {}

  run(): PrintfResult {
    do {
      this.consumed = false
      this.pass()
      if (this.out.length > 256 * 1024 * 1024) break
    } while (!this.stopped && this.consumed && this.next < this.args.length)
    return { text: this.out }
  }

  private pass(): void {
    const { format } = this
    let i = 0
    while (i < format.length && !this.stopped) {
      const c = format[i] as string
      if (c === '\\') i = this.backslash(i)
      else if (c === '%' && format[i + 1] === '%') {
        this.out += '%'
        i += 2
      } else if (c === '%') i = this.conversion(i)
      else {
        this.out += c
        i++
      }
    }
  }

  private backslash(i: number): number {
    const match = /^\\(?:x[0-9a-fA-F]{1,2}|u[0-9a-fA-F]{1,4}|U[0-9a-fA-F]{1,8}|[0-7]{1,3}|[^])/.exec(this.format.slice(i, i + 12))
    if (!match) {
      this.out += '\\'
      return i + 1
    }
    if (match[0] === '\\c') {
      this.out += '\\c'
      return i + 2
    }
    if (match[0] === '\\"' || match[0] === "\\'" || match[0] === '\\?') this.out += match[0].charAt(1)
    else this.out += /^\\[0-7]/.test(match[0]) ? decodeLossless(Uint8Array.of(Number.parseInt(match[0].slice(1), 8) & 255)) : decodeEcho(match[0], true).text
    return i + match[0].length
  }

  private argument(): string | undefined {
    this.consumed = true
    return this.args[this.next++]
  }

  private conversion(i: number): number {
    const match = specification.exec(this.format.slice(i)) as RegExpExecArray
    let flags = match[1] as string
    let width = match[2] === '*' ? Number(this.integer(this.argument())) : Number(match[2] ?? 0)
    const precision = match[3] === undefined ? undefined : match[3] === '*' ? Number(this.integer(this.argument())) : Number(match[3] || 0)
    const kind = match[5] as string
    if (width < 0) {
      flags += '-'
      width = -width
    }
    if (kind === '' || !'diouxXcsbqQeEfFgGaAnT'.includes(kind)) throw new FormatError(match[0], kind === '' ? 'missing' : 'invalid', this.out)
    this.out += this.convert(kind, flags, width, precision !== undefined && precision < 0 ? undefined : precision, match[4])
    return i + match[0].length
  }

  private convert(kind: string, flags: string, width: number, precision: number | undefined, paren: string | undefined): string {
    switch (kind) {
      case 's': return pad(cut(this.argument() ?? '', precision), flags, width)
      case 'b': return this.escaped(flags, width, precision)
      case 'c': return pad(firstCharacter(this.argument() ?? ''), flags, width)
      case 'q': case 'Q': return pad(kind === 'Q' ? this.host.quote(cut(this.argument() ?? '', precision)) : cut(this.host.quote(this.argument() ?? ''), precision), flags, width)
      case 'n': {
        this.argument()
        return ''
      }
      case 'T': return pad(cut(this.time(paren), precision), flags, width)
      case 'd': case 'i': return signed(this.integer(this.argument()), flags, width, precision)
      case 'o': case 'u': case 'x': case 'X': return unsigned(this.integer(this.argument()), kind, flags, width, precision)
      default: return float(this.number(this.argument()), kind, flags, width, precision)
    }
  }

  private escaped(flags: string, width: number, precision: number | undefined): string {
    const { text, stop } = decodeEcho(this.argument() ?? '', true)
    if (stop) this.stopped = true
    return pad(cut(text.replace(/\\(["'?])/g, '$1'), precision), flags, width)
  }

  private time(paren: string | undefined): string {
    const given = this.argument()
    const seconds = given === undefined || given === '-1' ? this.host.now() / 1000 : given === '-2' ? this.host.startedMs() / 1000 : Number(this.integer(given))
    return formatDate((paren ?? '()').slice(1, -1) || '%X', seconds * 1000, this.host.timeZoneOffsetMinutes(), 'UTC')
  }

  private integer(text: string | undefined): bigint {
    if (text === undefined) return 0n
    const quoted = /^\s*["']/.exec(text)
    if (quoted) return BigInt(text.slice(quoted[0].length).codePointAt(0) ?? 0)
    if (text === '') return 0n
    const match = /^\s*([+-]?)(0[xX][0-9a-fA-F]+|0[0-7]*|[1-9]\d*)/.exec(text)
    if (!match) {
      this.host.complain('invalid-number', text, this.out)
      return 0n
    }
    if (match[0].length < text.length) this.host.complain('trailing', text, this.out)
    const digits = match[2] as string
    const value = BigInt(/^0[0-7]+$/.test(digits) ? `0o${digits.slice(1)}` : digits) * (match[1] === '-' ? -1n : 1n)
    if (value > 9223372036854775807n || value < -9223372036854775808n) {
      if (value > 18446744073709551615n || value < 0n) this.host.complain('out-of-range', text, this.out)
      if (value < 0n) return -9223372036854775808n
      return value > 18446744073709551615n ? 9223372036854775807n : value
    }
    return value
  }

  private number(text: string | undefined): number {
    if (text === undefined || text === '') return 0
    const quoted = /^\s*["']/.exec(text)
    if (quoted) return text.slice(quoted[0].length).codePointAt(0) ?? 0
    const match = /^\s*[+-]?(?:inf(?:inity)?|nan|0[xX][0-9a-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)/i.exec(text)
    if (!match) {
      this.host.complain('invalid-number', text, this.out)
      return 0
    }
    if (match[0].length < text.length) this.host.complain('trailing', text, this.out)
    const body = match[0].trim().toLowerCase()
    if (/inf/.test(body)) return body.startsWith('-') ? -Infinity : Infinity
    if (/nan/.test(body)) return NaN
    return Number(body)
  }
}

function firstCharacter(text: string): string {
  return text === '' ? '' : decodeLossless(encodeLossless(text).subarray(0, 1))
}

/** Precision and width count bytes, as in libc. */
function cut(text: string, precision: number | undefined): string {
  if (precision === undefined || byteLength(text) <= precision) return text
  return decodeLossless(encodeLossless(text).subarray(0, precision))
}

function pad(text: string, flags: string, width: number): string {
  const missing = width - byteLength(text)
  if (missing <= 0) return text
  return flags.includes('-') ? text + ' '.repeat(missing) : ' '.repeat(missing) + text
}

function padNumber(sign: string, digits: string, flags: string, width: number, zeros: boolean): string {
  const missing = width - sign.length - digits.length
  if (missing <= 0) return sign + digits
  if (flags.includes('-')) return sign + digits + ' '.repeat(missing)
  return zeros && flags.includes('0') ? sign + '0'.repeat(missing) + digits : ' '.repeat(missing) + sign + digits
}

export function signed(value: bigint, flags: string, width: number, precision: number | undefined): string {
  const wrapped = BigInt.asIntN(64, value)
  const sign = wrapped < 0n ? '-' : flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : ''
  let digits = (wrapped < 0n ? -wrapped : wrapped).toString()
  if (precision !== undefined) digits = precision === 0 && wrapped === 0n ? '' : digits.padStart(precision, '0')
  return padNumber(sign, digits, flags, width, precision === undefined)
}

export function unsigned(value: bigint, kind: string, flags: string, width: number, precision: number | undefined): string {
  const wrapped = BigInt.asUintN(64, value)
  let digits = wrapped.toString(kind === 'o' ? 8 : kind === 'u' ? 10 : 16)
  if (kind === 'X') digits = digits.toUpperCase()
  if (precision !== undefined) digits = precision === 0 && wrapped === 0n ? '' : digits.padStart(precision, '0')
  if (flags.includes('#') && kind === 'o' && !digits.startsWith('0')) digits = `0${digits}`
  const prefix = flags.includes('#') && wrapped !== 0n && (kind === 'x' || kind === 'X') ? `0${kind}` : ''
  return padNumber(prefix, digits, flags, width, precision === undefined)
}

export function float(value: number, kind: string, flags: string, width: number, precision: number | undefined): string {
  const negative = value < 0 || Object.is(value, -0)
  const sign = negative ? '-' : flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : ''
  const upper = kind === kind.toUpperCase()
  if (!Number.isFinite(value)) {
    const word = Number.isNaN(value) ? 'nan' : 'inf'
    return padNumber(Number.isNaN(value) ? '' : sign, upper ? word.toUpperCase() : word, flags, width, false)
  }
  const digits = floatDigits(Math.abs(value), kind.toLowerCase(), flags, precision)
  return padNumber(sign, upper ? digits.toUpperCase() : digits, flags, width, true)
}

function floatDigits(value: number, kind: string, flags: string, precision: number | undefined): string {
  if (kind === 'f') return fixedText(value, precision ?? 6) + (flags.includes('#') && precision === 0 ? '.' : '')
  if (kind === 'e') return exponentText(value, precision ?? 6)
  if (kind === 'a') return `0x${value.toString(16)}p+0`
  const significant = precision === 0 ? 1 : (precision ?? 6)
  if (value === 0) return flags.includes('#') ? `0.${'0'.repeat(significant - 1)}` : '0'
  const power = Number(exponentText(value, significant - 1).split('e')[1])
  let text = power < -4 || power >= significant ? exponentText(value, significant - 1) : fixedText(value, Math.max(0, significant - 1 - power))
  if (!flags.includes('#')) text = text.includes('e') ? text.replace(/\.?0+e/, 'e') : text.includes('.') ? text.replace(/\.?0+$/, '') : text
  return text
}
