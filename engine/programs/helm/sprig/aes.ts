/** AES-256 in CBC mode, as encryptAES has it: the vector stands before the text, in base 64. */
import { cbc } from '@noble/ciphers/aes.js'
import { concatBytes, decodeUtf8, encodeUtf8, fromBase64, toBase64 } from '#engine/base/bytes'
import type { Random } from '#engine/base/random'

function keyOf(password: string): Uint8Array {
  const key = new Uint8Array(32)
  key.set(encodeUtf8(password).subarray(0, 32))
  return key
}

export function encrypted(password: string, text: string, random: Random): string {
  if (text === '') return ''
  const vector = random.bytes(16)
  return toBase64(concatBytes([vector, cbc(keyOf(password), vector).encrypt(encodeUtf8(text))]))
}

export function decrypted(password: string, text: string): string {
  if (text === '') return ''
  const bytes = fromBase64(text)
  return decodeUtf8(cbc(keyOf(password), bytes.subarray(0, 16)).decrypt(bytes.subarray(16)))
}
