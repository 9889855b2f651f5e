/** Lists. */
import { isTrue, kindOf } from '#engine/programs/common/gotemplate/values'
import { deepEqual, fn, type FunctionTable, int, isEmpty, named, strings, toInteger, withMust } from './define'

const goKinds: Readonly<Record<string, string>> = { invalid: 'invalid', bool: 'bool', int: 'int', float: 'float64', string: 'string', map: 'map', func: 'func', struct: 'struct' }

/** Refuses what is no list with the words of the function. */
function listOf(value: unknown, complaint: string): unknown[] {
  if (kindOf(value) === 'slice') return Array.from(value as ArrayLike<unknown>)
  throw new Error(complaint.replace('%s', goKinds[kindOf(value)] ?? ''))
}

const has = (list: readonly unknown[], item: unknown): boolean => list.some((other) => deepEqual(item, other))

function unique(value: unknown): unknown[] {
  const out: unknown[] = []
  for (const item of listOf(value, 'Cannot find uniq on type %s')) if (!has(out, item)) out.push(item)
  return out
}

function slice(value: unknown, ...bounds: unknown[]): unknown[] | null {
  const list = listOf(value, 'list should be type of slice or array but %s')
  if (list.length === 0) return null
  const from = bounds.length > 0 ? toInteger(bounds[0]) : 0
  const to = bounds.length > 1 ? toInteger(bounds[1]) : list.length
  if (from < 0 || to > list.length || from > to) throw new Error(`reflect.Value.Slice: slice index out of bounds`)
  return list.slice(from, to)
}

function chunk(size: number, value: unknown): unknown[][] {
  const list = listOf(value, 'Cannot chunk type %s')
  const step = Math.max(1, size)
  return Array.from({ length: Math.ceil(list.length / step) }, (_, index) => list.slice(index * step, (index + 1) * step))
}

/** Numbers from a start up to, not including, an end. */
export function untilStep(start: number, stop: number, step: number): number[] {
  const out: number[] = []
  if (step === 0) return out
  if ((stop - start) / step > 1_000_000) throw new Error(`more than a million numbers from ${start} to ${stop}`)
  for (let at = start; step > 0 ? at < stop : at > stop; at += step) out.push(at)
  return out
}

function sequence(...bounds: readonly number[]): string {
  const [first = 0, second = 0, third = 0] = bounds
  const numbers = (start: number, end: number, step: number): string => untilStep(start, end + Math.sign(step), step).join(' ')
  switch (bounds.length) {
    case 1: return numbers(1, first, first < 1 ? -1 : 1)
    case 2: return numbers(first, second, second < first ? -1 : 1)
    case 3: return (third < first && second > 0) ? '' : numbers(first, third, second)
    default: return ''
  }
}

function has_(needle: unknown, haystack: unknown): boolean {
  return kindOf(haystack) !== 'invalid' && has(listOf(haystack, 'Cannot find has on type %s'), needle)
}

const list = fn('any...', (...items: unknown[]) => items)

export const listFunctions: FunctionTable = {
  ...named('list tuple', list),
  ...withMust('first', fn('any', (value: unknown) => listOf(value, 'Cannot find first on type %s')[0] ?? null)),
  ...withMust('last', fn('any', (value: unknown) => listOf(value, 'Cannot find last on type %s').pop() ?? null)),
  ...withMust('rest', fn('any', (value: unknown) => listOf(value, 'Cannot find rest on type %s').slice(1))),
  ...withMust('initial', fn('any', (value: unknown) => listOf(value, 'Cannot find initial on type %s').slice(0, -1))),
  ...withMust('reverse', fn('any', (value: unknown) => listOf(value, 'Cannot find reverse on type %s').reverse())),
  ...withMust('uniq', fn('any', unique)),
  ...withMust('compact', fn('any', (value: unknown) => listOf(value, 'Cannot compact on type %s').filter((item) => !isEmpty(item)))),
  ...withMust('without', fn('any any...', (value: unknown, ...omitted: unknown[]) => listOf(value, 'Cannot find without on type %s').filter((item) => !has(omitted, item)))),
  ...withMust('has', fn('any any', has_)),
  ...withMust('append', fn('any any', (value: unknown, item: unknown) => [...listOf(value, 'Cannot push on type %s'), item])),
  ...withMust('push', fn('any any', (value: unknown, item: unknown) => [...listOf(value, 'Cannot push on type %s'), item])),
  ...withMust('prepend', fn('any any', (value: unknown, item: unknown) => [item, ...listOf(value, 'Cannot prepend on type %s')])),
  ...withMust('slice', fn('any any...', slice)),
  ...withMust('chunk', fn('int any', (size: object, value: unknown) => chunk(Number(size), value))),
  concat: fn('any...', (...lists: unknown[]) => lists.flatMap((value) => listOf(value, 'Cannot concat type %s as list'))),
  sortAlpha: fn('any', (value: unknown) => strings(value).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))),
  until: fn('int', (count: object) => untilStep(0, Number(count), Number(count) < 0 ? -1 : 1).map(int)),
  untilStep: fn('int int int', (start: object, stop: object, step: object) => untilStep(Number(start), Number(stop), Number(step)).map(int)),
  seq: fn('int...', (...bounds: object[]) => sequence(...bounds.map(Number))),
  all: fn('any...', (...values: unknown[]) => values.every((value) => !isEmpty(value))),
  any: fn('any...', (...values: unknown[]) => values.some((value) => !isEmpty(value))),
  coalesce: fn('any...', (...values: unknown[]) => values.find((value) => !isEmpty(value)) ?? null),
  default: fn('any any...', (fallback: unknown, ...given: unknown[]) => (given.length === 0 || isEmpty(given[0]) ? fallback : given[0])),
  empty: fn('any', isEmpty),
  ternary: fn('any any bool', (yes: unknown, no: unknown, test: boolean) => (isTrue(test) ? yes : no)),
  fail: fn('string', (message: string) => {
    throw new Error(message)
  }),
}
