/** `$name` and `${...}` with every operator. */
import { assign, isName, keyOf, lookup, readElement, readScalar, resolve } from '#engine/shell/state/access'
import { ExpansionError } from '#engine/shell/state/signals'
import type { Shell } from '#engine/shell/state/shell'
import { AssociativeArray, IndexedArray } from '#engine/shell/state/variables'
import type { FieldBuilder } from '#engine/shell/expand/fields'
import { ifsJoin } from '#engine/shell/expand/separators'
import { changeCase, removePattern, replacePattern, transform } from '#engine/shell/expand/operators'
import { withTilde } from '#engine/shell/expand/tilde'
import { parseParameter } from '#engine/shell/syntax/parameter'
import { type ParameterPart, parseWord } from '#engine/shell/syntax/words'

export interface ParameterContext {
  readonly quoted: boolean
  readonly joined: boolean
}

/** One value, or several (`$@`, `${a[@]}`). */
export type Found = { readonly list: false; readonly value: string | undefined } | { readonly list: true; readonly values: readonly string[]; readonly star: boolean }

export async function expandParameter(shell: Shell, part: ParameterPart, builder: FieldBuilder, context: ParameterContext): Promise<void> {
  checkKnown(shell, part)
  if (part.names !== undefined) return emit(shell, { list: true, values: variableNames(shell, part.name), star: part.names === '*' }, builder, context)
  if (part.indirect) {
    const keys = arrayKeys(shell, part)
    if (keys) return emit(shell, keys, builder, context)
    const target = indirectTarget(shell, part, await find(shell, { kind: 'parameter', text: part.text, name: part.name, ...(part.index === undefined ? {} : { index: part.index }) }))
    if (typeof target === 'string') return emit(shell, { list: false, value: target }, builder, context)
    return expandParameter(shell, target, builder, context)
  }
  const found = await find(shell, part)
  if (part.length) return emit(shell, { list: false, value: lengthOf(shell, part, found) }, builder, context)
  const { operator } = part
  if (operator !== undefined && /^:?[-=?+]$/.test(operator)) return conditional(shell, part, found, builder, context)
  checkBound(shell, part, found)
  if (operator === undefined) return emit(shell, found, builder, context)
  emit(shell, await operate(shell, part, found, context), builder, context)
}

/** An unknown `@X` ends the shell, other mistakes only the line. */
function checkKnown(shell: Shell, part: ParameterPart): void {
  if ((part.bad && !(part.operator === '@' && isName(part.name) && readScalar(shell, part.name) === undefined)) || (shell.posixShell && unknownToDash(part))) throw new ExpansionError(`${part.text}: bad substitution`, part.operator === '@')
}

/** What dash has no parameter expansion for. */
function unknownToDash(part: ParameterPart): boolean {
  return part.indirect === true || part.names !== undefined || part.index !== undefined || (part.operator !== undefined && /^[\/^,@~]|^:$/.test(part.operator))
}

function variableNames(shell: Shell, prefix: string): string[] {
  return shell.vars.names().filter((name) => name.startsWith(prefix) && shell.vars.find(name)?.isSet)
}

function arrayKeys(shell: Shell, part: ParameterPart): Found | undefined {
  if ((part.index !== '@' && part.index !== '*') || part.operator !== undefined) return undefined
  const value = lookup(shell, resolve(shell, part.name).name)?.value
  const keys = value instanceof IndexedArray || value instanceof AssociativeArray ? value.keys().map(String) : value === undefined ? [] : ['0']
  return { list: true, values: keys, star: part.index === '*' }
}

function isPlain(part: ParameterPart): boolean {
  return !part.bad && part.operator === undefined && !part.length && !part.indirect
}

/** What an indirect name leads to; a string where a nameref is asked for its name. */
function indirectTarget(shell: Shell, part: ParameterPart, found: Found): ParameterPart | string {
  const variable = shell.vars.find(part.name)
  if (variable?.nameref && part.operator === undefined) return typeof variable.value === 'string' ? variable.value : ''
  const name = found.list ? found.values.join(' ') : found.value
  if ((found.list && found.values.length === 0) || (name === undefined && !isName(part.name))) return ''
  if (!name) throw new ExpansionError(name === '' ? ': invalid variable name' : `${part.name}: invalid indirect expansion`)
  const target = parseParameter(`\${${name}}`)
  if (!isPlain(target)) throw new ExpansionError(`${name}: invalid variable name`)
  return { ...target, ...operatorOf(part) }
}

function operatorOf(part: ParameterPart): Partial<ParameterPart> {
  return { ...(part.operator === undefined ? {} : { operator: part.operator, operand: part.operand ?? '' }), ...(part.second === undefined ? {} : { second: part.second }) }
}

