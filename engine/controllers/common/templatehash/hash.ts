import { concatBytes, encodeUtf8 } from '#engine/base/bytes'
import { safeEncode } from '#engine/controllers/hash'
import { printTemplate } from './print'

const offset = 0x811c9dc5
const prime = 0x01000193

/** Of ReplicaSets and of a DaemonSet's revisions; `collisions` makes another one where the first was taken by a stranger. */
export function templateHash(template: unknown, collisions = 0): string {
  const printed = encodeUtf8(printTemplate(template))
  const bytes = collisions > 0 ? concatBytes([printed, littleEndian(collisions)]) : printed
  let hash = offset
  for (const byte of bytes) hash = Math.imul(hash ^ byte, prime)
  return safeEncode(String(hash >>> 0))
}

function littleEndian(count: number): Uint8Array {
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setUint32(0, count, true)
  return bytes
}

/** Of a StatefulSet's revisions: the older FNV over the patch as JSON, with how often the hash was taken. */
export function revisionHash(data: unknown, collisions: number): string {
  let hash = offset
  for (const byte of encodeUtf8(goJson(data) + String(collisions))) hash = Math.imul(hash, prime) ^ byte
  return safeEncode(String(hash >>> 0))
}

const escapes: Readonly<Record<string, string>> = { '<': '\\u003c', '>': '\\u003e', '&': '\\u0026', '\u2028': '\\u2028', '\u2029': '\\u2029' }

/** JSON with sorted keys, as Go writes it. */
function goJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(goJson).join(',')}]`
  if (value === null || typeof value !== 'object') return (JSON.stringify(value) ?? 'null').replace(/[<>&\u2028\u2029]/g, (letter) => escapes[letter] ?? letter)
  const fields = value as Readonly<Record<string, unknown>>
  const keys = Object.keys(fields).filter((key) => fields[key] !== undefined).sort()
  return `{${keys.map((key) => `${goJson(key)}:${goJson(fields[key])}`).join(',')}}`
}
