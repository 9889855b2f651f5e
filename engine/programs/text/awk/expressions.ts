/** awk's expressions; the grammar around them is in parser.ts. */
import { AwkSyntaxError, type Token } from '#engine/programs/text/awk/lexer'
import { Kinds } from '#engine/programs/text/awk/kinds'
import { Scope } from '#engine/programs/text/awk/scope'
import { type Expression, isPlace, type Place } from '#engine/programs/text/awk/syntax'
import { TokenCursor } from '#engine/programs/text/token-cursor'

const assignments = new Set(['=', '+=', '-=', '*=', '/=', '%=', '^='])
const comparisons = new Set(['<', '<=', '==', '!=', '>', '>='])

const operandKinds: ReadonlySet<string> = new Set(['number', 'string', 'regex', 'name', 'call', 'builtin'])
const operandOperators: ReadonlySet<string> = new Set(['$', '!', '(', '-', '+', '++', '--'])

export class ExpressionParser extends TokenCursor<Token> {
  protected noIn = 0
  protected noGreater = 0
  protected readonly scope = new Scope()
  protected readonly kinds = new Kinds()
  protected readonly called: { name: string; line: number }[] = []

  protected next(): Token {
    const token = this.peek()
    this.at++
    return token
  }

  /** `missing )` where a bracket is due, else a syntax error at the token. */
  protected unexpected(wanted?: string): never {
    const token = this.peek()
    if (wanted === ')' || wanted === '}' || wanted === ']') throw new AwkSyntaxError(`missing ${wanted} near ${shown(token)}`, token.line)
    throw new AwkSyntaxError(`syntax error at or near ${shown(token)}`, token.line)
  }

  protected newlines(): void {
    while (this.peek().kind === 'newline') this.at++
  }

  protected skipTerminators(): void {
    while (this.peek().kind === 'newline' || this.is(';')) this.at++
  }

