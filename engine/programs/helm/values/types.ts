/** Values as Go holds them: numbers of a file are float64, integers of `--set` int64. */
import { GoFloat, GoInt } from '#engine/programs/common/gotemplate/values'

export type Values = Record<string, unknown>

export function isTable(value: unknown): value is Values {
  return value !== null && typeof value === 'object' && !Array.isArray(value) && !(value instanceof GoFloat) && !(value instanceof GoInt)
}

/** What was decoded from JSON or YAML: every number is a float64. */
export function goValues(value: unknown): unknown {
  if (typeof value === 'number') return Number.isInteger(value) ? new GoFloat(value) : value
  if (typeof value === 'bigint') return new GoFloat(Number(value))
  if (Array.isArray(value)) return value.map(goValues)
  return isTable(value) ? Object.fromEntries(Object.entries(value).map(([key, item]) => [key, goValues(item)])) : value
}

/** Plain JSON again. */
export function plainValues(value: unknown): unknown {
  if (value instanceof GoFloat || value instanceof GoInt) return value.value
  if (typeof value === 'bigint') return Number(value)
  if (Array.isArray(value)) return value.map(plainValues)
  if (isTable(value)) return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plainValues(item)]))
  return value === undefined || typeof value === 'function' || typeof value === 'symbol' ? null : value
}

export function copyValues<T>(value: T): T {
  if (Array.isArray(value)) return value.map(copyValues) as T
  return isTable(value) ? (Object.fromEntries(Object.entries(value).map(([key, item]) => [key, copyValues(item)])) as T) : value
}
