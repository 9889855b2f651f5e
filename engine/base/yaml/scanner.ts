/**
 * Tokens of YAML 1.1 in libyaml's terms: simple keys, indentation levels, block ends. Errors carry libyaml's words, and
 * the line go-yaml would name (which is one less for the parser's errors than a person counts).
 */
export type TokenType =
  | 'stream-end' | 'directive' | 'document-start' | 'document-end' | 'block-sequence-start' | 'block-mapping-start' | 'block-end'
  | 'flow-sequence-start' | 'flow-sequence-end' | 'flow-mapping-start' | 'flow-mapping-end' | 'block-entry' | 'flow-entry'
  | 'key' | 'value' | 'alias' | 'anchor' | 'tag' | 'scalar'

export type ScalarStyle = 'plain' | 'single' | 'double' | 'literal' | 'folded'

export interface Token {
  readonly type: TokenType
  /** Zero-based line where it starts. */
  readonly line: number
  readonly column: number
  readonly endLine: number
  readonly value: string
  readonly style: ScalarStyle
  /** Tags: the handle is in `value`. */
  readonly suffix: string
}

export class YamlError extends Error {
  override readonly name = 'YamlError'
}

export function scannerError(line: number, contextLine: number, problem: string): YamlError {
  const at = line !== 0 ? line + 1 : contextLine
  return new YamlError(`yaml: ${at === 0 ? '' : `line ${at}: `}${problem}`)
}

export function parserError(line: number, contextLine: number, problem: string): YamlError {
  const at = line !== 0 ? line : contextLine
  return new YamlError(`yaml: ${at === 0 ? '' : `line ${at}: `}${problem}`)
}

interface SimpleKey {
  possible: boolean
  required: boolean
  tokenNumber: number
  index: number
  line: number
  column: number
}

const maxDepth = 10000
const indicators = '-?:,[]{}#&*!|>\'"%@`'
const escapes: Readonly<Record<string, string>> = {
  '0': '\0', a: '\x07', b: '\b', t: '\t', '\t': '\t', n: '\n', v: '\v', f: '\f', r: '\r', e: '\x1b', ' ': ' ', '"': '"', "'": "'", '\\': '\\', '/': '/',
  N: '\x85', _: '\xa0', L: '\u2028', P: '\u2029',
}

export class Scanner {
  private pos = 0
  private line = 0
  private column = 0
  private indent = -1
  private readonly indents: number[] = []
  private flowLevel = 0
  private simpleKeyAllowed = true
  private readonly simpleKeys: SimpleKey[] = [noKey()]
  private tokens: Token[] = []
  private head = 0
  private parsed = 0
  private ended = false

  constructor(private readonly text: string) {
    if (text.charCodeAt(0) === 0xfeff) this.pos = 1
  }

  peek(): Token {
    while (this.needsMore()) this.fetch()
    return this.tokens[this.head] as Token
  }

  next(): Token {
    const token = this.peek()
    this.head++
    this.parsed++
    if (this.head > 256 && this.head > this.tokens.length / 2) {
      this.tokens = this.tokens.slice(this.head)
      this.head = 0
    }
    return token
  }

  private needsMore(): boolean {
    if (this.head === this.tokens.length) return true
    if (this.ended) return false
    for (const key of this.simpleKeys) if (key.possible && key.tokenNumber === this.parsed) return this.isValid(key)
    return false
  }

  private isValid(key: SimpleKey): boolean {
    if (!key.possible) return false
    if (key.line < this.line || key.index + 1024 < this.pos) {
      if (key.required) throw scannerError(this.line, key.line, "could not find expected ':'")
      key.possible = false
      return false
    }
    return true
  }

  private at(offset = 0): string {
    return this.text.charAt(this.pos + offset)
  }

  private isBlankOrEnd(offset = 0): boolean {
    const code = this.text.charCodeAt(this.pos + offset)
    return code !== code || code === 32 || code === 9 || isBreakCode(code)
  }

  private isBreak(offset = 0): boolean {
    return isBreakCode(this.text.charCodeAt(this.pos + offset))
  }

  private isEnd(): boolean {
    return this.pos >= this.text.length
  }

  private skip(): void {
    this.pos++
    this.column++
  }

  private readBreak(): string {
    const char = this.at()
    const twoBytes = char === '\r' && this.at(1) === '\n'
    this.pos += twoBytes ? 2 : 1
    this.line++
    this.column = 0
    return char === '\u2028' || char === '\u2029' ? char : '\n'
  }

