/** Undo and redo, and what vim says of them. */
import { firstNonBlank } from '#engine/programs/editors/vim/words'
import type { VimState } from '#engine/programs/editors/vim/state'
import type { Undone } from '#engine/programs/editors/vim/text'
import { formatDate } from '#engine/shell/builtins/strftime'

export function undo(vim: VimState, back: boolean): void {
  const place = back ? vim.buffer.undo() : vim.buffer.redo()
  if (!place) {
    vim.message = back ? 'Already at oldest change' : 'Already at newest change'
    return
  }
  vim.moveTo(place.line, place.column ?? firstNonBlank(vim.buffer.line(place.line)))
  vim.message = `${undoneLines(place)}; ${back ? 'before' : 'after'} #${place.number}  ${ago(vim, place.atMs)}`
}

function undoneLines({ removed, added }: Undone): string {
  if (removed === added) return added === 1 ? '1 change' : `${added} changes`
  const count = Math.abs(added - removed)
  if (added > removed) return count === 1 ? '1 more line' : `${count} more lines`
  return count === 1 ? '1 line less' : `${count} fewer lines`
}

function ago(vim: VimState, atMs: number): string {
  const now = vim.process.clock.now()
  const seconds = Math.floor((now - atMs) / 1000)
  return seconds < 100 ? `${seconds} second${seconds === 1 ? '' : 's'} ago` : formatDate(now - atMs < 43_200_000 ? '%H:%M:%S' : '%Y/%m/%d %H:%M:%S', atMs, 0, 'UTC')
}
