/** `/pattern/offset`, and the word that `*` searches for. */
import type { Keys } from '#engine/programs/editors/vim/keys'
import type { Motion } from '#engine/programs/editors/vim/motions'
import { vimRegExp } from '#engine/programs/editors/vim/pattern'
import { searchFrom } from '#engine/programs/editors/vim/search'
import { VimError, type VimState } from '#engine/programs/editors/vim/state'
import type { Place } from '#engine/programs/editors/vim/text'
import { firstNonBlank } from '#engine/programs/editors/vim/words'

export async function typedSearch(keys: Keys, key: '/' | '?'): Promise<Motion> {
  const { vim } = keys
  const text = await keys.host.commandLine(key)
  if (text === undefined) throw new VimError('')
  const [, pattern = '', offset = ''] = (key === '/' ? /^((?:\\[^]|[^\\/])*)(?:\/(.*))?$/s : /^((?:\\[^]|[^\\?])*)(?:\?(.*))?$/s).exec(text) ?? []
  vim.lastDirection = key === '/' ? 1 : -1
  if (pattern !== '') vim.lastPattern = pattern.replaceAll(`\\${key}`, key)
  vim.highlight = true
  let place = { ...vim.cursor }
  for (let i = 0; i < keys.times; i++) place = searchFrom(vim, vim.lastPattern, place, vim.lastDirection)
  return withOffset(vim, place, offset)
}

/** `e-1` from the end of what was found, `s+2` or `b+2` from its start, `+1` whole lines on. */
function withOffset(vim: VimState, place: Place, offset: string): Motion {
  const match = /^([esb]?)([+-]?)(\d*)$/.exec(offset)
  if (!match || offset === '') return { to: place, kind: 'exclusive' }
  const [, from, sign, digits] = match
  const by = (sign === '-' ? -1 : 1) * (digits === '' ? (sign === '' ? 0 : 1) : Number(digits))
  if (from === '') {
    const line = Math.max(0, Math.min(vim.buffer.count - 1, place.line + by))
    return { to: { line, column: firstNonBlank(vim.buffer.line(line)) }, kind: 'line' }
  }
  const end = from === 'e' ? matchLength(vim, place) - 1 : 0
  return { to: { line: place.line, column: Math.max(0, place.column + end + by) }, kind: from === 'e' ? 'inclusive' : 'exclusive' }
}

export function matchLength(vim: VimState, place: Place): number {
  const regex = vimRegExp(vim.lastPattern, vim.options)
  regex.lastIndex = place.column
  return Math.max(1, regex.exec(vim.buffer.line(place.line))?.[0].length ?? 1)
}

export function wordUnderCursor(vim: VimState): string {
  const text = vim.line
  let start = vim.cursor.column
  while (start > 0 && /\w/.test(text.charAt(start - 1)) && /\w/.test(text.charAt(start))) start--
  const word = /\w+/.exec(text.slice(start))?.[0]
  if (word === undefined) throw new VimError('E348: No string under cursor')
  return word
}