  private fetch(): void {
    this.toNextToken()
    this.unroll(this.column)
    if (this.isEnd()) return this.fetchEnd()
    const char = this.at()
    if (this.column === 0) {
      if (char === '%') return this.fetchDirective()
      if (this.isDocumentMark('---')) return this.fetchDocumentMark('document-start')
      if (this.isDocumentMark('...')) return this.fetchDocumentMark('document-end')
    }
    if (!this.fetchIndicator(char) && !this.fetchContent(char)) throw scannerError(this.line, this.line, 'found character that cannot start any token')
  }

  private fetchIndicator(char: string): boolean {
    switch (char) {
      case '[': this.flowStart('flow-sequence-start'); return true
      case '{': this.flowStart('flow-mapping-start'); return true
      case ']': this.flowEnd('flow-sequence-end'); return true
      case '}': this.flowEnd('flow-mapping-end'); return true
      case ',': this.flowEntry(); return true
      case '-': if (!this.isBlankOrEnd(1)) return false; this.blockEntry(); return true
      case '?': if (this.isPlainInBlock()) return false; this.key(); return true
      case ':': if (this.isPlainInBlock()) return false; this.value(); return true
      default: return false
    }
  }

  /** Outside of flow collections an indicator only counts before a blank. */
  private isPlainInBlock(): boolean {
    return this.flowLevel === 0 && !this.isBlankOrEnd(1)
  }

  private fetchContent(char: string): boolean {
    switch (char) {
      case '*': case '&': this.anchor(char === '*' ? 'alias' : 'anchor'); return true
      case '!': this.tag(); return true
      case "'": case '"': this.quoted(char); return true
      case '|': case '>':
        if (this.flowLevel > 0) return false
        this.blockScalar(char === '|')
        return true
    }
    if (!this.canStartPlain(char)) return false
    this.saveSimpleKey()
    this.simpleKeyAllowed = false
    this.plain()
    return true
  }

  private canStartPlain(char: string): boolean {
    if (!this.isBlankOrEnd() && !indicators.includes(char)) return true
    if (char === '-') return !(this.at(1) === ' ' || this.at(1) === '\t')
    return this.flowLevel === 0 && (char === '?' || char === ':') && !this.isBlankOrEnd(1)
  }

  private isDocumentMark(mark: string): boolean {
    return this.text.startsWith(mark, this.pos) && this.isBlankOrEnd(3)
  }

  private toNextToken(): void {
    for (;;) {
      if (this.pos === 0 && this.text.charCodeAt(0) === 0xfeff) this.pos++
      while (this.at() === ' ' || ((this.flowLevel > 0 || !this.simpleKeyAllowed) && this.at() === '\t')) this.skip()
      this.skipComment()
      if (this.isEnd() || !this.isBreak()) return
      this.readBreak()
      if (this.flowLevel === 0) this.simpleKeyAllowed = true
    }
  }

  private skipComment(): void {
    if (this.at() === '#') while (!this.isEnd() && !this.isBreak()) this.skip()
  }

  private saveSimpleKey(): void {
    if (!this.simpleKeyAllowed) return
    const required = this.flowLevel === 0 && this.indent === this.column
    this.removeSimpleKey()
    this.simpleKeys[this.simpleKeys.length - 1] = {
      possible: true, required, tokenNumber: this.parsed + this.tokens.length - this.head, index: this.pos, line: this.line, column: this.column,
    }
  }

  private removeSimpleKey(): void {
    const key = this.lastKey()
    if (!key.possible) return
    if (key.required) throw scannerError(this.line, key.line, "could not find expected ':'")
    key.possible = false
  }

  private lastKey(): SimpleKey {
    return this.simpleKeys[this.simpleKeys.length - 1] as SimpleKey
  }

  private roll(column: number, tokenNumber: number, type: TokenType, line: number): void {
    if (this.flowLevel > 0 || this.indent >= column) return
    this.indents.push(this.indent)
    this.indent = column
    if (this.indents.length > maxDepth) throw scannerError(this.line, this.line, `exceeded max depth of ${maxDepth}`)
    const token: Token = { type, line, column, endLine: line, value: '', style: 'plain', suffix: '' }
    if (tokenNumber < 0) this.tokens.push(token)
    else this.tokens.splice(this.head + tokenNumber - this.parsed, 0, token)
  }

