/** Insert and replace mode. */
import { newLineIndent, reindentLine } from '#engine/programs/editors/vim/indent'
import { indentColumns, shiftLine } from '#engine/programs/editors/vim/options'
import { OutOfKeys, type VimState } from '#engine/programs/editors/vim/state'

export interface InsertHost {
  redraw(): Promise<void>
  /** One command of normal mode. */
  once(): Promise<void>
}

const escape = '\x1b'

/** Until Esc. With a count, what was typed is put in that often, each time after `again`. */
export async function insertMode(vim: VimState, host: InsertHost, times: number, again?: () => void): Promise<void> {
  const typed: string[] = []
  vim.reindents = true
  try {
    for (;;) {
      if (vim.queue.length === 0) await host.redraw()
      const key = await vim.key()
      if (key === escape || key === '\x03') break
      typed.push(key)
      await press(vim, host, key)
    }
  } catch (error) {
    if (!(error instanceof OutOfKeys)) throw error
    finish(vim)
    throw error
  }
  for (let i = 1; i < times; i++) {
    again?.()
    for (const key of typed) await press(vim, host, key)
  }
  finish(vim)
}

function finish(vim: VimState): void {
  vim.buffer.marks.set('^', { ...vim.cursor })
  if (/^\s+$/.test(vim.line) && (vim.options.autoindent || vim.options.smartindent || vim.yaml)) vim.buffer.set(vim.cursor.line, '')
  vim.mode = 'normal'
  vim.moveTo(vim.cursor.line, Math.max(0, vim.cursor.column - 1))
}

type Press = (vim: VimState, host: InsertHost) => void | Promise<void>

const table: Readonly<Record<string, Press>> = {
  '\r': newLine,
  '\n': newLine,
  '\t': tab,
  '\x7f': backspace,
  '\b': backspace,
  '\x17': (vim) => removeBack(vim, vim.line.slice(0, vim.cursor.column).replace(/\S+\s*$|\s+$/, '').length),
  '\x15': (vim) => removeBack(vim, 0),
  '\x14': (vim) => shift(vim, 1),
  '\x04': (vim) => shift(vim, -1),
  '\x12': insertRegister,
  '\x16': async (vim) => put(vim, await literal(vim)),
  '\x0f': oneCommand,
  '\x05': (vim) => put(vim, vim.buffer.line(vim.cursor.line + 1).charAt(vim.cursor.column)),
  '\x19': (vim) => put(vim, vim.buffer.line(vim.cursor.line - 1).charAt(vim.cursor.column)),
  paste: () => undefined,
  left: (vim) => void (vim.cursor.column = Math.max(0, vim.cursor.column - 1)),
  right: (vim) => void (vim.cursor.column = Math.min(vim.line.length, vim.cursor.column + 1)),
  up: (vim) => upDown(vim, -1),
  down: (vim) => upDown(vim, 1),
  home: (vim) => void (vim.cursor.column = 0),
  end: (vim) => void (vim.cursor.column = vim.line.length),
  delete: (vim) => vim.buffer.set(vim.cursor.line, vim.line.slice(0, vim.cursor.column) + vim.line.slice(vim.cursor.column + 1)),
}

async function press(vim: VimState, host: InsertHost, key: string): Promise<void> {
  if (Object.hasOwn(table, key)) return table[key]?.(vim, host)
  if (key.length > 2 || key < ' ') return
  put(vim, key)
  if (vim.yaml && vim.reindents && wantsIndent(vim.line.slice(0, vim.cursor.column))) reindentHere(vim)
}

/** Behind a key's colon, and where a line begins with a dash or a closing bracket. */
function wantsIndent(before: string): boolean {
  return /^\s*(?:[-\]}]|\S.*:)$/.test(before)
}

function reindentHere(vim: VimState): void {
  const before = vim.line.length
  reindentLine(vim, vim.cursor.line)
  vim.cursor.column += vim.line.length - before
}

