/** Shell text cut into the pieces that are run one after another, as bash reads a command, runs it and reads on. */
import { parse } from 'unbash'
import type { Statement } from 'unbash'
import { check, type Verdict } from '#engine/shell/syntax/checker'

/** A parsed text and where its first line stands in the file it came from. */
export class SourceText {
  private starts: number[] | undefined

  constructor(
    readonly text: string,
    readonly firstLine: number,
  ) {}

  lineAt(offset: number): number {
    this.starts ??= lineStarts(this.text)
    let low = 0
    let high = this.starts.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((this.starts[middle] as number) <= offset) low = middle
      else high = middle - 1
    }
    return this.firstLine + low
  }

  lineText(line: number): string {
    return this.text.split('\n')[line - this.firstLine] ?? ''
  }
}

function lineStarts(text: string): number[] {
  const starts = [0]
  for (let i = text.indexOf('\n'); i >= 0; i = text.indexOf('\n', i + 1)) starts.push(i + 1)
  return starts
}

export interface Chunk {
  readonly statements: readonly Statement[]
  readonly source: SourceText
  /** As read, for `set -v`. */
  readonly raw: string
  readonly openHereDocument?: { readonly delimiter: string; readonly line: number; readonly endLine: number }
}

export interface SyntaxFault {
  readonly verdict: Exclude<Verdict, { kind: 'complete' }>
  readonly source: SourceText
  /** Line after the last one of the text. */
  readonly endLine: number
}

export type ReadResult = { readonly chunk: Chunk } | { readonly fault: SyntaxFault } | undefined

export interface ReaderOptions {
  extglob(): boolean
  /** dash's grammar: no arrays. */
  readonly posix?: boolean
  /** Replaces aliases in a complete command's text; undefined where none can apply. */
  expandAliases?: ((text: string) => string) | undefined
}

const parsed = new Map<string, readonly Statement[]>()

/** Statements of a faultless text, from a small cache: loops and prompts run the same text again. */
function parseClean(text: string): readonly Statement[] | undefined {
  const known = parsed.get(text)
  if (known) return known
  const script = parse(text)
  if (script.errors && script.errors.length > 0) return undefined
  if (parsed.size > 512) parsed.clear()
  if (text.length < 2000) parsed.set(text, script.commands)
  return script.commands
}

export class ScriptReader {
  private at = 0
  private line: number
  private groups: Group[] | undefined
  /** Offset behind the lines of the last group handed out. */
  private passed = 0

  constructor(
    private readonly text: string,
    private readonly options: ReaderOptions,
    firstLine = 1,
  ) {
    this.line = firstLine
  }

  /** The next complete command line, a fault, or undefined at the end. */
  next(): ReadResult {
    if (this.groups) return this.nextGroup()
    if (this.at >= this.text.length) return undefined
    if (!this.options.expandAliases && !this.needsCheck(this.text.slice(this.at))) {
      const rest = this.text.slice(this.at)
      const statements = parseClean(rest)
      if (statements && !rest.includes('<<')) {
        this.groups = group(statements, new SourceText(rest, this.line))
        this.passed = this.at
        return this.nextGroup()
      }
    }
    return this.nextLines()
  }

  /** Which lines can end the command that is being read: the others need no new try. */
  private mayEnd: ((line: string) => boolean) | undefined

  private canEnd(line: string): boolean {
    return this.mayEnd?.(line) ?? true
  }

