/** Tokens to trees; throws in text/template's words: `template: output:1: unexpected EOF`. */
import { type Item, type ItemType, lexTemplate, TemplateSyntaxError } from './lex'
import { type At, type Command, type Node, nodeText, type Operand, type Pipe, type Tree } from './nodes'
import { GoFloat, GoInt } from './values'

export interface Parsed {
  readonly tree: Tree
  readonly nodes: Node[]
  /** Templates defined in the text, by name. */
  readonly definitions: ReadonlyMap<string, { readonly tree: Tree; readonly nodes: Node[] }>
}

export function parseText(name: string, text: string, hasFunction: (name: string) => boolean): Parsed {
  return new Parser(name, text, hasFunction).parse()
}

type Ending = { readonly kind: 'end' } | { readonly kind: 'else' }

class Parser {
  private readonly items: Item[]
  private at = 0
  private vars = ['$']
  private rangeDepth = 0
  private depth = 0
  private actionLine = 0
  private readonly tree: Tree
  private readonly definitions = new Map<string, { tree: Tree; nodes: Node[] }>()

  constructor(
    private readonly name: string,
    text: string,
    private readonly hasFunction: (name: string) => boolean,
  ) {
    this.items = lexTemplate(text)
    this.tree = { name, text }
  }

  parse(): Parsed {
    const nodes: Node[] = []
    while (this.peek().type !== 'eof') {
      if (this.peek().type === 'left' && this.keywordAfterLeft() === 'define') {
        this.next()
        this.nextNonSpace()
        this.definition()
        continue
      }
      const node = this.textOrAction()
      if (isEnding(node)) this.fail(`unexpected {{${node.kind}}}`)
      else if (node) nodes.push(node)
    }
    return { tree: this.tree, nodes, definitions: this.definitions }
  }

  private keywordAfterLeft(): string {
    let i = this.at + 1
    while (this.items[i]?.type === 'space') i++
    return this.items[i]?.type === 'keyword' ? (this.items[i] as Item).value : ''
  }

  private peek(): Item {
    return this.items[Math.min(this.at, this.items.length - 1)] as Item
  }

  private next(): Item {
    const item = this.peek()
    this.at++
    return item
  }

  private nextNonSpace(): Item {
    let item = this.next()
    while (item.type === 'space') item = this.next()
    return item
  }

  private peekNonSpace(): Item {
    while (this.peek().type === 'space') this.next()
    return this.peek()
  }

  private fail(message: string, token?: Item): never {
    const { line } = token ?? this.items[Math.max(0, Math.min(this.at, this.items.length) - 1)] ?? this.peek()
    throw new TemplateSyntaxError(`template: ${this.name}:${line}: ${message}`)
  }

  private unexpected(token: Item, context: string): never {
    if (token.type === 'error') this.fail(token.value + this.begun(token), token)
    this.fail(`unexpected ${describe(token)} in ${context}`)
  }

  /** Where the action began, if that was on an earlier line. */
  private begun({ line, value }: Item): string {
    if (this.actionLine === 0 || this.actionLine === line) return ''
    return `${value.endsWith(' action') ? '' : ' in action'} started at ${this.name}:${this.actionLine}`
  }

  private definition(): void {
    const name = this.stringOperand('define clause')
    const end = this.nextNonSpace()
    if (end.type !== 'right') this.unexpected(end, 'define clause')
    const outer = this.vars
    this.vars = ['$']
    const { list, ending } = this.list()
    if (ending.kind !== 'end') this.fail(`unexpected {{else}} in define clause`)
    this.vars = outer
    this.define(name, list)
  }

  private define(name: string, nodes: Node[]): void {
    const known = this.definitions.get(name)
    const isEmpty = (list: readonly Node[]): boolean => list.every((node) => node.type === 'text' && node.text.trim() === '')
    if (known && isEmpty(nodes)) return
    if (known && !isEmpty(known.nodes)) this.fail(`template: multiple definition of template ${JSON.stringify(name)}`)
    this.definitions.set(name, { tree: { ...this.tree, name: this.name }, nodes })
  }

  private stringOperand(context: string): string {
    const token = this.nextNonSpace()
    if (token.type !== 'string' && token.type !== 'raw') this.unexpected(token, context)
    return this.unquote(token)
  }

  private list(): { list: Node[]; ending: Ending } {
    const list: Node[] = []
    if (++this.depth > 1000) this.fail('max expression depth exceeded')
    while (this.peekNonSpace().type !== 'eof') {
      const node = this.textOrAction()
      if (isEnding(node)) {
        this.depth--
        return { list, ending: node }
      }
      if (node) list.push(node)
    }
    return this.fail('unexpected EOF', this.peek())
  }

  private textOrAction(): Node | Ending | undefined {
    const token = this.nextNonSpace()
    if (token.type === 'text') return { type: 'text', text: token.value, pos: token.pos, tree: this.tree }
    if (token.type !== 'left') return this.unexpected(token, 'input')
    this.actionLine = token.line
    const node = this.action()
    this.actionLine = 0
    return node
  }

