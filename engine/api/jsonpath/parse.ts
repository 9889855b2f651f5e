/** Templates to nodes. */
export type Node =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'field'; readonly name: string }
  | { readonly type: 'identifier'; readonly name: string }
  | { readonly type: 'literal'; readonly value: number | boolean }
  | { readonly type: 'array'; readonly start: number | undefined; readonly end: number | undefined; readonly derivedEnd: boolean; readonly step: number | undefined }
  | { readonly type: 'filter'; readonly left: readonly Node[]; readonly right: readonly Node[]; readonly operator: string }
  | { readonly type: 'wildcard' }
  | { readonly type: 'recursive' }
  | { readonly type: 'union'; readonly parts: readonly (readonly Node[])[] }
  | { readonly type: 'list'; readonly nodes: Node[] }

export class JsonPathError extends Error {
  override readonly name = 'JsonPathError'
}

/** The template's text and its actions, each a list. Throws JsonPathError. */
export function parseJsonPath(template: string): Node[] {
  return new Parser(template).parse()
}

const maxDepth = 100

class Parser {
  private pos = 0
  private start = 0
  private readonly root: Node[] = []

  constructor(
    private readonly input: string,
    private readonly depth = 0,
  ) {
    if (depth > maxDepth) throw new JsonPathError('expression nested too deeply')
  }

  parse(): Node[] {
    while (this.pos < this.input.length) {
      if (this.input.charAt(this.pos) !== '{') {
        this.pos++
        continue
      }
      if (this.pos > this.start) this.root.push({ type: 'text', text: this.consume() })
      this.pos++
      this.consume()
      const nodes: Node[] = []
      this.root.push({ type: 'list', nodes })
      this.action(nodes)
    }
    if (this.pos > this.start) this.root.push({ type: 'text', text: this.consume() })
    return this.root
  }

  private consume(): string {
    const text = this.input.slice(this.start, this.pos)
    this.start = this.pos
    return text
  }

  private startsWith(text: string): boolean {
    return this.input.startsWith(text, this.pos)
  }

  private next(): string {
    const char = this.input.charAt(this.pos)
    if (char !== '') this.pos++
    return char
  }

  /** All of an action, up to and with its closing brace. */
  private action(nodes: Node[]): void {
    for (;;) {
      if (this.startsWith('}')) {
        this.pos++
        this.consume()
        return
      }
      if (this.startsWith('[?(')) this.filter(nodes)
      else if (this.startsWith('..')) this.recursive(nodes)
      else this.single(nodes)
    }
  }

  private single(nodes: Node[]): void {
    const char = this.next()
    if (char === '' || '\n\r'.includes(char)) throw new JsonPathError('unclosed action')
    if (' @$'.includes(char)) this.consume()
    else if (char === '[') this.array(nodes)
    else if (char === '"' || char === "'") this.quote(nodes, char)
    else if (char === '.') this.field(nodes)
    else this.word(nodes, char)
  }

  private word(nodes: Node[], char: string): void {
    const isNumber = '+-'.includes(char) || isDigit(char)
    if (!isNumber && !isAlphaNumeric(char)) throw new JsonPathError(`unrecognized character in action: U+${char.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')} '${char}'`)
    this.pos--
    if (isNumber) this.number(nodes)
    else this.identifier(nodes)
  }

  private identifier(nodes: Node[]): void {
    while (this.pos < this.input.length && !isTerminator(this.input.charAt(this.pos))) this.pos++
    const name = this.consume()
    nodes.push(name === 'true' || name === 'false' ? { type: 'literal', value: name === 'true' } : { type: 'identifier', name })
  }

  private recursive(nodes: Node[]): void {
    if (nodes[nodes.length - 1]?.type === 'recursive') throw new JsonPathError('invalid multiple recursive descent')
    this.pos += 2
    this.consume()
    nodes.push({ type: 'recursive' })
    if (isAlphaNumeric(this.input.charAt(this.pos))) this.field(nodes)
  }

  private number(nodes: Node[]): void {
    if ('+-'.includes(this.input.charAt(this.pos))) this.pos++
    while (this.pos < this.input.length && /[0-9.]/.test(this.input.charAt(this.pos))) this.pos++
    const text = this.consume()
    if (!/^[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)$/.test(text)) throw new JsonPathError(`cannot parse number ${text}`)
    nodes.push({ type: 'literal', value: Number(text) })
  }

