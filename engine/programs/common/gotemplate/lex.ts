/** Templates to tokens. */
export type ItemType =
  | 'text' | 'left' | 'right' | 'space' | 'identifier' | 'field' | 'variable' | 'dot' | 'nil' | 'bool' | 'number' | 'char' | 'string' | 'raw' | 'charConstant'
  | 'pipe' | 'assign' | 'declare' | 'leftParen' | 'rightParen' | 'keyword' | 'eof' | 'error'

export interface Item {
  readonly type: ItemType
  readonly value: string
  readonly pos: number
  readonly line: number
}

export class TemplateSyntaxError extends Error {
  override readonly name = 'TemplateSyntaxError'
}

const keywords = new Set(['block', 'break', 'continue', 'define', 'else', 'end', 'if', 'range', 'template', 'with'])

export function lexTemplate(input: string): Item[] {
  return new Lexer(input).run()
}

class Lexer {
  private readonly items: Item[] = []
  private pos = 0
  private line = 1
  private lineAt = 0
  private depth = 0

  constructor(private readonly input: string) {}

  run(): Item[] {
    while (this.text()) this.action()
    const last = this.items[this.items.length - 1]
    if (last?.type !== 'error') this.add('eof', '', this.input.length)
    return this.items
  }

  private add(type: ItemType, value: string, pos: number): void {
    for (; this.lineAt < pos; this.lineAt++) if (this.input.charAt(this.lineAt) === '\n') this.line++
    this.items.push({ type, value, pos, line: this.line })
  }

  private fail(message: string, at = this.pos): false {
    this.add('error', message, Math.min(at, this.input.length))
    this.pos = this.input.length
    return false
  }

  /** Text up to the next action; false at the end. */
  private text(): boolean {
    if (this.items[this.items.length - 1]?.type === 'error') return false
    const start = this.pos
    const left = this.input.indexOf('{{', start)
    let end = left < 0 ? this.input.length : left
    if (left >= 0 && this.input.charAt(left + 2) === '-' && /\s/.test(this.input.charAt(left + 3))) end = start + this.input.slice(start, left).replace(/[ \t\r\n]+$/, '').length
    if (end > start) this.add('text', this.input.slice(start, end), start)
    if (left < 0) return false
    this.pos = left
    return true
  }

  private action(): void {
    const start = this.pos
    this.pos += 2
    if (/^-\s/.test(this.input.slice(this.pos, this.pos + 2))) this.pos += 1
    const comment = /^\s*\/\*/.exec(this.input.slice(this.pos, this.pos + 200))
    if (comment && (comment[0] === '/*' || this.input.charAt(start + 2) === '-')) return void this.comment()
    this.add('left', '{{', start)
    this.depth = 0
    while (this.inside());
  }

