/** jq's grammar. */
import { JqSyntaxError, type Token, tokenize } from '#engine/programs/text/jq/lexer'
import { TokenReader } from '#engine/programs/text/jq/token-reader'
import type { Definition, Filter, Pattern } from '#engine/programs/text/jq/syntax'

export function parseJq(text: string): Filter {
  return new Parser(tokenize(text)).program()
}

export function parseDefinitions(text: string): Definition[] {
  return new Parser(tokenize(text)).definitions()
}

const maxDepth = 800

class Parser extends TokenReader {
  private depth = 0

  program(): Filter {
    const defs: Definition[] = []
    while (this.is('def')) defs.push(this.definition())
    const body: Filter = this.peek().kind === 'end' ? { type: 'identity' } : this.pipe()
    if (this.peek().kind !== 'end') this.unexpected('$end')
    return defs.reduceRight<Filter>((inner, definition) => ({ type: 'def', definition, body: inner }), body)
  }

  definitions(): Definition[] {
    const out: Definition[] = []
    while (this.is('def')) out.push(this.definition())
    return out
  }

  private definition(): Definition {
    this.expect('def')
    const name = this.peek().text
    this.at++
    const parameters: string[] = []
    if (this.accept('(')) {
      do {
        const token = this.peek()
        if (token.kind !== 'name' && token.kind !== 'variable' && token.kind !== 'keyword') this.unexpected()
        this.at++
        parameters.push(token.kind === 'variable' ? `$${token.text}` : token.text)
      } while (this.accept(';'))
      this.expect(')')
    }
    this.expect(':')
    const body = this.pipe()
    this.expect(';')
    return { name, parameters, body }
  }

  private pipe(): Filter {
    if (++this.depth > maxDepth) throw new JqSyntaxError('too deeply nested', this.peek().at)
    try {
      return this.pipeInner()
    } finally {
      this.depth--
    }
  }

  private pipeInner(): Filter {
    if (this.is('def')) {
      const definition = this.definition()
      return { type: 'def', definition, body: this.pipe() }
    }
    if (this.accept('label')) {
      const name = this.peek().text
      this.at++
      this.expect('|')
      return { type: 'label', name, body: this.pipe() }
    }
    const left = this.comma()
    if (this.accept('as')) {
      const patterns = [this.pattern()]
      while (this.accept('?//')) patterns.push(this.pattern())
      this.expect('|')
      return { type: 'as', source: left, patterns, body: this.pipe() }
    }
    return this.accept('|') ? { type: 'pipe', left, right: this.pipe() } : left
  }

  private pattern(): Pattern {
    const token = this.peek()
    if (token.kind === 'variable') {
      this.at++
      return { type: 'variable', name: token.text }
    }
    if (this.accept('[')) {
      const items: Pattern[] = []
      do items.push(this.pattern())
      while (this.accept(','))
      this.expect(']')
      return { type: 'array', items }
    }
    this.expect('{')
    const entries: { key: Filter; variable: string | undefined; pattern: Pattern | undefined }[] = []
    do {
      const key = this.peek()
      this.at++
      if (key.kind === 'variable') entries.push({ key: { type: 'literal', value: key.text }, variable: key.text, pattern: this.accept(':') ? this.pattern() : undefined })
      else {
        const filter: Filter = key.kind === 'string' ? this.string(key, undefined) : key.text === '(' ? this.parenthesized() : { type: 'literal', value: key.text }
        this.expect(':')
        entries.push({ key: filter, variable: undefined, pattern: this.pattern() })
      }
    } while (this.accept(','))
    this.expect('}')
    return { type: 'object', entries }
  }

  private parenthesized(): Filter {
    const inner = this.pipe()
    this.expect(')')
    return inner
  }

  private comma(): Filter {
    let left = this.alternative()
    while (this.accept(',')) left = { type: 'comma', left, right: this.alternative() }
    return left
  }

  /** `//` is right-associative and binds looser than assignment. */
  private alternative(): Filter {
    const left = this.assignment()
    return this.accept('//') ? { type: 'alternative', left, right: this.alternative() } : left
  }

  private assignment(): Filter {
    const left = this.or()
    const { kind, text } = this.peek()
    if (kind !== 'operator' || !['=', '|=', '+=', '-=', '*=', '/=', '%=', '//='].includes(text)) return left
    this.at++
    return { type: 'assign', operator: text, left, right: this.alternative() }
  }

