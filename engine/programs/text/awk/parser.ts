/** awk's grammar, and mawk's words for what is wrong. */
import { AwkSyntaxError, type Token, tokenize } from '#engine/programs/text/awk/lexer'
import { ExpressionParser } from '#engine/programs/text/awk/expressions'
import type { Expression, FunctionNode, Program, Rule, Statement } from '#engine/programs/text/awk/syntax'

export function parseAwk(text: string): Program {
  return new Parser(tokenize(text)).program()
}

class Parser extends ExpressionParser {
  private readonly rules: Rule[] = []
  private readonly functions = new Map<string, FunctionNode>()

  program(): Program {
    for (this.skipTerminators(); this.peek().kind !== 'end'; this.skipTerminators()) this.item()
    for (const { name } of this.called) if (!this.functions.has(name)) throw new AwkSyntaxError(`function ${name} never defined`, (this.tokens[this.tokens.length - 1] as Token).line)
    return { rules: this.rules, functions: this.functions }
  }

  private item(): void {
    if (this.is('}')) throw new AwkSyntaxError("extra '}'", this.peek().line, undefined, this.peek(1).kind === 'newline' ? 'syntax error at or near end of line' : undefined)
    if (this.accept('function')) return this.functionItem()
    if (this.accept('BEGIN')) return this.special('begin')
    if (this.accept('END')) return this.special('end')
    if (this.is('{')) this.rules.push({ kind: 'pattern', test: undefined, until: undefined, body: this.block() })
    else this.patternItem()
  }

  private special(kind: 'begin' | 'end'): void {
    if (!this.is('{')) this.unexpected()
    this.rules.push({ kind, test: undefined, until: undefined, body: this.scope.within(kind, () => this.block()) })
  }

  private patternItem(): void {
    const test = this.expression()
    let until: Expression | undefined
    if (this.accept(',')) {
      this.newlines()
      until = this.expression()
    }
    const body = this.is('{') ? this.block() : undefined
    this.rules.push({ kind: until ? 'range' : 'pattern', test, until, body })
    if (!body && this.peek().kind !== 'newline' && !this.is(';') && this.peek().kind !== 'end') this.unexpected()
  }

  private functionItem(): void {
    const name = this.next()
    if (name.kind !== 'name' && name.kind !== 'call') {
      this.at--
      this.unexpected()
    }
    if (this.functions.has(name.text)) throw new AwkSyntaxError(`redefinition of ${name.text}`, name.line)
    this.expect('(')
    const parameters: string[] = []
    while (!this.is(')')) {
      const parameter = this.next()
      if (parameter.kind !== 'name') {
        this.at--
        this.unexpected()
      }
      parameters.push(parameter.text)
      if (!this.accept(',')) break
      this.newlines()
    }
    this.expect(')')
    this.newlines()
    const body = this.kinds.within(parameters, () => this.scope.within('function', () => this.block()))
    this.functions.set(name.text, { name: name.text, parameters, body })
  }

  private block(): Statement {
    this.expect('{')
    const body: Statement[] = []
    for (this.skipTerminators(); !this.is('}'); this.skipTerminators()) {
      if (this.peek().kind === 'end') this.unexpected('}')
      body.push(this.statement())
    }
    this.at++
    return { type: 'block', body }
  }

  /** What ends a simple statement: newline, `;`, or the `}` that follows. */
  private terminator(): void {
    if (this.peek().kind === 'newline' || this.is(';')) {
      this.at++
      return
    }
    if (this.is('}') || this.peek().kind === 'end') return
    this.unexpected()
  }

  private statement(): Statement {
    if (this.is('{')) return this.block()
    if (this.accept('if')) return this.ifStatement()
    if (this.accept('while')) {
      const test = this.parenthesized()
      if (this.accept(';')) return { type: 'while', test, body: { type: 'block', body: [] } }
      return { type: 'while', test, body: this.scope.loop(() => this.body()) }
    }
    if (this.accept('do')) return this.doStatement()
    if (this.accept('for')) return this.forStatement()
    if (this.accept(';')) return { type: 'block', body: [] }
    const statement = this.simple()
    this.terminator()
    return statement
  }

  private body(): Statement {
    this.newlines()
    return this.statement()
  }

  private parenthesized(): Expression {
    this.expect('(')
    const test = this.expression()
    this.expect(')')
    return test
  }

  private ifStatement(): Statement {
    const test = this.parenthesized()
    const yes = this.body()
    const before = this.at
    this.skipTerminators()
    if (!this.accept('else')) {
      this.at = before
      return { type: 'if', test, yes, no: undefined }
    }
    return { type: 'if', test, yes, no: this.body() }
  }

