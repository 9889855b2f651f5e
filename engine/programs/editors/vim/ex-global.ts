/** `:g` and `:v`: a command on each line that matches, or does not. And `:normal`, which takes each line of its range. */
import { type Ex, type ExCommand, linesOrAll } from '#engine/programs/editors/vim/ex-command'
import { vimRegExp } from '#engine/programs/editors/vim/pattern'
import { OutOfKeys, VimError, type VimState } from '#engine/programs/editors/vim/state'

export const globalCommands: Readonly<Record<string, ExCommand>> = {
  global: (ex) => globalCommand(ex, ex.bang),
  vglobal: (ex) => globalCommand(ex, true),
  normal: (ex) => (ex.range.given > 0 ? onEachLine(ex, linesOf(ex), () => normal(ex)) : normal(ex)),
}

async function globalCommand(ex: Ex, inverted: boolean): Promise<void> {
  const { vim, args } = ex
  if (vim.inGlobal) throw new VimError('E147: Cannot do :global recursive with a range')
  const { pattern, command } = split(vim, args)
  vim.lastPattern = pattern
  const regex = vimRegExp(pattern, vim.options)
  const range = linesOrAll(ex)
  const lines = vim.buffer.lines.slice(range.from, range.to + 1).flatMap((text, index) => {
    regex.lastIndex = 0
    return regex.test(text) === inverted ? [] : [range.from + index]
  })
  if (lines.length === 0) throw new VimError(inverted ? `E538: Pattern found in every line: ${pattern}` : `E486: Pattern not found: ${pattern}`)
  vim.inGlobal = true
  try {
    await onEachLine(ex, lines, () => ex.execute(command))
  } finally {
    vim.inGlobal = false
  }
}

function split(vim: VimState, args: string): { pattern: string; command: string } {
  const delimiter = args.charAt(0)
  if (!/[^\w\s"|\\]/.test(delimiter)) throw new VimError('E148: Regular expression missing from global')
  let at = 1
  while (at < args.length && args[at] !== delimiter) at += args[at] === '\\' ? 2 : 1
  const pattern = args.slice(1, at).replaceAll(`\\${delimiter}`, delimiter)
  return { pattern: pattern === '' ? vim.lastPattern : pattern, command: args.slice(at + 1) || 'p' }
}

/** The lines are marked first: what the command does to others moves or removes them. */
async function onEachLine({ vim }: Ex, lines: readonly number[], run: () => Promise<void>): Promise<void> {
  const names = lines.map((line, order) => {
    const name = `each line ${order}`
    vim.buffer.marks.set(name, { line, column: 0 })
    return name
  })
  try {
    for (const name of names) {
      const mark = vim.buffer.marks.get(name)
      if (!mark) continue
      vim.moveTo(mark.line, 0)
      await run()
    }
  } finally {
    for (const name of names) vim.buffer.marks.delete(name)
  }
}

function linesOf({ range }: Ex): number[] {
  return Array.from({ length: range.to - range.from + 1 }, (_, index) => range.from + index)
}

async function normal({ host, args }: Ex): Promise<void> {
  try {
    await host.normal(args)
  } catch (error) {
    if (!(error instanceof OutOfKeys)) throw error
  }
}
