/** How a function is declared: the Go types of its parameters in a word, and what it does. */
import type { TemplateFunction } from '#engine/programs/common/gotemplate/template'
import type { Parameter } from '#engine/programs/common/gotemplate/parameters'
import { GoFloat, GoInt, GoStruct, goPrint, kindOf, numberOf } from '#engine/programs/common/gotemplate/values'
import type { KeySource } from '#engine/base/pki/keys'
import type { Random } from '#engine/base/random'
import { decodeLossless } from '#engine/base/lossless'

export type FunctionTable = Readonly<Record<string, TemplateFunction>>

export interface SprigContext {
  readonly nowMs: () => number
  readonly random: Random
  readonly keys?: KeySource | undefined
}

/** `fn('string int', call)`; `any...` at the end for any number, `any?` for one that may be left out. */
export function fn(signature: string, call: (...args: never[]) => unknown): TemplateFunction {
  const words = signature === '' ? [] : signature.split(' ')
  const params = words.map((word) => word.replace(/\.\.\.$/, '') as Parameter)
  const least = words.filter((word) => !word.endsWith('...')).length
  return { call: call as (...args: unknown[]) => unknown, least, params, ...(least === words.length ? { most: least } : {}) }
}

/** The same function under several names. */
export function named(names: string, value: TemplateFunction): FunctionTable {
  return Object.fromEntries(names.split(' ').map((name) => [name, value]))
}

/** A function and its `must` twin, which tells of failures by itself. */
export function withMust(name: string, value: TemplateFunction): FunctionTable {
  return { [name]: value, [`must${name.charAt(0).toUpperCase()}${name.slice(1)}`]: value }
}

/** How a value reads as text. */
export function strval(value: unknown): string {
  if (typeof value === 'string') return value
  return value instanceof Uint8Array ? decodeLossless(value) : value instanceof GoStruct ? value.toString() : goPrint(value)
}

/** A value as a list of texts. */
export function strings(value: unknown): string[] {
  if (kindOf(value) === 'slice') return (value as unknown[]).filter((item) => item !== null && item !== undefined).map(strval)
  return kindOf(value) === 'invalid' ? [] : [strval(value)]
}

export const int = (value: number): GoInt => new GoInt(value)

export const float = (value: number): unknown => (Number.isInteger(value) ? new GoFloat(value) : value)

/** cast.ToInt64: what is no number is 0. */
export function toInteger(value: unknown): number {
  switch (kindOf(value)) {
    case 'int': case 'float': return Math.trunc(numberOf(value))
    case 'bool': return value === true ? 1 : 0
    case 'string': return integerOf(value as string)
    default: return 0
  }
}

function integerOf(text: string): number {
  const trimmed = text.replace(/\.0*$/, '')
  if (/^[-+]?\d+$/.test(trimmed)) return Number(trimmed)
  return /^[-+]?0[xX][0-9a-fA-F]+$/.test(trimmed) ? Number(trimmed) : 0
}

export function toFloat(value: unknown): number {
  switch (kindOf(value)) {
    case 'int': case 'float': return numberOf(value)
    case 'bool': return value === true ? 1 : 0
    case 'string': return /^[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?$/.test(value as string) ? Number(value) : 0
    default: return 0
  }
}

/** reflect.DeepEqual: types count. */
export function deepEqual(a: unknown, b: unknown): boolean {
  const kind = kindOf(a)
  if (kind !== kindOf(b)) return false
  if (kind === 'int' || kind === 'float') return numberOf(a) === numberOf(b) && (kind === 'float' || a instanceof GoInt === b instanceof GoInt)
  if (kind === 'slice') return (a as unknown[]).length === (b as unknown[]).length && (a as unknown[]).every((item, index) => deepEqual(item, (b as unknown[])[index]))
  if (kind !== 'map') return kind === 'invalid' || a === b
  const [left, right] = [a as Record<string, unknown>, b as Record<string, unknown>]
  return Object.keys(left).length === Object.keys(right).length && Object.keys(left).every((key) => Object.hasOwn(right, key) && deepEqual(left[key], right[key]))
}

export function isEmpty(value: unknown): boolean {
  switch (kindOf(value)) {
    case 'invalid': return true
    case 'bool': return value === false
    case 'int': case 'float': return numberOf(value) === 0
    case 'string': return value === ''
    case 'slice': return (value as unknown[]).length === 0
    case 'map': return Object.keys(value as object).length === 0
    default: return false
  }
}
