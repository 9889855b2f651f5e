/** The grammar of `[[ ... ]]`, for its own wording of errors. */
import { skipOne, skipParen } from '#engine/shell/syntax/scanner'

export class ConditionError extends Error {
  constructor(
    message: string,
    readonly status: number,
  ) {
    super(message)
  }
}

const unary = /^-[abcdefghkprstuwxzGLNOSnovR]$/
const binary = new Set(['=', '==', '!=', '=~', '<', '>', '-eq', '-ne', '-lt', '-le', '-gt', '-ge', '-nt', '-ot', '-ef'])

/** `at` is after `[[`; returns the offset after `]]`. */
export function checkCondition(text: string, at: number): number {
  const checker = new ConditionChecker(text, at)
  checker.or()
  return checker.close()
}

class ConditionChecker {
  private token = ''
  private end: number

  constructor(
    private readonly text: string,
    at: number,
  ) {
    this.end = at
    this.advance()
  }

  close(): number {
    if (this.token === ']]') return this.end
    if (this.token === '') throw new ConditionError("unexpected EOF while looking for `]]'", 2)
    if (!/^[()<>;|&]/.test(this.token)) throw new ConditionError('syntax error in conditional expression', 0)
    throw new ConditionError(`syntax error in conditional expression: unexpected token \`${this.token}'`, 0)
  }

  or(): void {
    this.and()
    while (this.token === '||') {
      this.advance()
      this.and()
    }
  }

  private and(): void {
    this.term()
    while (this.token === '&&') {
      this.advance()
      this.term()
    }
  }

  private term(): void {
    while (this.token === '!') this.advance()
    if (this.token === '(') {
      this.advance()
      this.or()
      return this.closeGroup()
    }
    if (this.token === '' || this.token === ']]') throw new ConditionError(this.token === '' ? "unexpected EOF while looking for `]]'" : '', this.token === '' ? 2 : 0)
    if (/^(&&|\|\||[;|&<>)])/.test(this.token)) throw new ConditionError(`unexpected token \`${this.token}' in conditional command`, 0)
    if (unary.test(this.token)) return this.unary()
    this.advance()
    this.binary()
  }

  private closeGroup(): void {
    if (this.token === '') throw new ConditionError("unexpected EOF while looking for `]]'", 2)
    if (this.token !== ')') throw new ConditionError(`unexpected token \`${this.token}', expected \`)'`, 0)
    this.advance()
  }

  private unary(): void {
    this.advance()
    if (['', ']]', '&&', '||', ')'].includes(this.token)) throw new ConditionError(`unexpected argument \`${this.token || 'newline'}' to conditional unary operator`, this.token === '' ? 2 : 0)
    if (binary.has(this.token) && this.isBinaryHere()) return this.binary()
    this.advance()
  }

  private isBinaryHere(): boolean {
    return !/^\s*(\]\]|&&|\|\||\))/.test(this.text.slice(this.end))
  }

  private binary(): void {
    if (this.token === ']]' || this.token === '&&' || this.token === '||' || this.token === ')') return
    if (this.token === '') throw new ConditionError("unexpected token `newline', conditional binary operator expected", 2)
    if (/^[;|&(]/.test(this.token)) throw new ConditionError(`unexpected token \`${this.token}', conditional binary operator expected`, 0)
    if (!binary.has(this.token)) throw new ConditionError('conditional binary operator expected', 0)
    const regex = this.token === '=~'
    this.advance(regex)
    if (this.token === ']]' || this.token === '') throw new ConditionError(`unexpected argument \`${this.token || 'newline'}' to conditional binary operator`, this.token === '' ? 2 : 0)
    this.advance()
  }

  private advance(regex = false): void {
    const { text } = this
    let i = this.end
    while (/\s/.test(text[i] ?? 'x')) i++
    const start = i
    const operator = /^(&&|\|\||[()<>;|&])/.exec(text.slice(i, i + 2))?.[0]
    if (operator && !regex) i += operator.length
    else i = this.word(i, regex)
    this.token = text.slice(start, i)
    this.end = i
  }

  private word(start: number, regex: boolean): number {
    const { text } = this
    const depth = new Depth()
    let i = start
    while (i < text.length) {
      const c = text[i] as string
      if (depth.outside && (/\s/.test(c) || (c === ';' && i > start))) break
      if (regex && depth.closes(c)) break
      const next = !regex && '()&|<>'.includes(c) ? this.extendedGroup(start, i) : skipOne(text, i)
      if (next === i) break
      i = next
    }
    return i
  }

  /** `+(...)` inside a word goes on; any other operator ends it. */
  private extendedGroup(start: number, i: number): number {
    const opens = this.text[i] === '(' && i > start && '?*+@!'.includes(this.text[i - 1] as string)
    return opens ? skipParen(this.text, i) : i
  }
}

/** Groups of a regular expression keep their blanks. */
class Depth {
  private open = 0

  get outside(): boolean {
    return this.open === 0
  }

  /** True for a closing parenthesis that none has opened. */
  closes(c: string): boolean {
    if (c === '(') this.open++
    return c === ')' && --this.open < 0
  }
}
