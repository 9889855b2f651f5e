/** Reads a piece of a script, and tells where it went wrong: `-e expression #1, char 5: ...`. */
import { PatternError, posixRegExp } from '#engine/shell/patterns/posix'
import { SedError } from '#engine/programs/text/sed/commands'

export interface ScriptPart {
  readonly text: string
  /** `-e expression #1` or `file script.sed`. */
  readonly where: string
}

export class Scanner {
  at = 0

  constructor(
    private readonly part: ScriptPart,
    readonly extended: boolean,
  ) {}

  get where(): string {
    return this.part.where
  }

  get length(): number {
    return this.part.text.length
  }

  get peek(): string | undefined {
    return this.part.text[this.at]
  }

  get ended(): boolean {
    return this.at >= this.length
  }

  fail(message: string, at = this.at): never {
    throw new SedError(`${this.where}, char ${at}: ${message}`)
  }

  take(): string | undefined {
    return this.part.text[this.at++]
  }

  accept(c: string): boolean {
    if (this.peek !== c) return false
    this.at++
    return true
  }

  /** What a pattern that begins with `^` finds here, and passes it. */
  match(pattern: RegExp): RegExpExecArray | undefined {
    const found = pattern.exec(this.part.text.slice(this.at))
    this.at += found?.[0].length ?? 0
    return found ?? undefined
  }

  blanks(): void {
    this.match(/^[ \t]+/)
  }

  /** To the end of the line, which is passed. */
  line(): string {
    const text = this.match(/^[^\n]*/)?.[0] ?? ''
    this.accept('\n')
    return text
  }

  /** What may follow a command: a separator, `}` or a comment. */
  endOfCommand(problem: string): void {
    this.blanks()
    if (this.ended || this.accept(';') || this.accept('\n') || this.peek === '}' || this.peek === '#') return
    this.fail(problem, this.at + 1)
  }

  /** Up to the delimiter, which is passed; undefined where there is none. `\n` stays, `\DELIMITER` is the character. */
  delimited(delimiter: string, regex: boolean): string | undefined {
    const { text } = this.part
    let out = ''
    for (let i = this.at; i < text.length; i++) {
      const c = text[i] as string
      if (c === delimiter) {
        this.at = i + 1
        return out
      }
      if (c === '\n' && regex) return undefined
      const piece = this.piece(i, c, delimiter, regex)
      out += piece.text
      i += piece.length - 1
    }
    return undefined
  }

  /** One character, one with its backslash, or in a pattern a whole bracket: in it no delimiter counts. */
  private piece(at: number, c: string, delimiter: string, regex: boolean): { text: string; length: number } {
    const { text } = this.part
    if (c === '\\' && at + 1 < text.length) {
      const next = text[at + 1] as string
      if (next === delimiter) return { text: next, length: 2 }
      return { text: next === '\n' && regex ? '\n' : `\\${next}`, length: 2 }
    }
    const bracket = regex && c === '[' ? /^\[\^?\]?(?:\[[:.=].*?[:.=]\]|[^\]\n])*\]?/.exec(text.slice(at))?.[0] : undefined
    if (bracket === undefined) return { text: c, length: 1 }
    return { text: bracket.replace(/\\([nt\]])/g, (whole, one: string) => ({ n: '\n', t: '\t' })[one] ?? whole), length: bracket.length }
  }

  checkRegex(source: string, ignoreCase: boolean): void {
    try {
      if (source !== '') posixRegExp(source, { extended: this.extended, ignoreCase })
    } catch (error) {
      if (error instanceof PatternError) this.fail(error.message)
      throw error
    }
  }
}

const named: Readonly<Record<string, string>> = { a: '\x07', f: '\f', r: '\r', t: '\t', v: '\v' }
const bases: Readonly<Record<string, number>> = { x: 16, d: 10, o: 8 }

/** `\t`, `\x41`, `\cA` as the characters they stand for; one that would mean something keeps a backslash. */
export function withCharacters(text: string, special: RegExp): string {
  return text.replace(/\\(x[0-9a-fA-F]{1,2}|d\d{1,3}|o[0-7]{1,3}|c[^]|[^])/g, (whole, escape: string) => {
    const c = characterOf(escape)
    if (c === undefined) return whole
    return special.test(c) ? `\\${c}` : c
  })
}

function characterOf(escape: string): string | undefined {
  if (escape.length === 1) return named[escape]
  const base = bases[escape.charAt(0)]
  return String.fromCharCode(base === undefined ? escape.toUpperCase().charCodeAt(1) ^ 64 : Number.parseInt(escape.slice(1), base) & 255)
}
