import type { VimState } from '#engine/programs/editors/vim/state'

/** `=`: the indent of the line above. */
export function reindent(vim: VimState, from: number, to: number): void {
  for (let line = from; line <= to; line++) {
    const above = line > 0 ? (/^\s*/.exec(vim.buffer.line(line - 1))?.[0] ?? '') : ''
    vim.buffer.set(line, vim.buffer.line(line).trim() === '' ? '' : above + vim.buffer.line(line).trimStart())
  }
}
