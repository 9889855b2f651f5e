/** awk's grammar, and mawk's words for what is wrong. */
import { AwkSyntaxError, type Token, tokenize } from '#engine/programs/text/awk/lexer'
import type { Expression, FunctionNode, Place, Program, Rule, Statement } from '#engine/programs/text/awk/syntax'

export function parseAwk(text: string): Program {
  return new Parser(tokenize(text)).program()
}

const assignments = new Set(['=', '+=', '-=', '*=', '/=', '%=', '^='])
const comparisons = new Set(['<', '<=', '==', '!=', '>', '>='])

class Parser {
  private at = 0
  private noIn = 0
  private noGreater = 0
  private readonly rules: Rule[] = []
  private readonly functions = new Map<string, FunctionNode>()
  private readonly called: { name: string; line: number }[] = []

  constructor(private readonly tokens: readonly Token[]) {}

  program(): Program {
    for (this.skipTerminators(); this.peek().kind !== 'end'; this.skipTerminators()) this.item()
    for (const { name } of this.called) if (!this.functions.has(name)) throw new AwkSyntaxError(`function ${name} never defined`, (this.tokens[this.tokens.length - 1] as Token).line)
    return { rules: this.rules, functions: this.functions }
  }

  private peek(ahead = 0): Token {
    return this.tokens[Math.min(this.at + ahead, this.tokens.length - 1)] as Token
  }

  private next(): Token {
    const token = this.peek()
    this.at++
    return token
  }

  private is(text: string): boolean {
    const { kind, text: own } = this.peek()
    return (kind === 'operator' || kind === 'keyword') && own === text
  }

  private accept(text: string): boolean {
    if (!this.is(text)) return false
    this.at++
    return true
  }

  private expect(text: string): void {
    if (!this.accept(text)) this.fail(text)
  }

  /** `missing )` where a bracket is due, else a syntax error at the token. */
  private fail(wanted?: string): never {
    const token = this.peek()
    if (wanted === ')' || wanted === '}' || wanted === ']') throw new AwkSyntaxError(`missing ${wanted} near ${shown(token)}`, token.line)
    throw new AwkSyntaxError(`syntax error at or near ${shown(token)}`, token.line)
  }

  private newlines(): void {
    while (this.peek().kind === 'newline') this.at++
  }

  private skipTerminators(): void {
    while (this.peek().kind === 'newline' || this.is(';')) this.at++
  }

  private item(): void {
    if (this.is('}')) throw new AwkSyntaxError("extra '}'", this.peek().line)
    if (this.accept('function')) return this.functionItem()
    if (this.accept('BEGIN')) {
      if (!this.is('{')) this.fail()
      this.rules.push({ kind: 'begin', test: undefined, until: undefined, body: this.block() })
    } else if (this.accept('END')) {
      if (!this.is('{')) this.fail()
      this.rules.push({ kind: 'end', test: undefined, until: undefined, body: this.block() })
    } else if (this.is('{')) this.rules.push({ kind: 'pattern', test: undefined, until: undefined, body: this.block() })
    else {
      const test = this.expression()
      let until: Expression | undefined
      if (this.accept(',')) {
        this.newlines()
        until = this.expression()
      }
      const body = this.is('{') ? this.block() : undefined
      this.rules.push({ kind: until ? 'range' : 'pattern', test, until, body })
      if (!body && this.peek().kind !== 'newline' && !this.is(';') && this.peek().kind !== 'end') this.fail()
    }
  }

  private functionItem(): void {
    const name = this.next()
    if (name.kind !== 'name' && name.kind !== 'call') {
      this.at--
      this.fail()
    }
    this.expect('(')
    const parameters: string[] = []
    while (!this.is(')')) {
      const parameter = this.next()
      if (parameter.kind !== 'name') {
        this.at--
        this.fail()
      }
      parameters.push(parameter.text)
      if (!this.accept(',')) break
      this.newlines()
    }
    this.expect(')')
    this.newlines()
    this.functions.set(name.text, { name: name.text, parameters, body: this.block() })
  }

