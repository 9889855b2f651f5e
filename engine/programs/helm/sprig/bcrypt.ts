/** bcrypt at its usual cost: `$2a$10$SALT HASH`. */
import { encodeUtf8 } from '#engine/base/bytes'
import type { Random } from '#engine/base/random'
import { encipher, expand, freshState } from './blowfish'

const alphabet = './ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
const magic = 'OrpheanBeholderScryDoubt'

export function bcryptHash(password: string, random: Random, cost = 10): string {
  return bcryptWith(password, random.bytes(16), cost)
}

export function bcryptWith(password: string, salt: Uint8Array, cost: number): string {
  const text = encodeUtf8(password)
  if (text.length > 72) throw new Error('bcrypt: password length exceeds 72 bytes')
  const key = cycled(Uint8Array.from([...text, 0]), 18)
  const seed = cycled(salt, 4)
  const state = freshState()
  expand(state, key, seed)
  for (let i = 0; i < 2 ** cost; i++) {
    expand(state, key)
    expand(state, seed)
  }
  const block = cycled(encodeUtf8(magic), 6)
  for (let half = 0; half < 6; half += 2) for (let i = 0; i < 64; i++) encipher(state, block, half)
  return `$2a$${String(cost).padStart(2, '0')}$${encoded(salt)}${encoded(bytesOf(block).subarray(0, 23))}`
}

/** Bytes over and over, as words. */
function cycled(bytes: Uint8Array, words: number): Int32Array {
  let at = 0
  return Int32Array.from({ length: words }, () => {
    let word = 0
    for (let i = 0; i < 4; i++) word = (word << 8) | (bytes[at++ % bytes.length] as number)
    return word
  })
}

function bytesOf(words: Int32Array): Uint8Array {
  return Uint8Array.from([...words].flatMap((word) => [word >>> 24, (word >>> 16) & 255, (word >>> 8) & 255, word & 255]))
}

function encoded(bytes: Uint8Array): string {
  let out = ''
  for (let i = 0; i < bytes.length; i += 3) {
    const group = ((bytes[i] as number) << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0)
    const count = Math.min(3, bytes.length - i) + 1
    for (let k = 0; k < count; k++) out += alphabet.charAt((group >> (18 - 6 * k)) & 63)
  }
  return out
}