  private action(): Node | Ending | undefined {
    const token = this.peekNonSpace()
    if (token.type !== 'keyword') return { type: 'action', pos: token.pos, tree: this.tree, pipe: this.scopedPipeline('command') }
    this.next()
    switch (token.value) {
      case 'if': case 'with': case 'range': return this.control(token.value, token)
      case 'else': return this.elseEnding()
      case 'end': return this.expectRight('end', { kind: 'end' })
      case 'template': return this.template()
      case 'block': return this.block(token)
      case 'break': case 'continue':
        return this.leap(token.value, token)
      default: return this.unexpected(token, token.value === 'define' ? 'command' : 'input')
    }
  }

  private leap(type: 'break' | 'continue', token: Item): Node {
    this.expectRight(`{{${type}}}`, undefined)
    if (this.rangeDepth === 0) this.fail(`{{${type}}} outside {{range}}`)
    return { type, pos: token.pos, tree: this.tree }
  }

  private expectRight<T>(context: string, value: T): T {
    const token = this.nextNonSpace()
    if (token.type !== 'right') this.unexpected(token, context)
    return value
  }

  private elseEnding(): Ending {
    const peek = this.peekNonSpace()
    if (peek.type === 'keyword' && (peek.value === 'if' || peek.value === 'with')) return { kind: 'else' }
    return this.expectRight('else', { kind: 'else' })
  }

  private scopedPipeline(context: string): Pipe {
    return this.pipeline(context, 'right')
  }

  private control(type: 'if' | 'with' | 'range', token: Item): Node {
    const scope = this.vars.length
    const pipe = this.pipeline(type, 'right')
    if (type === 'range') this.rangeDepth++
    const { list, ending } = this.list()
    if (type === 'range') this.rangeDepth--
    let otherwise: Node[] | undefined
    if (ending.kind === 'else') {
      const peek = this.peek()
      if (type !== 'range' && peek.type === 'keyword' && peek.value === type) {
        this.next()
        otherwise = [this.control(type, peek)]
      } else {
        const rest = this.list()
        if (rest.ending.kind !== 'end') this.fail(`expected end; found {{else}}`)
        otherwise = rest.list
      }
    }
    this.vars.length = scope
    return { type, pipe, list, otherwise, pos: pipe.pos, tree: this.tree, ...(token ? {} : {}) }
  }

  private template(): Node {
    const { pos } = this.peekNonSpace()
    const name = this.stringOperand('template clause')
    const pipe = this.peekNonSpace().type === 'right' ? void this.next() : this.pipeline('template clause', 'right')
    return { type: 'template', name, pipe: pipe ?? undefined, pos, tree: this.tree }
  }

  private block(token: Item): Node {
    const name = this.stringOperand('block clause')
    const pipe = this.pipeline('block clause', 'right')
    const outer = this.vars
    this.vars = ['$']
    const { list, ending } = this.list()
    if (ending.kind !== 'end') this.fail('unexpected {{else}} in block clause')
    this.vars = outer
    this.define(name, list)
    return { type: 'template', name, pipe, pos: token.pos, tree: this.tree }
  }

  private pipeline(context: string, end: 'right' | 'rightParen'): Pipe {
    const { pos } = this.peekNonSpace()
    const declarations: { name: string; pos: number; tree: Tree }[] = []
    const assign = this.declarations(context, declarations)
    const pipe: Pipe = { type: 'pipe', pos, tree: this.tree, assign, declarations, commands: [] }
    for (;;) {
      const token = this.nextNonSpace()
      if (token.type === end) break
      if (!operandTypes.has(token.type)) this.unexpected(token, context)
      this.at--
      pipe.commands.push(this.command())
    }
    if (pipe.commands.length === 0) this.fail(`missing value for ${context}`)
    pipe.commands.slice(1).forEach((command, index) => {
      const first = command.args[0]?.type
      if (first === 'bool' || first === 'dot' || first === 'nil' || first === 'number' || first === 'string') this.fail(`non executable command in pipeline stage ${index + 2}`)
    })
    return pipe
  }

  private declarations(context: string, out: { name: string; pos: number; tree: Tree }[]): boolean {
    for (;;) {
      const start = this.at
      const variable = this.peekNonSpace()
      if (variable.type !== 'variable') return false
      this.next()
      const next = this.peekNonSpace()
      if (next.type === 'assign' || next.type === 'declare') {
        this.nextNonSpace()
        out.push({ name: variable.value, pos: variable.pos, tree: this.tree })
        this.vars.push(variable.value)
        return next.type === 'assign'
      }
      if (next.type !== 'char' || next.value !== ',') {
        this.at = start
        return false
      }
      this.nextNonSpace()
      out.push({ name: variable.value, pos: variable.pos, tree: this.tree })
      this.vars.push(variable.value)
      if (context !== 'range' || out.length >= 2) this.fail(`too many declarations in ${context}`)
      if (this.peekNonSpace().type !== 'variable') this.fail('range can only initialize variables')
    }
  }

