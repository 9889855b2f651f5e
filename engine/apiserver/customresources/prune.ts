/** Pruning of unknown fields, and defaults. */
import { copyObject } from '#engine/api/object'
import { pathText } from '#engine/api/json'
import type { Type } from '#engine/apiserver/schema/type'
import type { JsonSchema } from './schema'

type Fields = Record<string, unknown>

/** A copy without unknown fields; their paths. Wrong types are left for validation. */
export function prune(type: Type, value: unknown): { value: unknown; unknown: string[] } {
  const unknown: string[] = []
  return { value: walk(type, value, [], unknown), unknown }
}

function walk(type: Type, value: unknown, path: (string | number)[], unknown: string[]): unknown {
  if (value === null || typeof value !== 'object' || type.kind === 'any') return value
  if (Array.isArray(value)) return type.kind === 'list' ? value.map((item, index) => walk(type.element as Type, item, [...path, index], unknown)) : value
  if (type.kind === 'map') return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, walk(type.element as Type, item, [...path, key], unknown)]))
  if (type.kind !== 'struct') return value
  const out: Fields = {}
  for (const [key, item] of Object.entries(value)) {
    const field = type.fields.get(key)
    if (field) out[key] = walk(field.type, item, [...path, key], unknown)
    else if (type.preserveUnknown) out[key] = item
    else unknown.push(pathText([...path, key]))
  }
  return out
}

/** Puts defaults into a private copy; nulls of fields that may not be null give way to them. */
export function applyDefaults(schema: JsonSchema, value: unknown): void {
  if (value === null || typeof value !== 'object') return
  if (Array.isArray(value)) {
    if (schema.items) for (const item of value) applyDefaults(schema.items, item)
    return
  }
  const object = value as Fields
  for (const [name, property] of Object.entries(schema.properties ?? {})) defaultField(object, name, property)
  const others = schema.additionalProperties
  if (!others || others === true) return
  for (const [name, item] of Object.entries(object)) if (!schema.properties?.[name]) applyDefaults(others, item)
}

function defaultField(object: Fields, name: string, property: JsonSchema): void {
  const missing = object[name] === undefined || (object[name] === null && !property.nullable)
  if (missing && property.default !== undefined) object[name] = copyObject(property.default)
  if (object[name] !== undefined) applyDefaults(property, object[name])
}
