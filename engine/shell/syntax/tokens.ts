/** bash's tokens, as far as wording a syntax error and finding the end of a command need them. */
import { arithmeticEnd, skipBody, skipBracket, skipOne, skipParen, unquoteDelimiter } from '#engine/shell/syntax/scanner'

export interface Token {
  readonly kind: 'word' | 'operator' | 'newline' | 'end'
  readonly text: string
  readonly start: number
  readonly end: number
}

const operators = ['&&', '||', ';;&', ';;', ';&', ';', '&>>', '&>', '&', '|&', '|', '<<<', '<<-', '<<', '<>', '<&', '<', '>>', '>&', '>|', '>', '(', ')']

export interface OpenHereDocument {
  readonly delimiter: string
  readonly line: number
}

export class Tokens {
  private pending: { delimiter: string; tabs: boolean; at: number }[] = []
  private wantDelimiter: 'plain' | 'tabs' | undefined
  /** The first here-document that the end of the text cut off. */
  openHereDocument: { delimiter: string; at: number } | undefined
  at = 0

  constructor(
    readonly text: string,
    private readonly extglob: boolean,
  ) {}

  next(): Token {
    this.skipBlanks()
    const start = this.at
    const c = this.text[start]
    if (c === undefined) {
      this.readBodies()
      return { kind: 'end', text: 'newline', start, end: start }
    }
    if (c === '\n') {
      this.at++
      this.readBodies()
      return { kind: 'newline', text: 'newline', start, end: start + 1 }
    }
    const operator = this.operatorAt(start)
    if (operator !== undefined) {
      this.at += operator.length
      if (operator === '<<' || operator === '<<-') this.wantDelimiter = operator === '<<' ? 'plain' : 'tabs'
      return { kind: 'operator', text: operator, start, end: this.at }
    }
    return this.word(start)
  }

  /** After `((` of a command: moves behind `))`. False where it is no arithmetic command. */
  arithmetic(): boolean {
    const end = arithmeticEnd(this.text, this.at)
    if (end < 0) return false
    this.at = end + 2
    return true
  }

  private operatorAt(at: number): string | undefined {
    const found = operators.find((operator) => this.text.startsWith(operator, at))
    return (found === '<' || found === '>') && this.text[at + 1] === '(' ? undefined : found
  }

  private skipBlanks(): void {
    for (;;) {
      const c = this.text[this.at]
      if (c === ' ' || c === '\t') this.at++
      else if (c === '\\' && this.text[this.at + 1] === '\n') this.at += 2
      else if (c === '#') {
        const end = this.text.indexOf('\n', this.at)
        this.at = end < 0 ? this.text.length : end
      } else return
    }
  }

  private word(start: number): Token {
    let i = start
    while (i < this.text.length) {
      const next = this.piece(i, start)
      if (next === i) break
      i = next
    }
    this.at = Math.min(i, this.text.length)
    const text = this.text.slice(start, this.at)
    if (this.wantDelimiter) {
      this.pending.push({ delimiter: unquoteDelimiter(text), tabs: this.wantDelimiter === 'tabs', at: start })
      this.wantDelimiter = undefined
    }
    return { kind: 'word', text, start, end: this.at }
  }

  /** The offset behind the next piece of a word; `i` where the word ends. */
  private piece(i: number, start: number): number {
    const { text } = this
    const c = text[i] as string
    if ('\\\'"`$'.includes(c)) return skipOne(text, i)
    const opens = text[i + 1] === '('
    if (opens && ('<>'.includes(c) || (this.extglob && '?*+@!'.includes(c)))) return skipParen(text, i + 1)
    if (c === '[' && /^[A-Za-z_]\w*$/.test(text.slice(start, i)) && this.subscript(i) > 0) return this.subscript(i)
    return ' \t\n;&|()<>'.includes(c) ? i : i + 1
  }

  private subscript(i: number): number {
    try {
      const end = skipBracket(this.text, i)
      return /^\+?=/.test(this.text.slice(end, end + 2)) ? end : -1
    } catch {
      return -1
    }
  }

  private readBodies(): void {
    for (const { delimiter, tabs, at } of this.pending) {
      const end = skipBody(this.text, this.at, delimiter, tabs)
      const last = this.text.slice(this.at, end).replace(/\n$/, '').split('\n').pop() ?? ''
      if ((tabs ? last.replace(/^\t+/, '') : last) !== delimiter) this.openHereDocument ??= { delimiter, at }
      this.at = end
    }
    this.pending = []
  }
}
