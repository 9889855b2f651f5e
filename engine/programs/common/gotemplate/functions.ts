/** The functions every template has. */
import { sprint, sprintf, sprintln } from './printf'
import { byteLength } from '#engine/base/lossless'
import type { Parameter } from './parameters'
import { GoInt, isTrue, kindOf, noValue, numberOf, typeName } from './values'

export interface TemplateFunction {
  readonly call: (...args: unknown[]) => unknown
  /** Its arguments are Go strings: a value of another type is refused before the call. */
  readonly ofStrings?: boolean
  /** The Go types of its parameters; the last is that of all further ones. */
  readonly params?: readonly Parameter[]
  /** How many arguments it takes; the most may be absent for any number. */
  readonly least: number
  readonly most?: number
}

export function fixed(count: number, call: (...args: never[]) => unknown): TemplateFunction {
  return { call: call as (...args: unknown[]) => unknown, least: count, most: count }
}

export function variadic(least: number, call: (...args: never[]) => unknown): TemplateFunction {
  return { call: call as (...args: unknown[]) => unknown, least }
}

export const builtins: Readonly<Record<string, TemplateFunction>> = {
  and: variadic(1, (...args: unknown[]) => args.find((arg) => !isTrue(arg)) ?? args[args.length - 1]),
  or: variadic(1, (...args: unknown[]) => args.find(isTrue) ?? args[args.length - 1]),
  not: fixed(1, (value: unknown) => !isTrue(value)),
  eq: variadic(1, (first: unknown, ...others: unknown[]) => equals(first, others)),
  ne: fixed(2, (a: unknown, b: unknown) => !equals(a, [b])),
  lt: fixed(2, (a: unknown, b: unknown) => less(a, b)),
  le: fixed(2, (a: unknown, b: unknown) => less(a, b) || equals(a, [b])),
  gt: fixed(2, (a: unknown, b: unknown) => !(less(a, b) || equals(a, [b]))),
  ge: fixed(2, (a: unknown, b: unknown) => !less(a, b)),
  len: fixed(1, length),
  index: variadic(1, (item: unknown, ...keys: unknown[]) => keys.reduce(indexInto, known(item, 'index of untyped nil'))),
  slice: variadic(1, slice),
  call: variadic(1, (fn: unknown, ...args: unknown[]) => {
    if (fn === null || fn === undefined) throw new Error('call of nil')
    if (typeof fn !== 'function') throw new Error(`non-function of type ${typeName(fn)}`)
    return (fn as (...values: unknown[]) => unknown)(...args)
  }),
  print: variadic(0, (...args: unknown[]) => sprint(args)),
  printf: { ...variadic(1, (format: string, ...args: unknown[]) => sprintf(format, args)), params: ['string', 'any'] },
  println: variadic(0, (...args: unknown[]) => sprintln(args)),
  html: variadic(0, (...args: unknown[]) => printable(args).replace(/["'&<>\0]/g, (char) => htmlEscapes[char] as string)),
  js: variadic(0, (...args: unknown[]) => escapeJs(printable(args))),
  urlquery: variadic(0, (...args: unknown[]) => encodeURIComponent(printable(args)).replaceAll('%20', '+').replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)),
}

/** The escaping functions print what is not there as a template does; `print` says <nil>. */
function printable(args: readonly unknown[]): string {
  return sprint(args.map((arg) => (kindOf(arg) === 'invalid' ? '<no value>' : arg)))
}

const htmlEscapes: Readonly<Record<string, string>> = { '"': '&#34;', "'": '&#39;', '&': '&amp;', '<': '&lt;', '>': '&gt;', '\0': '\ufffd' }

function escapeJs(text: string): string {
   
  return text.replace(/[\\'"<>&=\x00-\x1f]/g, (char) => (char === '\\' || char === "'" || char === '"' ? `\\${char}` : `\\u${char.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`))
}

function known(value: unknown, message: string): unknown {
  if (value === null || value === undefined || value === noValue) throw new Error(message)
  return value
}

function equals(first: unknown, others: readonly unknown[]): boolean {
  if (others.length === 0) throw new Error('missing argument for comparison')
  return others.some((other) => equal(first, other))
}

function equal(a: unknown, b: unknown): boolean {
  const [ka, kb] = [kindOf(a), kindOf(b)]
  if (ka !== kb) {
    if (ka !== 'invalid' && kb !== 'invalid') throw new Error(`incompatible types for comparison: ${typeName(a)} and ${typeName(b)}`)
    return false
  }
  if (ka === 'slice' || ka === 'map') throw new Error(`non-comparable type ${sprintf('%s', [b])}: ${typeName(b)}`)
  if (ka === 'int' || ka === 'float') return numberOf(a) === numberOf(b)
  return ka === 'invalid' || a === b
}

function less(a: unknown, b: unknown): boolean {
  const [ka, kb] = [kindOf(a), kindOf(b)]
  for (const kind of [ka, kb]) if (kind === 'invalid' || kind === 'slice' || kind === 'map' || kind === 'func') throw new Error('invalid type for comparison')
  if (ka !== kb) throw new Error(`incompatible types for comparison: ${typeName(a)} and ${typeName(b)}`)
  if (ka === 'bool') throw new Error('invalid type for comparison')
  return ka === 'string' ? (a as string) < (b as string) : numberOf(a) < numberOf(b)
}

function length(value: unknown): GoInt {
  switch (kindOf(value)) {
    case 'string': return new GoInt(byteLength(value as string))
    case 'slice': return new GoInt((value as unknown[]).length)
    case 'map': return new GoInt(Object.keys(value as object).length)
    case 'invalid': throw new Error('reflect: call of reflect.Value.Type on zero Value')
    default: throw new Error(`len of type ${typeName(value)}`)
  }
}

function indexInto(item: unknown, key: unknown): unknown {
  switch (kindOf(item)) {
    case 'invalid': throw new Error('index of nil pointer')
    case 'string': case 'slice': {
      const list = item as string | unknown[]
      const at = position(key, list.length, false)
      return typeof list === 'string' ? list.charCodeAt(at) : list[at]
    }
    case 'map':
      if (kindOf(key) === 'invalid') throw new Error('value is nil; should be of type string')
      if (typeof key !== 'string') throw new Error(`value has type ${kindOf(key) === 'int' ? 'int' : typeName(key)}; should be string`)
      return Object.hasOwn(item as object, key) ? (item as Record<string, unknown>)[key] : undefined
    default: throw new Error(`can't index item of type ${typeName(item)}`)
  }
}

function position(key: unknown, length: number, end: boolean): number {
  if (kindOf(key) === 'invalid') throw new Error('cannot index slice/array with nil')
  if (kindOf(key) !== 'int') throw new Error(`cannot index slice/array with type ${typeName(key)}`)
  const at = Number(key)
  if (at < 0 || (end ? at > length : at >= length)) throw new Error(`index out of range: ${at}`)
  return at
}

function slice(item: unknown, ...bounds: unknown[]): unknown {
  if (kindOf(item) === 'invalid') throw new Error('slice of untyped nil')
  if (bounds.length > 3) throw new Error(`too many slice indexes: ${bounds.length}`)
  if (kindOf(item) !== 'string' && kindOf(item) !== 'slice') throw new Error(`can't slice item of type ${typeName(item)}`)
  const list = item as string | unknown[]
  if (typeof list === 'string' && bounds.length === 3) throw new Error('cannot 3-index slice a string')
  const [from = 0, to = list.length] = bounds.map((bound) => position(bound, list.length, true))
  if (from > to) throw new Error(`invalid slice index: ${from} > ${to}`)
  return list.slice(from, to)
}
