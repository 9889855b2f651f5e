/** Single keys that change text. */
import { joinLines } from '#engine/programs/editors/vim/ex-lines'
import { escape, type Keys } from '#engine/programs/editors/vim/keys'
import { apply, countedLines, type Span, swapCase } from '#engine/programs/editors/vim/operators'
import { put } from '#engine/programs/editors/vim/put'
import { VimError } from '#engine/programs/editors/vim/state'

type Edit = (keys: Keys) => void | Promise<void>

export const editKeys: Readonly<Record<string, Edit>> = {
  x: deleteForward,
  delete: deleteForward,
  X: deleteBack,
  D: (keys) => apply(keys, 'd', toEnd(keys)),
  C: (keys) => apply(keys, 'c', toEnd(keys)),
  s: (keys) => apply(keys, 'c', characters(keys, keys.times)),
  S: (keys) => apply(keys, 'c', countedLines(keys)),
  Y: (keys) => apply(keys, 'y', countedLines(keys)),
  p: (keys) => put(keys, false),
  P: (keys) => put(keys, true),
  gp: (keys) => put(keys, false),
  gP: (keys) => put(keys, true),
  J: (keys) => join(keys, true),
  gJ: (keys) => join(keys, false),
  '~': turnCase,
  r: replaceCharacters,
  '\x01': (keys) => addNumber(keys, keys.times),
  '\x18': (keys) => addNumber(keys, -keys.times),
}

/** From the cursor so many characters on, or back. */
function characters({ vim }: Keys, count: number): Span {
  const { line, column } = vim.cursor
  const other = { line, column: Math.max(0, Math.min(vim.line.length, column + count)) }
  return count < 0 ? { from: other, to: { line, column }, lines: false } : { from: { line, column }, to: other, lines: false }
}

async function deleteForward(keys: Keys): Promise<void> {
  if (keys.vim.line !== '') await apply(keys, 'd', characters(keys, keys.times))
}

async function deleteBack(keys: Keys): Promise<void> {
  if (keys.vim.cursor.column > 0) await apply(keys, 'd', characters(keys, -keys.times))
}

function toEnd({ vim, times }: Keys): Span {
  const line = Math.min(vim.buffer.count - 1, vim.cursor.line + times - 1)
  return { from: { ...vim.cursor }, to: { line, column: vim.buffer.line(line).length }, lines: false }
}

function join({ vim, times }: Keys, spaces: boolean): void {
  const { line } = vim.cursor
  if (line === vim.buffer.count - 1) throw new VimError('')
  const column = joinLines(vim, line, Math.min(vim.buffer.count - 1, line + Math.max(1, times - 1)), spaces)
  vim.moveTo(line, column)
}

function turnCase({ vim, times }: Keys): void {
  const { line, column } = vim.cursor
  const end = Math.min(vim.line.length, column + times)
  vim.buffer.set(line, vim.line.slice(0, column) + swapCase(vim.line.slice(column, end)) + vim.line.slice(end))
  vim.moveTo(line, end)
}

async function replaceCharacters({ vim, times }: Keys): Promise<void> {
  const { line, column } = vim.cursor
  const c = await vim.key()
  if (c === escape) return
  if (column + times > vim.line.length) throw new VimError('')
  const [before, after] = [vim.line.slice(0, column), vim.line.slice(column + times)]
  if (c === '\r') {
    vim.buffer.splice(line, 1, [before, after])
    return vim.moveTo(line + 1, 0)
  }
  vim.buffer.set(line, before + c.repeat(times) + after)
  vim.moveTo(line, column + times - 1)
}

/** Ctrl-A and Ctrl-X: the number at or behind the cursor. */
function addNumber({ vim }: Keys, by: number): void {
  for (const match of vim.line.matchAll(/-?\d+/g)) {
    if (match.index + match[0].length <= vim.cursor.column) continue
    const next = String(Number(match[0]) + by)
    vim.buffer.set(vim.cursor.line, vim.line.slice(0, match.index) + next + vim.line.slice(match.index + match[0].length))
    return vim.moveTo(vim.cursor.line, match.index + next.length - 1)
  }
  throw new VimError('')
}
