/** awk's own functions. */
import { exitCodeOf } from '#engine/linux/abi/signals'
import { formatDate } from '#engine/shell/builtins/strftime'
import type { Awk } from '#engine/programs/text/awk/awk'
import { regexOf, valuesOf } from '#engine/programs/text/awk/operands'
import { assign } from '#engine/programs/text/awk/places'
import { format } from '#engine/programs/text/awk/print'
import { type Soon, whenDone } from '#engine/programs/text/awk/soon'
import { splitText } from '#engine/programs/text/awk/record'
import { type Expression, isPlace, type Place } from '#engine/programs/text/awk/syntax'
import { fromInput, toNumber, toText, unset, type Value } from '#engine/programs/text/awk/values'

export function callBuiltin(awk: Awk, name: string, args: readonly Expression[], bare: boolean): Soon<Value> {
  switch (name) {
    case 'length': return length(awk, args, bare)
    case 'split': return split(awk, args)
    case 'sub': case 'gsub': return substitute(awk, args, name === 'gsub')
    case 'match': return match(awk, args)
    default: return whenDone(valuesOf(awk, args), (values) => withValues(awk, name, values))
  }
}

function length(awk: Awk, args: readonly Expression[], bare: boolean): Soon<Value> {
  const [argument] = args
  if (bare || !argument) return awk.record.whole().length
  if (argument.type === 'name') {
    const cell = awk.variables.cell(argument.name)
    if (cell.array) return cell.array.size
    if (cell.link !== undefined && cell.value === unset) return awk.variables.arrayOf(cell).size
  }
  return whenDone(awk.evaluate(argument), (value) => toText(value, awk.variables.convert).length)
}

function split(awk: Awk, args: readonly Expression[]): Soon<Value> {
  const [subject, target, separator] = args
  if (!subject || target?.type !== 'name') return 0
  return whenDone(awk.evaluate(subject), (value) => whenDone(separatorOf(awk, separator), (pattern) => {
    const parts = splitText(toText(value, awk.variables.convert), pattern, awk)
    const array = awk.variables.array(target.name)
    array.clear()
    parts.forEach((part, index) => array.set(index + 1, fromInput(part)))
    return parts.length
  }))
}

/** A literal pattern of one character is a pattern still, where a text would be itself. */
function separatorOf(awk: Awk, separator: Expression | undefined): Soon<string> {
  if (!separator) return awk.variables.text('FS')
  if (separator.type !== 'regex') return whenDone(awk.evaluate(separator), (one) => toText(one, awk.variables.convert))
  if (separator.source === ' ') return '[ ]'
  return separator.source.length === 1 ? `(${separator.source})` : separator.source
}

const wholeRecord: Place = { type: 'field', index: { type: 'number', value: 0 } }

function substitute(awk: Awk, args: readonly Expression[], all: boolean): Soon<Value> {
  const [pattern, replacement, place = wholeRecord] = args
  if (!pattern || !replacement) return 0
  return whenDone(regexOf(awk, pattern), (regex) => whenDone(awk.evaluate(replacement), (value) => whenDone(awk.evaluate(place), (subject) => {
    const { text, count } = replaced(regex, toText(value, awk.variables.convert), toText(subject, awk.variables.convert), all)
    if (count === 0 || !isPlace(place)) return count
    return whenDone(assign(awk, place, text), () => count)
  })))
}

function replaced(regex: RegExp, replacement: string, subject: string, all: boolean): { text: string; count: number } {
  let count = 0
  let lastEnd = -1
  const change = (match: string, at: number): string => {
    if (match === '' && at === lastEnd) return ''
    count++
    lastEnd = at + match.length
    return replacement.replace(/\\(\\(?=\\*&)|&)|&/g, (_, escaped?: string) => escaped ?? match)
  }
  if (!all) return { text: subject.replace(regex, (found: string, ...rest: unknown[]) => change(found, offsetOf(rest))), count }
  const global = new RegExp(regex.source, `${regex.flags}g`)
  const text = subject.replace(global, (found: string, ...rest: unknown[]) => change(found, offsetOf(rest)))
  return { text, count }
}

function offsetOf(rest: readonly unknown[]): number {
  return rest.find((one) => typeof one === 'number') as number
}