  private array(nodes: Node[]): void {
    for (;;) {
      const char = this.next()
      if (char === '' || char === '\n') throw new JsonPathError('unterminated array')
      if (char === ']') break
    }
    const text = this.consume().slice(1, -1)
    const parts = text.split(',')
    if (parts.length > 1) {
      nodes.push({ type: 'union', parts: parts.map((part) => this.inner(`[${part.replace(/^ +| +$/g, '')}]`)) })
      return
    }
    const key = /^'([^']*)'$/.exec(text)
    if (key) {
      nodes.push(...this.inner(`.${key[1] as string}`))
      return
    }
    nodes.push(slice(text === '*' ? ':' : text))
  }

  private inner(text: string): Node[] {
    const first = new Parser(`{${text}}`, this.depth + 1).parse()[0]
    return first?.type === 'list' ? first.nodes : []
  }

  private filter(nodes: Node[]): void {
    this.pos += 3
    this.consume()
    this.skipFilter()
    if (this.next() !== ']') throw new JsonPathError('unclosed array expect ]')
    const text = this.consume().slice(0, -2)
    const match = /^([^!<>=]+)([!<>=]+)(.+?)$/.exec(text)
    if (!match) nodes.push({ type: 'filter', left: this.inner(text), right: [], operator: 'exists' })
    else nodes.push({ type: 'filter', left: this.inner(match[1] as string), operator: match[2] as string, right: this.inner(match[3] as string) })
  }

  private skipFilter(): void {
    let begun = false
    let ended = false
    let pair = ''
    for (;;) {
      const char = this.next()
      if (char === '' || char === '\n') throw new JsonPathError('unterminated filter')
      if (char === '"' || char === "'") {
        if (!begun) {
          begun = true
          pair = char
        } else if (this.input.charAt(this.pos - 2) !== '\\' && char === pair) ended = true
      } else if (char === ')' && begun === ended) return
    }
  }

  private quote(nodes: Node[], end: string): void {
    for (;;) {
      const char = this.next()
      if (char === '' || char === '\n') throw new JsonPathError('unterminated quoted string')
      if (char === end && this.input.charAt(this.pos - 2) !== '\\') break
    }
    const text = this.consume()
    nodes.push({ type: 'text', text: unquote(text) })
  }

  private field(nodes: Node[]): void {
    this.consume()
    while (this.pos < this.input.length) {
      const char = this.input.charAt(this.pos)
      if (char === '\\') this.pos += 2
      else if (isTerminator(char)) break
      else this.pos++
    }
    this.pos = Math.min(this.pos, this.input.length)
    const name = this.consume()
    nodes.push(name === '*' ? { type: 'wildcard' } : { type: 'field', name: name.replaceAll('\\', '') })
  }
}

function slice(text: string): Node {
  const match = /^(-?[\d]*)(:-?[\d]*)?(:-?[\d]*)?$/.exec(text)
  if (!match) throw new JsonPathError(`invalid array index ${text}`)
  const [, first = '', second, third] = match
  const number = (part: string): number | undefined => {
    if (part === '') return undefined
    if (part === '-') throw new JsonPathError(`array index ${part} is not a number`)
    return Number(part)
  }
  const start = number(first)
  const derivedEnd = second === undefined
  return { type: 'array', start, end: derivedEnd ? (start ?? 0) + 1 : number(second.slice(1)), derivedEnd, step: third === undefined ? undefined : number(third.slice(1)) }
}

const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', a: '\x07', b: '\b', f: '\f', v: '\v', '\\': '\\', "'": "'", '"': '"' }

function unquote(text: string): string {
  const quote = text.charAt(0)
  const wrong = (): JsonPathError => new JsonPathError(`unquote string ${text} error invalid syntax`)
  return text.slice(1, -1).replace(/\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-7]{3}|[\s\S])/g, (_, code: string) => {
    if (/^[xuU]./.test(code)) return String.fromCodePoint(Number.parseInt(code.slice(1), 16))
    if (/^[0-7]{3}$/.test(code)) return String.fromCharCode(Number.parseInt(code, 8))
    const plain = escapes[code]
    if (plain === undefined || ((code === "'" || code === '"') && code !== quote)) throw wrong()
    return plain
  })
}

function isDigit(char: string): boolean {
  return char >= '0' && char <= '9'
}

function isAlphaNumeric(char: string): boolean {
  return char === '_' || (char !== '' && /[\p{L}\p{Nd}]/u.test(char))
}

function isTerminator(char: string): boolean {
  return ' \t\r\n.,[]$@{}'.includes(char)
}
