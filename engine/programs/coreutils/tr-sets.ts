/** tr's arrays: `a-z`, `[:upper:]`, `[x*5]`, `[=e=]`, `\n`. GNU's tr works on bytes; characters beyond ASCII are so several of them. */
import { encodeLossless } from '#engine/base/lossless'

const isLetter = (b: number): boolean => (b >= 65 && b <= 90) || (b >= 97 && b <= 122)
const isDigit = (b: number): boolean => b >= 48 && b <= 57

const classes: Readonly<Record<string, (byte: number) => boolean>> = {
  alnum: (b) => isLetter(b) || isDigit(b), alpha: isLetter, blank: (b) => b === 32 || b === 9, cntrl: (b) => b < 32 || b === 127, digit: isDigit, graph: (b) => b > 32 && b < 127, lower: (b) => b >= 97 && b <= 122,
  print: (b) => b >= 32 && b < 127, punct: (b) => b > 32 && b < 127 && !isLetter(b) && !isDigit(b), space: (b) => b === 32 || (b >= 9 && b <= 13), upper: (b) => b >= 65 && b <= 90, xdigit: (b) => isDigit(b) || (b >= 65 && b <= 70) || (b >= 97 && b <= 102),
}

export interface ByteSet {
  readonly bytes: readonly number[]
  /** Where `[x*]` fills up. */
  readonly fill: { readonly at: number; readonly byte: number } | undefined
  /** Named classes and where they begin. */
  readonly classes: readonly { readonly name: string; readonly at: number }[]
}

/** A set that is none; `quoted` is shown in quotation marks after the message. */
export class SetError extends Error {
  constructor(
    message: string,
    readonly quoted?: string,
  ) {
    super(message)
  }
}

export function parseSet(text: string): ByteSet {
  return new SetReader(encodeLossless(text)).read()
}

/** `set2` made as long as `length` where it has a `[x*]`. */
export function fillUp(set: ByteSet, length: number): readonly number[] {
  if (!set.fill || set.bytes.length >= length) return set.bytes
  const { at, byte } = set.fill
  return [...set.bytes.slice(0, at), ...new Array<number>(length - set.bytes.length).fill(byte), ...set.bytes.slice(at)]
}

export function complement(bytes: readonly number[]): number[] {
  const held = new Set(bytes)
  return Array.from({ length: 256 }, (_, byte) => byte).filter((byte) => !held.has(byte))
}

const escapes: Readonly<Record<string, number>> = { a: 7, b: 8, f: 12, n: 10, r: 13, t: 9, v: 11, '\\': 92 }

class SetReader {
  private at = 0
  private readonly bytes: number[] = []
  private readonly named: { name: string; at: number }[] = []
  private fill: { at: number; byte: number } | undefined

  constructor(private readonly raw: Uint8Array) {}

  read(): ByteSet {
    while (this.at < this.raw.length) {
      const rest = String.fromCharCode(...this.raw.subarray(this.at, this.at + 40))
      if (!this.namedClass(rest) && !this.equivalence(rest) && !this.repeat(rest)) this.range()
    }
    return { bytes: this.bytes, fill: this.fill, classes: this.named }
  }

  private namedClass(rest: string): boolean {
    const match = /^\[:(\w*):\]/.exec(rest)
    if (!match) return false
    const name = match[1] as string
    const member = classes[name]
    if (!member) throw new SetError(name === '' ? "missing character class name '[::]'" : 'invalid character class', name === '' ? undefined : name)
    this.named.push({ name, at: this.bytes.length })
    for (let byte = 0; byte < 256; byte++) if (member(byte)) this.bytes.push(byte)
    this.at += match[0].length
    return true
  }

  private equivalence(rest: string): boolean {
    const match = /^\[=([^]*?)=\]/.exec(rest)
    if (!match) return false
    const text = match[1] as string
    if (text.length !== 1) throw new SetError(text === '' ? "missing equivalence class character '[==]'" : `${text}: equivalence class operand must be a single character`)
    this.bytes.push(text.charCodeAt(0))
    this.at += match[0].length
    return true
  }

  private repeat(rest: string): boolean {
    const match = /^\[(\\[0-7]{1,3}|\\?.)\*(\d*)\]/s.exec(rest)
    if (!match) return false
    const digits = match[2] as string
    this.at++
    const byte = this.unit()
    this.at += digits.length + 2
    const count = digits === '' ? 0 : Number.parseInt(digits, digits.startsWith('0') ? 8 : 10)
    if (count === 0) this.fill = { at: this.bytes.length, byte }
    else for (let n = 0; n < count; n++) this.bytes.push(byte)
    return true
  }

  /** `a-z`, or a single byte. */
  private range(): void {
    const low = this.unit()
    if (this.raw[this.at] !== 45 || this.at + 1 >= this.raw.length) {
      this.bytes.push(low)
      return
    }
    this.at++
    const high = this.unit()
    if (high < low) throw new SetError(`range-endpoints of '${String.fromCharCode(low)}-${String.fromCharCode(high)}' are in reverse collating sequence order`)
    for (let byte = low; byte <= high; byte++) this.bytes.push(byte)
  }

  private unit(): number {
    const byte = this.raw[this.at++] as number
    if (byte !== 92 || this.at >= this.raw.length) return byte
    const rest = String.fromCharCode(...this.raw.subarray(this.at, this.at + 3))
    const octal = /^(?:[0-3][0-7]{2}|[0-7]{1,2})/.exec(rest)?.[0]
    this.at += octal?.length ?? 1
    return octal === undefined ? (escapes[rest.charAt(0)] ?? rest.charCodeAt(0)) : Number.parseInt(octal, 8)
  }
}
