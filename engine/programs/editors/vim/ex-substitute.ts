/** `:s`. Patterns may reach over lines (`\n`). */
import type { Range } from '#engine/programs/editors/vim/ex-range'
import { vimRegExp } from '#engine/programs/editors/vim/pattern'
import { expandReplacement } from '#engine/programs/editors/vim/replacement'
import { VimError, type VimState } from '#engine/programs/editors/vim/state'

interface Parsed {
  readonly pattern: string
  readonly replacement: string
  readonly flags: string
  readonly count: number | undefined
}

interface Work extends Parsed {
  readonly vim: VimState
  readonly regex: RegExp
  readonly global: boolean
  /** The replacement before this one, for `~`. */
  readonly previous: string
}

interface Outcome {
  count: number
  lines: number
  last: number
}

export async function substitute(vim: VimState, args: string, given: Range): Promise<void> {
  const parsed = parse(vim, args)
  if (parsed.pattern === '') throw new VimError('E35: No previous regular expression')
  const range = parsed.count === undefined ? given : { from: given.to, to: Math.min(vim.buffer.count - 1, given.to + parsed.count - 1), given: 2 }
  const work: Work = { ...parsed, vim, regex: regexOf(vim, parsed), global: parsed.flags.includes('g') !== vim.options.gdefault, previous: vim.lastReplacement }
  vim.lastPattern = parsed.pattern
  vim.lastReplacement = parsed.replacement
  vim.lastFlags = parsed.flags
  vim.highlight = true
  const outcome = /\\n|\\_/.test(parsed.pattern) ? overLines(work, range) : await new LineByLine(work, range).run()
  report(vim, parsed, outcome)
}

function regexOf(vim: VimState, { pattern, flags }: Parsed): RegExp {
  return vimRegExp(pattern, { ignorecase: flags.includes('i') || (vim.options.ignorecase && !flags.includes('I')), smartcase: vim.options.smartcase && !flags.includes('i') })
}

function report(vim: VimState, { pattern, flags }: Parsed, { count, lines, last }: Outcome): void {
  const onLines = `on ${lines} line${lines === 1 ? '' : 's'}`
  if (count === 0 && flags.includes('e')) return
  if (count === 0) throw new VimError(`E486: Pattern not found: ${pattern}`)
  if (flags.includes('n')) {
    vim.message = `${count} match${count === 1 ? '' : 'es'} ${onLines}`
    return
  }
  vim.moveTo(last, 0)
  if (count > 2) vim.message = `${count} substitutions ${onLines}`
}