  private comment(): boolean {
    const end = this.input.indexOf('*/', this.pos)
    if (end < 0) return this.fail('unclosed comment')
    this.pos = end + 2
    const close = /^(?:(\s+-)?)}}/.exec(this.input.slice(this.pos))
    if (!close) return this.fail('comment ends before closing delimiter')
    this.pos += close[0].length
    if (close[1]) this.skipSpace()
    return true
  }

  private skipSpace(): void {
    while (/[ \t\r\n]/.test(this.input.charAt(this.pos))) this.pos++
  }

  /** One token; false when the action is over. */
  private inside(): boolean {
    const rest = this.input.slice(this.pos, this.pos + 64)
    const trimmed = /^[ \t\r\n]+-}}/.exec(rest)
    if (trimmed || rest.startsWith('}}')) {
      if (this.depth > 0) return this.fail('unclosed left paren')
      this.add('right', '}}', this.pos)
      this.pos += trimmed ? trimmed[0].length : 2
      if (trimmed) this.skipSpace()
      return false
    }
    const start = this.pos
    const char = this.input.charAt(this.pos)
    if (char === '') return this.fail('unclosed action')
    if (/[ \t\r\n]/.test(char)) return this.space(start)
    const mark = this.marks[char]
    return mark ? mark(start) : this.word(char, start)
  }

  private readonly marks: Readonly<Record<string, (start: number) => boolean>> = {
    '=': () => this.one('assign', 1),
    ':': () => (this.input.charAt(this.pos + 1) === '=' ? this.one('declare', 2) : this.fail('expected :=')),
    '|': () => this.one('pipe', 1),
    '"': (start) => this.quoted(start),
    '`': (start) => this.raw(start),
    "'": (start) => this.charConstant(start),
    '$': (start) => this.variable(start),
    '(': () => this.parenthesis('leftParen', 1),
    ')': () => this.parenthesis('rightParen', -1),
  }

  private parenthesis(type: ItemType, step: number): boolean {
    this.depth += step
    return this.depth < 0 ? this.fail('unexpected right paren') : this.one(type, 1)
  }

  private word(char: string, start: number): boolean {
    if (char === '.' && !/[0-9]/.test(this.input.charAt(this.pos + 1))) return this.field(start)
    if (/[-+0-9.]/.test(char)) return this.number(start)
    if (isAlphaNumeric(char)) return this.identifier(start)
    if (char >= ' ' && char <= '~') return this.one('char', 1)
    return this.fail(`unrecognized character in action: U+${(this.input.codePointAt(this.pos) ?? 0).toString(16).toUpperCase().padStart(4, '0')} '${char}'`)
  }

  private one(type: ItemType, length: number): true {
    this.add(type, this.input.slice(this.pos, this.pos + length), this.pos)
    this.pos += length
    return true
  }

  private space(start: number): true {
    while (/[ \t\r\n]/.test(this.input.charAt(this.pos))) {
      if (/^[ \t\r\n]-}}/.test(this.input.slice(this.pos, this.pos + 4))) break
      this.pos++
    }
    if (this.pos > start) this.add('space', this.input.slice(start, this.pos), start)
    return true
  }

  private atTerminator(): boolean {
    const char = this.input.charAt(this.pos)
    return char === '' || /[ \t\r\n.,|:()]/.test(char) || this.input.startsWith('}}', this.pos)
  }

  private badCharacter(): false {
    const char = this.input.charAt(this.pos)
    return this.fail(`bad character U+${char.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')} '${char}'`)
  }

  private alphaNumerics(): void {
    while (isAlphaNumeric(this.input.charAt(this.pos))) this.pos++
  }

  private identifier(start: number): boolean {
    this.alphaNumerics()
    if (!this.atTerminator()) return this.badCharacter()
    const word = this.input.slice(start, this.pos)
    this.add(keywords.has(word) ? 'keyword' : word === 'nil' ? 'nil' : word === 'true' || word === 'false' ? 'bool' : 'identifier', word, start)
    return true
  }

  private field(start: number): boolean {
    this.pos++
    if (this.atTerminator()) {
      this.add('dot', '.', start)
      return true
    }
    this.alphaNumerics()
    if (!this.atTerminator()) return this.badCharacter()
    this.add('field', this.input.slice(start, this.pos), start)
    return true
  }

  private variable(start: number): boolean {
    this.pos++
    this.alphaNumerics()
    if (!this.atTerminator()) return this.badCharacter()
    this.add('variable', this.input.slice(start, this.pos), start)
    return true
  }

  private number(start: number): boolean {
    const match = /^[-+]?(?:0[xX][0-9a-fA-F_]+|0[bB][01_]+|0[oO][0-7_]+|[0-9_]*\.?[0-9_]*(?:[eE][-+]?[0-9_]*)?)i?/.exec(this.input.slice(this.pos))
    this.pos += match?.[0].length ?? 0
    if (isAlphaNumeric(this.input.charAt(this.pos))) {
      this.pos++
      return this.fail(`bad number syntax: ${JSON.stringify(this.input.slice(start, this.pos))}`)
    }
    this.add('number', this.input.slice(start, this.pos), start)
    return true
  }

  private quoted(start: number): boolean {
    for (this.pos++; ; this.pos++) {
      const char = this.input.charAt(this.pos)
      if (char === '\\' && this.input.charAt(this.pos + 1) !== '\n' && this.input.charAt(this.pos + 1) !== '') this.pos++
      else if (char === '' || char === '\n') return this.fail('unterminated quoted string', start)
      else if (char === '"') break
    }
    this.pos++
    this.add('string', this.input.slice(start, this.pos), start)
    return true
  }

  private raw(start: number): boolean {
    const end = this.input.indexOf('`', start + 1)
    if (end < 0) return this.fail('unterminated raw quoted string', start)
    this.pos = end + 1
    this.add('raw', this.input.slice(start, this.pos), start)
    return true
  }

  private charConstant(start: number): boolean {
    const match = /^'(?:[^'\\\n]|\\.[0-9a-fA-F]*)'/u.exec(this.input.slice(start))
    if (!match) return this.fail('unterminated character constant', start)
    this.pos = start + match[0].length
    this.add('charConstant', match[0], start)
    return true
  }
}

export function isAlphaNumeric(char: string): boolean {
  return char === '_' || (char !== '' && /[\p{L}\p{Nd}]/u.test(char))
}
