/** Ways to write bytes as text: base64, base32 and their kin. */
import { toBase64, toHex } from '#engine/base/bytes'

export interface Decoded {
  readonly bytes: Uint8Array
  readonly valid: boolean
}

export interface Encoding {
  /** Bytes that make whole digits. */
  readonly group: number
  readonly encode: (bytes: Uint8Array) => string
  /** Decodes what is valid. */
  readonly decode: (text: string) => Decoded
  readonly garbage: RegExp
}

const digits64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
const digits32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
const digits32hex = '0123456789ABCDEFGHIJKLMNOPQRSTUV'
const digits85 = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#'

function toBase32(bytes: Uint8Array): string {
  let out = ''
  for (let i = 0; i < bytes.length; i += 5) {
    const part = bytes.subarray(i, i + 5)
    let value = 0n
    for (let j = 0; j < 5; j++) value = (value << 8n) | BigInt(part[j] ?? 0)
    const digits = Array.from({ length: 8 }, (_, index) => digits32[Number((value >> BigInt(35 - 5 * index)) & 31n)]).join('')
    out += digits.slice(0, [0, 2, 4, 5, 7, 8][part.length]).padEnd(8, '=')
  }
  return out
}

/** Groups of digits, the last filled up with `=`; after it another text may follow. What of a wrong group is whole is kept by base64 alone. */
function decodeDigits(text: string, base: 32 | 64): Decoded {
  const [alphabet, bits, size] = base === 64 ? [digits64, 6, 4] : [digits32, 5, 8]
  const out: number[] = []
  for (let at = 0; at < text.length; at += size) {
    const group = text.slice(at, at + size)
    const digits = group.replace(/=+$/, '')
    const values = Array.from(digits, (digit) => alphabet.indexOf(digit))
    const wrong = values.indexOf(-1)
    const whole = wrong < 0 && group.length === size && Math.floor((digits.length * bits) / 8) > 0
    if (!whole && base === 32) return { bytes: Uint8Array.from(out), valid: false }
    out.push(...bytesOf(wrong < 0 ? values : values.slice(0, wrong), bits))
    if (!whole) return { bytes: Uint8Array.from(out), valid: false }
  }
  return { bytes: Uint8Array.from(out), valid: true }
}

function bytesOf(values: readonly number[], bits: number): number[] {
  const out: number[] = []
  let held = 0
  let count = 0
  for (const value of values) {
    held = ((held << bits) | value) & 0xffff
    count += bits
    if (count < 8) continue
    count -= 8
    out.push((held >> count) & 255)
  }
  return out
}

function translate(text: string, from: string, to: string): string {
  return Array.from(text, (c) => (from.includes(c) ? to.charAt(from.indexOf(c)) : c === '=' ? '=' : '\0')).join('')
}

function decodeHex(text: string): Decoded {
  const digits = /^[0-9A-F]*/.exec(text)?.[0] ?? ''
  return { bytes: Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16)), valid: digits.length === text.length && text.length % 2 === 0 }
}

/** Ones and zeros, the most or the least significant bit first. */
function bitEncoding(order: (bits: string) => string): Encoding {
  return {
    group: 1,
    encode: (bytes) => Array.from(bytes, (byte) => order(byte.toString(2).padStart(8, '0'))).join(''),
    decode: (text) => ({ bytes: Uint8Array.from(text.match(/[01]{8}/g) ?? [], (bits) => Number.parseInt(order(bits), 2)), valid: /^([01]{8})*$/.test(text) }),
    garbage: /[^01]/g,
  }
}

/** Four bytes are five digits; there is no padding. */
function encode85(bytes: Uint8Array): string {
  let out = ''
  for (let at = 0; at + 4 <= bytes.length; at += 4) {
    let value = new DataView(bytes.buffer, bytes.byteOffset + at, 4).getUint32(0)
    let digits = ''
    for (let i = 0; i < 5; i++, value = Math.floor(value / 85)) digits = digits85.charAt(value % 85) + digits
    out += digits
  }
  return out
}

function decode85(text: string): Decoded {
  const out: number[] = []
  for (let at = 0; at + 5 <= text.length; at += 5) {
    const values = Array.from(text.slice(at, at + 5), (digit) => digits85.indexOf(digit))
    const value = values.reduce((sum, digit) => sum * 85 + digit, 0)
    if (values.includes(-1) || value > 0xffffffff) return { bytes: Uint8Array.from(out), valid: false }
    out.push((value >>> 24) & 255, (value >>> 16) & 255, (value >>> 8) & 255, value & 255)
  }
  return { bytes: Uint8Array.from(out), valid: text.length % 5 === 0 }
}

const base64: Encoding = { group: 3, encode: toBase64, decode: (text) => decodeDigits(text, 64), garbage: /[^A-Za-z0-9+/=]/g }
const base32: Encoding = { group: 5, encode: toBase32, decode: (text) => decodeDigits(text, 32), garbage: /[^A-Z2-7=]/g }

export const encodings = {
  base64,
  base64url: { group: 3, encode: (bytes) => toBase64(bytes).replace(/\+/g, '-').replace(/\//g, '_'), decode: (text) => decodeDigits(translate(text, `${digits64.slice(0, 62)}-_`, digits64), 64), garbage: /[^A-Za-z0-9_=-]/g },
  base32,
  base32hex: { group: 5, encode: (bytes) => translate(toBase32(bytes), digits32, digits32hex), decode: (text) => decodeDigits(translate(text, digits32hex, digits32), 32), garbage: /[^0-9A-V=]/g },
  base16: { group: 1, encode: (bytes) => toHex(bytes).toUpperCase(), decode: decodeHex, garbage: /[^0-9A-F]/g },
  base2msbf: bitEncoding((bits) => bits),
  base2lsbf: bitEncoding((bits) => [...bits].reverse().join('')),
  z85: { group: 4, encode: encode85, decode: decode85, garbage: /[^0-9a-zA-Z.:+=^!/*?&<>()[\]{}@%$#-]/g },
} as const satisfies Readonly<Record<string, Encoding>>