async function find(shell: Shell, part: ParameterPart): Promise<Found> {
  const { name, index } = part
  if (name === '@' || name === '*') return { list: true, values: shell.positional, star: name === '*' }
  if (!isName(name)) return { list: false, value: specialParameter(shell, name) }
  if (index === undefined) {
    const place = resolve(shell, name)
    if (place.index === '@' || place.index === '*') return elements(shell, place.name, place.index)
    return { list: false, value: readScalar(shell, name) }
  }
  if (index === '@' || index === '*') return elements(shell, name, index)
  const key = await subscript(shell, name, index)
  await checkSubscript(shell, name, key)
  return { list: false, value: readElement(shell, name, key) }
}

/** Before the first element: bash says so and reads nothing. */
async function checkSubscript(shell: Shell, name: string, key: number | string): Promise<void> {
  const value = lookup(shell, resolve(shell, name).name)?.value
  if (value instanceof IndexedArray && Number(key) < 0 && value.end + Number(key) < 0) await shell.error(`${name}: bad array subscript`)
}

/** A subscript's key: expanded first. */
export async function subscript(shell: Shell, name: string, index: string): Promise<number | string> {
  const value = lookup(shell, resolve(shell, name).name)?.value
  if (value instanceof AssociativeArray) return shell.hooks.words.text(shell, index)
  if (index.trim() === '') throw new ExpansionError(`${name}[${index}]: bad array subscript`)
  return keyOf(shell, name, await shell.hooks.words.arithmeticText(shell, index))
}

function elements(shell: Shell, name: string, index: string): Found {
  const value = lookup(shell, resolve(shell, name).name)?.value
  const values = value instanceof IndexedArray || value instanceof AssociativeArray ? value.values() : value === undefined ? [] : [value]
  return { list: true, values, star: index === '*' }
}

function specialParameter(shell: Shell, name: string): string | undefined {
  switch (name) {
    case '#': return String(shell.positional.length)
    case '?': return String(shell.status)
    case '$': return String(shell.shellPid)
    case '!': return shell.jobs.lastPid === undefined ? undefined : String(shell.jobs.lastPid)
    case '-': return shell.options.flags({ interactive: shell.interactiveShell, commandString: shell.origin === 'command' && shell.executionString !== undefined, standardInput: shell.origin === 'input' || shell.origin === 'interactive' })
    case '0': return shell.name
    default: return shell.positional[Number(name) - 1]
  }
}

function lengthOf(shell: Shell, part: ParameterPart, found: Found): string {
  if (found.list) {
    if (part.index !== undefined && shell.options.on('nounset') && !lookup(shell, resolve(shell, part.name).name)) throw new ExpansionError(`${part.name}: unbound variable`)
    return String(found.values.length)
  }
  checkBound(shell, part, found)
  return String([...(found.value ?? '')].length)
}

function checkBound(shell: Shell, part: ParameterPart, found: Found): void {
  if (found.list || found.value !== undefined || !shell.options.on('nounset')) return
  const shown = part.index === undefined ? part.name : `${part.name}[${part.index}]`
  throw new ExpansionError(`${/^\d+$/.test(part.name) && !part.text.startsWith('${') ? `$${shown}` : part.name === '!' ? '$!' : shown}: unbound variable`, true)
}

async function conditional(shell: Shell, part: ParameterPart, found: Found, builder: FieldBuilder, context: ParameterContext): Promise<void> {
  const operator = part.operator as string
  const kind = operator.charAt(operator.length - 1)
  const missing = isMissing(found, operator.startsWith(':'))
  if (kind === '+') {
    if (!missing) await operand(shell, part, builder, context)
    return
  }
  if (!missing) return emit(shell, found, builder, context)
  if (kind === '-') return operand(shell, part, builder, context)
  if (kind === '?') return complainMissing(shell, part)
  const value = await shell.hooks.words.text(shell, part.operand ?? '', context.quoted ? 'operand' : 'word', true)
  if (!isName(part.name)) throw new ExpansionError(`$${part.name}: cannot assign in this way`)
  if (part.index === undefined) assign(shell, part.name, value)
  else assign(shell, part.name, value, { key: await subscript(shell, part.name, part.index) })
  builder.add(readAssigned(shell, part, value), context.quoted, !context.quoted)
}

function readAssigned(shell: Shell, part: ParameterPart, value: string): string {
  return part.index === undefined ? (readScalar(shell, part.name) ?? value) : value
}

