/** Operators: what is done to the text that a motion, an object or a selection covers. */
import { changedLineIndent, reindent } from '#engine/programs/editors/vim/indent'
import { typeText } from '#engine/programs/editors/vim/insert-keys'
import { type Keys } from '#engine/programs/editors/vim/keys'
import { isBefore, type Motion, readMotion } from '#engine/programs/editors/vim/motions'
import { shiftLine } from '#engine/programs/editors/vim/options'
import { nextMatch } from '#engine/programs/editors/vim/search'
import { VimError, type VimState } from '#engine/programs/editors/vim/state'
import type { Place } from '#engine/programs/editors/vim/text'
import { textObject } from '#engine/programs/editors/vim/text-objects'
import { firstNonBlank } from '#engine/programs/editors/vim/words'

/** What an operator is for: from the first place to the second, exclusive; or whole lines. */
export interface Span {
  readonly from: Place
  readonly to: Place
  readonly lines: boolean
}

type Operate = (keys: Keys, span: Span) => void | Promise<void>

const table: Readonly<Record<string, Operate>> = {
  d: remove,
  c: change,
  y: yank,
  '>': (keys, span) => shift(keys, span, 1),
  '<': (keys, span) => shift(keys, span, -1),
  '=': indent,
  '!': filter,
  gu: ({ vim }, span) => changeCase(vim, span, (text) => text.toLowerCase()),
  gU: ({ vim }, span) => changeCase(vim, span, (text) => text.toUpperCase()),
  'g~': ({ vim }, span) => changeCase(vim, span, swapCase),
}

export function isOperator(key: string): boolean {
  return Object.hasOwn(table, key)
}

/** From the operator's key on: what it is for is read, then it is done. */
export async function operate(keys: Keys, operator: string): Promise<void> {
  const before = keys.count
  keys.count = undefined
  let key = await keys.counted()
  if (before !== undefined) keys.count = before * (keys.count ?? 1)
  if (key === 'g') key += await keys.vim.key()
  await apply(keys, operator, await spanOf(keys, operator, key))
}

async function spanOf(keys: Keys, operator: string, key: string): Promise<Span> {
  const { vim } = keys
  // `dd`, `gUU`, `gUgU`.
  if (key === operator || (operator.length > 1 && key === operator.slice(1))) return countedLines(keys)
  if (key === 'i' || key === 'a') return objectSpan(keys, key === 'a')
  if (key === 'gn') return matchSpan(vim)
  const motion = await readMotion(keys, key, operator)
  if (!motion) throw new VimError('')
  const [from, to] = isBefore(vim.cursor, motion.to) ? [vim.cursor, motion.to] : [motion.to, vim.cursor]
  return spanBetween(vim, from, to, motion.kind)
}

/** This line and those that a count adds: all that are left, where there are fewer. */
export function countedLines({ vim, times }: Keys): Span {
  const { line } = vim.cursor
  if (times > 1 && line === vim.buffer.count - 1) throw new VimError('')
  return wholeLines(line, Math.min(vim.buffer.count - 1, line + times - 1))
}

export function wholeLines(from: number, to: number): Span {
  return { from: { line: from, column: 0 }, to: { line: to, column: 0 }, lines: true }
}

async function objectSpan(keys: Keys, around: boolean): Promise<Span> {
  const region = textObject(keys.vim.buffer, keys.vim.cursor, around, await keys.vim.key(), keys.times)
  if (!region) throw new VimError('')
  return region
}

/** `gn`: the next match, also the one under the cursor. */
function matchSpan(vim: VimState): Span {
  const found = nextMatch(vim)
  return { from: found.place, to: { line: found.place.line, column: found.place.column + found.length }, lines: false }
}

/** A motion's last character may belong to it. One that ends before the first column of a line ends on the line above. */
export function spanBetween(vim: VimState, from: Place, to: Place, kind: Motion['kind']): Span {
  if (kind === 'line') return wholeLines(from.line, to.line)
  if (kind === 'inclusive') return { from: { ...from }, to: { line: to.line, column: to.column + 1 }, lines: false }
  if (to.column > 0 || to.line === from.line) return { from: { ...from }, to: { ...to }, lines: false }
  if (vim.buffer.line(from.line).slice(0, from.column).trim() === '') return wholeLines(from.line, to.line - 1)
  return { from: { ...from }, to: { line: to.line - 1, column: vim.buffer.line(to.line - 1).length }, lines: false }
}