function put(vim: VimState, text: string): void {
  const { line, column } = vim.cursor
  const over = vim.mode === 'replace' ? text.length : 0
  vim.buffer.set(line, vim.line.slice(0, column) + text + vim.line.slice(column + over))
  vim.cursor.column += text.length
}

/** Ctrl-V: the next key as it is, or the character of a number. */
async function literal(vim: VimState): Promise<string> {
  const first = await vim.key()
  const kind = /^[ux]$/.test(first) ? { most: first === 'u' ? 4 : 2, digit: /[0-9a-fA-F]/, base: 16 } : /\d/.test(first) ? { most: 3, digit: /\d/, base: 10 } : undefined
  if (!kind) return first
  let digits = kind.base === 10 ? first : ''
  while (digits.length < kind.most) {
    const key = await vim.key()
    if (!kind.digit.test(key) || key.length > 1) {
      vim.queue.unshift(key)
      break
    }
    digits += key
  }
  return digits === '' ? '' : String.fromCodePoint(Number.parseInt(digits, kind.base))
}

async function insertRegister(vim: VimState): Promise<void> {
  const register = vim.fetch(await vim.key())
  if (register) vim.cursor = { ...vim.buffer.insert({ ...vim.cursor }, register.text) }
}

/** Ctrl-O: one command, then typing goes on. */
async function oneCommand(vim: VimState, host: InsertHost): Promise<void> {
  const { mode } = vim
  const atEnd = vim.cursor.column >= vim.line.length
  vim.mode = 'normal'
  const before = { ...vim.cursor }
  await host.once()
  if (atEnd && vim.cursor.line === before.line && vim.cursor.column === vim.line.length - 1) vim.cursor.column++
  vim.mode = mode
}

function upDown(vim: VimState, step: number): void {
  vim.cursor = { line: vim.cursor.line + step, column: vim.cursor.column }
  vim.clamp()
}

function removeBack(vim: VimState, to: number): void {
  const { line, column } = vim.cursor
  vim.buffer.set(line, vim.line.slice(0, to) + vim.line.slice(column))
  vim.cursor.column = to
}

function shift(vim: VimState, by: 1 | -1): void {
  const before = vim.line.length
  vim.buffer.set(vim.cursor.line, shiftLine(vim.options, vim.line, by))
  vim.cursor.column = Math.max(0, vim.cursor.column + vim.line.length - before)
}

function tab(vim: VimState): void {
  if (vim.line.slice(0, vim.cursor.column).trim() === '') vim.reindents = false
  put(vim, tabText(vim))
}

function tabText(vim: VimState): string {
  const { options } = vim
  const width = options.softtabstop > 0 ? options.softtabstop : options.expandtab ? options.tabstop : 0
  if (options.paste || width === 0) return '\t'
  const at = indentColumns(options, vim.line.slice(0, vim.cursor.column))
  return options.expandtab ? ' '.repeat(width - (at % width)) : '\t'
}

function newLine(vim: VimState): void {
  const { line, column } = vim.cursor
  const text = vim.line
  const before = text.slice(0, column)
  const indents = (vim.options.autoindent || vim.options.smartindent || vim.yaml) && !vim.options.paste
  const after = indents ? text.slice(column).trimStart() : text.slice(column)
  vim.buffer.splice(line, 1, [before, after])
  const indent = newLineIndent(vim, line + 1)
  if (indents && /^\s+$/.test(before)) vim.buffer.set(line, '')
  vim.buffer.set(line + 1, indent + after)
  vim.cursor = { line: line + 1, column: indent.length }
  vim.reindents = true
}

function backspace(vim: VimState): void {
  const { line, column } = vim.cursor
  if (column > 0) {
    const lead = vim.line.slice(0, column)
    const width = vim.options.softtabstop
    return removeBack(vim, column - (width > 0 && /^ +$/.test(lead) ? ((column - 1) % width) + 1 : 1))
  }
  if (line === 0) return
  const above = vim.buffer.line(line - 1)
  vim.buffer.splice(line - 1, 2, [above + vim.line])
  vim.cursor = { line: line - 1, column: above.length }
}
