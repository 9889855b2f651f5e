/** Text in the alphabet of generated names, as `rand.SafeEncodeString`; and a form in which equal objects are equal texts. */
const alphabet = 'bcdfghjklmnpqrstvwxz2456789'

export function safeEncode(text: string): string {
  let out = ''
  for (let i = 0; i < text.length; i++) out += alphabet.charAt(text.charCodeAt(i) % alphabet.length)
  return out
}

/** JSON with sorted keys, without what is empty. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'null'
  const fields = value as Record<string, unknown>
  const keys = Object.keys(fields).filter((key) => fields[key] !== undefined && fields[key] !== null).sort()
  return `{${keys.map((key) => `${JSON.stringify(key)}:${canonical(fields[key])}`).join(',')}}`
}
