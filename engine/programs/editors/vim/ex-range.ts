/** Addresses of ex commands: `%`, `1,$`, `.+3`, `/pat/`, `'a`, `'<,'>`. */
import { searchFrom } from '#engine/programs/editors/vim/search'
import { VimError, type VimState } from '#engine/programs/editors/vim/state'

export interface Range {
  readonly from: number
  readonly to: number
  /** How many addresses were given. */
  readonly given: number
}

/** Lines count from 0. Returns the range and what follows it. */
export function parseRange(vim: VimState, text: string): { range: Range; rest: string } {
  let rest = text.replace(/^[\s:]+/, '')
  if (rest.startsWith('%')) return { range: { from: 0, to: vim.buffer.count - 1, given: 2 }, rest: rest.slice(1) }
  const found: number[] = []
  let base = vim.cursor.line
  for (;;) {
    const one = address(vim, rest, base)
    if (one) {
      found.push(one.line)
      rest = one.rest
    }
    const separator = /^\s*([,;])/.exec(rest)
    if (!separator) break
    if (!one && found.length === 0) found.push(vim.cursor.line)
    if (separator[1] === ';') base = found[found.length - 1] ?? base
    rest = rest.slice(separator[0].length)
    if (!/^\s*[\d.$'/?\\+-]/.test(rest)) {
      found.push(vim.cursor.line)
      break
    }
  }
  const [from = vim.cursor.line, to = from] = found.slice(-2)
  if (found.length > 0 && (Math.max(from, to) >= vim.buffer.count || from < -1)) throw new VimError('E16: Invalid range')
  return { range: { from: Math.min(from, to), to: Math.max(from, to), given: found.length }, rest: rest.replace(/^\s+/, '') }
}

function address(vim: VimState, text: string, base: number): { line: number; rest: string } | undefined {
  let rest = text.replace(/^\s+/, '')
  let line: number | undefined
  const number = /^\d+/.exec(rest)
  const mark = /^'(.)/.exec(rest)
  const pattern = /^([/?])((?:\\.|(?!\1).)*)\1?/.exec(rest)
  if (number) {
    line = Number(number[0]) - 1
    rest = rest.slice(number[0].length)
  } else if (rest.startsWith('.')) {
    line = base
    rest = rest.slice(1)
  } else if (rest.startsWith('$')) {
    line = vim.buffer.count - 1
    rest = rest.slice(1)
  } else if (mark) {
    line = markLine(vim, mark[1] as string)
    rest = rest.slice(2)
  } else if (pattern) {
    const source = (pattern[2] as string) === '' ? vim.lastPattern : (pattern[2] as string).replace(/\\\//g, '/')
    vim.lastPattern = source
    const forward = pattern[1] === '/'
    line = searchFrom(vim, source, { line: base, column: forward ? Number.MAX_SAFE_INTEGER : 0 }, forward ? 1 : -1).line
    rest = rest.slice(pattern[0].length)
  }
  for (let step = /^\s*([+-])(\d*)/.exec(rest); step; step = /^\s*([+-])(\d*)/.exec(rest)) {
    line = (line ?? base) + (step[1] === '+' ? 1 : -1) * Number(step[2] || 1)
    rest = rest.slice(step[0].length)
  }
  return line === undefined ? undefined : { line, rest }
}

function markLine(vim: VimState, name: string): number {
  if (name === '<' || name === '>') {
    if (!vim.lastVisual) throw new VimError('E20: Mark not set')
    const lines = [vim.lastVisual.start.line, vim.lastVisual.end.line].sort((a, b) => a - b)
    return (name === '<' ? lines[0] : lines[1]) as number
  }
  const place = vim.buffer.marks.get(name)
  if (!place) throw new VimError('E20: Mark not set')
  return place.line
}
