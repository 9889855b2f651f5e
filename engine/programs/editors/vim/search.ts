/** Searching: `/`, `?`, `n`, `*` and ex addresses. */
import { vimRegExp } from '#engine/programs/editors/vim/pattern'
import { VimError, type VimState } from '#engine/programs/editors/vim/state'
import type { Place } from '#engine/programs/editors/vim/text'

export function searchFrom(vim: VimState, pattern: string, from: Place, direction: 1 | -1, inclusive = false): Place {
  if (pattern === '') throw new VimError('E35: No previous regular expression')
  const regex = vimRegExp(pattern, vim.options)
  const { count } = vim.buffer
  for (let offset = 0; offset <= count; offset++) {
    const wrapped = direction > 0 ? from.line + offset >= count : from.line - offset < 0
    if (wrapped && !vim.options.wrapscan) break
    const line = (((from.line + offset * direction) % count) + count) % count
    const columns = matchColumns(regex, vim.buffer.line(line)).filter((column) => isAhead(column, from.column, offset, count, direction, inclusive))
    const found = direction > 0 ? columns[0] : columns[columns.length - 1]
    if (found === undefined) continue
    if (wrapped && !vim.silent) vim.message = direction > 0 ? 'search hit BOTTOM, continuing at TOP' : 'search hit TOP, continuing at BOTTOM'
    return { line, column: found }
  }
  throw new VimError(notFound(vim, pattern, direction))
}

/** On the line where the search begins only one side counts, at first and, once around, the other. */
function isAhead(column: number, from: number, offset: number, count: number, direction: 1 | -1, inclusive: boolean): boolean {
  if (offset > 0 && offset < count) return true
  const ahead = direction > 0 ? column > from : column < from
  return offset === 0 ? ahead || (inclusive && column === from) : !ahead
}

function notFound(vim: VimState, pattern: string, direction: 1 | -1): string {
  if (vim.options.wrapscan) return `E486: Pattern not found: ${pattern}`
  return direction > 0 ? `E385: Search hit BOTTOM without match for: ${pattern}` : `E384: Search hit TOP without match for: ${pattern}`
}

function matchColumns(regex: RegExp, text: string): number[] {
  regex.lastIndex = 0
  return [...text.matchAll(regex)].map((match) => match.index)
}

/** The match under or behind the cursor. */
export function nextMatch(vim: VimState): { place: Place; length: number } {
  const regex = vimRegExp(vim.lastPattern, vim.options)
  for (const match of vim.line.matchAll(regex)) {
    if (match[0] !== '' && match.index + match[0].length > vim.cursor.column) return { place: { line: vim.cursor.line, column: match.index }, length: match[0].length }
  }
  const place = searchFrom(vim, vim.lastPattern, vim.cursor, 1)
  regex.lastIndex = place.column
  return { place, length: regex.exec(vim.buffer.line(place.line))?.[0].length ?? 1 }
}