  private or(): Filter {
    let left = this.and()
    while (this.accept('or')) left = { type: 'or', left, right: this.and() }
    return left
  }

  private and(): Filter {
    let left = this.comparison()
    while (this.accept('and')) left = { type: 'and', left, right: this.comparison() }
    return left
  }

  private comparison(): Filter {
    const left = this.sum()
    const { kind, text } = this.peek()
    if (kind !== 'operator' || !['==', '!=', '<', '<=', '>', '>='].includes(text)) return left
    this.at++
    return { type: 'binary', operator: text, left, right: this.sum() }
  }

  private sum(): Filter {
    let left = this.product()
    while (this.is('+') || this.is('-')) {
      const operator = this.peek().text
      this.at++
      left = { type: 'binary', operator, left, right: this.product() }
    }
    return left
  }

  private product(): Filter {
    let left = this.unary()
    while (this.is('*') || this.is('/') || this.is('%')) {
      const operator = this.peek().text
      this.at++
      left = { type: 'binary', operator, left, right: this.unary() }
    }
    return left
  }

  private unary(): Filter {
    if (this.accept('-')) return { type: 'negate', operand: this.unary() }
    if (this.is('reduce') || this.is('foreach')) return this.fold()
    return this.postfix()
  }

  private fold(): Filter {
    const type = this.peek().text as 'reduce' | 'foreach'
    this.at++
    const source = this.postfix()
    this.expect('as')
    const pattern = this.pattern()
    this.expect('(')
    const start = this.pipe()
    this.expect(';')
    const update = this.pipe()
    const extract = type === 'foreach' && this.accept(';') ? this.pipe() : undefined
    this.expect(')')
    return this.suffixes(type === 'reduce' ? { type, source, pattern, start, update } : { type, source, pattern, start, update, extract })
  }

  private postfix(): Filter {
    if (this.accept('try')) {
      const body = this.postfixOnly()
      return { type: 'try', body, handler: this.accept('catch') ? this.postfixOnly() : undefined }
    }
    return this.postfixOnly()
  }

  private postfixOnly(): Filter {
    return this.suffixes(this.primary())
  }

  private suffixes(start: Filter): Filter {
    let filter = start
    for (;;) {
      const token = this.peek()
      if (token.kind === 'field') {
        this.at++
        filter = { type: 'index', on: filter, key: { type: 'literal', value: token.text } }
      } else if (this.is('.') && (this.peek(1).kind === 'string' || this.peek(1).text === '[')) {
        this.at++
        if (this.peek().kind === 'string') {
          const string = this.peek()
          this.at++
          filter = { type: 'index', on: filter, key: this.string(string, undefined) }
        }
      } else if (this.is('[')) filter = this.bracket(filter)
      else if (this.accept('?')) filter = { type: 'try', body: filter, handler: undefined }
      else return filter
    }
  }

  private bracket(on: Filter): Filter {
    this.expect('[')
    if (this.accept(']')) return { type: 'each', on }
    if (this.accept(':')) {
      const to = this.pipe()
      this.expect(']')
      return { type: 'slice', on, from: undefined, to }
    }
    const key = this.pipe()
    if (!this.accept(':')) {
      this.expect(']')
      return { type: 'index', on, key }
    }
    const to = this.is(']') ? undefined : this.pipe()
    this.expect(']')
    return { type: 'slice', on, from: key, to }
  }

  private primary(): Filter {
    const token = this.peek()
    this.at++
    switch (token.kind) {
      case 'number': return { type: 'literal', value: Number(token.text) }
      case 'string': return this.string(token, undefined)
      case 'format': return this.format(token)
      case 'field': return { type: 'index', on: { type: 'identity' }, key: { type: 'literal', value: token.text } }
      case 'variable': return token.text === '__loc__' ? { type: 'literal', value: { file: '<top-level>', line: 1 } } : { type: 'variable', name: token.text, at: token.at }
      case 'name': return this.named(token)
      case 'keyword': return this.keyword(token)
      case 'operator': return this.operator(token)
      default:
        this.at--
        return this.unexpected()
    }
  }