  private unroll(column: number): void {
    if (this.flowLevel > 0) return
    while (this.indent > column) {
      this.add('block-end', this.line, this.column)
      this.indent = this.indents.pop() ?? -1
    }
  }

  private add(type: TokenType, line: number, column: number, value = '', style: ScalarStyle = 'plain', suffix = ''): void {
    this.tokens.push({ type, line, column, endLine: this.line, value, style, suffix })
  }

  private indicator(type: TokenType, length = 1): void {
    const { line, column } = this
    for (let i = 0; i < length; i++) this.skip()
    this.add(type, line, column)
  }

  private fetchEnd(): void {
    if (this.column !== 0) {
      this.column = 0
      this.line++
    }
    this.unroll(-1)
    this.removeSimpleKey()
    this.simpleKeyAllowed = false
    this.ended = true
    this.add('stream-end', this.line, 0)
  }

  private fetchDirective(): void {
    this.unroll(-1)
    this.removeSimpleKey()
    this.simpleKeyAllowed = false
    const { line, column } = this
    let text = ''
    while (!this.isEnd() && !this.isBreak()) {
      text += this.at()
      this.skip()
    }
    const name = /^%([0-9A-Za-z_-]*)/.exec(text)?.[1] ?? ''
    if (name === '') throw scannerError(this.line, line, 'could not find expected directive name')
    if (!/^%[0-9A-Za-z_-]+(?:\s|$)/.test(text)) throw scannerError(this.line, line, 'found unexpected non-alphabetical character')
    if (name !== 'YAML' && name !== 'TAG') throw scannerError(this.line, line, 'found unknown directive name')
    this.add('directive', line, column, text)
  }

  private fetchDocumentMark(type: TokenType): void {
    this.unroll(-1)
    this.removeSimpleKey()
    this.simpleKeyAllowed = false
    this.indicator(type, 3)
  }

  private flowStart(type: TokenType): void {
    this.saveSimpleKey()
    this.simpleKeys.push(noKey())
    if (++this.flowLevel > maxDepth) throw scannerError(this.line, this.line, `exceeded max depth of ${maxDepth}`)
    this.simpleKeyAllowed = true
    this.indicator(type)
  }

  private flowEnd(type: TokenType): void {
    this.removeSimpleKey()
    if (this.flowLevel > 0) {
      this.flowLevel--
      this.simpleKeys.pop()
    }
    this.simpleKeyAllowed = false
    this.indicator(type)
  }

  private flowEntry(): void {
    this.removeSimpleKey()
    this.simpleKeyAllowed = true
    this.indicator('flow-entry')
  }

  private blockEntry(): void {
    if (this.flowLevel === 0) {
      if (!this.simpleKeyAllowed) throw scannerError(this.line, this.line, 'block sequence entries are not allowed in this context')
      this.roll(this.column, -1, 'block-sequence-start', this.line)
    }
    this.removeSimpleKey()
    this.simpleKeyAllowed = true
    this.indicator('block-entry')
  }

  private key(): void {
    if (this.flowLevel === 0) {
      if (!this.simpleKeyAllowed) throw scannerError(this.line, this.line, 'mapping keys are not allowed in this context')
      this.roll(this.column, -1, 'block-mapping-start', this.line)
    }
    this.removeSimpleKey()
    this.simpleKeyAllowed = this.flowLevel === 0
    this.indicator('key')
  }

  private value(): void {
    const key = this.lastKey()
    if (this.isValid(key)) {
      this.tokens.splice(this.head + key.tokenNumber - this.parsed, 0, { type: 'key', line: key.line, column: key.column, endLine: key.line, value: '', style: 'plain', suffix: '' })
      this.roll(key.column, key.tokenNumber, 'block-mapping-start', key.line)
      key.possible = false
      this.simpleKeyAllowed = false
    } else {
      if (this.flowLevel === 0) {
        if (!this.simpleKeyAllowed) throw scannerError(this.line, this.line, 'mapping values are not allowed in this context')
        this.roll(this.column, -1, 'block-mapping-start', this.line)
      }
      this.simpleKeyAllowed = this.flowLevel === 0
    }
    this.indicator('value')
  }

  private anchor(type: 'alias' | 'anchor'): void {
    this.saveSimpleKey()
    this.simpleKeyAllowed = false
    const { line, column } = this
    this.skip()
    const start = this.pos
    while (/[0-9A-Za-z_-]/.test(this.at())) this.skip()
    const name = this.text.slice(start, this.pos)
    if (name === '' || !(this.isBlankOrEnd() || '?:,]}%@`'.includes(this.at()))) throw scannerError(this.line, line, 'did not find expected alphabetic or numeric character')
    this.add(type, line, column, name)
  }

