/** awk's tokens. */
export class AwkSyntaxError extends Error {
  constructor(
    message: string,
    readonly line: number,
    readonly detail?: string,
    /** A second complaint about the same. */
    readonly further?: string,
  ) {
    super(message)
  }
}

export interface Token {
  readonly kind: 'number' | 'string' | 'regex' | 'name' | 'call' | 'keyword' | 'builtin' | 'operator' | 'newline' | 'end'
  readonly text: string
  readonly line: number
}

const keywords = new Set(['BEGIN', 'END', 'function', 'if', 'else', 'while', 'for', 'do', 'break', 'continue', 'next', 'nextfile', 'exit', 'return', 'delete', 'in', 'getline', 'print', 'printf'])
export const builtinFunctions = new Set(['length', 'substr', 'index', 'split', 'sub', 'gsub', 'match', 'sprintf', 'sin', 'cos', 'atan2', 'exp', 'log', 'sqrt', 'int', 'rand', 'srand', 'tolower', 'toupper', 'system', 'close', 'fflush', 'systime', 'mktime', 'strftime'])
const operators = ['&&', '||', '++', '--', '+=', '-=', '*=', '/=', '%=', '^=', '==', '<=', '>=', '!=', '>>', '!~', '{', '}', '(', ')', '[', ']', ';', ',', '+', '-', '*', '/', '%', '^', '!', '>', '<', '|', '?', ':', '~', '$', '=']

export function tokenize(text: string): Token[] {
  return new Lexer(text).run()
}

class Lexer {
  private readonly out: Token[] = []
  private at = 0
  private line = 1

  constructor(private readonly text: string) {}

  run(): Token[] {
    while (this.at < this.text.length) this.step()
    this.push('newline', '\n')
    this.line++
    this.push('end', 'end of file')
    return this.out
  }

  private push(kind: Token['kind'], text: string): void {
    this.out.push({ kind, text, line: this.line })
  }

  private step(): void {
    const c = this.text.charAt(this.at)
    if (this.skipped(c)) return
    if (c === '"') this.string()
    else if (/[0-9]/.test(c) || (c === '.' && /[0-9]/.test(this.text.charAt(this.at + 1)))) this.number()
    else if (/[A-Za-z_]/.test(c)) this.name()
    else if (c === '/' && this.regexAllowed()) this.regex()
    else this.operator()
  }

  /** Newlines, lines that go on, spaces and comments. */
  private skipped(c: string): boolean {
    if (c === '\n') {
      this.push('newline', '\n')
      this.line++
      this.at++
      return true
    }
    const skip = /^(?:\\\r?\n|\s|#[^\n]*)/.exec(this.text.slice(this.at, this.at + 3))
    if (!skip) return false
    if (c === '\\') this.line++
    this.at = c === '#' ? this.endOfLine() : this.at + (c === '\\' ? skip[0].length : 1)
    return true
  }

  private endOfLine(): number {
    const end = this.text.indexOf('\n', this.at)
    return end < 0 ? this.text.length : end
  }

  private regexAllowed(): boolean {
    const last = this.out[this.out.length - 1]
    if (!last) return true
    if (last.kind === 'number' || last.kind === 'string' || last.kind === 'name' || last.kind === 'builtin') return false
    return !(last.kind === 'operator' && [')', ']', '$', '++', '--'].includes(last.text))
  }

  private string(): void {
    let i = this.at + 1
    let raw = ''
    while (i < this.text.length && this.text[i] !== '"') {
      if (this.text[i] === '\n') throw new AwkSyntaxError('runaway string constant "' + raw.slice(0, 10) + ' ...', this.line)
      if (this.text[i] === '\\' && i + 1 < this.text.length) raw += this.text[i++]
      raw += this.text[i++]
    }
    if (i >= this.text.length) throw new AwkSyntaxError(`runaway string constant "${raw.slice(0, 10)} ...`, this.line)
    this.push('string', unescapeString(raw))
    this.at = i + 1
  }

  private number(): void {
    const match = /^(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?/.exec(this.text.slice(this.at)) as RegExpExecArray
    this.push('number', match[0])
    this.at += match[0].length
  }

  private name(): void {
    const name = (/^\w+/.exec(this.text.slice(this.at)) as RegExpExecArray)[0]
    this.at += name.length
    if (keywords.has(name)) this.push('keyword', name)
    else if (builtinFunctions.has(name)) this.push('builtin', name)
    else this.push(this.text[this.at] === '(' ? 'call' : 'name', name)
  }

  private regex(): void {
    const end = this.endOfRegex()
    const raw = this.text.slice(this.at + 1, end)
    if (this.text[end] !== '/') throw new AwkSyntaxError(`runaway regular expression /${raw.slice(0, 10)} ...`, this.line)
    this.push('regex', raw.replace(/\\([^])/g, (whole, c: string) => (c === '/' ? '/' : whole)))
    this.at = end + 1
  }

  /** Where the `/` is that ends it, which in brackets does not; else the end of the line. */
  private endOfRegex(): number {
    const { text } = this
    let inBracket = false
    let i = this.at + 1
    for (; i < text.length && text[i] !== '\n'; i++) {
      if (text[i] === '\\') i++
      else if (text[i] === ']') inBracket = false
      else if (text[i] === '/' && !inBracket) break
      else if (text[i] === '[' && !inBracket) {
        inBracket = true
        i += (/^\[\^?\]?/.exec(text.slice(i, i + 3))?.[0].length ?? 1) - 1
      }
    }
    return i
  }

  private operator(): void {
    const operator = operators.find((candidate) => this.text.startsWith(candidate, this.at))
    if (operator === undefined) throw new AwkSyntaxError(`unexpected character '${this.text[this.at] as string}'`, this.line, 'character')
    this.push('operator', operator)
    this.at += operator.length
  }
}

const simple: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', '\\': '\\', '"': '"', a: '\x07', b: '\b', f: '\f', v: '\v' }

export function unescapeString(raw: string): string {
  return raw.replace(/\\(x[0-9a-fA-F]{1,2}|[0-7]{1,3}|[^])/g, (whole, c: string) => {
    if (/^[0-7]/.test(c)) return String.fromCharCode(Number.parseInt(c, 8))
    if (/^x./.test(c)) return String.fromCharCode(Number.parseInt(c.slice(1), 16))
    return c === '\n' ? '' : (simple[c] ?? whole)
  })
}
