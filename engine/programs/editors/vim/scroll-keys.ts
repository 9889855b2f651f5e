/** Keys that move what is seen. */
import type { Keys } from '#engine/programs/editors/vim/keys'
import { VimError } from '#engine/programs/editors/vim/state'

type Scroll = (keys: Keys) => void | Promise<void>

export const scrollKeys: Readonly<Record<string, Scroll>> = {
  '\x04': (keys) => halfPage(keys, 1),
  '\x15': (keys) => halfPage(keys, -1),
  '\x06': pageDown,
  pagedown: pageDown,
  '\x02': pageUp,
  pageup: pageUp,
  '\x05': ({ host, times }) => host.scroll(times),
  '\x19': ({ host, times }) => host.scroll(-times),
  zz: (keys) => cursorAt(keys, Math.floor(keys.host.height / 2)),
  'z.': (keys) => cursorAt(keys, Math.floor(keys.host.height / 2)),
  zt: (keys) => cursorAt(keys, 0),
  'z\r': (keys) => cursorAt(keys, 0),
  zb: (keys) => cursorAt(keys, keys.host.height - 1),
  'z-': (keys) => cursorAt(keys, keys.host.height - 1),
  '\x0c': ({ host }) => host.redraw(),
  '\x07': ({ host }) => host.ex('f'),
}

function halfPage({ vim, host }: Keys, step: 1 | -1): void {
  const half = Math.max(1, Math.floor(host.height / 2))
  if (vim.cursor.line === (step > 0 ? vim.buffer.count - 1 : 0)) throw new VimError('')
  host.scroll(step * half)
  vim.moveTo(vim.cursor.line + step * half, vim.cursor.column)
}

function pageDown({ vim, host }: Keys): void {
  host.scroll(host.height - 2)
  vim.moveTo(Math.max(vim.top, vim.cursor.line), 0)
}

function pageUp({ vim, host }: Keys): void {
  host.scroll(2 - host.height)
  vim.moveTo(Math.min(vim.top + host.height - 1, vim.cursor.line), 0)
}

function cursorAt({ vim }: Keys, row: number): void {
  vim.top = Math.max(0, vim.cursor.line - row)
}
