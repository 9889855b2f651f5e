/** A place in a YAML text: what stands there, how to move on, and which line and column that is. */
export class Cursor {
  /** In UTF-16 units. */
  pos = 0
  /** Zero-based, like the column. */
  line = 0
  column = 0

  constructor(readonly text: string) {
    if (text.charCodeAt(0) === 0xfeff) this.pos = 1
  }

  at(offset = 0): string {
    return this.text.charAt(this.pos + offset)
  }

  isBlankOrEnd(offset = 0): boolean {
    const code = this.text.charCodeAt(this.pos + offset)
    return code !== code || code === 32 || code === 9 || isBreakCode(code)
  }

  isBreak(offset = 0): boolean {
    return isBreakCode(this.text.charCodeAt(this.pos + offset))
  }

  isEnd(): boolean {
    return this.pos >= this.text.length
  }

  skip(): void {
    this.pos++
    this.column++
  }

  readBreak(): string {
    const char = this.at()
    const twoBytes = char === '\r' && this.at(1) === '\n'
    this.pos += twoBytes ? 2 : 1
    this.line++
    this.column = 0
    return char === '\u2028' || char === '\u2029' ? char : '\n'
  }

  isDocumentMark(mark: string): boolean {
    return this.text.startsWith(mark, this.pos) && this.isBlankOrEnd(3)
  }

  skipComment(): void {
    if (this.at() === '#') while (!this.isEnd() && !this.isBreak()) this.skip()
  }

  /** Blanks and breaks within a flow scalar: one break folds to a space, more stay as breaks. */
  foldBlanks(continued: boolean): string {
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
}

export function isBreakCode(code: number): boolean {
  return code === 10 || code === 13 || code === 0x85 || code === 0x2028 || code === 0x2029
}
