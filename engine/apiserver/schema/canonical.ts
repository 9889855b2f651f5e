/**
 * An object as a Go program would write it after reading it: fields in their order, empty ones left out where they are
 * marked so, zero values put in where they are not. Returns new objects; leaves of the input may be shared.
 */
import { canonicalQuantity } from '#engine/api/quantity'
import type { FieldType, Type } from './type'

type Fields = Record<string, unknown>

export function canonical<T>(type: Type, value: T): T {
  return write(type, value) as T
}

function write(type: Type, value: unknown): unknown {
  if (value === null || value === undefined) return value
  switch (type.kind) {
    case 'struct': return writeStruct(type, value as Fields)
    case 'list': return Array.isArray(value) ? writeList(type, value) : value
    case 'map': return writeMap(type, value as Fields)
    case 'quantity': return canonicalQuantity(value as string | number)
    default: return value
  }
}

function writeList(type: Type, value: unknown[]): unknown[] {
  const element = type.element as Type
  if (element.kind === 'string' || element.kind === 'any') return value
  return value.map((item) => item === null ? zero(element) : write(element, item))
}

/** Go writes maps sorted by key. */
function writeMap(type: Type, value: Fields): Fields {
  const element = type.element as Type
  const keys = Object.keys(value)
  const out: Fields = {}
  for (const key of keys.length > 1 ? keys.sort() : keys) out[key] = value[key] === null ? zero(element) : write(element, value[key])
  return out
}

function writeStruct(type: Type, value: Fields): Fields {
  const out: Fields = {}
  for (const { field, absent } of stepsOf(type)) {
    const given = value[field.name]
    if (given === undefined || given === null) {
      if (absent !== 'left out') out[field.name] = absent === 'null' ? null : zero(field.type)
      continue
    }
    const written = write(field.type, given)
    if (isLeftOut(field, written)) continue
    // An empty list does not survive the way through the store.
    out[field.name] = !field.pointer && Array.isArray(written) && written.length === 0 ? null : written
  }
  return out
}

/** A field, and what stands for it where it is absent. */
interface Step {
  readonly field: FieldType
  readonly absent: 'left out' | 'null' | 'zero'
}

const steps = new WeakMap<Type, readonly Step[]>()

function stepsOf(type: Type): readonly Step[] {
  const known = steps.get(type)
  if (known) return known
  const made = [...type.fields.values()].map((field): Step => ({ field, absent: absentAs(field) }))
  steps.set(type, made)
  return made
}

function absentAs(field: FieldType): Step['absent'] {
  if (!field.omitEmpty) return field.pointer ? 'null' : 'zero'
  return isEmbeddedValue(field) ? 'zero' : 'left out'
}

/** Structs by value are never empty for Go's encoder: `status: {}` is written. */
function isEmbeddedValue(field: FieldType): boolean {
  return !field.pointer && !field.omitZero && ['struct', 'time', 'microtime', 'quantity', 'int-or-string', 'duration'].includes(field.type.kind)
}

function isLeftOut(field: FieldType, value: unknown): boolean {
  if (!field.omitEmpty) return false
  if (field.pointer) return false
  switch (field.type.kind) {
    case 'list': return (value as unknown[]).length === 0
    case 'map': return isEmpty(value as Fields)
    case 'string': case 'bytes': return value === ''
    case 'boolean': return value === false
    case 'integer': case 'number': return value === 0
    case 'struct': return field.omitZero && isEmpty(value as Fields)
    default: return false
  }
}

function isEmpty(value: Fields): boolean {
  for (const key in value) if (value[key] !== undefined) return false
  return true
}

export function zero(type: Type): unknown {
  switch (type.kind) {
    case 'struct': return writeStruct(type, {})
    case 'string': return ''
    case 'boolean': return false
    case 'integer': case 'number': return 0
    case 'quantity': return '0'
    case 'int-or-string': return 0
    case 'duration': return '0s'
    default: return null
  }
}
