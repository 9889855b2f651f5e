/** One ex command, read: what a command's own file gets. */
import type { ExHost } from '#engine/programs/editors/vim/ex-host'
import type { Range } from '#engine/programs/editors/vim/ex-range'
import type { VimState } from '#engine/programs/editors/vim/state'

export interface Ex {
  readonly vim: VimState
  readonly host: ExHost
  /** The full name. */
  readonly name: string
  readonly args: string
  readonly bang: boolean
  readonly range: Range
  /** Runs another line. */
  execute(line: string): Promise<void>
}

export type ExCommand = (ex: Ex) => void | Promise<void>

export function whole(vim: VimState): Range {
  return { from: 0, to: vim.buffer.count - 1, given: 2 }
}

/** The lines asked for, or all. */
export function linesOrAll({ vim, range }: Ex): Range {
  return range.given > 0 ? range : whole(vim)
}

export function lineText(vim: VimState, range: Range): string {
  return vim.buffer.lines.slice(range.from, range.to + 1).map((line) => `${line}\n`).join('')
}

/** A file's name: `~/` is home, `%` the file at hand. */
export function fileName(vim: VimState, text: string): string {
  const given = text.trim()
  return given === '%' ? (vim.buffer.path ?? '') : given.replace(/^~\//, `${vim.process.env.get('HOME') ?? ''}/`)
}
