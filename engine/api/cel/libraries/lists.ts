/** Lists and sets. */
import type { Environment } from '@marcbachmann/cel-js'
import { register, registerNamespace } from './register'

type Comparable = string | bigint | number

export function lists(environment: Environment): void {
  const less = (a: Comparable, b: Comparable): boolean => a < b
  register(environment, 'list.isSorted(): bool', (list: Comparable[]) => list.every((item, index) => index === 0 || !less(item, list[index - 1] as Comparable)))
  register(environment, 'list.sum(): dyn', (list: (bigint | number)[]) => list.reduce<bigint | number>((total, item) => (typeof item === 'bigint' && typeof total === 'bigint' ? total + item : Number(total) + Number(item)), typeof list[0] === 'number' ? 0 : 0n))
  register(environment, 'list.min(): dyn', (list: Comparable[]) => extreme(list, less, 'min'))
  register(environment, 'list.max(): dyn', (list: Comparable[]) => extreme(list, (a, b) => less(b, a), 'max'))
  register(environment, 'list.indexOf(dyn): int', (list: unknown[], item: unknown) => BigInt(list.findIndex((other) => same(other, item))))
  register(environment, 'list.lastIndexOf(dyn): int', (list: unknown[], item: unknown) => BigInt(list.findLastIndex((other) => same(other, item))))
  register(environment, 'list.distinct(): list', (list: unknown[]) => list.filter((item, index) => list.findIndex((other) => same(other, item)) === index))
  register(environment, 'list.join(): string', (list: string[]) => list.join(''))
  register(environment, 'list.join(string): string', (list: string[], by: string) => list.join(by))
  registerNamespace(environment, 'sets', {
    'contains(list, list): bool': (list: unknown[], part: unknown[]) => containsAll(list, part),
    'equivalent(list, list): bool': (a: unknown[], b: unknown[]) => containsAll(a, b) && containsAll(b, a),
    'intersects(list, list): bool': (a: unknown[], b: unknown[]) => a.some((item) => b.some((other) => same(item, other))),
  })
}

function extreme(list: Comparable[], before: (a: Comparable, b: Comparable) => boolean, name: string): Comparable {
  if (list.length === 0) throw new Error(`${name} called on empty list`)
  return list.reduce((best, item) => (before(item, best) ? item : best))
}

function containsAll(list: readonly unknown[], part: readonly unknown[]): boolean {
  return part.every((item) => list.some((other) => same(item, other)))
}

function same(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (a === null || b === null || typeof a !== 'object' || typeof b !== 'object') return typeof a !== typeof b && isNumber(a) && isNumber(b) && Number(a) === Number(b)
  const [left, right] = [Object.entries(a), Object.entries(b)]
  return left.length === right.length && left.every(([key, value]) => key in b && same(value, (b as Record<string, unknown>)[key]))
}

function isNumber(value: unknown): boolean {
  return typeof value === 'number' || typeof value === 'bigint'
}
