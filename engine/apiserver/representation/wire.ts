/** The wire format of protobuf, as far as Kubernetes uses it. */
import { encodeUtf8 } from '#engine/base/bytes'

export interface ProtoField {
  readonly number: number
  /** Of length-delimited fields. */
  readonly bytes: Uint8Array
  /** Of varints and fixed numbers. */
  readonly value: bigint
  /** Length-delimited: bytes, a message, or numbers packed together. */
  readonly delimited: boolean
}

const none = new Uint8Array(0)

/** Throws RangeError on bytes that end too early. */
export class ProtoReader {
  private at = 0

  constructor(private readonly bytes: Uint8Array) {}

  *fields(): Generator<ProtoField> {
    while (this.at < this.bytes.length) {
      const tag = Number(this.varint())
      const number = Math.floor(tag / 8)
      switch (tag & 7) {
        case 0: yield { number, bytes: none, value: this.varint(), delimited: false }; break
        case 1: yield { number, bytes: none, value: this.fixed(8), delimited: false }; break
        case 2: yield { number, bytes: this.take(Number(this.varint())), value: 0n, delimited: true }; break
        case 5: yield { number, bytes: none, value: this.fixed(4), delimited: false }; break
        default: throw new RangeError(`proto: illegal wireType ${tag & 7}`)
      }
    }
  }

  /** Numbers without tags, one after the other. */
  *packed(): Generator<bigint> {
    while (this.at < this.bytes.length) yield this.varint()
  }

  private varint(): bigint {
    let small = 0
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = this.byte()
      small |= (byte & 127) << shift
      if (byte < 128) return BigInt(small)
    }
    let out = BigInt(small)
    for (let shift = 28n; shift < 70n; shift += 7n) {
      const byte = this.byte()
      out |= BigInt(byte & 127) << shift
      if (byte < 128) return out
    }
    throw new RangeError('proto: integer overflow')
  }

  private fixed(length: number): bigint {
    const part = this.take(length)
    let out = 0n
    for (let i = length - 1; i >= 0; i--) out = (out << 8n) | BigInt(part[i] ?? 0)
    return out
  }

  private take(length: number): Uint8Array {
    if (length < 0 || this.at + length > this.bytes.length) throw new RangeError('unexpected EOF')
    this.at += length
    return this.bytes.subarray(this.at - length, this.at)
  }

  private byte(): number {
    const byte = this.bytes[this.at++]
    if (byte === undefined) throw new RangeError('unexpected EOF')
    return byte
  }
}

export class ProtoWriter {
  private buffer = new Uint8Array(64)
  private length = 0

  varint(number: number, value: bigint): void {
    this.raw(BigInt(number * 8))
    this.raw(BigInt.asUintN(64, value))
  }

  text(number: number, text: string): void {
    this.message(number, encodeUtf8(text))
  }

  message(number: number, bytes: Uint8Array): void {
    this.raw(BigInt(number * 8 + 2))
    this.raw(BigInt(bytes.length))
    this.room(bytes.length)
    this.buffer.set(bytes, this.length)
    this.length += bytes.length
  }

  fixed64(number: number, value: number): void {
    this.raw(BigInt(number * 8 + 1))
    this.room(8)
    new DataView(this.buffer.buffer).setFloat64(this.length, value, true)
    this.length += 8
  }

  finish(): Uint8Array {
    return this.buffer.slice(0, this.length)
  }

  private raw(value: bigint): void {
    this.room(10)
    let rest = value
    while (rest > 127n) {
      this.buffer[this.length++] = Number(rest & 127n) | 128
      rest >>= 7n
    }
    this.buffer[this.length++] = Number(rest)
  }

  private room(bytes: number): void {
    if (this.length + bytes <= this.buffer.length) return
    const larger = new Uint8Array(Math.max(this.buffer.length * 2, this.length + bytes))
    larger.set(this.buffer.subarray(0, this.length))
    this.buffer = larger
  }
}