  private tag(): void {
    this.saveSimpleKey()
    this.simpleKeyAllowed = false
    const { line, column } = this
    const match = /^!<([^>\s]*)>|^(!(?:[0-9A-Za-z_-]*!)?)([0-9A-Za-z\-_;/?:@&=+$.~*'()%]*)/.exec(this.text.slice(this.pos, this.pos + 1024))
    if (!match) throw scannerError(this.line, line, "did not find the expected '>'")
    for (let i = 0; i < match[0].length; i++) this.skip()
    if (!this.isBlankOrEnd() && !(this.flowLevel > 0 && this.at() === ',')) throw scannerError(this.line, line, 'did not find expected whitespace or line break')
    this.add('tag', line, column, match[1] === undefined ? (match[2] ?? '') : '', 'plain', match[1] ?? match[3] ?? '')
  }

  private blockScalar(literal: boolean): void {
    this.removeSimpleKey()
    this.simpleKeyAllowed = true
    const { line, column } = this
    this.skip()
    const header = this.blockHeader(line)
    const end = { indent: header.increment > 0 ? Math.max(this.indent, 0) + header.increment : 0, breaks: '' }
    this.blockBreaks(end, line)
    let out = ''
    let leadingBreak = ''
    let leadingBlank = false
    while (this.column === end.indent && !this.isEnd()) {
      const blank = this.at() === ' ' || this.at() === '\t'
      if (!literal && leadingBreak.startsWith('\n') && !leadingBlank && !blank) {
        if (end.breaks === '') out += ' '
      } else out += leadingBreak
      out += end.breaks
      end.breaks = ''
      leadingBlank = blank
      const start = this.pos
      while (!this.isEnd() && !this.isBreak()) this.skip()
      out += this.text.slice(start, this.pos)
      leadingBreak = this.isEnd() ? '' : this.readBreak()
      this.blockBreaks(end, line)
    }
    if (header.chomping !== -1) out += leadingBreak
    if (header.chomping === 1) out += end.breaks
    this.add('scalar', line, column, out, literal ? 'literal' : 'folded')
  }

  private blockHeader(line: number): { chomping: number; increment: number } {
    const header = this.blockIndicators(line)
    while (this.at() === ' ' || this.at() === '\t') this.skip()
    this.skipComment()
    if (!this.isEnd() && !this.isBreak()) throw scannerError(this.line, line, 'did not find expected comment or line break')
    if (this.isBreak()) this.readBreak()
    return header
  }

  private blockIndicators(line: number): { chomping: number; increment: number } {
    let chomping = 0
    let increment = 0
    for (let i = 0; i < 2; i++) {
      const char = this.at()
      if ((char === '+' || char === '-') && chomping === 0) chomping = char === '+' ? 1 : -1
      else if (char === '0' && increment === 0) throw scannerError(this.line, line, 'found an indentation indicator equal to 0')
      else if (/[1-9]/.test(char) && increment === 0) increment = Number(char)
      else break
      this.skip()
    }
    return { chomping, increment }
  }

  private blockBreaks(end: { indent: number; breaks: string }, line: number): void {
    let widest = 0
    for (;;) {
      while ((end.indent === 0 || this.column < end.indent) && this.at() === ' ') this.skip()
      if (this.column > widest) widest = this.column
      if ((end.indent === 0 || this.column < end.indent) && this.at() === '\t') throw scannerError(this.line, line, 'found a tab character where an indentation space is expected')
      if (this.isEnd() || !this.isBreak()) break
      end.breaks += this.readBreak()
    }
    if (end.indent === 0) end.indent = Math.max(widest, this.indent + 1, 1)
  }

  private quoted(quote: string): void {
    this.saveSimpleKey()
    this.simpleKeyAllowed = false
    const { line, column } = this
    this.skip()
    let out = ''
    for (;;) {
      if (this.column === 0 && (this.isDocumentMark('---') || this.isDocumentMark('...'))) throw scannerError(this.line, line, 'found unexpected document indicator')
      if (this.isEnd()) throw scannerError(this.line, line, 'found unexpected end of stream')
      const part = this.quotedWord(quote, line)
      out += part.text
      if (this.at() === quote) break
      out += this.foldBlanks(part.continued)
    }
    this.skip()
    this.add('scalar', line, column, out, quote === "'" ? 'single' : 'double')
  }

  /** Characters up to a blank, a break or the closing quote. */
  private quotedWord(quote: string, line: number): { text: string; continued: boolean } {
    let text = ''
    while (!this.isBlankOrEnd()) {
      const char = this.at()
      if (char === quote) {
        if (quote !== "'" || this.at(1) !== "'") break
        text += "'"
        this.skip()
        this.skip()
      } else if (quote === '"' && char === '\\') {
        if (this.isBreak(1)) {
          this.skip()
          this.readBreak()
          return { text, continued: true }
        }
        text += this.escape(line)
      } else {
        text += char
        this.skip()
      }
    }
    return { text, continued: false }
  }

  private escape(line: number): string {
    const code = this.at(1)
    const length = code === 'x' ? 2 : code === 'u' ? 4 : code === 'U' ? 8 : 0
    if (length === 0) {
      const plain = escapes[code]
      if (plain === undefined || code === '/') throw scannerError(this.line, line, 'found unknown escape character')
      this.skip()
      this.skip()
      return plain
    }
    return this.numericEscape(length, line)
  }

  private numericEscape(length: number, line: number): string {
    const digits = this.text.slice(this.pos + 2, this.pos + 2 + length)
    if (digits.length < length || !/^[0-9a-fA-F]+$/.test(digits)) throw scannerError(this.line, line, 'did not find expected hexdecimal number')
    const point = Number.parseInt(digits, 16)
    if ((point >= 0xd800 && point <= 0xdfff) || point > 0x10ffff) throw scannerError(this.line, line, 'found invalid Unicode character escape code')
    for (let i = 0; i < length + 2; i++) this.skip()
    return String.fromCodePoint(point)
  }

  /** Blanks and breaks within a flow scalar: one break folds to a space, more stay as breaks. */
  private foldBlanks(continued: boolean): string {
    let blanks = ''
    let leading = ''
    let trailing = ''
    let broken = continued
    for (;;) {
      const char = this.at()
      if (char === ' ' || char === '\t') {
        if (!broken) blanks += char
        this.skip()
      } else if (!this.isEnd() && this.isBreak()) {
        if (!broken) leading = this.readBreak()
        else trailing += this.readBreak()
        broken = true
      } else break
    }
    if (!broken) return blanks
    if (leading.startsWith('\n')) return trailing === '' ? ' ' : trailing
    return leading + trailing
  }

  private plain(): void {
    const { line, column } = this
    const indent = this.indent + 1
    let out = ''
    let pending = ''
    let broken = false
    for (;;) {
      if (this.endsPlain()) break
      const word = this.plainWord()
      if (word !== '') {
        out += pending + word
        pending = ''
        broken = false
      }
      if (this.isEnd() || !this.isBlankOrEnd()) break
      const before = this.line
      if (this.line === line || !broken) this.rejectTab(indent, line)
      pending += this.foldBlanks(false)
      if (this.line !== before) broken = true
      if (this.flowLevel === 0 && this.column < indent) break
    }
    this.add('scalar', line, column, out)
    if (broken) this.simpleKeyAllowed = true
  }

  /** A document's mark or a comment ends a plain scalar. */
  private endsPlain(): boolean {
    return (this.column === 0 && (this.isDocumentMark('---') || this.isDocumentMark('...'))) || this.at() === '#'
  }

  private plainWord(): string {
    const start = this.pos
    while (!this.isBlankOrEnd()) {
      const char = this.at()
      if (char === ':' && this.isBlankOrEnd(1)) break
      if (this.flowLevel > 0 && ',?[]{}'.includes(char)) break
      this.skip()
    }
    return this.text.slice(start, this.pos)
  }

  /** A continuation line may not be indented by a tab. */
  private rejectTab(indent: number, line: number): void {
    let at = this.pos
    let column = -1
    for (; at < this.text.length; at++) {
      const code = this.text.charCodeAt(at)
      if (isBreakCode(code)) column = 0
      else if (code === 9 && column >= 0 && column < indent) throw scannerError(this.line + 1, line, 'found a tab character that violates indentation')
      else if (code === 32 || code === 9) { if (column >= 0) column++ }
      else return
    }
  }
}

function isBreakCode(code: number): boolean {
  return code === 10 || code === 13 || code === 0x85 || code === 0x2028 || code === 0x2029
}

function noKey(): SimpleKey {
  return { possible: false, required: false, tokenNumber: 0, index: 0, line: 0, column: 0 }
}
