/**
 * Says what bash says of a text: complete, to be continued, or wrong at this token. The tree itself is unbash's; this is
 * asked only where unbash reports a fault, at prompts, and where extended patterns are not enabled.
 */
import { splitArithmeticFor, UnterminatedError } from '#engine/shell/syntax/scanner'
import { type Token, Tokens } from '#engine/shell/syntax/tokens'
import { checkCondition, ConditionError } from '#engine/shell/syntax/condition-checker'

/** `a=(1 2`: bash leaves with 1, not 2. */
class UnterminatedArray extends UnterminatedError {
  constructor(at: number) {
    super(')', at)
  }
}

export type Verdict =
  | { readonly kind: 'complete'; readonly openHereDocument?: { delimiter: string; at: number } }
  /** Ends too early. `looking` names the closing character; without it a command is not finished. */
  | { readonly kind: 'incomplete'; readonly looking?: string; readonly at: number; readonly inArray?: boolean }
  | { readonly kind: 'unexpected'; readonly token: string; readonly at: number; readonly inArray?: boolean }
  /** Worded by itself: conditional expressions and arithmetic `for`. */
  | { readonly kind: 'message'; readonly lines: readonly string[]; readonly at: number; readonly status: number }

class Unexpected {
  constructor(
    readonly token: Token,
    readonly inArray = false,
  ) {}
}

class Worded {
  constructor(
    readonly lines: readonly string[],
    readonly at: number,
    readonly status: number,
  ) {}
}

export function check(text: string, extglob: boolean, posix = false): Verdict {
  let checker: Checker | undefined
  try {
    checker = new Checker(text, extglob, posix)
    checker.script()
    const open = checker.tokens.openHereDocument
    return open ? { kind: 'complete', openHereDocument: open } : { kind: 'complete' }
  } catch (error) {
    if (error instanceof UnterminatedError) return { kind: 'incomplete', looking: error.looking, at: error.at, ...(error instanceof UnterminatedArray ? { inArray: true } : {}) }
    if (error instanceof Worded) return { kind: 'message', lines: error.lines, at: error.at, status: error.status }
    if (!(error instanceof Unexpected)) throw error
    if (error.token.kind === 'end' && !checker?.newlineAtEnd) return { kind: 'incomplete', at: text.length }
    return { kind: 'unexpected', token: error.token.text, at: error.token.start, ...(error.inArray ? { inArray: true } : {}) }
  }
}

const closers = new Set(['then', 'else', 'elif', 'fi', 'do', 'done', 'esac', '}'])

class Checker {
  readonly tokens: Tokens
  private token: Token
  /** Set where the end of the text stands for a newline: after `>`, `for`, `select`. */
  newlineAtEnd = false

  constructor(
    private readonly text: string,
    extglob: boolean,
    private readonly posix: boolean,
  ) {
    this.tokens = new Tokens(text, extglob)
    this.token = this.tokens.next()
  }

  script(): void {
    this.newlines()
    while (this.token.kind !== 'end') {
      this.andOr()
      if (this.is('&') || this.is(';')) this.advance()
      else if (this.token.kind === 'word' || this.token.kind === 'operator') this.fail()
      this.newlines()
    }
  }

  private advance(): Token {
    const before = this.token
    this.token = this.tokens.next()
    return before
  }

  private get kind(): Token['kind'] {
    return this.token.kind
  }

  /** A word must follow; here bash calls the end of the text a newline. */
  private needWord(): void {
    if (this.token.kind === 'word') return
    this.newlineAtEnd = true
    this.fail()
  }

  private is(text: string): boolean {
    return (this.kind === 'word' || this.kind === 'operator') && this.token.text === text
  }

  private fail(): never {
    throw new Unexpected(this.token)
  }

  private expect(text: string): void {
    if (!this.is(text)) this.fail()
    this.advance()
  }

  private newlines(): void {
    while (this.kind === 'newline') this.advance()
  }

  /** Commands up to a word or operator that cannot begin one; at least one. */
  private list(): void {
    this.newlines()
    for (;;) {
      this.andOr()
      if (this.is(';') || this.is('&')) {
        this.advance()
        this.newlines()
      } else if (this.kind === 'newline') this.newlines()
      else return
      if (this.atEndOfList()) return
    }
  }

  private atEndOfList(): boolean {
    const { kind, text } = this.token
    if (kind === 'end') return true
    return kind === 'word' ? closers.has(text) : text === ')' || text === ';;' || text === ';&' || text === ';;&'
  }

  private andOr(): void {
    this.pipeline()
    while (this.is('&&') || this.is('||')) {
      this.advance()
      this.newlines()
      this.pipeline()
    }
  }

  private pipeline(): void {
    let prefixed = false
    while (this.is('!') || this.is('time')) {
      const time = this.advance().text === 'time'
      if (time && this.is('-p')) this.advance()
      prefixed = true
    }
    if (prefixed && (this.kind !== 'word' && !['(', '<', '>'].includes(this.token.text.charAt(0)))) return
    this.command()
    while (this.is('|') || this.is('|&')) {
      this.advance()
      this.newlines()
      this.command()
    }
  }

  private command(): void {
    const { kind, text } = this.token
    if (kind === 'end' || kind === 'newline') this.fail()
    if (kind === 'operator') return this.operatorCommand()
    const compound = this.compound(text)
    if (compound) {
      compound()
      this.redirections()
      return
    }
    if (text === 'function') return this.functionKeyword()
    if (text === 'coproc') return this.coproc()
    if (closers.has(text) || text === ']]') this.fail()
    this.simple()
  }

  private operatorCommand(): void {
    if (this.is('(')) {
      this.parenthesis()
      return this.redirections()
    }
    if (/^[<>&]/.test(this.token.text) && this.token.text !== '&&' && this.token.text !== '&') return this.simple()
    this.fail()
  }

