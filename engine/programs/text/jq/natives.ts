/** jq's functions that are not written in jq. */
import type { Filter } from '#engine/programs/text/jq/syntax'
import type { JqMachine } from '#engine/programs/text/jq/machine'
import type { Item, Scope } from '#engine/programs/text/jq/scope'
import { asText, formatValue } from '#engine/programs/text/jq/formats'
import { JsonProblem, JsonStream } from '#engine/programs/text/jq/json-stream'
import { matchAll } from '#engine/programs/text/jq/regex'
import { deletePaths, getPath, indicesOf, setPath } from '#engine/programs/text/jq/paths'
import { dateFunction, hasDate } from '#engine/programs/text/jq/dates'
import { compareValues, described, fail, isObject, JqError, type Json, type JsonObject, sortedKeys, toJson, typeOf } from '#engine/programs/text/jq/values'

export interface NativeContext {
  environment(): JsonObject
  now(): number
  /** The next input; undefined at the end. */
  nextInput(): { value: Json } | undefined
  inputLine(): number
  inputName(): string | null
  debug(value: Json): void
  stderr(value: Json): void
  halt(status: number, message: Json | undefined): never
  /** Called at every step: bounds the work. */
  tick(): void
}

type Native = (input: Json, args: readonly Json[], context: NativeContext) => Json

/** All combinations of the arguments' outputs, as jq does with C functions. */
function* combinations(machine: JqMachine, args: readonly Filter[], input: Json, scope: Scope | undefined): Generator<Json[]> {
  const last = args[args.length - 1]
  if (!last) {
    yield []
    return
  }
  for (const value of machine.values(last, input, scope)) for (const rest of combinations(machine, args.slice(0, -1), input, scope)) yield [...rest, value]
}

const lazy: Readonly<Record<string, (machine: JqMachine, args: readonly Filter[], input: Item, scope: Scope | undefined) => Generator<Item>>> = {
  *'empty/0'() {},
  *'error/0'(_machine, _args, input) {
    throw new JqError(input.value)
  },
  *'error/1'(machine, [message], input, scope) {
    for (const value of machine.values(message as Filter, input.value, scope)) throw new JqError(value)
  },
  *'path/1'(machine, [filter], input, scope) {
    for (const path of machine.paths(filter as Filter, input.value, scope)) {
      const made = (path as { made?: Json }).made
      if (made !== undefined) fail(`Invalid path expression with result ${toJson(made)}`)
      yield { value: [...path], path: undefined }
    }
  },
  *'range/2'(machine, [from, to], input, scope) {
    for (const start of machine.values(from as Filter, input.value, scope)) {
      for (const end of machine.values(to as Filter, input.value, scope)) {
        if (typeof start !== 'number' || typeof end !== 'number') fail('Range bounds must be numeric')
        for (let value = start as number; value < (end as number); value++) yield counted(machine, value)
      }
    }
  },
  *'range/3'(machine, [from, to, by], input, scope) {
    for (const [start, end, step] of combinations(machine, [from, to, by] as Filter[], input.value, scope) as Generator<[number, number, number]>) {
      if (step > 0) for (let value = start; value < end; value += step) yield counted(machine, value)
      else if (step < 0) for (let value = start; value > end; value += step) yield counted(machine, value)
      else if (start < end) yield { value: start, path: undefined }
    }
  },
  *'getpath/1'(machine, [path], input, scope) {
    for (const value of machine.values(path as Filter, input.value, scope)) {
      if (!Array.isArray(value)) fail('Path must be specified as an array')
      yield { value: getPath(input.value, value as Json[]), path: input.path && [...input.path, ...(value as Json[])] }
    }
  },
  *'recurse/0'(machine, _args, input, scope) {
    yield* machine.run({ type: 'recurse' }, input, scope)
  },
  *'input/0'(machine, _args, input) {
    const next = machine.context.nextInput()
    if (!next) fail('break')
    yield { value: (next as { value: Json }).value, path: undefined }
    void input
  },
  *'debug/0'(machine, _args, input) {
    machine.context.debug(input.value)
    yield input
  },
  *'stderr/0'(machine, _args, input) {
    machine.context.stderr(input.value)
    yield input
  },
}

