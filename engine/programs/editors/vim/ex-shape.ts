/** Commands that shape lines: shifting, retab, left, right, center, sort. */
import { type Ex, type ExCommand, linesOrAll } from '#engine/programs/editors/vim/ex-command'
import type { Range } from '#engine/programs/editors/vim/ex-range'
import { shiftLine, type VimOptions } from '#engine/programs/editors/vim/options'
import { vimRegExp } from '#engine/programs/editors/vim/pattern'
import type { VimState } from '#engine/programs/editors/vim/state'
import { firstNonBlank } from '#engine/programs/editors/vim/words'

const textWidth = 80

export const shapeCommands: Readonly<Record<string, ExCommand>> = {
  '>': (ex) => shift(ex, 1),
  '<': (ex) => shift(ex, -1),
  retab,
  left: ({ vim, args, range }) => eachLine(vim, range, (text) => ' '.repeat(Number(args) || 0) + text.trimStart()),
  right: ({ vim, args, range }) => eachLine(vim, range, (text) => text.trim().padStart(Number(args) || textWidth)),
  center: ({ vim, args, range }) => eachLine(vim, range, (text) => ' '.repeat(Math.max(0, Math.floor(((Number(args) || textWidth) - text.trim().length) / 2))) + text.trim()),
  sort,
}

function eachLine(vim: VimState, { from, to }: Range, change: (text: string) => string): void {
  for (let line = from; line <= to; line++) vim.buffer.set(line, change(vim.buffer.line(line)))
}

/** `:>>` shifts twice. */
function shift({ vim, args, range }: Ex, step: 1 | -1): void {
  const times = (1 + (/^[<>]*/.exec(args)?.[0].length ?? 0)) * step
  eachLine(vim, range, (text) => shiftLine(vim.options, text, times))
  vim.moveTo(range.to, firstNonBlank(vim.buffer.line(range.to)))
}

function retab(ex: Ex): void {
  const { vim, args } = ex
  eachLine(vim, linesOrAll(ex), (text) => (text.includes('\t') ? retabbed(vim.options, text) : text))
  if (args !== '') vim.options.tabstop = Number(args) || vim.options.tabstop
}

function retabbed({ tabstop, expandtab }: VimOptions, text: string): string {
  let column = 0
  let out = ''
  for (const c of text) {
    const width = c === '\t' ? tabstop - (column % tabstop) : 1
    out += c === '\t' && expandtab ? ' '.repeat(width) : c
    column += width
  }
  return out
}

function sort(ex: Ex): void {
  const { vim, args, bang } = ex
  const range = linesOrAll(ex)
  const [, before = '', , pattern, after = ''] = /^([niurx\s]*)(?:([^\w\s])(.*?)\2)?([niurx\s]*)$/.exec(args) ?? []
  const flags = before + after
  const key = (line: string): string => sortKey(vim, line, pattern, flags)
  const order = flags.includes('n') ? (a: string, b: string): number => numberIn(a) - numberIn(b) : (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
  let lines = vim.buffer.lines.slice(range.from, range.to + 1).sort((a, b) => order(key(a), key(b)))
  if (bang) lines.reverse()
  if (flags.includes('u')) lines = lines.filter((line, index) => index === 0 || key(lines[index - 1] ?? '') !== key(line))
  vim.buffer.splice(range.from, range.to - range.from + 1, lines)
}

/** What follows the pattern, or with `r` what it matches. */
function sortKey(vim: VimState, line: string, pattern: string | undefined, flags: string): string {
  const match = pattern === undefined ? undefined : vimRegExp(pattern, vim.options).exec(line)
  const text = pattern === undefined ? line : flags.includes('r') ? (match?.[0] ?? '') : line.slice(match ? match.index + match[0].length : 0)
  return flags.includes('i') ? text.toLowerCase() : text
}

function numberIn(text: string): number {
  return Number(/-?\d+/.exec(text)?.[0] ?? -Infinity)
}
