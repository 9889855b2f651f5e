/** JSON values as jq orders, prints and names them. */
export type Json = unknown
export type JsonObject = { [key: string]: Json }

export class JqError extends Error {
  constructor(readonly value: Json) {
    super(typeof value === 'string' ? value : 'error')
  }
}

export function fail(message: string): never {
  throw new JqError(message)
}

export function typeOf(value: Json): 'null' | 'boolean' | 'number' | 'string' | 'array' | 'object' {
  if (value === null || value === undefined) return 'null'
  if (Array.isArray(value)) return 'array'
  return typeof value as 'boolean'
}

export function isObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function truthy(value: Json): boolean {
  return value !== null && value !== undefined && value !== false
}

const order = ['null', 'false', 'true', 'number', 'string', 'array', 'object']

function rank(value: Json): number {
  const type = typeOf(value)
  return order.indexOf(type === 'boolean' ? String(value) : type)
}

export function compareValues(a: Json, b: Json): number {
  const difference = rank(a) - rank(b)
  if (difference !== 0) return difference
  if (typeof a === 'number') return a - (b as number)
  if (typeof a === 'string') return compareText(a, b as string)
  if (Array.isArray(a)) return compareArrays(a, b as Json[])
  return isObject(a) ? compareObjects(a, b as JsonObject) : 0
}

/** By code point, as jq compares UTF-8 bytes. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0
  const [x, y] = [[...a], [...b]]
  for (let i = 0; i < Math.min(x.length, y.length); i++) {
    const difference = ((x[i] as string).codePointAt(0) as number) - ((y[i] as string).codePointAt(0) as number)
    if (difference !== 0) return difference
  }
  return x.length - y.length
}

function compareArrays(a: readonly Json[], b: readonly Json[]): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const difference = compareValues(a[i], b[i])
    if (difference !== 0) return difference
  }
  return a.length - b.length
}

function compareObjects(a: JsonObject, b: JsonObject): number {
  const [keysA, keysB] = [sortedKeys(a), sortedKeys(b)]
  const difference = compareArrays(keysA, keysB)
  if (difference !== 0) return difference
  for (const key of keysA) {
    const order = compareValues(a[key], b[key])
    if (order !== 0) return order
  }
  return 0
}

export function sortedKeys(value: JsonObject): string[] {
  return Object.keys(value).sort(compareText)
}

/** Integer-like keys keep their place: objects are made without a prototype's surprises through this. */
export function copyObject(value: JsonObject): JsonObject {
  return { ...value }
}

/** 17 significant digits, as jq 1.6. */
export function numberText(value: number): string {
  if (Number.isNaN(value)) return 'null'
  if (value === Infinity) return '1.7976931348623157e+308'
  if (value === -Infinity) return '-1.7976931348623157e+308'
  if (Object.is(value, -0)) return '-0'
  if (Number.isInteger(value) && Math.abs(value) < 1e17) return value.toFixed(0)
  const shortest = String(value)
  const match = /^(-?)(\d+(?:\.\d+)?)e([+-])(\d+)$/.exec(shortest)
  if (match) return `${match[1] as string}${match[2] as string}e${match[3] as string}${(match[4] as string).padStart(2, '0')}`
  if (Math.abs(value) >= 1e17) {
    const exponential = value.toExponential().replace(/e\+(\d)$/, 'e+0$1')
    return Math.abs(value) < 1e18 ? value.toFixed(0) : exponential
  }
  if (Math.abs(value) < 1e-4) return value.toExponential().replace(/e-(\d)$/, 'e-0$1')
  return shortest
}

const escapes: Readonly<Record<string, string>> = { '"': '\\"', '\\': '\\\\', '\n': '\\n', '\t': '\\t', '\r': '\\r', '\b': '\\b', '\f': '\\f' }

export function quoteText(text: string, ascii = false): string {
  const special = ascii ? /["\\\x00-\x1f\x7f-\uffff]/g : /["\\\x00-\x1f\x7f]/g
  return `"${text.replace(special, (c) => escapes[c] ?? `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)}"`
}

export interface PrintOptions {
  /** Undefined: compact. */
  readonly indent: string | undefined
  readonly sortKeys: boolean
  readonly ascii: boolean
  readonly color: boolean
}

const plain: PrintOptions = { indent: undefined, sortKeys: false, ascii: false, color: false }

export function toJson(value: Json): string {
  return printJson(value, plain)
}

export function printJson(value: Json, options: PrintOptions, depth = 0): string {
  const paint = (code: string, text: string): string => (options.color ? `\x1b[${code}m${text}\x1b[0m` : text)
  if (depth > 10000) return '<too deep>'
  switch (typeOf(value)) {
    case 'null': return paint('1;30', 'null')
    case 'boolean': return paint('0;39', String(value))
    case 'number': return paint('0;39', numberText(value as number))
    case 'string': return paint('0;32', quoteText(value as string, options.ascii))
    case 'array': return printArray(value as Json[], options, depth, paint)
    default: return printObject(value as JsonObject, options, depth, paint)
  }
}

type Paint = (code: string, text: string) => string

function printArray(value: readonly Json[], options: PrintOptions, depth: number, paint: Paint): string {
  if (value.length === 0) return paint('1;39', options.color ? '[]' : '[]')
  const pad = options.indent === undefined ? '' : `\n${options.indent.repeat(depth + 1)}`
  const end = options.indent === undefined ? '' : `\n${options.indent.repeat(depth)}`
  if (!options.color) return `[${value.map((item) => pad + printJson(item, options, depth + 1)).join(',')}${end}]`
  return `${'\x1b[1;39m['}${value.map((item, index) => `${pad}${printJson(item, options, depth + 1)}${index < value.length - 1 ? '\x1b[1;39m,' : ''}`).join('')}\x1b[1;39m${end}\x1b[1;39m]\x1b[0m`
}

function printObject(value: JsonObject, options: PrintOptions, depth: number, paint: Paint): string {
  const keys = options.sortKeys ? sortedKeys(value) : Object.keys(value)
  if (keys.length === 0) return paint('1;39', '{}')
  const pad = options.indent === undefined ? '' : `\n${options.indent.repeat(depth + 1)}`
  const end = options.indent === undefined ? '' : `\n${options.indent.repeat(depth)}`
  const colon = options.indent === undefined ? ':' : ': '
  if (!options.color) return `{${keys.map((key) => `${pad}${quoteText(key, options.ascii)}${colon}${printJson(value[key], options, depth + 1)}`).join(',')}${end}}`
  return `\x1b[1;39m{${keys.map((key, index) => `${pad}\x1b[0m\x1b[34;1m${quoteText(key, options.ascii)}\x1b[0m\x1b[1;39m${colon}\x1b[0m${printJson(value[key], options, depth + 1)}${index < keys.length - 1 ? '\x1b[1;39m,' : ''}`).join('')}\x1b[1;39m${end}\x1b[1;39m}\x1b[0m`
}

/** As shown in messages: at most eleven bytes. */
export function short(value: Json): string {
  const text = toJson(value)
  return new TextEncoder().encode(text).length > 11 ? `${text.slice(0, 10)}...` : text
}

export function described(value: Json): string {
  return `${typeOf(value)} (${short(value)})`
}
