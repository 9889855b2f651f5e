/** Reading and writing variables with namerefs, attributes, subscripts and special names. */
import { ArithmeticFailure, evaluate, type ArithmeticVariables } from '#engine/shell/arithmetic/evaluate'
import { ExpansionError, OutermostError, VariableError } from '#engine/shell/state/signals'
import type { Shell } from '#engine/shell/state/shell'
import { special } from '#engine/shell/state/specials'
import { AssociativeArray, IndexedArray, Variable } from '#engine/shell/state/variables'
import { unquote } from '#engine/shell/syntax/words'

export type Key = number | string

/** Where a name leads after namerefs: another name, perhaps with a subscript. */
export function resolve(shell: Shell, name: string): { name: string; index: string | undefined } {
  let current = name
  for (let i = 0; i < 10; i++) {
    const variable = shell.vars.find(current)
    if (!variable?.nameref || typeof variable.value !== 'string' || variable.value === '') return { name: current, index: undefined }
    const match = /^([A-Za-z_]\w*)(?:\[(.*)\])?$/s.exec(variable.value)
    if (!match) return { name: current, index: undefined }
    if (match[2] !== undefined) return { name: match[1] as string, index: match[2] }
    current = match[1] as string
  }
  return { name: current, index: undefined }
}

export function lookup(shell: Shell, name: string): Variable | undefined {
  const dynamic = special(name)
  if (dynamic) {
    const value = dynamic(shell)
    return value === undefined ? shell.vars.find(name) : new Variable(value)
  }
  return shell.vars.find(name)
}

/** `$name` for variables (not for positional and special parameters). */
export function readScalar(shell: Shell, name: string): string | undefined {
  const place = resolve(shell, name)
  if (place.index !== undefined) return readElement(shell, place.name, keyOf(shell, place.name, place.index))
  return lookup(shell, place.name)?.scalar()
}

export function readElement(shell: Shell, name: string, key: Key): string | undefined {
  const value = lookup(shell, resolve(shell, name).name)?.value
  if (value instanceof AssociativeArray) return value.get(String(key))
  const index = Number(key)
  if (value instanceof IndexedArray) return value.get(index < 0 ? value.end + index : index)
  return index === 0 || index === -1 ? value : undefined
}

/** The subscript's meaning; the text has been expanded. */
export function keyOf(shell: Shell, name: string, text: string): Key {
  if (lookup(shell, resolve(shell, name).name)?.value instanceof AssociativeArray) return unquote(text)
  return Number(outermost(() => arithmetic(shell, text)))
}

function outermost(run: () => bigint): bigint {
  try {
    return run()
  } catch (error) {
    if (error instanceof ExpansionError && /\(error token is/.test(error.message)) throw new OutermostError(error.message)
    throw error
  }
}

export function arithmetic(shell: Shell, text: string): bigint {
  try {
    return evaluate(text, arithmeticVariables(shell))
  } catch (error) {
    if (error instanceof ArithmeticFailure) throw new ExpansionError(error.message)
    throw error
  }
}

export function arithmeticVariables(shell: Shell): ArithmeticVariables {
  const read = (name: string, index: string | undefined): string | undefined => (index === undefined ? readScalar(shell, name) : readElement(shell, name, keyOf(shell, name, index)))
  return {
    get(name, index) {
      const value = read(name, index)
      if (value === undefined && shell.options.on('nounset')) throw new ExpansionError(`${name}: unbound variable`, true)
      return value
    },
    set(name, index, value) {
      assign(shell, name, value, index === undefined ? {} : { key: keyOf(shell, name, index) })
    },
  }
}

export interface AssignOptions {
  readonly append?: boolean
  readonly key?: Key
  /** In the innermost scope, not where the name is found. */
  readonly local?: boolean
}

/** Assigns one value. Throws ExpansionError where it may not. */
export function assign(shell: Shell, name: string, value: string, options: AssignOptions = {}): void {
  const place = options.local ? { name, index: undefined } : resolve(shell, name)
  const variable = options.local ? shell.vars.declare(place.name, false) : shell.vars.obtain(place.name)
  const key = options.key ?? (place.index === undefined ? undefined : keyOf(shell, place.name, place.index))
  if (variable.readonly) throw new VariableError(`${place.name}: readonly variable`)
  if (value.length > mostCharacters) throw new ExpansionError(`xrealloc: cannot allocate ${value.length} bytes`, true)
  if (variable.nameref && place.name === name && key === undefined && !options.append) checkReference(name, value)
  store(shell, place.name, variable, key, value, options.append ?? false)
  if (shell.options.on('allexport')) variable.exported = true
  noticed(shell, place.name, value)
}

/** bash ends where memory does. */
const mostCharacters = 64 * 1024 * 1024

function checkReference(name: string, value: string): void {
  if (!/^[A-Za-z_]\w*(\[.+\])?$/.test(value) && value !== '') throw new ExpansionError(`\`${value}': not a valid identifier`)
}

function store(shell: Shell, name: string, variable: Variable, key: Key | undefined, value: string, append: boolean): void {
  const { value: held } = variable
  if (held instanceof AssociativeArray) {
    const at = String(key ?? '0')
    held.set(at, transformed(shell, variable, value, append ? (held.get(at) ?? '') : undefined))
    return
  }
  if (held instanceof IndexedArray || key !== undefined) {
    const array = held instanceof IndexedArray ? held : new IndexedArray(held === undefined ? [] : [held])
    const at = indexFor(name, array, Number(key ?? 0), key)
    const text = transformed(shell, variable, value, append ? (array.get(at) ?? '') : undefined)
    array.set(at, text)
    variable.value = array
    return
  }
  variable.value = transformed(shell, variable, value, append ? (held ?? '') : undefined)
}

export function indexFor(name: string, array: IndexedArray, index: number, key?: Key): number {
  const at = index < 0 ? array.end + index : index
  if (at < 0) throw new VariableError(`${name}[${key ?? index}]: bad array subscript`)
  if (!Number.isSafeInteger(at)) throw new ExpansionError(`${name}[${key ?? index}]: bad array subscript`)
  return at
}

/** The value as the variable's attributes make it. */
export function transformed(shell: Shell, variable: Variable, value: string, before: string | undefined): string {
  if (variable.integer) {
    const sum = outermost(() => (before === undefined ? arithmetic(shell, value) : arithmetic(shell, before) + arithmetic(shell, value)))
    return BigInt.asIntN(64, sum).toString()
  }
  const text = before === undefined ? value : before + value
  if (variable.capital) return text.charAt(0).toUpperCase() + text.slice(1).toLowerCase()
  return variable.upper ? text.toUpperCase() : variable.lower ? text.toLowerCase() : text
}

function noticed(shell: Shell, name: string, value: string): void {
  if (name === 'PATH') shell.hashed.clear()
  else if (name === 'RANDOM') shell.randomSeed = Number(BigInt.asUintN(32, BigInt(/^-?\d+$/.test(value) ? value : 0)))
  else if (name === 'OPTIND') shell.getopts = { index: Number(value) || 1, offset: 0 }
  else if (name === 'SECONDS') shell.startedMs = shell.process.clock.now() - (Number(value) || 0) * 1000
  else if (name === 'BASH_ARGV0') shell.name = value
}

/** Replaces the variable's whole value. */
export function assignWhole(shell: Shell, name: string, value: IndexedArray | AssociativeArray): void {
  const variable = shell.vars.obtain(resolve(shell, name).name)
  if (variable.readonly) throw new VariableError(`${name}: readonly variable`)
  variable.value = value
}

export function isName(text: string): boolean {
  return /^[A-Za-z_]\w*$/.test(text)
}
