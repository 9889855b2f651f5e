/** Seeded randomness: the same seed gives the same names, addresses, uids and order of events. Never for real secrets. */
import { toHex } from '#engine/base/bytes'

export interface Random {
  /** A number in [0, 1). */
  next(): number
  /** An integer in [0, below). */
  integer(below: number): number
  bytes(length: number): Uint8Array
  /** `length` characters of the alphabet of Kubernetes' generated names: no vowels, no 0, 1 or 3. */
  suffix(length: number): string
  /** A version 4 UUID. */
  uuid(): string
  /** Another, independent source, the same for the same label each time. */
  fork(label: string): Random
}

const nameAlphabet = 'bcdfghjklmnpqrstvwxz2456789'

/** sfc32 over a hash of the seed; passes PractRand, needs four words of state. */
export class SeededRandom implements Random {
  private a: number
  private b: number
  private c: number
  private d = 1

  constructor(private readonly seed: string) {
    const hash = hashWords(seed)
    this.a = hash[0]
    this.b = hash[1]
    this.c = hash[2]
    for (let i = 0; i < 12; i++) this.word()
  }

  next(): number {
    return this.word() / 4294967296
  }

  integer(below: number): number {
    return Math.floor(this.next() * below)
  }

  bytes(length: number): Uint8Array {
    const out = new Uint8Array(length)
    for (let i = 0; i < length; i++) out[i] = this.word() & 255
    return out
  }

  suffix(length: number): string {
    let out = ''
    for (let i = 0; i < length; i++) out += nameAlphabet.charAt(this.integer(nameAlphabet.length))
    return out
  }

  uuid(): string {
    const bytes = this.bytes(16)
    bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40
    bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
    const hex = toHex(bytes)
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
  }

  fork(label: string): Random {
    return new SeededRandom(`${this.seed}/${label}`)
  }

  private word(): number {
    const sum = (this.a + this.b + this.d) | 0
    this.d = (this.d + 1) | 0
    this.a = this.b ^ (this.b >>> 9)
    this.b = (this.c + (this.c << 3)) | 0
    this.c = (((this.c << 21) | (this.c >>> 11)) + sum) | 0
    return sum >>> 0
  }
}

function hashWords(text: string): [number, number, number] {
  let h1 = 0x9e3779b9
  let h2 = 0x243f6a88
  let h3 = 0xb7e15162
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    h1 = Math.imul(h1 ^ code, 0x85ebca6b)
    h2 = Math.imul(h2 ^ code, 0xc2b2ae35)
    h3 = Math.imul(h3 ^ (code + i), 0x27d4eb2f)
  }
  return [h1 ^ (h1 >>> 15), h2 ^ (h2 >>> 13), h3 ^ (h3 >>> 16)]
}