export async function apply(keys: Keys, operator: string, span: Span): Promise<void> {
  const { buffer, cursor } = keys.vim
  const { from } = span
  buffer.startsAt(span.lines ? { line: from.line, column: Math.min(cursor.column, buffer.line(from.line).length) } : from)
  await table[operator]?.(keys, span)
}

function textIn(vim: VimState, { from, to, lines }: Span): string {
  return lines ? vim.buffer.lines.slice(from.line, to.line + 1).map((line) => `${line}\n`).join('') : vim.buffer.slice(from, to)
}

function store({ vim, register }: Keys, span: Span, deleted: boolean): void {
  vim.store(register, { text: textIn(vim, span), kind: span.lines ? 'lines' : 'characters' }, deleted)
}

function markChange(vim: VimState, { from, to, lines }: Span): void {
  vim.buffer.marks.set('[', lines ? { line: from.line, column: 0 } : { ...from })
  vim.buffer.marks.set(']', lines ? { line: to.line, column: 0 } : { line: to.line, column: Math.max(0, to.column - 1) })
}

function yank(keys: Keys, span: Span): void {
  const { vim } = keys
  store(keys, span, false)
  markChange(vim, span)
  if (span.lines) keys.tell(span.to.line - span.from.line + 1, 'lines yanked')
  vim.moveTo(span.from.line, span.lines ? vim.cursor.column : span.from.column)
}

function remove(keys: Keys, given: Span): void {
  const { vim } = keys
  const span = asLines(vim, given)
  store(keys, span, true)
  if (!span.lines) {
    vim.buffer.remove(span.from, span.to)
    return vim.moveTo(span.from.line, span.from.column)
  }
  const count = span.to.line - span.from.line + 1
  vim.buffer.splice(span.from.line, count, [])
  keys.tell(count, 'fewer lines')
  const line = Math.min(span.from.line, vim.buffer.count - 1)
  vim.moveTo(line, firstNonBlank(vim.buffer.line(line)))
}

/** Deleting all the text of several lines deletes the lines. */
function asLines(vim: VimState, span: Span): Span {
  const { from, to } = span
  if (span.lines || from.line === to.line || vim.mode !== 'normal') return span
  const nothingElse = vim.buffer.line(from.line).slice(0, from.column).trim() === '' && vim.buffer.line(to.line).slice(to.column).trim() === ''
  return nothingElse ? wholeLines(from.line, to.line) : span
}

async function change(keys: Keys, span: Span): Promise<void> {
  const { vim } = keys
  const { from, to } = span
  store(keys, span, true)
  const indent = span.lines ? changedLineIndent(vim, from.line) : ''
  if (span.lines) vim.buffer.splice(from.line, to.line - from.line + 1, [indent])
  else vim.buffer.remove(from, to)
  await typeText(keys, { line: from.line, column: span.lines ? indent.length : from.column })
}

function shift(keys: Keys, { from, to }: Span, by: 1 | -1): void {
  const { vim } = keys
  for (let line = from.line; line <= to.line; line++) vim.buffer.set(line, shiftLine(vim.options, vim.buffer.line(line), by))
  keys.tell(to.line - from.line + 1, `lines ${by > 0 ? '>' : '<'}ed 1 time`)
  vim.moveTo(from.line, firstNonBlank(vim.buffer.line(from.line)))
}

function indent(keys: Keys, { from, to }: Span): void {
  const { vim } = keys
  reindent(vim, from.line, to.line)
  keys.tell(to.line - from.line + 1, 'lines indented ')
  vim.moveTo(from.line, firstNonBlank(vim.buffer.line(from.line)))
}

async function filter({ host }: Keys, { from, to }: Span): Promise<void> {
  const text = await host.commandLine(':', `${from.line + 1},${to.line + 1}!`)
  if (text !== undefined) await host.ex(text)
}

function changeCase(vim: VimState, { from, to, lines }: Span, turn: (text: string) => string): void {
  for (let line = from.line; line <= to.line; line++) {
    const text = vim.buffer.line(line)
    const start = lines || line > from.line ? 0 : from.column
    const end = lines || line < to.line ? text.length : to.column
    vim.buffer.set(line, text.slice(0, start) + turn(text.slice(start, end)) + text.slice(end))
  }
  vim.moveTo(from.line, from.column)
}

export function swapCase(text: string): string {
  return [...text].map((c) => (c === c.toUpperCase() ? c.toLowerCase() : c.toUpperCase())).join('')
}