/** An output of a loop that no filter counts. */
function counted(machine: JqMachine, value: Json): Item {
  machine.tick()
  return { value, path: undefined }
}

export function hasNative(name: string, arity: number): boolean {
  return `${name}/${arity}` in lazy || `${name}/${arity}` in natives || hasDate(name, arity)
}

export function* callNative(machine: JqMachine, name: string, args: readonly Filter[], input: Item, scope: Scope | undefined): Generator<Item> {
  const key = `${name}/${args.length}`
  const special = lazy[key]
  if (special) {
    yield* special(machine, args, input, scope)
    return
  }
  const native: Native | undefined = natives[key] ?? (hasDate(name, args.length) ? (value, values) => dateFunction(name, value, values) : undefined)
  if (!native) fail(`${key} is not defined`)
  const run = native as Native
  for (const values of combinations(machine, args, input.value, scope)) {
    const value = run(input.value, values, machine.context)
    yield { value, path: input.path === undefined ? undefined : Object.assign([] as Json[], { made: value }) }
  }
}

function keys(value: Json): Json {
  if (Array.isArray(value)) return value.map((_, index) => index)
  return isObject(value) ? sortedKeys(value) : fail(`${described(value)} has no keys`)
}

function length(value: Json): Json {
  if (value === null) return 0
  if (typeof value === 'number') return Math.abs(value)
  if (typeof value === 'string') return [...value].length
  if (Array.isArray(value)) return value.length
  return isObject(value) ? Object.keys(value).length : fail(`${described(value)} has no length`)
}

function has(value: Json, key: Json): Json {
  if (isObject(value) && typeof key === 'string') return Object.hasOwn(value, key)
  if (Array.isArray(value) && typeof key === 'number') return key >= 0 && key < value.length
  return fail(`Cannot check whether ${typeOf(value)} has a ${typeof key === 'string' ? 'string' : typeOf(key)} key`)
}

function contains(value: Json, part: Json): boolean {
  if (isObject(value) && isObject(part)) return Object.entries(part).every(([key, item]) => Object.hasOwn(value, key) && contains(value[key], item))
  if (Array.isArray(value) && Array.isArray(part)) return part.every((item) => value.some((own) => typeOf(own) === typeOf(item) && contains(own as Json, item as Json)))
  if (typeof value === 'string' && typeof part === 'string') return value.includes(part)
  if (typeOf(value) === typeOf(part)) return compareValues(value, part) === 0
  return fail(`${described(value)} and ${described(part)} cannot have their containment checked`)
}

function array(value: Json, what: string): Json[] {
  return Array.isArray(value) ? (value as Json[]) : fail(`${described(value)} cannot be ${what}, as it is not an array`)
}

function ranked(value: Json, by: Json, what: string): { item: Json; key: Json }[] {
  const items = array(value, what)
  return items.map((item, index) => ({ item, key: (by as Json[])[index] as Json })).sort((a, b) => compareValues(a.key, b.key))
}

function text(value: Json, what: string): string {
  return typeof value === 'string' ? value : fail(`${described(value)} cannot be ${what}`)
}

function number(value: Json): number {
  return typeof value === 'number' ? value : fail(`${described(value)} number required`)
}

function toNumber(value: Json): Json {
  if (typeof value === 'number') return value
  if (typeof value !== 'string') return fail(`${described(value)} cannot be parsed as a number`)
  if (/^\s*-?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?\s*$/.test(value)) return Number(value)
  if (value === 'nan') return NaN
  return fail(`Invalid numeric literal at EOF at line 1, column ${value.length} (while parsing '${value}')`)
}

function fromJson(value: Json): Json {
  const source = text(value, 'parsed as JSON')
  try {
    const stream = new JsonStream(source)
    return stream.next()?.value ?? null
  } catch (error) {
    if (error instanceof JsonProblem) return fail(`${error.message} (while parsing '${source}')`)
    throw error
  }
}

