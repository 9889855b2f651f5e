/** Hashes in names: 32-bit FNV-1a in decimal, spelt in the alphabet of generated names, as `rand.SafeEncodeString`. */
const alphabet = 'bcdfghjklmnpqrstvwxz2456789'

export function fnv32a(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ (text.charCodeAt(i) & 255), 0x01000193)
  return hash >>> 0
}

export function safeEncode(text: string): string {
  let out = ''
  for (let i = 0; i < text.length; i++) out += alphabet.charAt(text.charCodeAt(i) % alphabet.length)
  return out
}

/** The hash of a pod template; `collisions` makes another one where the first was taken by a stranger. */
export function templateHash(template: unknown, collisions = 0): string {
  return safeEncode(String(fnv32a(canonical(template) + (collisions > 0 ? `#${collisions}` : ''))))
}

/** JSON with sorted keys, without what is empty. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'null'
  const fields = value as Record<string, unknown>
  const keys = Object.keys(fields).filter((key) => fields[key] !== undefined && fields[key] !== null).sort()
  return `{${keys.map((key) => `${JSON.stringify(key)}:${canonical(fields[key])}`).join(',')}}`
}
