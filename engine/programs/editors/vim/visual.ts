/** Visual mode: keys that move, and operators on what is selected. */
import { blockOf, insertInBlock, operateOnBlock, replaceBlock } from '#engine/programs/editors/vim/block'
import { joinLines } from '#engine/programs/editors/vim/ex-lines'
import { escape, type Keys } from '#engine/programs/editors/vim/keys'
import { isBefore } from '#engine/programs/editors/vim/motions'
import { apply, isOperator, type Span, wholeLines } from '#engine/programs/editors/vim/operators'
import { put } from '#engine/programs/editors/vim/put'
import type { Mode, VimState } from '#engine/programs/editors/vim/state'
import type { Place } from '#engine/programs/editors/vim/text'
import { textObject } from '#engine/programs/editors/vim/text-objects'

type Act = (keys: Keys) => void | Promise<void>

export const visualModes: Readonly<Record<string, Mode>> = { v: 'visual', V: 'visual-line', '\x16': 'visual-block' }

/** Keys that stand for an operator here; capitals take whole lines. */
const operators: Readonly<Record<string, string>> = { x: 'd', delete: 'd', s: 'c', D: 'd', X: 'd', Y: 'y', S: 'c', C: 'c', R: 'c', u: 'gu', U: 'gU', '~': 'g~' }

const actions: Readonly<Record<string, Act>> = {
  [escape]: ({ vim }) => leave(vim),
  '\x03': ({ vim }) => leave(vim),
  o: ({ vim }) => void ([vim.visualStart, vim.cursor] = [{ ...vim.cursor }, { ...vim.visualStart }]),
  O: ({ vim }) => otherCorner(vim),
  i: (keys) => selectObject(keys, false),
  a: (keys) => selectObject(keys, true),
  ':': commandOnSelection,
  J: ({ vim }) => join(vim, true),
  gJ: ({ vim }) => join(vim, false),
  r: replace,
  p: putOver,
  P: putOver,
  I: (keys) => insert(keys, false),
  A: (keys) => insert(keys, true),
}

/** False where the key has its meaning of normal mode. */
export async function visualKey(keys: Keys, key: string): Promise<boolean> {
  const { vim } = keys
  const mode = visualModes[key]
  if (mode) switchTo(vim, mode)
  else if (Object.hasOwn(actions, key)) await actions[key]?.(keys)
  else {
    const operator = operators[key] ?? key
    if (!isOperator(operator)) return false
    await operate(keys, operator, /^[XYSCRD]$/.test(key))
  }
  return true
}

function leave(vim: VimState): void {
  vim.lastVisual = { mode: vim.mode, start: { ...vim.visualStart }, end: { ...vim.cursor } }
  const [from, to] = ends(vim)
  vim.buffer.marks.set('<', from)
  vim.buffer.marks.set('>', to)
  vim.mode = 'normal'
}

function switchTo(vim: VimState, mode: Mode): void {
  if (mode === vim.mode) leave(vim)
  else vim.mode = mode
}

function otherCorner(vim: VimState): void {
  const { column } = vim.cursor
  vim.cursor.column = vim.visualStart.column
  vim.visualStart.column = column
}

async function selectObject({ vim, times }: Keys, around: boolean): Promise<void> {
  const region = textObject(vim.buffer, vim.cursor, around, await vim.key(), times)
  if (!region) return
  vim.visualStart = { ...region.from }
  vim.cursor = { line: region.to.line, column: Math.max(0, region.to.column - (region.lines ? 0 : 1)) }
  if (region.lines) vim.mode = 'visual-line'
}

async function commandOnSelection({ vim, host }: Keys): Promise<void> {
  leave(vim)
  const [from] = ends(vim)
  const line = await host.commandLine(':', "'<,'>")
  vim.cursor = { ...from }
  if (line !== undefined) await host.ex(line)
}

/** Both ends of the last selection, in the order of the text. */
function ends(vim: VimState): [Place, Place] {
  const { start, end } = vim.lastVisual ?? { start: vim.cursor, end: vim.cursor }
  return isBefore(start, end) ? [{ ...start }, { ...end }] : [{ ...end }, { ...start }]
}

/** `$` takes the end of the line along. */
function selection(vim: VimState, lines: boolean): Span {
  const [from, to] = ends(vim)
  if (lines) return wholeLines(from.line, to.line)
  const toEnd = vim.wantColumn === Number.MAX_SAFE_INTEGER && to.line + 1 < vim.buffer.count
  return { from, to: toEnd ? { line: to.line + 1, column: 0 } : { line: to.line, column: Math.min(vim.buffer.line(to.line).length, to.column + 1) }, lines: false }
}

async function operate(keys: Keys, operator: string, linewise: boolean): Promise<void> {
  const { vim, times } = keys
  const { mode } = vim
  leave(vim)
  const block = blockOf(vim)
  const toEnd = linewise && /^[dc]$/.test(operator)
  if (mode === 'visual-block' && (await operateOnBlock(keys, operator, toEnd ? { ...block, right: Infinity } : block))) return
  const lines = mode === 'visual-line' || linewise || operator === '<' || operator === '>'
  const span = selection(vim, lines)
  for (let i = 0; i < (operator === '<' || operator === '>' ? times : 1); i++) await apply(keys, operator, span)
}

function join(vim: VimState, spaces: boolean): void {
  leave(vim)
  const [from, to] = ends(vim)
  const column = joinLines(vim, from.line, Math.max(from.line + 1, to.line), spaces)
  vim.moveTo(from.line, column)
}

async function replace(keys: Keys): Promise<void> {
  const { vim } = keys
  const c = await vim.key()
  const { mode } = vim
  leave(vim)
  if (mode === 'visual-block') return replaceBlock(keys, blockOf(vim), c)
  const [from, to] = ends(vim)
  for (let line = from.line; line <= to.line; line++) {
    const text = vim.buffer.line(line)
    const start = mode === 'visual-line' || line > from.line ? 0 : from.column
    const end = mode === 'visual-line' || line < to.line ? text.length : Math.min(text.length, to.column + 1)
    vim.buffer.set(line, text.slice(0, start) + c.repeat(Math.max(0, end - start)) + text.slice(end))
  }
  vim.moveTo(from.line, from.column)
}

/** What was selected goes into the unnamed register, what was there comes in its place. */
async function putOver(keys: Keys): Promise<void> {
  const { vim } = keys
  const register = vim.fetch(keys.register)
  const lines = vim.mode === 'visual-line'
  leave(vim)
  const span = selection(vim, lines)
  const atEnd = lines ? span.to.line >= vim.buffer.count - 1 : span.to.column >= vim.buffer.line(span.to.line).length
  await apply(bare(keys), 'd', span)
  const deleted = vim.registers.get('"')
  if (register) vim.registers.set('"', register)
  else vim.registers.delete('"')
  try {
    put(bare(keys), !atEnd)
  } finally {
    if (deleted) vim.registers.set('"', deleted)
  }
}

/** The same command without the register that was named. */
function bare(keys: Keys): Keys {
  keys.register = undefined
  return keys
}

async function insert(keys: Keys, after: boolean): Promise<void> {
  const { vim } = keys
  if (vim.mode !== 'visual-block') return
  leave(vim)
  await insertInBlock(keys, blockOf(vim), after)
}
