/** Corefiles: server blocks with their plugins, snippets and imports, in Caddy's syntax and error words. */
export interface Directive {
  readonly name: string
  readonly args: readonly string[]
  /** Lines of its block, each as words. */
  readonly block: readonly { readonly words: readonly string[]; readonly line: number }[] | undefined
  readonly line: number
}

export interface ServerBlock {
  /** As written: `.:53`, `example.com:5353`. */
  readonly keys: readonly string[]
  readonly directives: readonly Directive[]
}

export class CorefileError extends Error {
  override readonly name = 'CorefileError'
}

interface Token {
  readonly text: string
  readonly line: number
  readonly quoted: boolean
}

const tokenLimit = 100_000

/** `file` names the file in messages. Throws CorefileError. */
export function parseCorefile(text: string, file: string, env: ReadonlyMap<string, string> = new Map()): ServerBlock[] {
  return new Parser(tokenize(text, env), file).parse()
}

function tokenize(text: string, env: ReadonlyMap<string, string>): Token[] {
  const tokens: Token[] = []
  const source = text.replace(/\{\$(\w+)\}|\{%(\w+)%\}/g, (_, a: string | undefined, b: string | undefined) => env.get(a ?? b ?? '') ?? '')
  let line = 1
  for (const match of source.matchAll(/\n|#[^\n]*|"((?:[^"\\]|\\.)*)"|[^\s"]+/g)) {
    if (match[0] === '\n') line++
    else if (match[0].startsWith('#') && isComment(source, match.index)) continue
    else if (match[1] !== undefined) {
      tokens.push({ text: match[1].replace(/\\"/g, '"'), line, quoted: true })
      line += match[0].split('\n').length - 1
    } else tokens.push({ text: match[0], line, quoted: false })
    if (tokens.length > tokenLimit) throw new CorefileError('Corefile too long')
  }
  return tokens
}

/** A hash begins a comment only at the beginning of a word. */
function isComment(source: string, at: number): boolean {
  return at === 0 || /\s/.test(source.charAt(at - 1))
}

class Parser {
  private at = 0
  private readonly snippets = new Map<string, Token[]>()
  private imports = 0

  constructor(private readonly tokens: Token[], private readonly file: string) {}

  parse(): ServerBlock[] {
    const blocks: ServerBlock[] = []
    while (this.at < this.tokens.length) {
      const block = this.serverBlock()
      if (block) blocks.push(block)
    }
    return blocks
  }

  private fail(line: number, message: string): CorefileError {
    return new CorefileError(`${this.file}:${line} - Error during parsing: ${message}`)
  }

  private lastLine(): number {
    return this.tokens[Math.min(this.at, this.tokens.length - 1)]?.line ?? 1
  }

  private serverBlock(): ServerBlock | undefined {
    const keys: string[] = []
    for (let token = this.tokens[this.at]; ; token = this.tokens[this.at]) {
      if (!token) throw this.fail(this.lastLine(), keys.length > 0 ? 'Unexpected EOF' : 'Unexpected end of file')
      this.at++
      if (token.text === '{') break
      if (token.text === '}') throw this.fail(token.line, "Unexpected '}' because no matching opening brace")
      keys.push(...token.text.split(',').filter((key) => key !== ''))
    }
    if (keys.length === 1 && /^\(.+\)$/.test(keys[0] ?? '')) {
      this.snippets.set((keys[0] ?? '').slice(1, -1), this.snippet())
      return undefined
    }
    return { keys, directives: this.directives() }
  }

  private snippet(): Token[] {
    const from = this.at
    for (let depth = 1; this.at < this.tokens.length; this.at++) {
      const { text, quoted } = this.tokens[this.at] as Token
      if (quoted) continue
      if (text === '{') depth++
      else if (text === '}' && --depth === 0) return this.tokens.slice(from, this.at++)
    }
    throw this.fail(this.lastLine(), 'Unexpected EOF')
  }

  private directives(): Directive[] {
    const out: Directive[] = []
    for (;;) {
      const token = this.tokens[this.at]
      if (!token) throw this.fail(this.lastLine(), "Expected '}' at end of server block")
      this.at++
      if (token.text === '}' && !token.quoted) return out
      if (token.text === 'import') this.importSnippet(token)
      else out.push(this.directive(token))
    }
  }

  private importSnippet(token: Token): void {
    const name = this.tokens[this.at]?.text ?? ''
    const snippet = this.snippets.get(name)
    if (!snippet) throw this.fail(token.line, `File to import not found: ${name}`)
    if (++this.imports > 100) throw this.fail(token.line, 'too many imports')
    this.tokens.splice(this.at, 1, ...snippet)
  }

  private directive(token: Token): Directive {
    const args: string[] = []
    for (;;) {
      const next = this.tokens[this.at]
      if (!next || next.line !== token.line) return { name: token.text, args, block: undefined, line: token.line }
      if (next.text === '}' && !next.quoted) return { name: token.text, args, block: undefined, line: token.line }
      this.at++
      if (next.text === '{' && !next.quoted) return { name: token.text, args, block: this.block(token), line: token.line }
      args.push(next.text)
    }
  }

  private block(opened: Token): NonNullable<Directive['block']> {
    const lines: { words: string[]; line: number }[] = []
    for (let depth = 1; ;) {
      const token = this.tokens[this.at]
      if (!token) throw this.fail(this.lastLine(), `Unexpected end of input in '${opened.text}'`)
      this.at++
      if (token.text === '}' && !token.quoted && --depth === 0) return lines
      if (token.text === '{' && !token.quoted) depth++
      const last = lines.at(-1)
      if (last?.line === token.line) last.words.push(token.text)
      else lines.push({ words: [token.text], line: token.line })
    }
  }
}

export interface ZoneAddress {
  /** With its last dot, in lower case. */
  readonly zone: string
  readonly port: number
}

/** `.:53`, `example.com`, `dns://example.com:5353`; a reverse CIDR becomes its zone. */
export function zoneAddress(key: string): ZoneAddress {
  const bare = key.replace(/^dns:\/\//, '')
  const match = /^(.*?)(?::(\d+))?$/.exec(bare)
  const zone = reverseZone(match?.[1] ?? '')
  return { zone: zone === '' || zone === '.' ? '.' : `${zone.toLowerCase().replace(/\.$/, '')}.`, port: Number(match?.[2] ?? 53) }
}

export function reverseZone(text: string): string {
  const match = /^(\d+)\.(\d+)\.(\d+)\.(\d+)\/(\d+)$/.exec(text)
  if (!match) return text
  const octets = [match[1], match[2], match[3], match[4]].slice(0, Math.floor(Number(match[5]) / 8))
  return `${octets.reverse().join('.')}.in-addr.arpa`
}
