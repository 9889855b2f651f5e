/** Keys that lead somewhere: alone they move the cursor, behind an operator they say what it is for. */
import { matchingBracket } from '#engine/programs/editors/vim/brackets'
import type { Keys } from '#engine/programs/editors/vim/keys'
import { typedSearch, wordUnderCursor } from '#engine/programs/editors/vim/search-keys'
import { searchFrom } from '#engine/programs/editors/vim/search'
import { VimError } from '#engine/programs/editors/vim/state'
import type { Place, TextBuffer } from '#engine/programs/editors/vim/text'
import { firstNonBlank, wordBack, wordEnd, wordEndBack, wordForward } from '#engine/programs/editors/vim/words'

export interface Motion {
  readonly to: Place
  readonly kind: 'exclusive' | 'inclusive' | 'line'
}

type Read = (keys: Keys, operator: string) => Motion | Promise<Motion>

/** Undefined where the key is no motion. */
export async function readMotion(keys: Keys, key: string, operator = ''): Promise<Motion | undefined> {
  return Object.hasOwn(table, key) ? table[key]?.(keys, operator) : undefined
}

export function isBefore(a: Place, b: Place): boolean {
  return a.line < b.line || (a.line === b.line && a.column <= b.column)
}

function group(names: readonly string[], read: Read): Record<string, Read> {
  return Object.fromEntries(names.map((name) => [name, read]))
}

const table: Readonly<Record<string, Read>> = {
  ...group(['h', 'left', '\x7f', '\b'], ({ vim, times }) => sideways(vim.cursor, Math.max(0, vim.cursor.column - times))),
  ...group(['l', 'right', ' '], (keys, operator) => right(keys, operator)),
  ...group(['0', 'home'], ({ vim }) => onLine(vim.cursor, 0)),
  '^': ({ vim }) => onLine(vim.cursor, firstNonBlank(vim.line)),
  ...group(['$', 'end'], (keys) => endOfLine(keys, (text) => text.length - 1)),
  g_: (keys) => endOfLine(keys, (text) => text.trimEnd().length - 1),
  '|': ({ vim, times }) => onLine(vim.cursor, times - 1),
  ...group(['j', 'down', '\x0e', '\n'], ({ vim, times }) => ({ to: { line: vertical(vim.buffer, vim.cursor.line, times), column: vim.wantColumn }, kind: 'line' })),
  ...group(['k', 'up', '\x10'], ({ vim, times }) => ({ to: { line: vertical(vim.buffer, vim.cursor.line, -times), column: vim.wantColumn }, kind: 'line' })),
  ...group(['+', '\r'], ({ vim, times }) => textOf(vim.buffer, vertical(vim.buffer, vim.cursor.line, times))),
  '-': ({ vim, times }) => textOf(vim.buffer, vertical(vim.buffer, vim.cursor.line, -times)),
  _: ({ vim, times }) => textOf(vim.buffer, times === 1 ? vim.cursor.line : vertical(vim.buffer, vim.cursor.line, times - 1)),
  G: (keys) => textOf(keys.vim.buffer, keys.count === undefined ? keys.vim.buffer.count - 1 : keys.count - 1),
  gg: (keys) => textOf(keys.vim.buffer, keys.count === undefined ? 0 : keys.count - 1),
  '{': (keys) => paragraphs(keys, -1),
  '}': (keys) => paragraphs(keys, 1),
  w: (keys, operator) => words(keys, false, operator),
  W: (keys, operator) => words(keys, true, operator),
  b: (keys) => repeated(keys, (buffer, from) => wordBack(buffer, from, false), 'exclusive'),
  B: (keys) => repeated(keys, (buffer, from) => wordBack(buffer, from, true), 'exclusive'),
  e: (keys) => repeated(keys, (buffer, from) => wordEnd(buffer, from, false), 'inclusive'),
  E: (keys) => repeated(keys, (buffer, from) => wordEnd(buffer, from, true), 'inclusive'),
  ge: (keys) => repeated(keys, (buffer, from) => wordEndBack(buffer, from, false), 'inclusive'),
  gE: (keys) => repeated(keys, (buffer, from) => wordEndBack(buffer, from, true), 'inclusive'),
  ...Object.fromEntries(['f', 'F', 't', 'T'].map((kind): [string, Read] => [kind, (keys) => typedFind(keys, kind)])),
  ';': (keys) => lastFind(keys, (kind) => kind),
  ',': (keys) => lastFind(keys, (kind) => (kind === kind.toLowerCase() ? kind.toUpperCase() : kind.toLowerCase())),
  '%': (keys) => (keys.count === undefined ? bracket(keys) : textOf(keys.vim.buffer, Math.ceil((keys.count * keys.vim.buffer.count) / 100) - 1)),
  H: ({ vim, times }) => textOf(vim.buffer, vim.top + times - 1),
  L: ({ vim, host, times }) => textOf(vim.buffer, Math.min(vim.buffer.count, vim.top + host.height) - times),
  M: ({ vim, host }) => textOf(vim.buffer, vim.top + Math.floor((Math.min(host.height, vim.buffer.count - vim.top) - 1) / 2)),
  "'": async (keys) => mark(keys, "'", await keys.vim.key()),
  '`': async (keys) => mark(keys, '`', await keys.vim.key()),
  '/': (keys) => typedSearch(keys, '/'),
  '?': (keys) => typedSearch(keys, '?'),
  n: (keys) => searchAgain(keys, 1),
  N: (keys) => searchAgain(keys, -1),
  '*': (keys) => searchWord(keys, true, 1),
  '#': (keys) => searchWord(keys, true, -1),
  'g*': (keys) => searchWord(keys, false, 1),
  'g#': (keys) => searchWord(keys, false, -1),
}