  private needsCheck(text: string): boolean {
    return /\w[ \t]*\([ \t]*(?:\n|$)/.test(text) || (!this.options.extglob() && /[?*+@!]\(/.test(text)) || (this.options.posix === true && /=\(/.test(text))
  }

  private nextGroup(): ReadResult {
    const next = this.groups?.shift()
    if (!next) return undefined
    if (this.options.expandAliases) return this.readAgain()
    this.passed = this.at + next.end
    return { chunk: next.chunk }
  }

  /** Aliases have come into force: what is left is read with them. */
  private readAgain(): ReadResult {
    this.groups = undefined
    this.advance(this.passed)
    return this.next()
  }

  /** Adds line after line until a command is complete. */
  private nextLines(): ReadResult {
    const start = this.at
    let end = start
    this.mayEnd = undefined
    while (end < this.text.length) {
      const newline = this.text.indexOf('\n', end)
      const line = this.text.slice(end, newline < 0 ? undefined : newline)
      end = newline < 0 ? this.text.length : newline + 1
      const last = end >= this.text.length
      if (!last && !this.canEnd(line)) continue
      const text = this.text.slice(start, end)
      if (/\\\n$/.test(text) && !last && !/\\\\\n$/.test(text)) continue
      const outcome = this.tryText(text, last)
      if (outcome === 'blank') {
        this.advance(end)
        return last ? undefined : this.next()
      }
      if (outcome) {
        this.advance(end)
        return outcome
      }
    }
    return undefined
  }

  private advance(end: number): void {
    for (let i = this.text.indexOf('\n', this.at); i >= 0 && i < end; i = this.text.indexOf('\n', i + 1)) this.line++
    this.at = end
  }

  private tryText(raw: string, last: boolean): ReadResult | 'blank' {
    const text = this.options.expandAliases?.(raw) ?? raw
    const source = new SourceText(text, this.line)
    const endLine = this.line + text.replace(/\n$/, '').split('\n').length
    let verdict: Verdict = { kind: 'complete' }
    const statements = this.needsCheck(text) || text.includes('<<') ? undefined : parseClean(text)
    if (!statements) {
      verdict = check(text, this.options.extglob(), this.options.posix)
      this.mayEnd = endOf(text, verdict)
      if (verdict.kind === 'incomplete' && !last) return undefined
      if (verdict.kind === 'complete' && verdict.openHereDocument && !last) return undefined
      if (verdict.kind !== 'complete') return { fault: { verdict, source, endLine } }
    }
    const commands = statements ?? parse(text).commands
    if (commands.length === 0) return 'blank'
    return { chunk: { statements: commands, source, raw, ...openHereDocument(verdict, source, endLine - 1) } }
  }
}

function endOf(text: string, verdict: Verdict): ((line: string) => boolean) | undefined {
  const open = verdict.kind === 'complete' ? verdict.openHereDocument : undefined
  if (open) return (line) => line.endsWith(open.delimiter)
  if (verdict.kind !== 'incomplete') return undefined
  const { looking } = verdict
  if (looking !== undefined && looking !== ')') return (line) => line.includes(looking)
  if (/(&&|\|\|?|\|&)\s*$/.test(text)) return undefined
  return (line) => /[)}]|\b(done|fi|esac)\b|<</.test(line)
}

function openHereDocument(verdict: Verdict, source: SourceText, endLine: number): Pick<Chunk, 'openHereDocument'> {
  const open = verdict.kind === 'complete' ? verdict.openHereDocument : undefined
  return open ? { openHereDocument: { delimiter: open.delimiter, line: source.lineAt(open.at), endLine } } : {}
}

/** Statements of one line, and where its text ends. */
interface Group {
  readonly chunk: Chunk
  readonly end: number
}

/** Statements of one line belong together: an error in one of them drops the rest. */
function group(statements: readonly Statement[], source: SourceText): Group[] {
  const groups: Group[] = []
  let current: Statement[] = []
  let end = 0
  const flush = (): void => {
    if (current.length === 0) return
    const newline = source.text.indexOf('\n', end)
    groups.push({ chunk: { statements: current, source, raw: `${wholeLines(source.text, (current[0] as Statement).pos, end)}\n` }, end: newline < 0 ? source.text.length : newline + 1 })
    current = []
  }
  for (const statement of statements) {
    if (current.length > 0 && source.text.slice(end, statement.pos).includes('\n')) flush()
    current.push(statement)
    end = statement.end
  }
  flush()
  return groups
}

/** The lines that hold a range, as they were read. */
function wholeLines(text: string, from: number, to: number): string {
  const start = text.lastIndexOf('\n', from - 1) + 1
  const end = text.indexOf('\n', to)
  return text.slice(start, end < 0 ? undefined : end)
}