function parse(vim: VimState, args: string): Parsed {
  const delimiter = args.charAt(0)
  if (delimiter === '' || delimiter === '&' || /[\w\s]/.test(delimiter)) return repeated(vim, args)
  const [pattern = '', replacement = '', tail = ''] = parts(args.slice(1), delimiter)
  const match = /^(&?[cegnpr#iI&]*)\s*(\d*)\s*$/.exec(tail)
  if (!match) throw new VimError(`E488: Trailing characters: ${tail}`)
  if (replacement.startsWith('\\=')) throw new VimError('E15: Invalid expression: expressions are not supported here')
  return { pattern: pattern === '' ? vim.lastPattern : pattern, replacement, flags: match[1] as string, count: match[2] === '' ? undefined : Number(match[2]) }
}

/** `:s` and `:&` again; a second `&` keeps the flags. */
function repeated(vim: VimState, args: string): Parsed {
  const match = /^(&*)\s*([cegniI]*)\s*(\d*)$/.exec(args)
  const flags = ((match?.[1]?.length ?? 0) > 1 ? vim.lastFlags : '') + (match?.[2] ?? '')
  return { pattern: vim.lastPattern, replacement: vim.lastReplacement, flags, count: match?.[3] ? Number(match[3]) : undefined }
}

/** Pattern, replacement and what follows; `\DELIMITER` is the delimiter. */
function parts(text: string, delimiter: string): string[] {
  const out = ['']
  for (let i = 0; i < text.length; i++) {
    const c = text.charAt(i)
    if (c === delimiter && out.length < 3) {
      out.push('')
      continue
    }
    const pair = c === '\\' && i + 1 < text.length
    out[out.length - 1] += pair && text[i + 1] === delimiter ? delimiter : pair ? text.slice(i, i + 2) : c
    if (pair) i++
  }
  return out
}

class LineByLine {
  private readonly outcome: Outcome
  private asks: boolean
  private end: number

  constructor(
    private readonly work: Work,
    private readonly range: Range,
  ) {
    this.outcome = { count: 0, lines: 0, last: range.from }
    this.asks = work.flags.includes('c') && !work.flags.includes('n') && !work.vim.silent
    this.end = range.to
  }

  async run(): Promise<Outcome> {
    for (let line = this.range.from; line <= this.end; line++) line += await this.line(line)
    return this.outcome
  }

  /** By how many lines the text has grown. */
  private async line(line: number): Promise<number> {
    const { work, outcome } = this
    const text = work.vim.buffer.line(line)
    let out = ''
    let at = 0
    let changed = 0
    for (const match of text.matchAll(work.regex)) {
      if (!(await this.wanted(line, match.index))) continue
      out += text.slice(at, match.index) + expandReplacement(work.replacement, match, work.previous)
      at = match.index + match[0].length
      changed++
      if (!work.global || this.end < 0) break
    }
    if (changed === 0) return 0
    outcome.count += changed
    outcome.lines++
    return work.flags.includes('n') ? 0 : this.put(line, (out + text.slice(at)).split('\n'))
  }

  private put(line: number, lines: readonly string[]): number {
    const grown = lines.length - 1
    this.work.vim.buffer.splice(line, 1, lines)
    if (this.end >= 0) this.end += grown
    this.outcome.last = line + grown
    return grown
  }

  private async wanted(line: number, column: number): Promise<boolean> {
    if (!this.asks) return this.end >= 0
    if (this.end < 0) return false
    const answer = await ask(this.work.vim, line, column, this.work.replacement)
    if (answer === 'a') this.asks = false
    if (answer === 'l' || answer === 'q') this.end = -1
    return answer !== 'n' && answer !== 'q'
  }
}

async function ask(vim: VimState, line: number, column: number, replacement: string): Promise<'y' | 'n' | 'a' | 'q' | 'l'> {
  vim.cursor = { line, column }
  vim.message = `replace with ${replacement} (y/n/a/q/l/^E/^Y)?`
  for (;;) {
    const key = await vim.key()
    if (key === '\x1b') return 'q'
    if (/^[ynaql]$/.test(key)) return key as 'y'
  }
}

/** The pattern may match newlines: the range is one text. */
function overLines({ vim, regex, replacement, flags, global, previous }: Work, range: Range): Outcome {
  const { buffer } = vim
  const text = buffer.lines.slice(range.from).map((line) => `${line}\n`).join('')
  const limit = buffer.lines.slice(range.from, range.to + 1).reduce((sum, line) => sum + line.length + 1, 0)
  const outcome: Outcome = { count: 0, lines: 0, last: range.from }
  let out = ''
  let at = 0
  let lastLine = -1
  for (const match of text.matchAll(regex)) {
    const line = text.slice(0, match.index).split('\n').length - 1
    if (match.index >= limit || match.index < at || (line === lastLine && !global)) continue
    outcome.lines += line === lastLine ? 0 : 1
    outcome.count++
    lastLine = line
    out += text.slice(at, match.index) + expandReplacement(replacement, match, previous)
    at = match.index + match[0].length
  }
  if (outcome.count === 0 || flags.includes('n')) return outcome
  const lines = (out + text.slice(at)).replace(/\n$/, '').split('\n')
  buffer.splice(range.from, buffer.count - range.from, lines)
  outcome.last = Math.min(buffer.count - 1, range.from + lines.length - 1)
  return outcome
}
