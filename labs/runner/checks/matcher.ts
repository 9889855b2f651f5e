/** Whether values are what a lab wants, and the words for what they should have been. */
import { RE2JS } from 're2js'
import { equalJson } from '#engine/api/object'
import { compareQuantities, tryQuantity } from '#engine/api/quantity'
import type { Matcher } from '../schema'

/** Characters of a value that a result shows. */
const longestShown = 400

/** What a check found: earned, or lost with expected beside actual. */
export interface Finding {
  readonly holds: boolean
  readonly expected: string
  readonly actual: string
}

/** `values` are those a path found, or one output. */
export function match(matcher: Matcher, values: readonly unknown[]): Finding {
  const shown = values.length === 0 ? 'nothing' : values.map(show).join(', ')
  for (const { holds, expected } of demands(matcher, values)) if (!holds) return { holds: false, expected, actual: nearestPart(matcher, values) ?? shown }
  return { holds: true, expected: demands(matcher, values).map(({ expected }) => expected).join(' and ') || 'a value', actual: shown }
}

interface Demand {
  readonly holds: boolean
  readonly expected: string
}

type Judge = (wanted: never, values: readonly unknown[]) => Demand

/** One entry a matcher key: whether the values satisfy it, and the words for it. */
const judges: { readonly [K in keyof Matcher]-?: Judge } = {
  exists: (wanted: boolean, values) => ({ holds: values.length > 0 === wanted, expected: wanted ? 'a value' : 'nothing' }),
  count: (wanted: number, values) => ({ holds: values.length === wanted, expected: `${wanted} value${wanted === 1 ? '' : 's'}` }),
  equals: (wanted: unknown, values) => ({ holds: values.length > 0 && same(values[0], wanted), expected: show(wanted) }),
  oneOf: (wanted: readonly unknown[], values) => ({ holds: values.length > 0 && wanted.some((one) => same(values[0], one)), expected: `one of ${wanted.map(show).join(', ')}` }),
  contains: (wanted: string, values) => ({ holds: values.map(plain).join('\n').includes(wanted), expected: `text with ${JSON.stringify(wanted)}` }),
  matches: (wanted: string, values) => ({ holds: values.length > 0 && RE2JS.compile(wanted, RE2JS.MULTILINE).matcher(values.map(plain).join('\n')).find(), expected: `text that matches ${wanted}` }),
  quantity: (wanted: string, values) => ({ holds: equalQuantity(values[0], wanted), expected: wanted }),
  atLeast: (wanted: number, values) => ({ holds: Number(values[0]) >= wanted, expected: `at least ${wanted}` }),
  atMost: (wanted: number, values) => ({ holds: values.length > 0 && Number(values[0]) <= wanted, expected: `at most ${wanted}` }),
}

function demands(matcher: Matcher, values: readonly unknown[]): Demand[] {
  return (Object.keys(judges) as (keyof Matcher)[]).flatMap((key) => (matcher[key] === undefined ? [] : [judges[key](matcher[key] as never, values)]))
}

/** Templates make text of numbers: `"3"` in a lab means the number 3 of the API too. */
function same(actual: unknown, wanted: unknown): boolean {
  if (equalJson(actual, wanted)) return true
  return (typeof actual === 'number' || typeof actual === 'boolean') && typeof wanted === 'string' && String(actual) === wanted
}

function equalQuantity(actual: unknown, wanted: string): boolean {
  const left = tryQuantity(actual)
  const right = tryQuantity(wanted)
  return left !== undefined && right !== undefined && compareQuantities(left, right) === 0
}

/** Of a long text, the line that comes nearest to what should be in it; undefined where nothing does. */
function nearestPart({ contains, matches }: Matcher, values: readonly unknown[]): string | undefined {
  const wanted = contains ?? matches
  const text = values.map(plain).join('\n')
  if (wanted === undefined || text.length <= longestShown) return undefined
  const lines = text.split(/\n|(?<="),(?=")/)
  const scored = lines.map((line) => ({ line, common: longestCommon(line, wanted) })).sort((a, b) => b.common - a.common)
  const [best] = scored
  if (!best || best.common < Math.min(wanted.length / 2, 12)) return `nothing like it in ${lines.length} lines, which begin: ${show(text)}`
  return show(best.line.trim())
}

/** Characters of the longest part that both have. */
function longestCommon(a: string, b: string): number {
  let longest = 0
  let row = new Array<number>(b.length + 1).fill(0)
  for (const letter of a.slice(0, mostCompared)) {
    const next = [0]
    for (let at = 1; at <= b.length; at++) {
      const length = letter === b[at - 1] ? (row[at - 1] ?? 0) + 1 : 0
      next.push(length)
      longest = Math.max(longest, length)
    }
    row = next
  }
  return longest
}

/** Characters of a line that are looked at. */
const mostCompared = 1000

function plain(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function show(value: unknown): string {
  const text = plain(value)
  return text.length > longestShown ? `${text.slice(0, longestShown)}...` : text === '' ? '(empty)' : text
}