function match(awk: Awk, args: readonly Expression[]): Soon<Value> {
  const [subject, pattern] = args
  if (!subject || !pattern) return 0
  return whenDone(awk.evaluate(subject), (value) => whenDone(regexOf(awk, pattern), (regex) => {
    const found = regex.exec(toText(value, awk.variables.convert))
    awk.variables.set('RSTART', found ? found.index + 1 : 0)
    awk.variables.set('RLENGTH', found ? found[0].length : -1)
    return found ? found.index + 1 : 0
  }))
}

interface CallInput {
  readonly awk: Awk
  readonly name: string
  readonly values: readonly Value[]
  readonly text: (index: number) => string
  readonly number: (index: number) => number
}

/** Functions of values alone. */
const plainFunctions: Readonly<Record<string, (input: CallInput) => Soon<Value>>> = {
  substr: ({ values, text, number }) => substring(text(0), number(1), values.length > 2 ? number(2) : undefined),
  index: ({ text }) => text(0).indexOf(text(1)) + 1,
  sprintf: ({ awk, values }) => format(awk, values, 'sprintf'),
  tolower: ({ text }) => text(0).replace(/[A-Z]+/g, (run) => run.toLowerCase()),
  toupper: ({ text }) => text(0).replace(/[a-z]+/g, (run) => run.toUpperCase()),
  int: ({ number }) => Math.trunc(number(0)),
  sin: ({ number }) => Math.sin(number(0)),
  cos: ({ number }) => Math.cos(number(0)),
  atan2: ({ number }) => Math.atan2(number(0), number(1)),
  exp: ({ number }) => Math.exp(number(0)),
  log: ({ number }) => Math.log(number(0)),
  sqrt: ({ number }) => Math.sqrt(number(0)),
  rand: ({ awk }) => random(awk),
  srand: ({ awk, values, number }) => seed(awk, values.length > 0 ? Math.trunc(number(0)) : Math.floor(awk.process.clock.now() / 1000)),
  systime: ({ awk }) => Math.floor(awk.process.clock.now() / 1000),
  strftime: ({ awk, values, text, number }) => formatDate(values.length > 0 ? text(0) : '%c', values.length > 1 ? number(1) * 1000 : awk.process.clock.now(), 0, 'UTC'),
  mktime: ({ text }) => makeTime(text(0)),
}

function withValues(awk: Awk, name: string, values: readonly Value[]): Soon<Value> {
  const text = (index: number): string => toText(values[index] ?? unset, awk.variables.convert)
  const number = (index: number): number => toNumber(values[index] ?? unset)
  const entry = Object.hasOwn(plainFunctions, name) ? plainFunctions[name] : undefined
  return entry ? entry({ awk, name, values, text, number }) : waiting(awk, name, text(0))
}

async function waiting(awk: Awk, name: string, text: string): Promise<Value> {
  if (name === 'close') return awk.streams.close(text)
  await awk.streams.flush()
  if (name === 'fflush') return 0
  const child = awk.process.spawn('/bin/sh', ['sh', '-c', text])
  return exitCodeOf(await child.wait())
}

/** mawk 1.3.4's arithmetic: a start before the first character lengthens instead of shortening. */
function substring(text: string, start: number, length: number | undefined): string {
  const from = Math.trunc(start)
  if (length === undefined) return text.slice(Math.max(0, from - 1))
  const count = Math.trunc(length)
  if (count <= 0) return ''
  return from < 1 ? text.slice(0, count - from) : text.slice(from - 1, from - 1 + count)
}

function random(awk: Awk): number {
  awk.random.state = (Math.imul(awk.random.state, 1103515245) + 12345) >>> 0
  let value = awk.random.state
  value ^= value >>> 15
  value = Math.imul(value, 0x2c1b3c6d) >>> 0
  return ((value ^ (value >>> 12)) >>> 0) / 4294967296
}

function seed(awk: Awk, value: number): number {
  const before = awk.random.seed
  awk.random.seed = value
  awk.random.state = value >>> 0
  return before
}

function makeTime(text: string): number {
  const [year, month, day, hour, minute, second] = text.trim().split(/\s+/).map(Number)
  if (second === undefined || Number.isNaN(second)) return -1
  return Date.UTC(year as number, (month as number) - 1, day, hour, minute, second) / 1000
}
