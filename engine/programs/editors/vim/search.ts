/** Searching: `/`, `?`, `n`, `*` and ex addresses. */
import { vimRegExp } from '#engine/programs/editors/vim/pattern'
import { VimError, type VimState } from '#engine/programs/editors/vim/state'
import type { Place } from '#engine/programs/editors/vim/text'

export function searchFrom(vim: VimState, pattern: string, from: Place, direction: 1 | -1, inclusive = false): Place {
  if (pattern === '') throw new VimError('E35: No previous regular expression')
  const regex = vimRegExp(pattern, vim.options)
  const { buffer } = vim
  const count = buffer.count
  for (let offset = 0; offset <= count; offset++) {
    const line = (((from.line + offset * direction) % count) + count) % count
    const wrapped = direction > 0 ? from.line + offset >= count : from.line - offset < 0
    if (wrapped && !vim.options.wrapscan) break
    const columns = matchColumns(regex, buffer.line(line))
    const usable = offset === 0 ? columns.filter((column) => (direction > 0 ? column > from.column || (inclusive && column === from.column) : column < from.column)) : offset === count ? columns.filter((column) => (direction > 0 ? column <= from.column : column >= from.column)) : columns
    const found = direction > 0 ? usable[0] : usable[usable.length - 1]
    if (found === undefined) continue
    if (wrapped && !vim.silent) vim.message = direction > 0 ? 'search hit BOTTOM, continuing at TOP' : 'search hit TOP, continuing at BOTTOM'
    return { line, column: found }
  }
  throw new VimError(vim.options.wrapscan ? `E486: Pattern not found: ${pattern}` : direction > 0 ? `E385: Search hit BOTTOM without match for: ${pattern}` : `E384: Search hit TOP without match for: ${pattern}`)
}

function matchColumns(regex: RegExp, text: string): number[] {
  const out: number[] = []
  regex.lastIndex = 0
  for (const match of text.matchAll(regex)) out.push(match.index)
  return out
}