function onLine({ line }: Place, column: number): Motion {
  return { to: { line, column }, kind: 'exclusive' }
}

function sideways(from: Place, column: number): Motion {
  if (column === from.column) throw new VimError('')
  return onLine(from, column)
}

function right({ vim, times }: Keys, operator: string): Motion {
  const most = operator !== '' || vim.mode.startsWith('visual') ? vim.line.length : vim.line.length - 1
  return sideways(vim.cursor, Math.max(vim.cursor.column, Math.min(most, vim.cursor.column + times)))
}

function endOfLine({ vim, times }: Keys, last: (text: string) => number): Motion {
  const line = Math.min(vim.buffer.count - 1, vim.cursor.line + times - 1)
  return { to: { line, column: Math.max(0, last(vim.buffer.line(line))) }, kind: 'inclusive' }
}

/** As far as the buffer goes; not at all from its edge. */
function vertical(buffer: TextBuffer, line: number, by: number): number {
  const to = Math.max(0, Math.min(buffer.count - 1, line + by))
  if (to === line) throw new VimError('')
  return to
}

function textOf(buffer: TextBuffer, line: number): Motion {
  const to = Math.max(0, Math.min(buffer.count - 1, line))
  return { to: { line: to, column: firstNonBlank(buffer.line(to)) }, kind: 'line' }
}

function paragraphs({ vim, times }: Keys, step: 1 | -1): Motion {
  const { buffer } = vim
  let line = vim.cursor.line
  for (let i = 0; i < times; i++) line = paragraphEdge(buffer, line, step)
  const atEnd = step > 0 && line === buffer.count - 1
  return { to: { line, column: atEnd ? buffer.line(line).length : 0 }, kind: 'exclusive' }
}

function paragraphEdge(buffer: TextBuffer, line: number, step: 1 | -1): number {
  let at = line
  while (at >= 0 && at < buffer.count && buffer.line(at) === '') at += step
  while (at >= 0 && at < buffer.count && buffer.line(at) !== '') at += step
  return Math.max(0, Math.min(buffer.count - 1, at))
}

function repeated({ vim, times }: Keys, step: (buffer: TextBuffer, from: Place) => Place, kind: Motion['kind']): Motion {
  let place = { ...vim.cursor }
  for (let i = 0; i < times; i++) place = step(vim.buffer, place)
  if (place.line === vim.cursor.line && place.column === vim.cursor.column) throw new VimError('')
  return { to: place, kind }
}

/** `cw` on a word changes to its end; an operator does not go over to the next line. */
function words(keys: Keys, big: boolean, operator: string): Motion {
  const { vim } = keys
  if (operator === 'c' && /\S/.test(vim.line[vim.cursor.column] ?? ' ')) {
    let place = { ...vim.cursor, column: vim.cursor.column - 1 }
    for (let i = 0; i < keys.times; i++) place = wordEnd(vim.buffer, place, big)
    return { to: place, kind: 'inclusive' }
  }
  const { to } = repeated(keys, (buffer, from) => wordForward(buffer, from, big), 'exclusive')
  if (operator === '' || to.line === vim.cursor.line || to.column > firstNonBlank(vim.buffer.line(to.line))) return { to, kind: 'exclusive' }
  return { to: { line: to.line - 1, column: vim.buffer.line(to.line - 1).length }, kind: 'exclusive' }
}

async function typedFind(keys: Keys, kind: string): Promise<Motion> {
  const c = await keys.vim.key()
  keys.vim.lastFind = { kind, c }
  return find(keys, kind, c)
}

function lastFind(keys: Keys, turn: (kind: string) => string): Motion {
  const last = keys.vim.lastFind
  if (!last) throw new VimError('')
  return find(keys, turn(last.kind), last.c, true)
}

function find({ vim, times }: Keys, kind: string, c: string, again = false): Motion {
  const forward = kind === 'f' || kind === 't'
  const step = forward ? 1 : -1
  // `;` behind `t` passes the character that the cursor already stands before.
  const nextTo = again && /t/i.test(kind) && vim.line[vim.cursor.column + step] === c
  let at = vim.cursor.column + (nextTo ? step : 0)
  for (let i = 0; i < times; i++) {
    at = forward ? vim.line.indexOf(c, at + 1) : at === 0 ? -1 : vim.line.lastIndexOf(c, at - 1)
    if (at < 0) throw new VimError('')
  }
  return { to: { line: vim.cursor.line, column: /t/i.test(kind) ? at - step : at }, kind: forward ? 'inclusive' : 'exclusive' }
}

function bracket({ vim }: Keys): Motion {
  const to = matchingBracket(vim.buffer, vim.cursor)
  if (!to) throw new VimError('')
  return { to, kind: 'inclusive' }
}

function mark({ vim }: Keys, key: string, name: string): Motion {
  const place = vim.buffer.marks.get(name === '`' ? "'" : name)
  if (!place) throw new VimError('E20: Mark not set')
  return key === "'" ? textOf(vim.buffer, place.line) : { to: place, kind: 'exclusive' }
}

function searchAgain(keys: Keys, turn: 1 | -1): Motion | Promise<Motion> {
  const { vim } = keys
  vim.highlight = true
  let place = { ...vim.cursor }
  for (let i = 0; i < keys.times; i++) place = searchFrom(vim, vim.lastPattern, place, (vim.lastDirection * turn) as 1 | -1)
  return { to: place, kind: 'exclusive' }
}

function searchWord(keys: Keys, whole: boolean, direction: 1 | -1): Motion | Promise<Motion> {
  const { vim } = keys
  const word = wordUnderCursor(vim)
  vim.lastPattern = whole ? `\\<${word}\\>` : word
  vim.lastDirection = direction
  return searchAgain(keys, 1)
}
