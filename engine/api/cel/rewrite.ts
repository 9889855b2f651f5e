/**
 * Literals that the library's parser does not know, said in those it knows: `Object.spec{replicas: 1}` is a map, and optional
 * members (`[?a]`, `{?'k': b}`) are sorted out by a function.
 */
interface Token {
  readonly text: string
  readonly kind: 'word' | 'string' | 'space' | 'other'
}

const lexer = /(?<space>\s+|\/\/[^\n]*)|(?<string>[rRbB]{0,2}(?:"""[\s\S]*?"""|'''[\s\S]*?'''|"(?:\\[\s\S]|[^"\\])*"|'(?:\\[\s\S]|[^'\\])*'))|(?<word>[A-Za-z_]\w*)|(?<other>\d[\w.]*|[\s\S])/gy
const needed = /[[{,]\s*\?|[A-Za-z_0-9]\s*\{/
const keywords = new Set(['in', 'true', 'false', 'null'])

export function plainSource(source: string): string {
  return needed.test(source) ? new Rewriter(source).run() : source
}

interface Member {
  readonly optional: boolean
  /** '' in a list. */
  readonly key: string
  readonly value: string
}

class Rewriter {
  private readonly tokens: Token[] = []
  private at = 0

  constructor(private readonly source: string) {
    for (const match of source.matchAll(lexer)) {
      const kind = match.groups?.['space'] !== undefined ? 'space' : match.groups?.['string'] !== undefined ? 'string' : match.groups?.['word'] !== undefined ? 'word' : 'other'
      this.tokens.push({ text: match[0], kind })
    }
  }

  run(): string {
    const out = this.until([])
    return this.at < this.tokens.length ? this.source : out
  }

  /** Up to one of the closing texts, which is left where it stands. */
  private until(ends: readonly string[]): string {
    let out = ''
    while (this.at < this.tokens.length) {
      const token = this.tokens[this.at] as Token
      if (token.kind === 'other' && ends.includes(token.text)) return out
      if (token.text === '{' && token.kind === 'other') out = this.brace(out)
      else if (token.text === '[' && token.kind === 'other') out += /[\w)\]}]\s*$/.test(out) && !/(?:^|\W)in\s*$/.test(out) ? this.bracketed('[', ']') : this.list()
      else if (token.text === '(' && token.kind === 'other') out += this.bracketed('(', ')')
      else {
        out += token.text
        this.at++
      }
    }
    return out
  }

  private bracketed(open: string, close: string): string {
    this.at++
    const inner = this.until([close])
    this.at++
    return `${open}${inner}${close}`
  }

  /** A map, or a struct when a name stands before it; the name goes. */
  private brace(before: string): string {
    const name = /\.?[A-Za-z_]\w*(?:\s*\.\s*[A-Za-z_]\w*)*\s*$/.exec(before)
    const isStruct = name !== null && !keywords.has(name[0].trim())
    return `${isStruct ? before.slice(0, name.index) : before}${aggregate(this.members('}', isStruct), '{', '}')}`
  }

  private list(): string {
    return aggregate(this.members(']', false), '[', ']')
  }

  private members(close: string, isStruct: boolean): Member[] {
    const out: Member[] = []
    this.at++
    for (;;) {
      this.skip()
      const token = this.tokens[this.at]
      if (!token || token.text === close) break
      const optional = token.text === '?'
      if (optional) this.at++
      const first = this.until([',', ':', close])
      const isEntry = this.tokens[this.at]?.text === ':'
      if (isEntry) this.at++
      const value = isEntry ? this.until([',', close]) : first
      out.push({ optional, key: isEntry ? keyText(first, isStruct) : '', value: value.trim() })
      if (this.tokens[this.at]?.text === ',') this.at++
    }
    this.at++
    return out
  }

  private skip(): void {
    while (this.tokens[this.at]?.kind === 'space') this.at++
  }
}

function keyText(text: string, isStruct: boolean): string {
  const key = text.trim().replace(/^`(.*)`$/, '$1')
  return isStruct ? JSON.stringify(key.replace(/^__(\w+)__$/, '$1')) : key
}

function aggregate(members: readonly Member[], open: string, close: string): string {
  const isMap = open === '{'
  const literal = `${open}${members.map(({ key, value }) => (isMap ? `${key}: ${value}` : value)).join(', ')}${close}`
  if (!members.some(({ optional }) => optional)) return literal
  const marks = members.flatMap(({ optional, key }, index) => (optional ? [isMap ? key : String(index)] : []))
  return `${isMap ? '__entries' : '__items'}(${literal}, [${marks.join(', ')}])`
}
