/** DER, written and read: as much of X.690 as keys and certificates need. */
import { concatBytes, decodeUtf8, encodeUtf8 } from '#engine/base/bytes'

export const tag = {
  boolean: 0x01, integer: 0x02, bitString: 0x03, octetString: 0x04, nil: 0x05, oid: 0x06, utf8: 0x0c, printable: 0x13, t61: 0x14, ia5: 0x16,
  utcTime: 0x17, generalizedTime: 0x18, universal: 0x1c, bmp: 0x1e, sequence: 0x30, set: 0x31,
} as const

/** Bytes that are not the DER they ought to be. */
export class DerError extends Error {
  override readonly name = 'DerError'
}

export function tlv(tagByte: number, ...content: Uint8Array[]): Uint8Array {
  const length = content.reduce((sum, part) => sum + part.length, 0)
  return concatBytes([Uint8Array.of(tagByte, ...lengthBytes(length)), ...content])
}

function lengthBytes(length: number): number[] {
  if (length < 0x80) return [length]
  const bytes: number[] = []
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest & 255)
  return [0x80 | bytes.length, ...bytes]
}

export const sequence = (...parts: Uint8Array[]): Uint8Array => tlv(tag.sequence, ...parts)
export const set = (...parts: Uint8Array[]): Uint8Array => tlv(tag.set, ...parts)
export const nil = (): Uint8Array => tlv(tag.nil)
export const boolean = (value: boolean): Uint8Array => tlv(tag.boolean, Uint8Array.of(value ? 0xff : 0))
export const octets = (bytes: Uint8Array): Uint8Array => tlv(tag.octetString, bytes)
export const bits = (bytes: Uint8Array, unused = 0): Uint8Array => tlv(tag.bitString, Uint8Array.of(unused), bytes)
export const text = (value: string, tagByte: number = tag.utf8): Uint8Array => tlv(tagByte, encodeUtf8(value))
/** Context-specific tag: `explicit(0, x)` is `[0] x`, with `primitive` it is the content itself. */
export const explicit = (number: number, ...content: Uint8Array[]): Uint8Array => tlv(0xa0 | number, ...content)
export const implicit = (number: number, content: Uint8Array): Uint8Array => tlv(0x80 | number, content)

export function integer(value: bigint | number): Uint8Array {
  let hex = BigInt(value).toString(16)
  if (hex.length % 2 === 1) hex = `0${hex}`
  const bytes = hexBytes(hex)
  return (bytes[0] ?? 0) >= 0x80 ? tlv(tag.integer, Uint8Array.of(0), bytes) : tlv(tag.integer, bytes)
}

export function oid(dotted: string): Uint8Array {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number)
  const bytes: number[] = []
  for (const arc of [first * 40 + second, ...rest]) {
    const group = [arc & 127]
    for (let left = Math.floor(arc / 128); left > 0; left = Math.floor(left / 128)) group.unshift((left & 127) | 128)
    bytes.push(...group)
  }
  return tlv(tag.oid, Uint8Array.from(bytes))
}

/** UTCTime until 2049, GeneralizedTime from then on (RFC 5280). */
export function time(ms: number): Uint8Array {
  const digits = new Date(Math.floor(ms / 1000) * 1000).toISOString().replace(/[-:T]|\.000/g, '')
  const year = Number(digits.slice(0, 4))
  return year >= 1950 && year < 2050 ? text(digits.slice(2), tag.utcTime) : text(digits, tag.generalizedTime)
}

function hexBytes(hex: string): Uint8Array {
  const out = new Uint8Array(hex.length / 2)
  for (let index = 0; index < out.length; index++) out[index] = Number.parseInt(hex.slice(index * 2, index * 2 + 2), 16)
  return out
}

/** One element. Children are read when they are asked for. */
export class Der {
  private parsed: Der[] | undefined

