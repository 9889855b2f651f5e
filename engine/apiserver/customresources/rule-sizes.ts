/** How large values of a schema can become: as it says, or as fits into a request. */
import type { JsonSchema } from './schema'

const requestBytes = 3 * 1024 * 1024
/** A length is told in characters, of which each may be four bytes. */
const bytesOfCharacter = 4
const bytesOfFormat: Readonly<Record<string, number>> = { __proto__: null as never, date: 12, 'date-time': 27, duration: 32 }

/** Bytes of the longest string; undefined for what is none. */
export function longestString(schema: JsonSchema | undefined): number | undefined {
  if (schema?.['x-kubernetes-int-or-string']) return requestBytes - 2
  if (schema?.type !== 'string') return undefined
  if (schema.enum) return Math.max(1, ...schema.enum.map((value) => String(value).length))
  if (schema.maxLength !== undefined) return schema.maxLength * bytesOfCharacter
  return bytesOfFormat[schema.format ?? ''] ?? requestBytes - 2
}

/** Members of the largest list or map. */
export function mostMembers(schema: JsonSchema | undefined): number {
  if (schema?.type === 'array') return schema.maxItems ?? Math.floor(requestBytes / (smallest(schema.items) + 1))
  if (schema?.type !== 'object') return 1
  const element = typeof schema.additionalProperties === 'object' ? schema.additionalProperties : undefined
  return schema.maxProperties ?? Math.floor(requestBytes / (smallest(element) + 6))
}

/** The bytes of the smallest value. */
function smallest(schema: JsonSchema | undefined): number {
  switch (schema?.type) {
    case 'boolean': return 4
    case 'integer': case 'number': return 1
    case 'string': return 2 + (schema.minLength ?? 0)
    case 'object': return 2 + (schema.required ?? []).reduce((total, name) => total + name.length + 3 + smallest(schema.properties?.[name]), 0)
    default: return 2
  }
}
