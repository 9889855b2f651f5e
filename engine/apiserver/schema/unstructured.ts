/** The first misfit of a value, in the words of the converter behind strategic merge patches. */
import type { Type } from './type'

export function unstructuredError(type: Type, value: unknown): string | undefined {
  if (value === null || value === undefined || type.kind === 'any') return undefined
  switch (type.kind) {
    case 'struct': return container(value, 'struct') ?? firstOf(Object.entries(value as object).map(([key, item]) => [type.fields.get(key)?.type, item]))
    case 'map': return container(value, 'map') ?? firstOf(Object.values(value as object).map((item) => [type.element, item]))
    case 'list': return Array.isArray(value) ? firstOf(value.map((item) => [type.element, item])) : `cannot restore slice from ${goKind(value)}`
    default: return scalarError(type, value)
  }
}

function scalarError(type: Type, value: unknown): string | undefined {
  switch (type.kind) {
    case 'string': return typeof value === 'string' ? undefined : convert(value, 'string')
    case 'boolean': return typeof value === 'boolean' ? undefined : convert(value, 'bool')
    case 'integer': return Number.isInteger(value) ? undefined : convert(value, type.bits === 64 ? 'int64' : 'int32')
    default: return undefined
  }
}

function container(value: unknown, wanted: 'struct' | 'map'): string | undefined {
  if (typeof value === 'object' && !Array.isArray(value)) return undefined
  return wanted === 'struct' ? `cannot restore struct from: ${goKind(value)}` : `cannot restore map from ${goKind(value)}`
}

function firstOf(pairs: readonly (readonly (Type | undefined | unknown)[])[]): string | undefined {
  for (const [type, item] of pairs) {
    const error = type ? unstructuredError(type as Type, item) : undefined
    if (error) return error
  }
  return undefined
}

/** Go converts between numbers, and whole numbers to text: there it says which two; of other pairs it names the wanted one. */
function convert(value: unknown, wanted: string): string {
  const given = goKind(value)
  const convertible = (given === 'int64' && wanted !== 'bool') || (given === 'float64' && wanted.startsWith('int'))
  return convertible ? `cannot convert ${given} to ${wanted}` : `unrecognized type: ${wanted}`
}

function goKind(value: unknown): string {
  if (Array.isArray(value)) return 'slice'
  switch (typeof value) {
    case 'number': return Number.isInteger(value) ? 'int64' : 'float64'
    case 'boolean': return 'bool'
    case 'object': return 'map'
    default: return 'string'
  }
}
