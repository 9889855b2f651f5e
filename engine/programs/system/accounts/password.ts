/** Password hashes of /etc/shadow: SHA-512 crypt (`$6$salt$...`), as crypt(3) makes them. */
import { sha512 } from '@noble/hashes/sha2.js'
import { concatBytes, encodeUtf8 } from '#engine/base/bytes'
import type { Random } from '#engine/base/random'

const alphabet = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const rounds = 5000

export function hashPassword(password: string, random: Random): string {
  let salt = ''
  for (let i = 0; i < 16; i++) salt += alphabet.charAt(random.integer(64))
  return crypt512(password, salt)
}

export function checkPassword(password: string, hash: string): boolean {
  if (hash === '') return password === ''
  const match = /^\$6\$([^$]{1,16})\$/.exec(hash)
  return match !== null && crypt512(password, match[1] as string) === hash
}

function crypt512(passwordText: string, saltText: string): string {
  const password = encodeUtf8(passwordText)
  const salt = encodeUtf8(saltText)
  const alternate = sha512(concatBytes([password, salt, password]))
  const parts: Uint8Array[] = [password, salt, repeated(alternate, password.length)]
  for (let bits = password.length; bits > 0; bits >>= 1) parts.push(bits & 1 ? alternate : password)
  let sum = sha512(concatBytes(parts))
  const p = repeated(sha512(concatBytes(Array.from({ length: password.length }, () => password))), password.length)
  const s = repeated(sha512(concatBytes(Array.from({ length: 16 + (sum[0] ?? 0) }, () => salt))), salt.length)
  for (let round = 0; round < rounds; round++) {
    const step: Uint8Array[] = [round & 1 ? p : sum]
    if (round % 3) step.push(s)
    if (round % 7) step.push(p)
    step.push(round & 1 ? sum : p)
    sum = sha512(concatBytes(step))
  }
  return `$6$${saltText}$${encode(sum)}`
}

function repeated(block: Uint8Array, length: number): Uint8Array {
  const out = new Uint8Array(length)
  for (let i = 0; i < length; i++) out[i] = block[i % block.length] as number
  return out
}

/** The order in which crypt takes the bytes of the sum, three at a time. */
function encode(sum: Uint8Array): string {
  let out = ''
  const put = (a: number, b: number, c: number, count: number): void => {
    let word = (a << 16) | (b << 8) | c
    for (let i = 0; i < count; i++) {
      out += alphabet.charAt(word & 63)
      word >>= 6
    }
  }
  let [a, b, c] = [0, 21, 42]
  for (let i = 0; i < 21; i++) {
    put(sum[a] as number, sum[b] as number, sum[c] as number, 4)
    ;[a, b, c] = [b + 1, c + 1, a + 1]
  }
  put(0, 0, sum[63] as number, 2)
  return out
}