  private constructor(
    readonly tag: number,
    readonly content: Uint8Array,
    /** The element with its header. */
    readonly raw: Uint8Array,
  ) {}

  /** The element that `bytes` are. Trailing bytes are an error unless allowed. */
  static parse(bytes: Uint8Array, options: { trailing?: boolean } = {}): Der {
    const { node, next } = Der.read(bytes, 0)
    if (next !== bytes.length && !options.trailing) throw new DerError('trailing data')
    return node
  }

  private static read(bytes: Uint8Array, at: number): { node: Der; next: number } {
    const tagByte = bytes[at]
    let length = bytes[at + 1]
    if (tagByte === undefined || length === undefined) throw new DerError('truncated element')
    let start = at + 2
    if (length >= 0x80) {
      const count = length & 0x7f
      if (count === 0 || count > 4) throw new DerError('bad length')
      length = 0
      for (let i = 0; i < count; i++) length = length * 256 + (bytes[start + i] ?? 0)
      start += count
    }
    if (start + length > bytes.length) throw new DerError('truncated element')
    return { node: new Der(tagByte, bytes.subarray(start, start + length), bytes.subarray(at, start + length)), next: start + length }
  }

  get children(): readonly Der[] {
    if (this.parsed) return this.parsed
    const out: Der[] = []
    for (let at = 0; at < this.content.length;) {
      const { node, next } = Der.read(this.content, at)
      out.push(node)
      at = next
    }
    return (this.parsed = out)
  }

  child(index: number): Der {
    const node = this.children[index]
    if (!node) throw new DerError('missing element')
    return node
  }

  /** The child with this context tag, constructed or not. */
  context(number: number): Der | undefined {
    return this.children.find((node) => (node.tag & 0xc0) === 0x80 && (node.tag & 0x1f) === number)
  }

  expect(...tags: number[]): this {
    if (!tags.includes(this.tag)) throw new DerError(`unexpected tag 0x${this.tag.toString(16)}`)
    return this
  }

  integer(): bigint {
    this.expect(tag.integer)
    let value = 0n
    for (const byte of this.content) value = (value << 8n) | BigInt(byte)
    return (this.content[0] ?? 0) & 0x80 ? value - (1n << BigInt(this.content.length * 8)) : value
  }

  boolean(): boolean {
    return this.expect(tag.boolean).content[0] !== 0
  }

  oid(): string {
    this.expect(tag.oid)
    const arcs: number[] = []
    let arc = 0
    for (const byte of this.content) {
      arc = arc * 128 + (byte & 127)
      if (byte & 128) continue
      if (arcs.length === 0) arcs.push(Math.min(2, Math.floor(arc / 40)), arc - Math.min(2, Math.floor(arc / 40)) * 40)
      else arcs.push(arc)
      arc = 0
    }
    return arcs.join('.')
  }

  /** A bit string's bytes. */
  bitBytes(): Uint8Array {
    return this.expect(tag.bitString).content.subarray(1)
  }

  text(): string {
    if (this.tag !== tag.bmp) return decodeUtf8(this.content)
    let out = ''
    for (let i = 0; i + 1 < this.content.length; i += 2) out += String.fromCharCode(((this.content[i] ?? 0) << 8) | (this.content[i + 1] ?? 0))
    return out
  }

  time(): number {
    const digits = this.text()
    const short = this.expect(tag.utcTime, tag.generalizedTime).tag === tag.utcTime
    const year = short ? (Number(digits.slice(0, 2)) < 50 ? `20${digits.slice(0, 2)}` : `19${digits.slice(0, 2)}`) : digits.slice(0, 4)
    const rest = digits.slice(short ? 2 : 4)
    const two = (at: number): string => rest.slice(at, at + 2)
    const ms = new Date(`${year}-${two(0)}-${two(2)}T${two(4)}:${two(6)}:${two(8)}Z`).getTime()
    if (Number.isNaN(ms)) throw new DerError('bad time')
    return ms
  }
}
