/** `p` and `P`. */
import type { Keys } from '#engine/programs/editors/vim/keys'
import { type Register, VimError, type VimState } from '#engine/programs/editors/vim/state'
import { firstNonBlank } from '#engine/programs/editors/vim/words'

export function put(keys: Keys, before: boolean): void {
  const { vim, times } = keys
  const register = vim.fetch(keys.register)
  if (!register || register.text === '') throw new VimError(`E353: Nothing in register ${keys.register ?? '"'}`)
  if (register.kind === 'lines') return putLines(keys, register, before)
  const { line, column } = vim.cursor
  const at = before || vim.line === '' ? column : column + 1
  if (register.kind === 'block') return putBlock(vim, register.text.split('\n'), line, at)
  const end = vim.buffer.insert({ line, column: at }, register.text.repeat(times))
  if (register.text.includes('\n')) vim.moveTo(line, at)
  else vim.moveTo(end.line, end.column - 1)
}

function putLines(keys: Keys, register: Register, before: boolean): void {
  const { vim, times } = keys
  const lines = register.text.replace(/\n$/, '').split('\n')
  const at = before ? vim.cursor.line : vim.cursor.line + 1
  vim.buffer.splice(at, 0, Array.from({ length: times }, () => lines).flat())
  keys.tell(lines.length * times, 'more lines')
  vim.moveTo(at, firstNonBlank(vim.buffer.line(at)))
}

function putBlock(vim: VimState, pieces: readonly string[], line: number, column: number): void {
  pieces.forEach((piece, index) => {
    while (line + index >= vim.buffer.count) vim.buffer.splice(vim.buffer.count, 0, [''])
    const text = vim.buffer.line(line + index).padEnd(column)
    vim.buffer.set(line + index, text.slice(0, column) + piece + text.slice(column))
  })
  vim.moveTo(line, column)
}