  private doStatement(): Statement {
    const body = this.scope.loop(() => this.body())
    this.skipTerminators()
    this.expect('while')
    const test = this.parenthesized()
    this.terminator()
    return { type: 'do', test, body }
  }

  private forStatement(): Statement {
    this.expect('(')
    if (this.peek().kind === 'name' && this.peek(1).text === 'in' && this.peek(2).kind === 'name' && this.peek(3).text === ')') {
      const name = this.next().text
      this.at++
      const array = this.next().text
      this.at++
      this.kinds.use(name, 'variable', this.peek().line)
      this.kinds.use(array, 'array', this.peek().line)
      return { type: 'forin', name, array, body: this.scope.loop(() => this.body()) }
    }
    const start = this.is(';') ? undefined : this.simple()
    this.expect(';')
    this.newlines()
    const test = this.is(';') ? undefined : this.expression()
    this.expect(';')
    this.newlines()
    const step = this.is(')') ? undefined : this.simple()
    this.expect(')')
    if (this.accept(';')) return { type: 'for', start, test, step, body: { type: 'block', body: [] } }
    return { type: 'for', start, test, step, body: this.scope.loop(() => this.body()) }
  }

  private simple(): Statement {
    if (this.is('print') || this.is('printf')) return this.print(this.next().text === 'printf')
    if (this.accept('delete')) return this.deleteStatement()
    if (this.peek().kind === 'keyword') this.scope.checkStatement(this.peek().text, this.peek().line)
    for (const type of ['break', 'continue', 'next', 'nextfile'] as const) if (this.accept(type)) return { type }
    for (const type of ['exit', 'return'] as const) if (this.accept(type)) return { type, value: this.atEnd() ? undefined : this.expression() }
    return { type: 'expression', expression: this.expression() }
  }

  private atEnd(): boolean {
    return this.peek().kind === 'newline' || this.peek().kind === 'end' || this.is(';') || this.is('}')
  }

  private deleteStatement(): Statement {
    const name = this.next()
    if (name.kind !== 'name') {
      this.at--
      this.unexpected()
    }
    this.kinds.use(name.text, 'array', name.line)
    if (!this.accept('[')) return { type: 'delete', name: name.text, index: undefined }
    const index = this.list(']')
    return { type: 'delete', name: name.text, index }
  }

  /** mawk reads a whole conditional expression after `>`. */
  private redirectTarget(): Expression {
    const test = this.concatenation()
    if (!this.accept('?')) return test
    const yes = this.expression()
    this.expect(':')
    return { type: 'ternary', test, yes, no: this.expression() }
  }

  private print(format: boolean): Statement {
    let args: Expression[] = []
    if (!this.atEnd() && !this.is('>') && !this.is('>>') && !this.is('|')) {
      this.noGreater++
      args = this.printArguments()
      this.noGreater--
    }
    if (format && args.length === 0) throw new AwkSyntaxError('no arguments in call to printf', this.peek().line)
    for (const redirect of ['>', '>>', '|'] as const) {
      if (!this.accept(redirect)) continue
      this.noGreater++
      const to = this.redirectTarget()
      this.noGreater--
      return { type: 'print', format, arguments: args, redirect, to }
    }
    return { type: 'print', format, arguments: args, redirect: undefined, to: undefined }
  }

  /** `print (a, b)` is a list; `print (a)(b), c` is not. */
  private printArguments(): Expression[] {
    if (this.is('(')) {
      const close = this.matching()
      const after = this.tokens[close + 1] as Token
      const ends = after.kind === 'newline' || after.kind === 'end' || [';', '}', '>', '>>', '|'].includes(after.text)
      if (ends) {
        this.at++
        const greater = this.noGreater
        this.noGreater = 0
        const inner = this.list(')')
        this.noGreater = greater
        return inner.length === 1 ? [{ type: 'group', inner: inner[0] as Expression }] : inner
      }
    }
    const out = [this.expression()]
    while (this.accept(',')) {
      this.newlines()
      out.push(this.expression())
    }
    return out
  }

  private matching(): number {
    let depth = 0
    for (let i = this.at; i < this.tokens.length; i++) {
      const token = this.tokens[i] as Token
      if (token.kind !== 'operator') continue
      if (token.text === '(') depth++
      else if (token.text === ')' && --depth === 0) return i
    }
    return this.tokens.length - 2
  }
}
