/** The published algorithms of crypt(3): MD5 (`$1$`, `$apr1$`) and SHA-2 (`$5$`, `$6$`). */
import { md5 } from '@noble/hashes/legacy.js'
import { sha256, sha512 } from '@noble/hashes/sha2.js'
import { concatBytes, encodeUtf8 } from '#engine/base/bytes'

const digits = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** Three bytes as four digits, the lowest bits first. */
function digitsOf(bytes: Uint8Array, order: readonly (readonly number[])[]): string {
  return order.map((group) => {
    let value = group.reduce((sum, at) => (sum << 8) | (bytes[at] as number), 0)
    let out = ''
    for (let i = 0; i < group.length + 1; i++, value >>>= 6) out += digits.charAt(value & 63)
    return out
  }).join('')
}

const md5Order = [[0, 6, 12], [1, 7, 13], [2, 8, 14], [3, 9, 15], [4, 10, 5], [11]]

export function md5Crypt(kind: string, password: string, salt: string): string {
  const [word, grain, magic] = [encodeUtf8(password), encodeUtf8(salt), encodeUtf8(`$${kind}$`)]
  const inner = md5(concatBytes([word, grain, word]))
  const parts = [word, magic, grain, repeated(inner, word.length)]
  for (let length = word.length; length > 0; length >>= 1) parts.push(length & 1 ? Uint8Array.of(0) : word.subarray(0, 1))
  let result = md5(concatBytes(parts))
  for (let round = 0; round < 1000; round++) result = md5(concatBytes(roundParts(round, result, word, grain)))
  return `$${kind}$${salt}$${digitsOf(result, md5Order)}`
}

/** Which of word, salt and the last result go into a round, and in what order. */
function roundParts(round: number, result: Uint8Array, word: Uint8Array, grain: Uint8Array): Uint8Array[] {
  const odd = round % 2 === 1
  return [odd ? word : result, ...(round % 3 === 0 ? [] : [grain]), ...(round % 7 === 0 ? [] : [word]), odd ? result : word]
}

/** So many bytes, going round. */
function repeated(bytes: Uint8Array, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => bytes[index % bytes.length] as number)
}

export function shaCrypt(kind: '5' | '6', password: string, salt: string): string {
  const hash = kind === '5' ? sha256 : sha512
  const [word, grain] = [encodeUtf8(password), encodeUtf8(salt)]
  const inner = hash(concatBytes([word, grain, word]))
  const parts = [word, grain, repeated(inner, word.length)]
  for (let length = word.length; length > 0; length >>= 1) parts.push(length & 1 ? inner : word)
  let result = hash(concatBytes(parts))
  const p = repeated(hash(repeated(word, word.length * word.length)), word.length)
  const s = repeated(hash(repeated(grain, grain.length * (16 + (result[0] as number)))), grain.length)
  for (let round = 0; round < 5000; round++) result = hash(concatBytes(roundParts(round, result, p, s)))
  return `$${kind}$${salt}$${digitsOf(result, kind === '5' ? sha256Order : sha512Order)}`
}

const sha256Order = [...Array.from({ length: 10 }, (_, i) => rotated([i, i + 10, i + 20], i % 3 === 0 ? 0 : i % 3 === 1 ? 2 : 1)), [31, 30]]
const sha512Order = [...Array.from({ length: 21 }, (_, i) => rotated([i, i + 21, i + 42], i % 3)), [63]]

function rotated(group: readonly number[], by: number): number[] {
  return [...group.slice(by), ...group.slice(0, by)]
}