  private compound(text: string): (() => void) | undefined {
    switch (text) {
      case 'if': return () => this.ifCommand()
      case 'while': case 'until': return () => this.loop()
      case 'for': return () => this.forCommand()
      case 'select': return () => this.forCommand()
      case 'case': return () => this.caseCommand()
      case '{': return () => this.group()
      case '[[': return () => this.condition()
      default: return undefined
    }
  }

  private atEnd(): boolean {
    return this.token.kind === 'end'
  }

  private parenthesis(): void {
    const open = this.token
    if (this.text[open.start + 1] === '(') {
      const at = this.tokens.at
      this.tokens.at = open.start + 2
      if (this.tokens.arithmetic()) {
        this.advance()
        return
      }
      this.tokens.at = at
    }
    this.advance()
    this.list()
    this.expect(')')
  }

  private group(): void {
    this.advance()
    this.list()
    this.expect('}')
  }

  private ifCommand(): void {
    this.advance()
    this.list()
    this.expect('then')
    this.list()
    while (this.is('elif')) {
      this.advance()
      this.list()
      this.expect('then')
      this.list()
    }
    if (this.is('else')) {
      this.advance()
      this.list()
    }
    this.expect('fi')
  }

  private loop(): void {
    this.advance()
    this.list()
    this.body()
  }

  private body(): void {
    this.newlines()
    if (this.is('{')) return this.group()
    this.expect('do')
    this.list()
    this.expect('done')
  }

  private forCommand(): void {
    const keyword = this.advance().text
    if (keyword === 'for' && this.is('(') && this.text[this.token.start + 1] === '(') return this.arithmeticFor()
    this.needWord()
    this.advance()
    const separated = this.kind === 'newline' || this.is(';')
    if (this.is(';')) this.advance()
    this.newlines()
    if (!this.is('in')) return this.body()
    if (separated && this.text[this.token.start - 1] === ';') this.fail()
    this.advance()
    while (this.kind === 'word') this.advance()
    if (this.is(';')) this.advance()
    else if (this.kind !== 'newline') this.fail()
    this.body()
  }

  private arithmeticFor(): void {
    const start = this.token.start
    this.tokens.at = start + 2
    if (!this.tokens.arithmetic()) this.fail()
    const inside = this.text.slice(start, this.tokens.at)
    const parts = splitArithmeticFor(inside).length
    if (parts !== 3) throw new Worded([`syntax error: ${parts > 3 ? "`;' unexpected" : 'arithmetic expression required'}`, `syntax error: \`${inside}'`], start, 2)
    this.advance()
    if (this.is(';')) this.advance()
    this.body()
  }

  private caseCommand(): void {
    this.advance()
    if (this.kind !== 'word') this.fail()
    this.advance()
    this.newlines()
    this.expect('in')
    this.newlines()
    while (!this.is('esac')) this.clause()
    this.advance()
  }

  private clause(): void {
    if (this.is('(')) this.advance()
    for (;;) {
      if (this.kind !== 'word') this.fail()
      this.advance()
      if (!this.is('|')) break
      this.advance()
    }
    this.expect(')')
    this.newlines()
    if (!this.atEndOfList() || this.atEnd()) this.list()
    if (this.is(';;') || this.is(';&') || this.is(';;&')) {
      this.advance()
      this.newlines()
    } else if (!this.is('esac')) this.fail()
  }

  private condition(): void {
    const start = this.token.start
    try {
      this.tokens.at = checkCondition(this.text, this.tokens.at)
    } catch (error) {
      if (error instanceof ConditionError) throw new Worded([error.message], start, error.status)
      throw error
    }
    this.advance()
  }

  private functionKeyword(): void {
    this.advance()
    this.needWord()
    this.advance()
    if (this.is('(') && /^\(\s*\)/.test(this.text.slice(this.token.start))) {
      this.advance()
      this.advance()
    }
    this.functionBody()
  }

  private functionBody(): void {
    this.newlines()
    const compound = this.kind === 'word' ? this.compound(this.token.text) : this.is('(') ? () => this.parenthesis() : undefined
    if (!compound) this.fail()
    compound()
    this.redirections()
  }

  private coproc(): void {
    this.advance()
    if (this.kind !== 'word' && !this.is('(')) {
      this.newlineAtEnd = true
      this.fail()
    }
    if (this.kind === 'word' && !this.compound(this.token.text) && /^\s*[{(]/.test(this.text.slice(this.token.end))) this.advance()
    this.command()
  }

  private redirections(): void {
    for (;;) {
      if (this.kind === 'word' && (/^\d+$/.test(this.token.text) || /^\{\w+\}$/.test(this.token.text)) && '<>'.includes(this.text[this.token.end] ?? ' ')) this.advance()
      if (this.kind !== 'operator' || !/^(&>|[<>])/.test(this.token.text)) return
      this.advance()
      this.needWord()
      this.advance()
    }
  }

  private simple(): void {
    let words = 0
    for (;;) {
      this.redirections()
      if (this.kind !== 'word') {
        if (!this.is('(')) return
        if (words !== 1) this.fail()
        this.advance()
        this.expect(')')
        return this.functionBody()
      }
      const word = this.advance()
      if (/^[A-Za-z_]\w*(\[.*\])?\+?=$/.test(word.text) && this.is('(') && this.token.start === word.end) {
        if (this.posix) this.fail()
        this.array()
      }
      else words++
    }
  }

  private array(): void {
    const open = this.token.start
    this.advance()
    while (!this.is(')')) {
      if (this.kind === 'end') throw new UnterminatedArray(open)
      if (this.kind === 'operator') throw new Unexpected(this.token, true)
      this.advance()
    }
    this.advance()
  }
}