  private block(): Statement {
    this.expect('{')
    const body: Statement[] = []
    for (this.skipTerminators(); !this.is('}'); this.skipTerminators()) {
      if (this.peek().kind === 'end') this.fail('}')
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
    this.fail()
  }

  private statement(): Statement {
    if (this.is('{')) return this.block()
    if (this.accept('if')) return this.ifStatement()
    if (this.accept('while')) {
      const test = this.parenthesized()
      if (this.accept(';')) return { type: 'while', test, body: { type: 'block', body: [] } }
      return { type: 'while', test, body: this.body() }
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
    const body = this.body()
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
      return { type: 'forin', name, array, body: this.body() }
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
    return { type: 'for', start, test, step, body: this.body() }
  }

  private simple(): Statement {
    if (this.is('print') || this.is('printf')) return this.print(this.next().text === 'printf')
    if (this.accept('delete')) return this.deleteStatement()
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
      this.fail()
    }
    if (!this.accept('[')) return { type: 'delete', name: name.text, index: undefined }
    const index = this.list(']')
    return { type: 'delete', name: name.text, index }
  }

  private print(format: boolean): Statement {
    let args: Expression[] = []
    if (!this.atEnd() && !this.is('>') && !this.is('>>') && !this.is('|')) {
      this.noGreater++
      args = this.printArguments()
      this.noGreater--
    }
    if (format && args.length === 0) this.fail()
    for (const redirect of ['>', '>>', '|'] as const) {
      if (!this.accept(redirect)) continue
      this.noGreater++
      const to = this.concatenation()
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

  private list(close: string): Expression[] {
    const out: Expression[] = []
    this.newlines()
    while (!this.is(close)) {
      const noIn = this.noIn
      this.noIn = 0
      out.push(this.expression())
      this.noIn = noIn
      if (!this.accept(',')) break
      this.newlines()
    }
    this.expect(close)
    return out
  }

  private expression(): Expression {
    const left = this.ternary()
    const { kind, text } = this.peek()
    if (kind !== 'operator' || !assignments.has(text) || !isPlace(left)) return left
    this.at++
    this.newlines()
    return { type: 'assign', operator: text, target: left, value: this.expression() }
  }

  private ternary(): Expression {
    const test = this.or()
    if (!this.accept('?')) return test
    this.newlines()
    const yes = this.expression()
    this.newlines()
    this.expect(':')
    this.newlines()
    return { type: 'ternary', test, yes, no: this.expression() }
  }

  private or(): Expression {
    let left = this.and()
    while (this.accept('||')) {
      this.newlines()
      left = { type: 'logical', operator: '||', left, right: this.and() }
    }
    return left
  }

  private and(): Expression {
    let left = this.membership()
    while (this.accept('&&')) {
      this.newlines()
      left = { type: 'logical', operator: '&&', left, right: this.membership() }
    }
    return left
  }

  private membership(): Expression {
    let left = this.matching_()
    while (this.noIn === 0 && this.is('in')) {
      this.at++
      left = { type: 'in', index: [left], name: this.next().text }
    }
    return left
  }

  private matching_(): Expression {
    let left = this.comparison()
    while (this.is('~') || this.is('!~')) {
      const negated = this.next().text === '!~'
      left = { type: 'match', negated, left, right: this.comparison() }
    }
    return left
  }

  private comparison(): Expression {
    const left = this.concatenation()
    const { kind, text } = this.peek()
    if (kind === 'operator' && comparisons.has(text) && !(text === '>' && this.noGreater > 0)) {
      this.at++
      return { type: 'binary', operator: text, left, right: this.concatenation() }
    }
    return left
  }

  private concatenation(): Expression {
    let left = this.additive()
    for (;;) {
      if (this.is('|') && this.peek(1).text === 'getline') {
        this.at += 2
        left = { type: 'getline', target: this.optionalPlace(), source: 'command', from: left }
      } else if (this.startsOperand()) left = { type: 'binary', operator: ' ', left, right: this.additive() }
      else return left
    }
  }

  private startsOperand(): boolean {
    const { kind, text } = this.peek()
    if (kind === 'number' || kind === 'string' || kind === 'regex' || kind === 'name' || kind === 'call' || kind === 'builtin') return true
    return kind === 'operator' && (text === '$' || text === '!' || text === '(' || text === '-' || text === '+' || text === '++' || text === '--')
  }

  private additive(): Expression {
    let left = this.multiplicative()
    while (this.is('+') || this.is('-')) {
      const operator = this.next().text
      left = { type: 'binary', operator, left, right: this.multiplicative() }
    }
    return left
  }

  private multiplicative(): Expression {
    let left = this.unary()
    while (this.is('*') || this.is('/') || this.is('%')) {
      const operator = this.next().text
      left = { type: 'binary', operator, left, right: this.unary() }
    }
    return left
  }

  private unary(): Expression {
    for (const operator of ['!', '-', '+']) if (this.accept(operator)) return { type: 'unary', operator, operand: this.unary() }
    return this.power()
  }

  private power(): Expression {
    const base = this.postfix()
    if (!this.accept('^')) return base
    const exponent: Expression = this.is('-') || this.is('+') || this.is('!') ? this.unary() : this.power()
    return { type: 'binary', operator: '^', left: base, right: exponent }
  }

  private postfix(): Expression {
    const operand = this.primary()
    if (isPlace(operand) && (this.is('++') || this.is('--'))) return { type: 'step', by: this.next().text === '++' ? 1 : -1, prefix: false, target: operand }
    return operand
  }

  private optionalPlace(): Place | undefined {
    if (!(this.peek().kind === 'name' || this.is('$'))) return undefined
    const place = this.primary()
    return isPlace(place) ? place : undefined
  }

  private primary(): Expression {
    const token = this.next()
    switch (token.kind) {
      case 'number': return { type: 'number', value: Number(token.text) }
      case 'string': return { type: 'string', value: token.text }
      case 'regex': return { type: 'regex', source: token.text }
      case 'name': return this.accept('[') ? { type: 'element', name: token.text, index: this.list(']') } : { type: 'name', name: token.text }
      case 'call': return this.call(token)
      case 'builtin': return this.builtin(token.text)
      case 'keyword': return this.getline(token)
      case 'operator': return this.operatorPrimary(token)
      default:
        this.at--
        return this.fail()
    }
  }

  private call(token: Token): Expression {
    this.at++
    this.called.push({ name: token.text, line: token.line })
    return { type: 'call', name: token.text, arguments: this.list(')'), line: token.line }
  }

  private builtin(name: string): Expression {
    if (this.accept('(')) return { type: 'builtin', name, arguments: this.list(')'), bare: false }
    if (name !== 'length') this.fail()
    return { type: 'builtin', name, arguments: [], bare: true }
  }

  private getline(token: Token): Expression {
    if (token.text !== 'getline') {
      this.at--
      return this.fail()
    }
    const target = this.optionalPlace()
    if (!this.accept('<')) return { type: 'getline', target, source: 'main', from: undefined }
    return { type: 'getline', target, source: 'file', from: this.postfix() }
  }

  private operatorPrimary(token: Token): Expression {
    if (token.text === '$') {
      if (this.is('++') || this.is('--')) return { type: 'field', index: this.primary() }
      return { type: 'field', index: this.is('-') || this.is('+') || this.is('!') ? this.unary() : this.primary() }
    }
    if (token.text === '++' || token.text === '--') {
      const target = this.primary()
      if (!isPlace(target)) this.fail()
      return { type: 'step', by: token.text === '++' ? 1 : -1, prefix: true, target }
    }
    if (token.text === '(') {
      const greater = this.noGreater
      this.noGreater = 0
      const inner = this.list(')')
      this.noGreater = greater
      if (inner.length > 1) {
        if (!this.accept('in')) this.fail()
        return { type: 'in', index: inner, name: this.next().text }
      }
      if (inner.length === 0) {
        this.at--
        this.fail()
      }
      return { type: 'group', inner: inner[0] as Expression }
    }
    if (token.text === '-' || token.text === '+' || token.text === '!') return { type: 'unary', operator: token.text, operand: this.unary() }
    this.at--
    return this.fail()
  }
}

function isPlace(expression: Expression): expression is Place {
  return expression.type === 'name' || expression.type === 'element' || expression.type === 'field'
}

function shown(token: Token): string {
  if (token.kind === 'newline') return 'end of line'
  return token.text
}
