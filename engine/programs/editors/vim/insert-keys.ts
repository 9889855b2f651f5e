/** Keys that begin typing: `i`, `A`, `o`, `R` ... */
import { newLineIndent } from '#engine/programs/editors/vim/indent'
import { insertMode } from '#engine/programs/editors/vim/insert'
import type { Keys } from '#engine/programs/editors/vim/keys'
import type { Place } from '#engine/programs/editors/vim/text'
import { firstNonBlank } from '#engine/programs/editors/vim/words'

type Begin = (keys: Keys) => Promise<void>

export const insertKeys: Readonly<Record<string, Begin>> = {
  i: (keys) => typeText(keys, keys.vim.cursor, keys.times),
  insert: (keys) => typeText(keys, keys.vim.cursor, keys.times),
  a: (keys) => typeText(keys, { ...keys.vim.cursor, column: Math.min(keys.vim.line.length, keys.vim.cursor.column + 1) }, keys.times),
  I: (keys) => typeText(keys, { ...keys.vim.cursor, column: /\S/.test(keys.vim.line) ? firstNonBlank(keys.vim.line) : keys.vim.line.length }, keys.times),
  A: (keys) => typeText(keys, { ...keys.vim.cursor, column: keys.vim.line.length }, keys.times),
  gi: (keys) => typeText(keys, keys.vim.buffer.marks.get('^') ?? keys.vim.cursor, keys.times),
  gI: (keys) => typeText(keys, { ...keys.vim.cursor, column: 0 }, keys.times),
  o: (keys) => openLine(keys, keys.vim.cursor.line + 1),
  O: (keys) => openLine(keys, keys.vim.cursor.line),
  R: replace,
}

/** Insert mode from a place on, until Esc. */
export async function typeText({ vim, host }: Keys, at: Place, times = 1): Promise<void> {
  vim.mode = 'insert'
  vim.cursor = { ...at }
  await insertMode(vim, host, times)
}

async function openLine({ vim, host, times }: Keys, line: number): Promise<void> {
  const open = (at: number): void => {
    const indent = newLineIndent(vim, at, vim.cursor.line)
    vim.buffer.splice(at, 0, [indent])
    vim.cursor = { line: at, column: indent.length }
  }
  open(line)
  vim.mode = 'insert'
  await insertMode(vim, host, times, () => open(vim.cursor.line + 1))
}

async function replace({ vim, host }: Keys): Promise<void> {
  vim.mode = 'replace'
  await insertMode(vim, host, 1)
}
