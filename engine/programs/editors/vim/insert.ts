/** Insert and replace mode. */
import { indentColumns, indentText, shiftLine } from '#engine/programs/editors/vim/options'
import { OutOfKeys, type VimState } from '#engine/programs/editors/vim/state'

export interface InsertHost {
  redraw(): Promise<void>
}

const esc = '\x1b'

/** Until Esc. With a count, what was typed is put in that often. */
export async function insertMode(vim: VimState, host: InsertHost, times: number): Promise<void> {
  const typed: string[] = []
  try {
    for (;;) {
      if (vim.queue.length === 0) await host.redraw()
      const key = await vim.key()
      if (key === esc || key === '\x03') break
      typed.push(key)
      await press(vim, key)
    }
  } catch (error) {
    if (!(error instanceof OutOfKeys)) throw error
    finish(vim)
    throw error
  }
  for (let i = 1; i < times; i++) for (const key of typed) await press(vim, key)
  finish(vim)
}

function finish(vim: VimState): void {
  vim.buffer.marks.set('^', { ...vim.cursor })
  if (/^\s+$/.test(vim.line) && vim.options.autoindent) vim.buffer.set(vim.cursor.line, '')
  vim.mode = 'normal'
  vim.moveTo(vim.cursor.line, Math.max(0, vim.cursor.column - 1))
}

function put(vim: VimState, text: string): void {
  const { line, column } = vim.cursor
  const over = vim.mode === 'replace' ? text.length : 0
  vim.buffer.set(line, vim.line.slice(0, column) + text + vim.line.slice(column + over))
  vim.cursor.column += text.length
}

async function press(vim: VimState, key: string): Promise<void> {
  const { line, column } = vim.cursor
  switch (key) {
    case '\r': case '\n': return newLine(vim)
    case '\t': return put(vim, tabText(vim))
    case '\x7f': case '\b': return backspace(vim)
    case '\x17': {
      const start = vim.line.slice(0, column).replace(/\S+\s*$|\s+$/, '').length
      vim.buffer.set(line, vim.line.slice(0, start) + vim.line.slice(column))
      vim.cursor.column = start
      return
    }
    case '\x15':
      vim.buffer.set(line, vim.line.slice(column))
      vim.cursor.column = 0
      return
    case '\x14': case '\x04': {
      const before = vim.line.length
      vim.buffer.set(line, shiftLine(vim.options, vim.line, key === '\x14' ? 1 : -1))
      vim.cursor.column = Math.max(0, column + vim.line.length - before)
      return
    }
    case '\x12': {
      const register = vim.fetch(await vim.key())
      if (register) {
        const end = vim.buffer.insert({ line, column }, register.text)
        vim.cursor = { ...end }
      }
      return
    }
    case '\x16': return put(vim, await vim.key())
    case 'paste': return
    default: return move(vim, key)
  }
}

function move(vim: VimState, key: string): void {
  const { line, column } = vim.cursor
  switch (key) {
    case 'left': vim.cursor.column = Math.max(0, column - 1); return
    case 'right': vim.cursor.column = Math.min(vim.line.length, column + 1); return
    case 'up': vim.cursor = { line: Math.max(0, line - 1), column }; vim.clamp(); return
    case 'down': vim.cursor = { line: Math.min(vim.buffer.count - 1, line + 1), column }; vim.clamp(); return
    case 'home': vim.cursor.column = 0; return
    case 'end': vim.cursor.column = vim.line.length; return
    case 'delete': vim.buffer.set(line, vim.line.slice(0, column) + vim.line.slice(column + 1)); return
    default: if (key.length <= 2 && key >= ' ') put(vim, key)
  }
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
  let indent = vim.options.autoindent && !vim.options.paste ? (/^\s*/.exec(before)?.[0] ?? '') : ''
  if (indent !== '' && vim.options.smartindent && /[{]\s*$/.test(before)) indent = indentText(vim.options, indentColumns(vim.options, indent) + vim.options.shiftwidth)
  const after = vim.options.autoindent && !vim.options.paste ? text.slice(column).trimStart() : text.slice(column)
  vim.buffer.splice(line, 1, [/^\s+$/.test(before) && indent !== '' ? '' : before, indent + after])
  vim.cursor = { line: line + 1, column: indent.length }
}

function backspace(vim: VimState): void {
  const { line, column } = vim.cursor
  if (column > 0) {
    const width = vim.options.softtabstop || (vim.options.expandtab ? 0 : 0)
    const lead = vim.line.slice(0, column)
    const remove = width > 0 && /^ +$/.test(lead) ? ((column - 1) % width) + 1 : 1
    vim.buffer.set(line, vim.line.slice(0, column - remove) + vim.line.slice(column))
    vim.cursor.column -= remove
    return
  }
  if (line === 0) return
  const above = vim.buffer.line(line - 1)
  vim.buffer.splice(line - 1, 2, [above + vim.line])
  vim.cursor = { line: line - 1, column: above.length }
}
