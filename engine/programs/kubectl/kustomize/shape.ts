/** Values checked against Go's types, in the words of its JSON decoder. Field names match whatever their case. */
import { CliError } from '../session/errors'

export type Shape =
  | { readonly type: 'string' | 'bool' | 'int64' | 'any' }
  | { readonly type: 'list'; readonly of: Shape; readonly named?: string }
  | { readonly type: 'map' }
  | { readonly type: 'struct'; readonly name: string; readonly fields: Readonly<Record<string, Shape>>; readonly embedded: Readonly<Record<string, string>> }

export const text: Shape = { type: 'string' }
export const flag: Shape = { type: 'bool' }
export const integer: Shape = { type: 'int64' }
export const anything: Shape = { type: 'any' }
export const pairs: Shape = { type: 'map' }
export const listOf = (of: Shape): Shape & { readonly type: 'list' } => ({ type: 'list', of })

/** `embedded` tells which Go structs a field lies in. */
export function struct(name: string, fields: Readonly<Record<string, Shape>>, embedded: Readonly<Record<string, string>> = {}): Shape {
  return { type: 'struct', name, fields, embedded }
}

export function typeName(shape: Shape): string {
  switch (shape.type) {
    case 'any': return 'interface {}'
    case 'map': return 'map[string]string'
    case 'list': return shape.named ?? `[]${typeName(shape.of)}`
    case 'struct': return `types.${shape.name}`
    default: return shape.type
  }
}

interface Place {
  readonly struct: string
  readonly path: string
}

export function decode(value: unknown, shape: Shape, place: Place): unknown {
  if (value === null || value === undefined) return undefined
  if (!fits(value, shape)) throw mismatch(value, shape, place)
  switch (shape.type) {
    case 'list': return (value as unknown[]).map((item) => decode(item, shape.of, place) ?? zero(shape.of))
    case 'map': return decodeMap(value as Record<string, unknown>, place)
    case 'struct': return decodeStruct(value as Record<string, unknown>, shape, place.path)
    default: return value
  }
}

function zero({ type }: Shape): unknown {
  return type === 'string' ? '' : {}
}

function fits(value: unknown, shape: Shape): boolean {
  switch (shape.type) {
    case 'any': return true
    case 'string': return typeof value === 'string'
    case 'bool': return typeof value === 'boolean'
    case 'int64': return Number.isInteger(value)
    case 'list': return Array.isArray(value)
    default: return isObject(value)
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function decodeMap(value: Record<string, unknown>, place: Place): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, decode(item, text, place) ?? '']))
}

function decodeStruct(value: Record<string, unknown>, shape: Shape & { type: 'struct' }, path: string): Record<string, unknown> {
  const out: Record<string, unknown> = {}
  for (const key of Object.keys(value).sort()) {
    const field = key in shape.fields ? key : Object.keys(shape.fields).find((name) => name.toLowerCase() === key.toLowerCase())
    if (field === undefined) throw new CliError(`json: unknown field ${JSON.stringify(key)}`)
    const inside = shape.embedded[field]
    const at = [path, inside, field].filter((part) => part).join('.')
    const decoded = decode(value[key], shape.fields[field] as Shape, { struct: shape.name, path: at })
    if (decoded !== undefined) out[field] = decoded
  }
  return out
}

function mismatch(value: unknown, shape: Shape, { struct: holder, path }: Place): CliError {
  const kind = typeof value === 'boolean' ? 'bool' : typeof value === 'number' ? 'number' : typeof value === 'string' ? 'string' : Array.isArray(value) ? 'array' : 'object'
  const found = kind === 'number' && shape.type === 'int64' ? `number ${String(value)}` : kind
  return new CliError(`json: cannot unmarshal ${found} into Go struct field ${holder}.${path} of type ${typeName(shape)}`)
}
