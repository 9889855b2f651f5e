/** Commands on whole lines: delete, yank, put, move, copy, join, print, append. */
import { type Ex, type ExCommand, lineText } from '#engine/programs/editors/vim/ex-command'
import { parseRange, type Range } from '#engine/programs/editors/vim/ex-range'
import { VimError, type VimState } from '#engine/programs/editors/vim/state'

export const lineCommands: Readonly<Record<string, ExCommand>> = {
  delete: deleteLines,
  yank: (ex) => void yank(ex, false),
  put,
  move: (ex) => moveLines(ex, false),
  t: (ex) => moveLines(ex, true),
  copy: (ex) => moveLines(ex, true),
  join: ({ vim, range, bang }) => {
    const to = range.given > 1 ? range.to : Math.min(vim.buffer.count - 1, range.to + 1)
    joinLines(vim, range.from, to, !bang)
  },
  append: (ex) => typed(ex, ex.range.to + 1, 0),
  insert: (ex) => typed(ex, Math.max(0, ex.range.to), 0),
  change: (ex) => typed(ex, ex.range.from, ex.range.to - ex.range.from + 1),
  print: (ex) => print(ex, ex.vim.options.number),
  Print: (ex) => print(ex, ex.vim.options.number),
  list: (ex) => listed(ex),
  l: (ex) => listed(ex),
  number: (ex) => print(ex, true),
  '#': (ex) => print(ex, true),
  '=': async ({ vim, host, range }) => {
    // Messages are not shown in silent mode, lines of the text are.
    if (!vim.silent) await host.show(`${range.given > 0 ? range.to + 1 : vim.buffer.count}\n`)
  },
  mark,
  k: mark,
}

function deleteLines(ex: Ex): void {
  const { vim } = ex
  const chosen = yank(ex, true)
  vim.buffer.splice(chosen.from, chosen.to - chosen.from + 1, [])
  vim.moveTo(Math.min(chosen.from, vim.buffer.count - 1), 0)
}

/** `:d x 3`: into a register, so many lines from the last of the range on. */
function yank({ vim, args, range }: Ex, deleted: boolean): Range {
  const match = /^\s*([a-zA-Z"])?\s*(\d+)?/.exec(args)
  const count = match?.[2] === undefined ? undefined : Number(match[2])
  const chosen = count === undefined ? range : { from: range.to, to: Math.min(vim.buffer.count - 1, range.to + count - 1), given: 2 }
  vim.store(match?.[1], { text: lineText(vim, chosen), kind: 'lines' }, deleted)
  return chosen
}

function put({ vim, args, bang, range }: Ex): void {
  const register = vim.fetch(args.trim() || undefined)
  if (!register) throw new VimError(`E353: Nothing in register ${args.trim() || '"'}`)
  const lines = register.text.replace(/\n$/, '').split('\n')
  vim.buffer.splice(bang ? range.to : range.to + 1, 0, lines)
  vim.moveTo(range.to + (bang ? lines.length - 1 : lines.length), 0)
}

function moveLines({ vim, args, range }: Ex, copy: boolean): void {
  const given = parseRange(vim, args).range
  if (given.given === 0) throw new VimError('E14: Invalid address')
  const target = given.to
  const lines = vim.buffer.lines.slice(range.from, range.to + 1)
  if (copy) {
    vim.buffer.splice(target + 1, 0, lines)
    return vim.moveTo(target + lines.length, 0)
  }
  if (target >= range.from && target < range.to) throw new VimError('E134: Cannot move a range of lines into itself')
  vim.buffer.splice(range.from, lines.length, [])
  const at = target > range.to ? target - lines.length + 1 : target === range.to ? range.from : target + 1
  vim.buffer.splice(at, 0, lines)
  vim.moveTo(at + lines.length - 1, 0)
}

/** Joins lines with a space, as `J`. Returns the column of the last joint. */
export function joinLines(vim: VimState, from: number, to: number, spaces: boolean): number {
  const last = Math.min(to, vim.buffer.count - 1)
  let text = vim.buffer.line(from)
  let column = text.length
  for (let line = from + 1; line <= last; line++) {
    const next = spaces ? vim.buffer.line(line).trimStart() : vim.buffer.line(line)
    column = text.length
    text += (spaces && needsSpace(text, next) ? ' ' : '') + next
  }
  vim.buffer.splice(from, last - from + 1, [text])
  vim.moveTo(from, 0)
  return column
}

function needsSpace(before: string, after: string): boolean {
  return after !== '' && before !== '' && !/\s$/.test(before) && !after.startsWith(')')
}

/** `:a`, `:i` and `:c` take lines up to a dot; the first may stand behind a bar. In an empty buffer they take the place of its one line. */
function typed({ vim, host, name, args, range }: Ex, at: number, count: number): void {
  if (vim.recorded) throw new VimError(`E1: lines after :${name} can only come from a script here`)
  const lines = args.startsWith('|') ? [args.slice(1)] : []
  for (let line = host.inputLine(); line !== undefined && line !== '.'; line = host.inputLine()) lines.push(line)
  const empty = vim.buffer.count === 1 && vim.buffer.line(0) === ''
  vim.buffer.splice(at, count === 0 && empty && name !== 'append' ? 1 : count, lines)
  vim.moveTo(Math.max(0, name === 'append' ? range.to + lines.length : range.from + lines.length - 1), 0)
}

async function print({ vim, host, range }: Ex, numbered: boolean): Promise<void> {
  const lines = vim.buffer.lines.slice(range.from, range.to + 1)
  await host.show(lines.map((line, index) => `${numbered ? `${String(range.from + index + 1).padStart(vim.silent ? 7 : 3)} ` : ''}${line}\n`).join(''))
  vim.moveTo(range.to, 0)
}

/** `:l`: tabs and line ends can be seen. */
async function listed({ vim, host, range }: Ex): Promise<void> {
  const lines = vim.buffer.lines.slice(range.from, range.to + 1)
  await host.show(lines.map((line, index) => `${vim.options.number ? `${String(range.from + index + 1).padStart(vim.silent ? 7 : 3)} ` : ''}${line.replace(/[\x00-\x1f]/g, (c) => `^${String.fromCharCode(c.charCodeAt(0) + 64)}`)}$\n`).join(''))
  vim.moveTo(range.to, 0)
}

function mark({ vim, args, range }: Ex): void {
  const name = args.trim().charAt(0)
  if (name === '') throw new VimError('E471: Argument required')
  vim.buffer.marks.set(name, { line: range.to, column: range.given > 0 ? 0 : vim.cursor.column })
}
