/** A text read rune by rune, where a backslash takes the next one as it is. */
export class RuneScanner {
  private readonly runes: string[]
  private at = 0

  constructor(text: string) {
    this.runes = [...text]
  }

  atEnd(): boolean {
    return this.at >= this.runes.length
  }

  peek(): string | undefined {
    return this.runes[this.at]
  }

  skip(): void {
    this.at++
  }

  /** What stands before one of the stops, which is consumed; no stop at the end. */
  until(stops: string, escapes = true): { readonly text: string; readonly stop: string | undefined } {
    let text = ''
    while (this.at < this.runes.length) {
      const rune = this.runes[this.at++] as string
      if (stops.includes(rune)) return { text, stop: rune }
      if (rune === '\\' && escapes) text += this.runes[this.at++] ?? ''
      else text += rune
    }
    return { text, stop: undefined }
  }

  rest(): string {
    const text = this.runes.slice(this.at).join('')
    this.at = this.runes.length
    return text
  }

  /** Up to a comma outside of brackets and quotes. */
  json(): string {
    const start = this.at
    let depth = 0
    let quoted = false
    for (; this.at < this.runes.length; this.at++) {
      const rune = this.runes[this.at] as string
      if (quoted) {
        if (rune === '\\') this.at++
        else if (rune === '"') quoted = false
      } else if (rune === '"') quoted = true
      else if (rune === '{' || rune === '[') depth++
      else if (rune === '}' || rune === ']') depth--
      else if (rune === ',' && depth <= 0) break
    }
    return this.runes.slice(start, this.at).join('')
  }
}
