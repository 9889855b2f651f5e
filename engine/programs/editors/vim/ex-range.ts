/** Addresses of ex commands: `%`, `1,$`, `.+3`, `/pat/`, `'a`, `'<,'>`. */
import { searchFrom } from '#engine/programs/editors/vim/search'
import { VimError, type VimState } from '#engine/programs/editors/vim/state'

/** Lines count from 0. */
export interface Range {
  readonly from: number
  readonly to: number
  /** How many addresses were given. */
  readonly given: number
}

/** Returns the range and what follows it. */
export function parseRange(vim: VimState, text: string): { range: Range; rest: string } {
  const start = text.replace(/^[\s:]+/, '')
  if (start.startsWith('%')) return { range: { from: 0, to: vim.buffer.count - 1, given: 2 }, rest: start.slice(1).trimStart() }
  const { found, rest } = addresses(vim, start)
  const [from = vim.cursor.line, to = from] = found.slice(-2)
  if (found.length > 0 && (Math.max(from, to) >= vim.buffer.count || from < -1)) throw new VimError('E16: Invalid range')
  if (from > to) throw new VimError('E493: Backwards range given')
  return { range: { from, to, given: found.length }, rest: rest.trimStart() }
}

function addresses(vim: VimState, text: string): { found: number[]; rest: string } {
  const found: number[] = []
  let rest = text
  let base = vim.cursor.line
  for (;;) {
    const one = address(vim, rest, base)
    if (one) found.push(one.line)
    rest = one?.rest ?? rest
    const separator = /^\s*([,;])/.exec(rest)
    if (!separator) return { found, rest }
    if (!one && found.length === 0) found.push(vim.cursor.line)
    if (separator[1] === ';') base = found.at(-1) ?? base
    rest = rest.slice(separator[0].length)
    if (/^\s*[\d.$'/?\\+-]/.test(rest)) continue
    return { found: [...found, vim.cursor.line], rest }
  }
}

interface Address {
  readonly line: number
  readonly rest: string
}

function address(vim: VimState, text: string, base: number): Address | undefined {
  const start = text.trimStart()
  const first = place(vim, start, base)
  let line = first?.line
  let rest = first?.rest ?? start
  for (let step = /^\s*([+-])(\d*)/.exec(rest); step; step = /^\s*([+-])(\d*)/.exec(rest)) {
    line = (line ?? base) + (step[1] === '+' ? 1 : -1) * Number(step[2] || 1)
    rest = rest.slice(step[0].length)
  }
  return line === undefined ? undefined : { line, rest }
}

/** A line by number, `.`, `$`, mark or pattern. */
function place(vim: VimState, text: string, base: number): Address | undefined {
  const match = /^(\d+)|^(\.)|^(\$)|^'(.)|^([/?])((?:\\.|(?!\5).)*)\5?/.exec(text)
  if (!match) return undefined
  const [whole, number, dot, last, mark, delimiter, pattern = ''] = match
  const rest = text.slice(whole.length)
  if (number !== undefined) return { line: Number(number) - 1, rest }
  if (dot !== undefined) return { line: base, rest }
  if (last !== undefined) return { line: vim.buffer.count - 1, rest }
  return { line: mark === undefined ? searched(vim, pattern, base, delimiter === '/') : markLine(vim, mark), rest }
}

function searched(vim: VimState, pattern: string, base: number, forward: boolean): number {
  const source = pattern === '' ? vim.lastPattern : pattern.replace(/\\\//g, '/')
  vim.lastPattern = source
  return searchFrom(vim, source, { line: base, column: forward ? Number.MAX_SAFE_INTEGER : 0 }, forward ? 1 : -1).line
}

function markLine(vim: VimState, name: string): number {
  if (name !== '<' && name !== '>') return vim.buffer.marks.get(name)?.line ?? noMark()
  if (!vim.lastVisual) return noMark()
  const { start, end } = vim.lastVisual
  return name === '<' ? Math.min(start.line, end.line) : Math.max(start.line, end.line)
}

function noMark(): never {
  throw new VimError('E20: Mark not set')
}