  protected list(close: string): Expression[] {
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

  protected expression(): Expression {
    const left = this.ternary()
    const { kind, text } = this.peek()
    if (kind !== 'operator' || !assignments.has(text) || !isPlace(left)) return left
    this.at++
    this.newlines()
    return { type: 'assign', operator: text, target: left, value: this.expression() }
  }

  protected ternary(): Expression {
    const test = this.or()
    if (!this.accept('?')) return test
    this.newlines()
    const yes = this.expression()
    this.newlines()
    this.expect(':')
    this.newlines()
    return { type: 'ternary', test, yes, no: this.expression() }
  }

  protected or(): Expression {
    let left = this.and()
    while (this.accept('||')) {
      this.newlines()
      left = { type: 'logical', operator: '||', left, right: this.and() }
    }
    return left
  }

  protected and(): Expression {
    let left = this.membership()
    while (this.accept('&&')) {
      this.newlines()
      left = { type: 'logical', operator: '&&', left, right: this.membership() }
    }
    return left
  }

  protected membership(): Expression {
    let left = this.matching_()
    while (this.noIn === 0 && this.is('in')) {
      this.at++
      left = this.inArray([left])
    }
    return left
  }

  private inArray(index: readonly Expression[]): Expression {
    const { text: name, line } = this.next()
    this.kinds.use(name, 'array', line)
    return { type: 'in', index, name }
  }

  protected matching_(): Expression {
    let left = this.comparison()
    while (this.is('~') || this.is('!~')) {
      const negated = this.next().text === '!~'
      left = { type: 'match', negated, left, right: this.comparison() }
    }
    return left
  }

  protected comparison(): Expression {
    let left = this.concatenation()
    for (;;) {
      const { kind, text } = this.peek()
      if (kind !== 'operator' || !comparisons.has(text) || (text === '>' && this.noGreater > 0)) return left
      this.at++
      left = { type: 'binary', operator: text, left, right: this.concatenation() }
    }
  }

  protected concatenation(): Expression {
    let left = this.additive()
    for (;;) {
      if (this.is('|') && this.peek(1).text === 'getline') {
        this.at += 2
        left = { type: 'getline', target: this.optionalPlace(), source: 'command', from: left }
      } else if (this.startsOperand()) left = { type: 'binary', operator: ' ', left, right: this.additive() }
      else return left
    }
  }

  protected startsOperand(): boolean {
    const { kind, text } = this.peek()
    return operandKinds.has(kind) || (kind === 'operator' && operandOperators.has(text))
  }

  protected additive(): Expression {
    let left = this.multiplicative()
    while (this.is('+') || this.is('-')) {
      const operator = this.next().text
      left = { type: 'binary', operator, left, right: this.multiplicative() }
    }
    return left
  }

  protected multiplicative(): Expression {
    let left = this.unary()
    while (this.is('*') || this.is('/') || this.is('%')) {
      const operator = this.next().text
      left = { type: 'binary', operator, left, right: this.unary() }
    }
    return left
  }

  protected unary(): Expression {
    for (const operator of ['!', '-', '+']) if (this.accept(operator)) return { type: 'unary', operator, operand: this.unary() }
    return this.power()
  }

  protected power(): Expression {
    const base = this.postfix()
    if (!this.accept('^')) return base
    const exponent: Expression = this.is('-') || this.is('+') || this.is('!') ? this.unary() : this.power()
    return { type: 'binary', operator: '^', left: base, right: exponent }
  }

  protected postfix(): Expression {
    const operand = this.primary()
    if (isPlace(operand) && (this.is('++') || this.is('--'))) return { type: 'step', by: this.next().text === '++' ? 1 : -1, prefix: false, target: operand }
    return operand
  }

  protected optionalPlace(): Place | undefined {
    if (!(this.peek().kind === 'name' || this.is('$'))) return undefined
    const place = this.primary()
    return isPlace(place) ? place : undefined
  }

  protected primary(): Expression {
    const token = this.next()
    switch (token.kind) {
      case 'number': return { type: 'number', value: Number(token.text) }
      case 'string': return { type: 'string', value: token.text }
      case 'regex': return { type: 'regex', source: token.text }
      case 'name': return this.named(token)
      case 'call': return this.call(token)
      case 'builtin': return this.builtin(token.text)
      case 'keyword': return this.getline(token)
      case 'operator': return this.operatorPrimary(token)
      default:
        this.at--
        return this.unexpected()
    }
  }

  /** A name alone as an argument may be either. */
  private named(token: Token): Expression {
    const { text: name, line } = token
    if (this.accept('[')) {
      this.kinds.use(name, 'array', line)
      return { type: 'element', name, index: this.list(']') }
    }
    const alone = this.inCall && (this.is(',') || this.is(')'))
    if (!alone) this.kinds.use(name, 'variable', line)
    return { type: 'name', name }
  }

  private inCall = false

  private callArguments(): Expression[] {
    const before = this.inCall
    this.inCall = true
    const args = this.list(')')
    this.inCall = before
    return args
  }

  protected call(token: Token): Expression {
    this.at++
    this.called.push({ name: token.text, line: token.line })
    return { type: 'call', name: token.text, arguments: this.callArguments(), line: token.line }
  }

  protected builtin(name: string): Expression {
    const { line } = this.peek()
    if (this.accept('(')) {
      const args = name === 'split' || name === 'length' ? this.callArguments() : this.list(')')
      if (name === 'split' && args[1]?.type === 'name') this.kinds.use(args[1].name, 'array', line)
      this.scope.checkCall(name, args.length, line)
      return { type: 'builtin', name, arguments: args, bare: false }
    }
    if (name !== 'length') this.unexpected()
    return { type: 'builtin', name, arguments: [], bare: true }
  }

  protected getline(token: Token): Expression {
    if (token.text !== 'getline') {
      this.at--
      return this.unexpected()
    }
    const target = this.optionalPlace()
    if (!this.accept('<')) return { type: 'getline', target, source: 'main', from: undefined }
    return { type: 'getline', target, source: 'file', from: this.postfix() }
  }

  protected operatorPrimary(token: Token): Expression {
    switch (token.text) {
      case '$': return this.field()
      case '++': case '--': return this.step(token.text === '++' ? 1 : -1)
      case '(': return this.group()
      case '-': case '+': case '!': return { type: 'unary', operator: token.text, operand: this.unary() }
      default:
        this.at--
        return this.unexpected()
    }
  }

  private field(): Expression {
    const signed = this.is('-') || this.is('+') || this.is('!')
    return { type: 'field', index: signed ? this.unary() : this.primary() }
  }

  private step(by: 1 | -1): Expression {
    const target = this.primary()
    if (!isPlace(target)) this.unexpected()
    return { type: 'step', by, prefix: true, target }
  }

  /** `(expression)`, or `(i, j) in array`. */
  private group(): Expression {
    const greater = this.noGreater
    this.noGreater = 0
    const inner = this.list(')')
    this.noGreater = greater
    if (inner.length > 1) {
      if (!this.accept('in')) this.unexpected()
      return this.inArray(inner)
    }
    if (inner.length === 0) {
      this.at--
      this.unexpected()
    }
    return { type: 'group', inner: inner[0] as Expression }
  }
}

function shown(token: Token): string {
  if (token.kind === 'newline') return 'end of line'
  return token.text
}