const math = (run: (value: number) => number): Native => (value) => run(number(value))

const natives: Readonly<Record<string, Native>> = {
  'not/0': (value) => value === null || value === false,
  'length/0': length,
  'utf8bytelength/0': (value) => (typeof value === 'string' ? new TextEncoder().encode(value).length : fail(`${described(value)} only strings have UTF-8 byte length`)),
  'keys/0': keys,
  'keys_unsorted/0': (value) => (isObject(value) ? Object.keys(value) : keys(value)),
  'type/0': (value) => typeOf(value),
  'has/1': (value, [key]) => has(value, key as Json),
  'contains/1': (value, [part]) => contains(value, part as Json),
  'tostring/0': (value) => asText(value),
  'tojson/0': (value) => toJson(value),
  'fromjson/0': fromJson,
  'tonumber/0': toNumber,
  'explode/0': (value) => [...(typeof value === 'string' ? value : fail('explode input must be a string'))].map((c) => c.codePointAt(0)),
  'implode/0': (value) => (Array.isArray(value) ? value.map((point) => String.fromCodePoint(number(point as Json))).join('') : fail(`${described(value)} cannot be imploded, must be an array of codepoints`)),
  'startswith/1': (value, [part]) => (typeof value === 'string' && typeof part === 'string' ? value.startsWith(part) : fail('startswith() requires string inputs')),
  'endswith/1': (value, [part]) => (typeof value === 'string' && typeof part === 'string' ? value.endsWith(part) : fail('endswith() requires string inputs')),
  'ltrimstr/1': (value, [part]) => (typeof value === 'string' && typeof part === 'string' && value.startsWith(part) ? value.slice(part.length) : value),
  'rtrimstr/1': (value, [part]) => (typeof value === 'string' && typeof part === 'string' && part !== '' && value.endsWith(part) ? value.slice(0, -part.length) : value),
  'split/1': (value, [separator]) => (typeof value === 'string' && typeof separator === 'string' ? (value === '' ? [] : value.split(separator)) : fail('split input and separator must be strings')),
  'split/2': (value, [pattern, flags]) => splitBy(text(value, 'matched, as it is not a string'), pattern as Json, flags as Json),
  '_match/3': (value, [pattern, flags, testing]) => matchAll(value, pattern as Json, flags as Json, testing === true),
  'reverse/0': (value) => (typeof value === 'string' ? [...value].reverse().join('') : value === null ? [] : Array.isArray(value) ? [...(value as Json[])].reverse() : fail(`Cannot reverse ${described(value)}`)),
  'sort/0': (value) => [...array(value, 'sorted')].sort(compareValues),
  '_sort_by_impl/1': (value, [by]) => ranked(value, by as Json, 'sorted').map((one) => one.item),
  '_group_by_impl/1': (value, [by]) => grouped(ranked(value, by as Json, 'grouped')),
  'unique/0': (value) => [...array(value, 'sorted')].sort(compareValues).filter((item, index, all) => index === 0 || compareValues(all[index - 1], item) !== 0),
  'min/0': (value) => extreme(array(value, 'sorted'), -1),
  'max/0': (value) => extreme(array(value, 'sorted'), 1),
  '_min_by_impl/1': (value, [by]) => ranked(value, by as Json, 'sorted')[0]?.item ?? null,
  '_max_by_impl/1': (value, [by]) => ranked(value, by as Json, 'sorted').pop()?.item ?? null,
  'setpath/2': (value, [path, next]) => (Array.isArray(path) ? setPath(value, path as Json[], next as Json) : fail('Path must be specified as an array')),
  'delpaths/1': (value, [paths]) => (Array.isArray(paths) ? deletePaths(value, paths as Json[][]) : fail('Paths must be specified as an array')),
  'indices/1': (value, [part]) => indices(value, part as Json),
  'floor/0': math(Math.floor), 'ceil/0': math(Math.ceil), 'round/0': math((x) => Math.sign(x) * Math.round(Math.abs(x))), 'sqrt/0': math(Math.sqrt), 'fabs/0': math(Math.abs), 'abs/0': math(Math.abs), 'trunc/0': math(Math.trunc),
  'exp/0': math(Math.exp), 'exp2/0': math((x) => 2 ** x), 'exp10/0': math((x) => 10 ** x), 'log/0': math(Math.log), 'log2/0': math(Math.log2), 'log10/0': math(Math.log10), 'sin/0': math(Math.sin), 'cos/0': math(Math.cos), 'tan/0': math(Math.tan), 'atan/0': math(Math.atan), 'cbrt/0': math(Math.cbrt),
  'pow/2': (_value, [base, power]) => number(base as Json) ** number(power as Json),
  'atan2/2': (_value, [y, x]) => Math.atan2(number(y as Json), number(x as Json)),
  'fmin/2': (_value, [a, b]) => Math.min(number(a as Json), number(b as Json)),
  'fmax/2': (_value, [a, b]) => Math.max(number(a as Json), number(b as Json)),
  'infinite/0': () => Infinity, 'nan/0': () => NaN,
  'isinfinite/0': (value) => Math.abs(number(value)) === Infinity, 'isnan/0': (value) => Number.isNaN(number(value)), 'isnormal/0': (value) => Number.isFinite(number(value)) && value !== 0,
  'format/1': (value, [name]) => formatValue(`@${String(name)}`, value),
  'now/0': (_value, _args, context) => context.now() / 1000,
  'input_filename/0': (_value, _args, context) => context.inputName(),
  '_input_line_number/0': (_value, _args, context) => context.inputLine(),
  'halt/0': (_value, _args, context) => context.halt(0, undefined),
  'halt_error/1': (value, [status], context) => context.halt(number(status as Json), value),
  'builtins/0': () => Object.keys(natives),
  'tojson/1': (_value, [value]) => toJson(value as Json),
  'getpath/2': (_value, [value, path]) => getPath(value as Json, path as Json[]),
  'env/1': (_value, [name], context) => context.environment()[String(name)] ?? null,
  'objects_or_arrays/0': (value) => value,
  'modulemeta/0': () => fail('modulemeta is not supported'),
}

