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
    const text = this.textual(kind, precision, paren)
    if (text !== undefined) return pad(text, flags, width)
    if (kind === 'd' || kind === 'i') return signed(this.signedInteger(this.argument()), flags, width, precision)
    if ('ouxX'.includes(kind)) return unsigned(this.integer(this.argument()), kind, flags, width, precision)
    return float(this.number(this.argument()), kind, flags, width, precision)
  }

  /** Conversions that give text; undefined for those of numbers. */
  private textual(kind: string, precision: number | undefined, paren: string | undefined): string | undefined {
    switch (kind) {
      case 's': return cut(this.argument() ?? '', precision)
      case 'b': return this.escaped(precision)
      case 'c': return firstCharacter(this.argument() ?? '')
      case 'q': return cut(this.host.quote(this.argument() ?? ''), precision)
      case 'Q': return this.host.quote(cut(this.argument() ?? '', precision))
      case 'T': return cut(this.time(paren), precision)
      case 'n': return this.argument()?.slice(0, 0) ?? ''
      default: return undefined
    }
  }

  private escaped(precision: number | undefined): string {
    const { text, stop } = decodeEcho(this.argument() ?? '', true)
    if (stop) this.stopped = true
    return cut(text, precision)
  }

  private time(paren: string | undefined): string {
    const given = this.argument()
    const seconds = given === undefined || given === '-1' ? this.host.now() / 1000 : given === '-2' ? this.host.startedMs() / 1000 : Number(this.integer(given))
    return formatDate((paren ?? '()').slice(1, -1) || '%X', seconds * 1000, this.host.timeZoneOffsetMinutes(), 'UTC')
  }

  private integer(text: string | undefined): bigint {
    if (text === undefined || text === '') return 0n
    const quoted = /^\s*["']/.exec(text)
    if (quoted) return BigInt(text.slice(quoted[0].length).codePointAt(0) ?? 0)
    const match = /^\s*([+-]?)(0[xX][0-9a-fA-F]+|0[0-7]*|[1-9]\d*)/.exec(text)
    if (!match) {
      this.host.complain('invalid-number', text, this.out)
      return 0n
    }
    if (match[0].length < text.length) this.host.complain('trailing', text, this.out)
    const digits = match[2] as string
    return this.inRange(BigInt(/^0[0-7]+$/.test(digits) ? `0o${digits.slice(1)}` : digits) * (match[1] === '-' ? -1n : 1n), text)
  }

  private signedInteger(text: string | undefined): bigint {
    const value = this.integer(text)
    if (value <= 9223372036854775807n) return value
    if (inUnsignedRange(text ?? '')) this.host.complain('out-of-range', text ?? '', this.out)
    return 9223372036854775807n
  }

  /** What fits into 64 bits, with or without a sign. */
  private inRange(value: bigint, text: string): bigint {
    if (value >= -9223372036854775808n && value <= 18446744073709551615n) return value
    this.host.complain('out-of-range', text, this.out)
    return value < 0n ? -9223372036854775808n : 18446744073709551615n
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

/** What `%d` cannot show though it is a number of 64 bits: nobody has complained of it yet. */
function inUnsignedRange(text: string): boolean {
  return /^\s*\+?(0x[0-9a-f]+|\d+)/i.test(text) && BigInt(/(0x[0-9a-f]+|\d+)/i.exec(text)?.[0] ?? 0) <= 18446744073709551615n
}

function firstCharacter(text: string): string {
  return text === '' ? '\0' : decodeLossless(encodeLossless(text).subarray(0, 1))
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
  const radix = kind === 'o' ? 8 : kind === 'u' ? 10 : 16
  let digits = wrapped.toString(radix)
  if (kind === 'X') digits = digits.toUpperCase()
  if (precision !== undefined) digits = precision === 0 && wrapped === 0n ? '' : digits.padStart(precision, '0')
  return padNumber(alternative(flags, kind, digits, wrapped), digits, flags, width, precision === undefined)
}

/** What `#` puts before the digits. */
function alternative(flags: string, kind: string, digits: string, value: bigint): string {
  if (!flags.includes('#')) return ''
  if (kind === 'o') return digits.startsWith('0') ? '' : '0'
  return value !== 0n && kind !== 'u' ? `0${kind}` : ''
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
  switch (kind) {
    case 'f': return fixedText(value, precision ?? 6) + (flags.includes('#') && precision === 0 ? '.' : '')
    case 'e': return exponentText(value, precision ?? 6)
    case 'a': return hexText(value, precision)
    default: return shortest(value, precision === 0 ? 1 : (precision ?? 6), flags.includes('#'))
  }
}

/** `%g`. */
function shortest(value: number, significant: number, keepsZeros: boolean): string {
  if (value === 0) return keepsZeros ? `0.${'0'.repeat(significant - 1)}` : '0'
  const power = Number(exponentText(value, significant - 1).split('e')[1])
  const text = power < -4 || power >= significant ? exponentText(value, significant - 1) : fixedText(value, Math.max(0, significant - 1 - power))
  if (keepsZeros) return text
  return text.includes('e') ? text.replace(/\.?0+e/, 'e') : text.includes('.') ? text.replace(/\.?0+$/, '') : text
}

/** `%a` as x86 prints its 80-bit numbers: the first digit holds four bits. */
function hexText(value: number, precision: number | undefined): string {
  if (value === 0) return '0x0p+0'
  const exponent = Math.floor(Math.log2(value))
  let digits = (value / 2 ** exponent * 8).toString(16)
  if (precision !== undefined) {
    const [whole = '', rest = ''] = digits.split('.')
    digits = precision === 0 ? whole : `${whole}.${rest.padEnd(precision, '0').slice(0, precision)}`
  }
  const power = exponent - 3
  return `0x${digits}p${power < 0 ? '-' : '+'}${Math.abs(power)}`
}
