/**
 * Tokens of YAML 1.1 in libyaml's terms: simple keys, indentation levels, block ends. Errors carry libyaml's words, and
 * the line go-yaml would name (which is one less for the parser's errors than a person counts).
 */
import { blockScalar } from '#engine/base/yaml/block-scalar'
import { Cursor } from '#engine/base/yaml/cursor'
import { plainScalar } from '#engine/base/yaml/plain-scalar'
import { quotedScalar } from '#engine/base/yaml/quoted-scalar'
import { scannerError, type ScalarStyle, type Token, type TokenType } from '#engine/base/yaml/tokens'

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

export class Scanner extends Cursor {
  private indent = -1
  private readonly indents: number[] = []
  private flowLevel = 0
  private simpleKeyAllowed = true
  private readonly simpleKeys: SimpleKey[] = [noKey()]
  private tokens: Token[] = []
  private head = 0
  private parsed = 0
  private ended = false

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
        this.block(char === '|')
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

  private block(literal: boolean): void {
    this.removeSimpleKey()
    this.simpleKeyAllowed = true
    const { line, column } = this
    this.add('scalar', line, column, blockScalar(this, literal, this.indent), literal ? 'literal' : 'folded')
  }

  private quoted(quote: string): void {
    this.saveSimpleKey()
    this.simpleKeyAllowed = false
    const { line, column } = this
    this.add('scalar', line, column, quotedScalar(this, quote), quote === "'" ? 'single' : 'double')
  }

  private plain(): void {
    const { line, column } = this
    const { value, broken } = plainScalar(this, this.indent + 1, this.flowLevel > 0)
    this.add('scalar', line, column, value)
    if (broken) this.simpleKeyAllowed = true
  }
}

function noKey(): SimpleKey {
  return { possible: false, required: false, tokenNumber: 0, index: 0, line: 0, column: 0 }
}
