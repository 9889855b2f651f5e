/**
 * An object as a Go program would write it after reading it: fields in their order, empty ones left out where they are
 * marked so, zero values put in where they are not. Returns new objects; leaves of the input may be shared.
 */
import { canonicalQuantity } from '#engine/api/quantity'
import type { FieldType, Type } from './type'

type Fields = Record<string, unknown>
type Below = (type: Type, value: unknown) => unknown

export function canonical<T>(type: Type, value: T): T {
  return write(type, value) as T
}

/** The same for a value that is the caller's own: whatever of it is in that form already is returned as it is, not copied. */
export function ownCanonical<T>(type: Type, value: T): T {
  return keepOrWrite(type, value) as T
}

function keepOrWrite(type: Type, value: unknown): unknown {
  if (value === null || value === undefined) return value
  switch (type.kind) {
    case 'struct': return keepStruct(type, value as Fields)
    case 'list': return Array.isArray(value) ? keepList(type, value) : value
    case 'map': return keepMap(type, value as Fields)
    default: return write(type, value)
  }
}

function keepList(type: Type, value: unknown[]): unknown[] {
  const element = type.element as Type
  if (element.kind === 'string' || element.kind === 'any') return value
  let out: unknown[] | undefined
  for (let index = 0; index < value.length; index++) {
    const item = value[index]
    const kept = item === null ? zero(element) : keepOrWrite(element, item)
    if (kept !== item) (out ??= [...value])[index] = kept
  }
  return out ?? value
}

function keepMap(type: Type, value: Fields): Fields {
  let last = ''
  for (const key in value) {
    if (key < last || value[key] === null) return writeMap(type, value, keepOrWrite)
    last = key
  }
  const element = type.element as Type
  return withKept(value, (_, item) => keepOrWrite(element, item))
}

function keepStruct(type: Type, value: Fields): Fields {
  const plan = planOf(type)
  return inOrder(plan, value) ? withKept(value, (key, item) => keptField(plan, key, item)) : writeStruct(type, value, keepOrWrite)
}

/** Whether an object has its fields in their order, all of those that are always written, and none that is unknown. */
function inOrder({ steps, ranks, needed }: Plan, value: Fields): boolean {
  let last = -1
  let missing = needed
  for (const key in value) {
    const rank = ranks.get(key)
    if (rank === undefined || rank < last) return false
    last = rank
    const { absent } = steps[rank] as Step
    const given = value[key]
    if (given === undefined || (given === null && absent !== 'null')) return false
    if (absent !== 'left out') missing--
  }
  return missing === 0
}

/** Undefined where the field is left out. */
function keptField({ steps, ranks }: Plan, key: string, given: unknown): unknown {
  if (given === null) return null
  const { field } = steps[ranks.get(key) as number] as Step
  const written = keepOrWrite(field.type, given)
  if (isLeftOut(field, written)) return undefined
  return !field.pointer && Array.isArray(written) && written.length === 0 ? null : written
}

/** The value with each field as `kept` says: itself where all stay. */
function withKept(value: Fields, kept: (key: string, item: unknown) => unknown): Fields {
  let changed: Map<string, unknown> | undefined
  for (const key in value) {
    const item = kept(key, value[key])
    if (item !== value[key]) (changed ??= new Map()).set(key, item)
  }
  if (!changed) return value
  const out: Fields = {}
  for (const key in value) {
    const item = changed.has(key) ? changed.get(key) : value[key]
    if (item !== undefined) out[key] = item
  }
  return out
}

function write(type: Type, value: unknown): unknown {
  if (value === null || value === undefined) return value
  switch (type.kind) {
    case 'struct': return writeStruct(type, value as Fields, write)
    case 'list': return Array.isArray(value) ? writeList(type, value) : value
    case 'map': return writeMap(type, value as Fields, write)
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
function writeMap(type: Type, value: Fields, below: Below): Fields {
  const element = type.element as Type
  const keys = Object.keys(value)
  const out: Fields = {}
  for (const key of keys.length > 1 ? keys.sort() : keys) out[key] = value[key] === null ? zero(element) : below(element, value[key])
  return out
}

function writeStruct(type: Type, value: Fields, below: Below): Fields {
  const out: Fields = {}
  for (const { field, absent } of planOf(type).steps) {
    const given = value[field.name]
    if (given === undefined || given === null) {
      if (absent !== 'left out') out[field.name] = absent === 'null' ? null : zero(field.type)
      continue
    }
    const written = below(field.type, given)
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

interface Plan {
  readonly steps: readonly Step[]
  /** The place of each field among the steps. */
  readonly ranks: ReadonlyMap<string, number>
  /** How many fields are always written. */
  readonly needed: number
}

const plans = new WeakMap<Type, Plan>()

function planOf(type: Type): Plan {
  const known = plans.get(type)
  if (known) return known
  const steps = [...type.fields.values()].map((field): Step => ({ field, absent: absentAs(field) }))
  const made = { steps, ranks: new Map(steps.map((step, rank) => [step.field.name, rank])), needed: steps.filter((step) => step.absent !== 'left out').length }
  plans.set(type, made)
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
    case 'struct': return writeStruct(type, {}, write)
    case 'string': return ''
    case 'boolean': return false
    case 'integer': case 'number': return 0
    case 'quantity': return '0'
    case 'int-or-string': return 0
    case 'duration': return '0s'
    default: return null
  }
}
