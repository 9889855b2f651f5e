/** kubectl's order of two values out of JSON. */
import { parseQuantityOrUndefined } from './quantity'

export class UnsortableError extends Error {
  override readonly name = 'UnsortableError'
}

export function isLess(a: unknown, b: unknown): boolean {
  if (isNil(a) || isNil(b)) return isNil(a) && !isNil(b)
  if (typeof a === 'number' && typeof b === 'number') return a < b
  if (typeof a === 'string' && typeof b === 'string') return textLess(a, b)
  if (typeof a === 'number' || typeof a === 'string') throw new UnsortableError('unsortable interface: interface')
  throw new UnsortableError(`unsortable type: ${goType(a)}`)
}

function isNil(value: unknown): boolean {
  return value === null || value === undefined
}

/** Amounts go by what they amount to, other text by its runs of digits. */
function textLess(a: string, b: string): boolean {
  const amounts = [parseQuantityOrUndefined(a), parseQuantityOrUndefined(b)]
  if (amounts[0] !== undefined && amounts[1] !== undefined) return amounts[0] < amounts[1]
  return naturalCompare(a, b) < 0
}

function goType(value: unknown): string {
  if (Array.isArray(value)) return '[]interface {}'
  return typeof value === 'boolean' ? 'bool' : 'map[string]interface {}'
}

/** Runs of digits count by their value. */
export function naturalCompare(a: string, b: string): number {
  const chunks = /(\d+|\D+)/g
  const left = a.match(chunks) ?? []
  const right = b.match(chunks) ?? []
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    const difference = chunkOrder(left[i] ?? '', right[i] ?? '')
    if (difference !== 0) return difference
  }
  return left.length - right.length
}

function chunkOrder(x: string, y: string): number {
  if (x === y) return 0
  if (!/^\d/.test(x) || !/^\d/.test(y)) return x < y ? -1 : 1
  return Number(x) - Number(y) || y.length - x.length
}
