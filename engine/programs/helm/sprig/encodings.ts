/** Base 64, base 32, and JSON as helm prints it. */
import { illegalBase64At } from '#engine/base/base64'
import { encodeUtf8, fromBase64, toBase64 } from '#engine/base/bytes'
import { decodeLossless, encodeLossless } from '#engine/base/lossless'
import { fn, type FunctionTable } from './define'

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

function base32(text: string): string {
  let bits = ''
  for (const byte of encodeUtf8(text)) bits += byte.toString(2).padStart(8, '0')
  const out = (bits.match(/.{1,5}/g) ?? []).map((group) => alphabet.charAt(Number.parseInt(group.padEnd(5, '0'), 2))).join('')
  return out.padEnd(Math.ceil(out.length / 8) * 8, '=')
}

function fromBase32(text: string): string {
  const letters = text.replace(/=+$/, '')
  for (let i = 0; i < letters.length; i++) if (!alphabet.includes(letters.charAt(i))) return `illegal base32 data at input byte ${i}`
  const bits = [...letters].map((letter) => alphabet.indexOf(letter).toString(2).padStart(5, '0')).join('')
  return decodeLossless(Uint8Array.from(bits.match(/.{8}/g) ?? [], (byte) => Number.parseInt(byte, 2)))
}

/** A failure is what it gives back. */
function decoded(text: string): string {
  const wrong = illegalBase64At(text)
  return wrong === undefined ? decodeLossless(fromBase64(text)) : `illegal base64 data at input byte ${wrong}`
}

export const encodingFunctions: FunctionTable = {
  b64enc: fn('string', (text: string) => toBase64(encodeLossless(text))),
  b64dec: fn('string', decoded),
  b32enc: fn('string', base32),
  b32dec: fn('string', fromBase32),
}