  private command(): Command {
    const { pos } = this.peekNonSpace()
    const args: Operand[] = []
    for (;;) {
      this.peekNonSpace()
      const operand = this.operand()
      if (operand) args.push(operand)
      const token = this.next()
      if (token.type === 'space') continue
      if (token.type === 'right' || token.type === 'rightParen') this.at--
      else if (token.type !== 'pipe') this.unexpected(token, 'operand')
      break
    }
    if (args.length === 0) this.fail('empty command')
    return { type: 'command', pos, tree: this.tree, args }
  }

  private operand(): Operand | undefined {
    const node = this.term()
    if (!node || this.peek().type !== 'field') return node
    const names: string[] = []
    const { pos } = this.peek()
    while (this.peek().type === 'field') names.push(this.next().value.slice(1))
    switch (node.type) {
      case 'field': return { ...node, pos, names: [...node.names, ...names] }
      case 'variable': return { ...node, pos, names: [...node.names, ...names] }
      case 'bool': case 'string': case 'number': case 'nil': case 'dot': return this.fail(`unexpected . after term ${JSON.stringify(nodeText(node))}`)
      default: return { type: 'chain', node, names, pos, tree: this.tree }
    }
  }

  private term(): Operand | undefined {
    const token = this.nextNonSpace()
    const make = this.terms[token.type]
    if (make) return make(token, { pos: token.pos, tree: this.tree })
    this.at--
    return undefined
  }

  private readonly terms: Readonly<Partial<Record<ItemType, (token: Item, at: At) => Operand>>> = {
    identifier: (token, at) => {
      if (!this.hasFunction(token.value)) this.fail(`function ${JSON.stringify(token.value)} not defined`)
      return { ...at, type: 'identifier', name: token.value }
    },
    dot: (_, at) => ({ ...at, type: 'dot' }),
    nil: (_, at) => ({ ...at, type: 'nil' }),
    variable: (token, at) => {
      if (!this.vars.includes(token.value)) this.fail(`undefined variable ${JSON.stringify(token.value)}`)
      return { ...at, type: 'variable', names: [token.value] }
    },
    field: (token, at) => ({ ...at, type: 'field', names: [token.value.slice(1)] }),
    bool: (token, at) => ({ ...at, type: 'bool', value: token.value === 'true' }),
    number: (token, at) => ({ ...at, type: 'number', text: token.value, value: this.number(token.value) }),
    charConstant: (token, at) => ({ ...at, type: 'number', text: token.value, value: new GoInt(this.unquote(token).codePointAt(0) ?? 0) }),
    leftParen: () => this.parenthesized(),
    string: (token, at) => ({ ...at, type: 'string', quoted: token.value, value: this.unquote(token) }),
    raw: (token, at) => ({ ...at, type: 'string', quoted: token.value, value: this.unquote(token) }),
  }

  private parenthesized(): Pipe {
    if (++this.depth > 1000) this.fail('max expression depth exceeded')
    try {
      return this.pipeline('parenthesized pipeline', 'rightParen')
    } finally {
      this.depth--
    }
  }

  private number(text: string): unknown {
    const plain = text.replaceAll('_', '')
    if (/^[-+]?0[0-9]*[89][0-9]*$/.test(plain) || (/^[-+]?[0-9]+$/.test(plain) && Math.abs(Number(plain)) >= 2 ** 63)) this.fail(`integer overflow: ${JSON.stringify(text)}`)
    const match = /^([-+]?)(0[xX][0-9a-fA-F]+|0[oO][0-7]+|0[bB][01]+|[0-9]+)$/.exec(plain)
    if (match) return new GoInt((match[1] === '-' ? -1 : 1) * Number(/^0[0-7]+$/.test(match[2] as string) ? `0o${match[2] as string}` : match[2]))
    const value = Number(plain)
    if (Number.isNaN(value) || plain === '') this.fail(`illegal number syntax: ${JSON.stringify(text)}`)
    return Number.isInteger(value) ? new GoFloat(value) : value
  }

  private unquote(token: Item): string {
    const body = token.value.slice(1, -1)
    if (token.type === 'raw') return body.replaceAll('\r', '')
    return body.replace(/\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-7]{3}|[\s\S])/g, (_, code: string) => {
      if (/^[xuU]./.test(code)) return String.fromCodePoint(Number.parseInt(code.slice(1), 16))
      if (/^[0-7]{3}$/.test(code)) return String.fromCharCode(Number.parseInt(code, 8))
      const plain = { n: '\n', t: '\t', r: '\r', a: '\x07', b: '\b', f: '\f', v: '\v', '\\': '\\', '"': '"', "'": "'" }[code]
      return plain ?? this.fail('invalid syntax')
    })
  }
}

const operandTypes: ReadonlySet<string> = new Set(['bool', 'charConstant', 'dot', 'field', 'identifier', 'number', 'nil', 'raw', 'string', 'variable', 'leftParen'])

function isEnding(node: Node | Ending | undefined): node is Ending {
  return node !== undefined && 'kind' in node
}

function describe(token: Item): string {
  if (token.type === 'eof') return 'EOF'
  if (token.type === 'keyword' || token.type === 'dot' || token.type === 'nil') return `<${token.value}>`
  const text = token.value.length > 10 ? `${JSON.stringify(token.value.slice(0, 10))}...` : JSON.stringify(token.value)
  return text
}