async function complainMissing(shell: Shell, part: ParameterPart): Promise<never> {
  const given = await shell.hooks.words.text(shell, part.operand ?? '', 'word')
  const shown = part.index === undefined ? part.name : `${part.name}[${part.index}]`
  const message = given !== '' ? given : (part.operator ?? '').startsWith(':') ? (shell.posixShell ? 'parameter not set or null' : 'parameter null or not set') : 'parameter not set'
  throw new ExpansionError(`${shown}: ${message}`, true)
}

function isMissing(found: Found, emptyToo: boolean): boolean {
  if (!found.list) return found.value === undefined || (emptyToo && found.value === '')
  return found.values.length === 0 || (emptyToo && found.values.length === 1 && found.values[0] === '')
}

async function operand(shell: Shell, part: ParameterPart, builder: FieldBuilder, context: ParameterContext): Promise<void> {
  const text = part.operand ?? ''
  await shell.hooks.words.parts(shell, context.quoted ? parseWord(text, 'operand') : withTilde(shell, parseWord(text), false), builder, context.quoted, context.joined, true)
  if (context.quoted && text === '') builder.add('', true, false)
}

function emit(shell: Shell, found: Found, builder: FieldBuilder, context: ParameterContext): void {
  if (!found.list) {
    if (found.value !== undefined) builder.add(found.value, context.quoted, !context.quoted)
    return
  }
  const join = ifsJoin(shell)
  if (found.star && (context.quoted || context.joined)) {
    builder.add(found.values.join(join), context.quoted, !context.quoted)
    return
  }
  found.values.forEach((value, index) => {
    if (index > 0) builder.break()
    builder.add(value, context.quoted, !context.quoted)
  })
}

async function operate(shell: Shell, part: ParameterPart, found: Found, context: ParameterContext): Promise<Found> {
  const operator = part.operator as string
  if (operator === ':') return slice(shell, part, found)
  if (operator === '@') return transform(shell, part, found)
  const map = await operation(shell, part, context)
  if (!found.list) return { list: false, value: found.value === undefined ? undefined : map(found.value) }
  return { ...found, values: found.values.map(map) }
}

async function operation(shell: Shell, part: ParameterPart, context: ParameterContext): Promise<(text: string) => string> {
  const operator = part.operator as string
  if (operator.startsWith('/')) return replacePattern(shell, part, context.quoted)
  if (operator.startsWith('#') || operator.startsWith('%')) return removePattern(shell, part)
  return changeCase(shell, part)
}

async function slice(shell: Shell, part: ParameterPart, found: Found): Promise<Found> {
  if (!found.list && found.value === undefined) return found
  const offset = await position(shell, part, part.operand ?? '')
  const length = part.second === undefined ? undefined : await position(shell, part, part.second)
  if (!found.list) {
    const characters = [...(found.value ?? '')]
    return { list: false, value: found.value === undefined ? undefined : cut(characters, offset, length, part.second ?? '').join('') }
  }
  if (length !== undefined && length < 0) throw new ExpansionError(`${part.second?.trim()}: substring expression < 0`)
  return { ...found, values: sliceList(shell, part, found.values, offset, length) }
}

async function position(shell: Shell, part: ParameterPart, text: string): Promise<number> {
  try {
    return Number(await shell.hooks.words.arithmetic(shell, text))
  } catch (error) {
    if (error instanceof ExpansionError && /\(error token is/.test(error.message)) throw new ExpansionError(`${part.name}: ${error.message}`)
    throw error
  }
}

function sliceList(shell: Shell, part: ParameterPart, values: readonly string[], offset: number, length: number | undefined): string[] {
  if (part.name === '@' || part.name === '*') {
    const all = [shell.name, ...values]
    const from = offset < 0 ? all.length + offset : offset
    return from < 0 ? [] : all.slice(from, length === undefined ? undefined : from + length)
  }
  const array = lookup(shell, resolve(shell, part.name).name)?.value
  if (!(array instanceof IndexedArray)) return cut(values, offset, length, '') as string[]
  const from = offset < 0 ? array.end + offset : offset
  if (from < 0) return []
  const keys = array.keys().filter((key) => key >= from)
  return keys.slice(0, length).map((key) => array.get(key) as string)
}

function cut(items: readonly string[], offset: number, length: number | undefined, text: string): readonly string[] {
  const from = offset < 0 ? items.length + offset : offset
  if (from < 0 || from > items.length) return []
  if (length === undefined) return items.slice(from)
  const to = length < 0 ? items.length + length : from + length
  if (to < from) throw new ExpansionError(`${text.trim()}: substring expression < 0`)
  return items.slice(from, to)
}
