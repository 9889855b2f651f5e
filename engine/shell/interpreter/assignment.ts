/** `name=value`, `name[key]=value`, `name=(...)`, each also with `+=`. */
import type { Assignment, Word } from 'unbash'
import { assign, type AssignOptions, indexFor, keyOf, lookup, resolve, transformed } from '#engine/shell/state/access'
import { ExpansionError, VariableError } from '#engine/shell/state/signals'
import { singleQuote } from '#engine/shell/expand/quote'
import type { Shell } from '#engine/shell/state/shell'
import type { Variable } from '#engine/shell/state/variables';
import { AssociativeArray, IndexedArray } from '#engine/shell/state/variables'
import { skipBracket } from '#engine/shell/syntax/scanner'

/** An assignment with its value expanded, ready to be done or traced. */
export interface PreparedAssignment {
  readonly name: string
  readonly index: string | undefined
  readonly append: boolean
  readonly value: string | readonly ArrayElement[]
  /** As traced: the source text for arrays. */
  readonly text: string
}

export interface ArrayElement {
  /** Raw key text, expanded. */
  readonly key: string | undefined
  readonly append: boolean
  readonly value: string
}

export async function prepareAssignment(shell: Shell, assignment: Assignment): Promise<PreparedAssignment> {
  const head = /^([A-Za-z_]\w*)/.exec(assignment.text)?.[0] ?? assignment.name
  let at = head.length
  let index: string | undefined
  if (assignment.text[at] === '[') {
    const end = skipBracket(assignment.text, at)
    index = assignment.text.slice(at + 1, end - 1)
    at = end
  }
  const append = assignment.text[at] === '+'
  const raw = assignment.text.slice(at + (append ? 2 : 1))
  const { value } = assignment
  if (value && 'elements' in value) return { name: head, index, append, value: await prepareElements(shell, value.elements), text: assignment.text }
  return { name: head, index, append, value: await shell.hooks.words.text(shell, raw, 'word', true), text: assignment.text }
}

/** The elements of a compound assignment. */
export async function prepareElements(shell: Shell, words: readonly (Word | string)[]): Promise<ArrayElement[]> {
  const out: ArrayElement[] = []
  for (const word of words) {
    const text = typeof word === 'string' ? word : word.text
    const subscripted = text.startsWith('[') ? subscriptOf(text) : undefined
    if (subscripted) {
      const key = await shell.hooks.words.text(shell, subscripted.key)
      out.push({ key: subscripted.key === '' ? '' : key, append: subscripted.append, value: await shell.hooks.words.text(shell, subscripted.value, 'word', true) })
    } else for (const field of await shell.hooks.words.fields(shell, [text])) out.push({ key: undefined, append: false, value: field })
  }
  return out
}

function subscriptOf(text: string): { key: string; append: boolean; value: string } | undefined {
  try {
    const end = skipBracket(text, 0)
    const match = /^(\+?)=/.exec(text.slice(end))
    return match ? { key: text.slice(1, end - 1), append: match[1] === '+', value: text.slice(end + match[0].length) } : undefined
  } catch {
    return undefined
  }
}

export interface DoOptions {
  readonly local?: boolean
  /** With `declare -a` or `-A`: what a new variable becomes. */
  readonly kind?: 'indexed' | 'associative'
  /** By `declare` and its like, which have quoted the elements once more. */
  readonly declared?: boolean
}

export async function doAssignment(shell: Shell, prepared: PreparedAssignment, options: DoOptions = {}): Promise<void> {
  const { name, index, append, value } = prepared
  if (typeof value !== 'string') {
    if (index !== undefined) throw new ExpansionError(`${name}[${index}]: cannot assign list to array member`)
    return assignElements(shell, name, value, append, options)
  }
  const base: AssignOptions = { append, ...(options.local ? { local: true } : {}) }
  if (index === undefined) return assign(shell, name, value, base)
  if (index === '') throw new ExpansionError(`${name}[]: bad array subscript`)
  const associative = lookup(shell, resolve(shell, name).name)?.value instanceof AssociativeArray
  const text = associative ? await shell.hooks.words.text(shell, index) : await shell.hooks.words.arithmeticText(shell, index)
  assign(shell, name, value, { ...base, key: associative ? text : keyOf(shell, name, text) })
}

function assignElements(shell: Shell, name: string, elements: readonly ArrayElement[], append: boolean, options: DoOptions): void {
  const place = options.local ? name : resolve(shell, name).name
  const variable = options.local ? shell.vars.declare(place, false) : shell.vars.obtain(place)
  if (variable.readonly) throw new VariableError(`${place}: readonly variable`)
  if (variable.value instanceof AssociativeArray || options.kind === 'associative') fillAssociative(shell, place, variable, elements, append, options.declared ? singleQuote : (text) => text)
  else fillIndexed(shell, place, variable, elements, append)
  if (shell.options.on('allexport')) variable.exported = true
}

function fillIndexed(shell: Shell, name: string, variable: Variable, elements: readonly ArrayElement[], append: boolean): void {
  const before = variable.value
  const array = append ? (before instanceof IndexedArray ? before : new IndexedArray(typeof before === 'string' ? [before] : [])) : new IndexedArray()
  let next = array.end
  for (const element of elements) {
    if (element.key !== undefined) {
      if (element.key.trim() === '') throw new ExpansionError(`[${element.key}]=${element.value}: bad array subscript`)
      next = elementIndex(shell, name, array, element)
    }
    array.set(next, transformed(shell, variable, element.value, element.append ? (array.get(next) ?? '') : undefined))
    next++
  }
  variable.value = array
  variable.declaredOnly = false
}

function elementIndex(shell: Shell, name: string, array: IndexedArray, element: ArrayElement): number {
  const index = Number(keyOf(shell, '', element.key as string))
  if (index < 0 && array.end + index < 0) throw new ExpansionError(`[${element.key}]=${element.value}: bad array subscript`)
  return indexFor(name, array, index, element.key)
}

function fillAssociative(shell: Shell, name: string, variable: Variable, elements: readonly ArrayElement[], append: boolean, shown: (text: string) => string): void {
  const array = append && variable.value instanceof AssociativeArray ? variable.value : new AssociativeArray()
  variable.value = array
  variable.declaredOnly = false
  if (elements.length > 0 && elements[0]?.key === undefined) {
    for (let i = 0; i < elements.length; i += 2) array.set((elements[i] as ArrayElement).value, elements[i + 1]?.value ?? '')
    return
  }
  for (const element of elements) {
    if (element.key === undefined) throw new ExpansionError(`${name}: ${shown(element.value)}: must use subscript when assigning associative array`)
    if (element.key === '') throw new ExpansionError(`[${shown('')}]=${shown(element.value)}: bad array subscript`)
    array.set(element.key, transformed(shell, variable, element.value, element.append ? (array.get(element.key) ?? '') : undefined))
  }
}
