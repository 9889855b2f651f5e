/** Operators on a visual block: the same columns of several lines. */
import type { Keys } from '#engine/programs/editors/vim/keys'
import { typeText } from '#engine/programs/editors/vim/insert-keys'
import { swapCase } from '#engine/programs/editors/vim/operators'
import { indentColumns, indentText } from '#engine/programs/editors/vim/options'
import type { VimState } from '#engine/programs/editors/vim/state'

export interface Block {
  readonly top: number
  readonly bottom: number
  readonly left: number
  /** Behind the last column; without end where `$` was pressed. */
  readonly right: number
}

export function blockOf(vim: VimState): Block {
  const { start, end } = vim.lastVisual ?? { start: vim.cursor, end: vim.cursor }
  const ragged = vim.wantColumn === Number.MAX_SAFE_INTEGER
  return {
    top: Math.min(start.line, end.line),
    bottom: Math.max(start.line, end.line),
    left: ragged ? start.column : Math.min(start.column, end.column),
    right: ragged ? Infinity : Math.max(start.column, end.column) + 1,
  }
}

type Operate = (keys: Keys, block: Block) => void | Promise<void>

const table: Readonly<Record<string, Operate>> = {
  d: cut,
  y: copy,
  c: async (keys, block) => {
    cut(keys, block)
    await typeOnLines(keys, block, block.left)
  },
  '>': ({ vim }, block) => eachLine(vim, block, (text) => shifted(vim, text, block.left, 1)),
  '<': ({ vim }, block) => eachLine(vim, block, (text) => shifted(vim, text, block.left, -1)),
  gu: ({ vim }, block) => turn(vim, block, (text) => text.toLowerCase()),
  gU: ({ vim }, block) => turn(vim, block, (text) => text.toUpperCase()),
  'g~': ({ vim }, block) => turn(vim, block, swapCase),
}

/** False where the operator has no meaning of its own on a block. */
export async function operateOnBlock(keys: Keys, operator: string, block: Block): Promise<boolean> {
  if (!Object.hasOwn(table, operator)) return false
  await table[operator]?.(keys, block)
  return true
}

function eachLine(vim: VimState, { top, bottom, left }: Block, change: (text: string) => string): void {
  for (let line = top; line <= bottom; line++) if (vim.buffer.line(line).length > left) vim.buffer.set(line, change(vim.buffer.line(line)))
  vim.moveTo(top, left)
}

function copy({ vim, register }: Keys, { top, bottom, left, right }: Block, deleted = false): void {
  const lines = vim.buffer.lines.slice(top, bottom + 1)
  vim.store(register, { text: lines.map((line) => line.slice(left, right)).join('\n'), kind: 'block' }, deleted)
  vim.moveTo(top, left)
}

function cut(keys: Keys, block: Block): void {
  copy(keys, block, true)
  eachLine(keys.vim, block, (text) => text.slice(0, block.left) + text.slice(block.right))
}

function turn(vim: VimState, block: Block, change: (text: string) => string): void {
  eachLine(vim, block, (text) => text.slice(0, block.left) + change(text.slice(block.left, block.right)) + text.slice(block.right))
}

/** `>` widens the blanks at the block's left edge, `<` takes them away. */
function shifted(vim: VimState, text: string, left: number, step: 1 | -1): string {
  const { options } = vim
  const before = text.slice(0, left)
  const rest = text.slice(left)
  const blanks = /^[ \t]*/.exec(rest)?.[0] ?? ''
  const start = indentColumns(options, before)
  const width = indentColumns(options, before + blanks) - start
  const wanted = Math.max(0, width + step * (options.shiftwidth || options.tabstop))
  return before + blanksFrom(vim, start, start + wanted) + rest.slice(blanks.length)
}

function blanksFrom({ options }: VimState, from: number, to: number): string {
  if (options.expandtab || Math.floor(to / options.tabstop) === Math.floor(from / options.tabstop)) return ' '.repeat(to - from)
  const tabs = Math.floor(to / options.tabstop) - Math.floor(from / options.tabstop)
  return '\t'.repeat(tabs) + indentText({ ...options, expandtab: true }, to % options.tabstop)
}

export function replaceBlock({ vim }: Keys, block: Block, c: string): void {
  turn(vim, block, (text) => c.repeat(text.length))
}

/** `I` and `A`: lines that do not reach the block are left alone by `I` and filled up by `A`. */
export async function insertInBlock(keys: Keys, block: Block, after: boolean): Promise<void> {
  if (!after) return typeOnLines(keys, block, block.left)
  await typeOnLines(keys, block, block.right, true)
}

/** What is typed on the first line goes into all of them. */
async function typeOnLines(keys: Keys, { top, bottom, left }: Block, column: number, pad = false): Promise<void> {
  const { vim } = keys
  const first = vim.buffer.line(top)
  if (pad && column !== Infinity && first.length < column) vim.buffer.set(top, first.padEnd(column))
  const before = vim.buffer.line(top).length
  const at = Math.min(column, before)
  await typeText(keys, { line: top, column: at })
  const added = vim.buffer.line(top).slice(at, at + vim.buffer.line(top).length - before)
  for (let line = top + 1; line <= bottom; line++) {
    const text = pad && column !== Infinity ? vim.buffer.line(line).padEnd(column) : vim.buffer.line(line)
    const place = Math.min(column, text.length)
    if (column === Infinity || text.length >= column) vim.buffer.set(line, text.slice(0, place) + added + text.slice(place))
  }
  vim.moveTo(top, Math.min(left, at))
}