function splitBy(value: string, pattern: Json, flags: Json): Json {
  const out: string[] = []
  let at = 0
  const points = [...value]
  for (const match of matchAll(value, pattern, `g${typeof flags === 'string' ? flags : ''}`, false) as { offset: number; length: number }[]) {
    out.push(points.slice(at, match.offset).join(''))
    at = match.offset + match.length
  }
  out.push(points.slice(at).join(''))
  return out
}

function grouped(items: readonly { item: Json; key: Json }[]): Json[][] {
  const out: Json[][] = []
  let last: Json
  items.forEach(({ item, key }, index) => {
    if (index > 0 && compareValues(last, key) === 0) out[out.length - 1]?.push(item)
    else out.push([item])
    last = key
  })
  return out
}

function extreme(items: readonly Json[], sign: number): Json {
  let best: Json = items[0] ?? null
  for (const item of items) if (compareValues(item, best) * sign > 0 || (sign > 0 && compareValues(item, best) === 0)) best = item
  return best
}

function indices(value: Json, part: Json): Json {
  if (value === null) return null
  if (typeof value === 'string' && typeof part === 'string') {
    const out: number[] = []
    if (part === '') return null
    const bytes = new TextEncoder()
    for (let at = value.indexOf(part); at >= 0; at = value.indexOf(part, at + 1)) out.push(bytes.encode(value.slice(0, at)).length)
    return out
  }
  if (Array.isArray(value) && Array.isArray(part)) return indicesOf(value as Json[], part as Json[])
  if (Array.isArray(value)) return value.flatMap((item, index) => (compareValues(item as Json, part) === 0 ? [index] : []))
  return fail(`Cannot determine indices of ${described(part)} in ${described(value)}`)
}
