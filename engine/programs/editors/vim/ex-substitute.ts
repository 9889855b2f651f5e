/** `:s`. Patterns may reach over lines (`\n`). */
import type { Range } from '#engine/programs/editors/vim/ex-range'
import { expandReplacement, vimRegExp } from '#engine/programs/editors/vim/pattern'
import { VimError, type VimState } from '#engine/programs/editors/vim/state'

export async function substitute(vim: VimState, args: string, given: Range): Promise<void> {
  const parsed = parse(vim, args)
  let range = given
  if (parsed.count !== undefined) range = { from: given.to, to: Math.min(vim.buffer.count - 1, given.to + parsed.count - 1), given: 2 }
  if (parsed.pattern === '') throw new VimError('E35: No previous regular expression')
  vim.lastPattern = parsed.pattern
  vim.lastReplacement = parsed.replacement
  vim.highlight = true
  const base = vimRegExp(parsed.pattern, { ignorecase: parsed.flags.includes('i') || (vim.options.ignorecase && !parsed.flags.includes('I')), smartcase: vim.options.smartcase && !parsed.flags.includes('i') })
  const global = parsed.flags.includes('g') !== vim.options.gdefault
  const confirm = parsed.flags.includes('c') && !vim.silent
  const multiline = parsed.pattern.includes('\\n') || parsed.pattern.includes('\\_')
  const outcome = multiline ? overLines(vim, range, base, parsed, global) : await lineByLine(vim, range, base, parsed, global, confirm)
  if (outcome.count === 0) {
    if (parsed.flags.includes('e')) return
    throw new VimError(`E486: Pattern not found: ${parsed.pattern}`)
  }
  if (parsed.flags.includes('n')) {
    vim.message = `${outcome.count} match${outcome.count === 1 ? '' : 'es'} on ${outcome.lines} line${outcome.lines === 1 ? '' : 's'}`
    return
  }
  vim.moveTo(outcome.last, 0)
  if (outcome.count > 2) vim.message = `${outcome.count} substitutions on ${outcome.lines} line${outcome.lines === 1 ? '' : 's'}`
}

interface Parsed {
  readonly pattern: string
  readonly replacement: string
  readonly flags: string
  readonly count: number | undefined
}

function parse(vim: VimState, args: string): Parsed {
  const delimiter = args.charAt(0)
  const last = { pattern: vim.lastPattern, replacement: vim.lastReplacement }
  if (delimiter === '' || delimiter === '&' || /[\w\s]/.test(delimiter)) {
    const match = /^&*\s*([cegniI]*)\s*(\d*)$/.exec(args)
    return { ...last, flags: match?.[1] ?? '', count: match?.[2] ? Number(match[2]) : undefined }
  }
  const parts: string[] = ['']
  for (let i = 1; i < args.length; i++) {
    const c = args[i] as string
    if (c === '\\' && i + 1 < args.length) {
      const next = args[++i] as string
      parts[parts.length - 1] += next === delimiter ? (parts.length === 1 && delimiter !== '/' ? next : next) : c + next
    } else if (c === delimiter && parts.length < 3) parts.push('')
    else parts[parts.length - 1] += c
  }
  const [pattern = '', replacement = '', tail = ''] = parts
  const match = /^(&?[cegnpr#iI&]*)\s*(\d*)\s*$/.exec(tail)
  if (!match) throw new VimError('E488: Trailing characters: ' + tail)
  return { pattern: pattern === '' ? last.pattern : pattern, replacement, flags: match[1] as string, count: match[2] === '' ? undefined : Number(match[2]) }
}

interface Outcome {
  count: number
  lines: number
  last: number
}

async function lineByLine(vim: VimState, range: Range, regex: RegExp, parsed: Parsed, global: boolean, confirm: boolean): Promise<Outcome> {
  const outcome: Outcome = { count: 0, lines: 0, last: range.from }
  let end = range.to
  let all = !confirm
  for (let line = range.from; line <= end; line++) {
    const text = vim.buffer.line(line)
    let out = ''
    let at = 0
    let changed = 0
    for (const match of text.matchAll(regex)) {
      if (!all && !parsed.flags.includes('n')) {
        const answer = await ask(vim, line, match.index, parsed.replacement)
        if (answer === 'quit') {
          end = -1
          break
        }
        if (answer === 'no') continue
        if (answer === 'all') all = true
        if (answer === 'last') end = -1
      }
      out += text.slice(at, match.index) + expandReplacement(parsed.replacement, match, vim.lastReplacement)
      at = match.index + match[0].length
      changed++
      if (!global || end < 0) break
    }
    if (changed === 0) continue
    outcome.count += changed
    outcome.lines++
    outcome.last = line
    if (parsed.flags.includes('n')) continue
    const lines = (out + text.slice(at)).split('\n')
    vim.buffer.splice(line, 1, lines)
    line += lines.length - 1
    if (end >= 0) end += lines.length - 1
    outcome.last = line
  }
  return outcome
}

async function ask(vim: VimState, line: number, column: number, replacement: string): Promise<'yes' | 'no' | 'all' | 'quit' | 'last'> {
  vim.cursor = { line, column }
  vim.message = `replace with ${replacement} (y/n/a/q/l/^E/^Y)?`
  for (;;) {
    const key = await vim.key()
    if (key === 'y') return 'yes'
    if (key === 'n') return 'no'
    if (key === 'a') return 'all'
    if (key === 'l') return 'last'
    if (key === 'q' || key === '\x1b') return 'quit'
  }
}

/** The pattern may match newlines: the range is one text. */
function overLines(vim: VimState, range: Range, regex: RegExp, parsed: Parsed, global: boolean): Outcome {
  const { buffer } = vim
  const rest = buffer.lines.slice(range.from).map((line) => `${line}\n`).join('')
  const limit = buffer.lines.slice(range.from, range.to + 1).reduce((sum, line) => sum + line.length + 1, 0)
  let out = ''
  let at = 0
  const outcome: Outcome = { count: 0, lines: 0, last: range.from }
  let lastLine = -1
  for (const match of rest.matchAll(regex)) {
    if (match.index >= limit || match.index < at) continue
    const line = rest.slice(0, match.index).split('\n').length - 1
    if (line === lastLine && !global) continue
    if (line !== lastLine) outcome.lines++
    lastLine = line
    outcome.count++
    out += rest.slice(at, match.index) + expandReplacement(parsed.replacement, match, vim.lastReplacement)
    at = match.index + match[0].length
  }
  if (outcome.count > 0 && !parsed.flags.includes('n')) {
    const lines = (out + rest.slice(at)).replace(/\n$/, '').split('\n')
    buffer.splice(range.from, buffer.count - range.from, lines)
    outcome.last = Math.min(buffer.count - 1, range.from + lines.length - 1)
  }
  return outcome
}