  private named(token: Token): Filter {
    if (token.text === 'break') {
      const name = this.peek().text
      this.at++
      return { type: 'break', name }
    }
    if (token.text === 'null' || token.text === 'true' || token.text === 'false') return { type: 'literal', value: token.text === 'null' ? null : token.text === 'true' }
    const args: Filter[] = []
    if (this.accept('(')) {
      do args.push(this.pipe())
      while (this.accept(';'))
      if (!this.accept(')')) this.unexpected(';)')
    }
    return { type: 'call', name: token.text, arguments: args, at: token.at }
  }

  private keyword(token: Token): Filter {
    if (token.text === 'if') return this.conditional()
    if (token.text === 'try') {
      this.at--
      return this.postfix()
    }
    if (token.text === 'reduce' || token.text === 'foreach') {
      this.at--
      return this.fold()
    }
    if (token.text === 'def') {
      this.at--
      const definition = this.definition()
      return { type: 'def', definition, body: this.pipe() }
    }
    this.at--
    return this.unexpected()
  }

  private conditional(): Filter {
    const test = this.pipe()
    this.expect('then')
    const yes = this.pipe()
    if (this.accept('elif')) return { type: 'if', test, yes, no: this.conditional() }
    const no = this.accept('else') ? this.pipe() : undefined
    if (no === undefined) {
      if (!this.is('end')) this.unexpected()
      throw new JqSyntaxError('syntax error, unexpected end (Unix shell quoting issues?)', this.peek().at)
    }
    this.expect('end')
    return { type: 'if', test, yes, no }
  }

  private operator(token: Token): Filter {
    if (token.text === '.') {
      const next = this.peek()
      if (next.kind === 'string') {
        this.at++
        return { type: 'index', on: { type: 'identity' }, key: this.string(next, undefined) }
      }
      return { type: 'identity' }
    }
    if (token.text === '..') return { type: 'recurse' }
    if (token.text === '(') return this.parenthesized()
    if (token.text === '[') {
      if (this.accept(']')) return { type: 'array', body: undefined }
      const body = this.pipe()
      this.expect(']')
      return { type: 'array', body }
    }
    if (token.text === '{') return this.object()
    this.at--
    return this.unexpected()
  }

  private object(): Filter {
    const entries: { key: Filter; value: Filter }[] = []
    while (!this.is('}')) {
      entries.push(this.entry())
      if (!this.accept(',')) break
    }
    this.expect('}')
    return { type: 'object', entries }
  }

  private entry(): { key: Filter; value: Filter } {
    const token = this.peek()
    this.at++
    if (token.kind === 'variable') return variableEntry(token)
    const key = this.entryKey(token)
    if (!this.accept(':')) return token.text === '(' ? this.unexpected(':') : { key, value: { type: 'index', on: { type: 'identity' }, key } }
    let value = this.unaryValue()
    while (this.accept('|')) value = { type: 'pipe', left: value, right: this.unaryValue() }
    return { key, value }
  }

  private entryKey(token: Token): Filter {
    if (token.kind === 'string') return this.string(token, undefined)
    if (token.kind === 'name' || token.kind === 'keyword') return { type: 'literal', value: token.text }
    if (token.kind === 'number') return { type: 'literal', value: Number(token.text) }
    if (token.kind === 'format') return this.format(token)
    if (token.text === '(') return this.parenthesized()
    this.at--
    return this.unexpected()
  }

  /** `@base64`, or with a string `@base64 "..."`. */
  private format(token: Token): Filter {
    const next = this.peek()
    if (next.kind !== 'string') return { type: 'format', name: token.text }
    this.at++
    return this.string(next, token.text)
  }

  /** What an object's value may be without parentheses. */
  private unaryValue(): Filter {
    return this.alternative()
  }

  private string(token: Token, format: string | undefined): Filter {
    const parts = (token.parts ?? []).map((part) => ('text' in part ? part : { filter: parseJq(part.code) }))
    if (parts.length === 1 && parts[0] && 'text' in parts[0]) return { type: 'literal', value: parts[0].text }
    return { type: 'string', format, parts }
  }
}

/** `{$name}`. */
function variableEntry({ text, at }: Token): { key: Filter; value: Filter } {
  if (text === '__loc__') return { key: { type: 'literal', value: text }, value: { type: 'literal', value: { file: '<top-level>', line: 1 } } }
  return { key: { type: 'literal', value: text }, value: { type: 'variable', name: text, at } }
}
