/** What nano edits: lines, the cursor in them, and what was cut. */
type Edit = (text: NanoText) => void

export class NanoText {
  lines: string[] = ['']
  line = 0
  column = 0
  private cut: string[] = []
  /** The last key cut a line: the next one adds to it. */
  private cutting = false

  /** The empty line behind the last newline does not count. */
  get count(): number {
    return this.lines.length - (this.lines.at(-1) === '' ? 1 : 0)
  }

  get current(): string {
    return this.lines[this.line] ?? ''
  }

  /** False where the key moves nothing. */
  move(key: string, page: number): boolean {
    const by = vertical(key, page)
    const step = Object.hasOwn(moves, key) ? moves[key] : undefined
    if (by === 0 && !step) return false
    this.cutting = false
    this.line = Math.max(0, Math.min(this.lines.length - 1, this.line + by))
    step?.(this)
    this.column = Math.min(this.column, this.current.length)
    return true
  }

  /** True where the text was changed. */
  press(key: string): boolean {
    const edit = Object.hasOwn(edits, key) ? edits[key] : undefined
    if (!edit && (key === '' || (key < ' ' && key !== '\t'))) return false
    if (edit) edit(this)
    else this.type(key)
    this.cutting = key === '\x0b'
    return true
  }

  private type(key: string): void {
    this.lines[this.line] = this.current.slice(0, this.column) + key + this.current.slice(this.column)
    this.column += key.length
  }

  newLine(): void {
    this.lines.splice(this.line, 1, this.current.slice(0, this.column), this.current.slice(this.column))
    this.line++
    this.column = 0
  }

  backspace(): void {
    if (this.column === 0 && this.line === 0) return
    this.left()
    this.delete()
  }

  delete(): void {
    if (this.column < this.current.length) this.lines[this.line] = this.current.slice(0, this.column) + this.current.slice(this.column + 1)
    else if (this.line + 1 < this.lines.length) this.lines.splice(this.line, 2, this.current + (this.lines[this.line + 1] ?? ''))
  }

  cutLine(): void {
    this.cut = this.cutting ? [...this.cut, this.current] : [this.current]
    this.lines.splice(this.line, 1)
    if (this.line === this.lines.length) this.lines.push('')
    this.column = 0
  }

  paste(): void {
    this.lines.splice(this.line, 0, ...this.cut)
    this.line += this.cut.length
  }

  left(): void {
    if (this.column > 0) this.column--
    else if (this.line > 0) this.column = (this.lines[--this.line] ?? '').length
  }

  right(): void {
    if (this.column < this.current.length) this.column++
    else if (this.line + 1 < this.lines.length) {
      this.line++
      this.column = 0
    }
  }

  /** The next place of a text, whatever its case, once around. False where there is none. */
  find(text: string): boolean {
    const wanted = text.toLowerCase()
    for (let step = 0; step <= this.lines.length; step++) {
      const line = (this.line + step) % this.lines.length
      const at = (this.lines[line] ?? '').toLowerCase().indexOf(wanted, step === 0 ? this.column + 1 : 0)
      if (at < 0) continue
      this.line = line
      this.column = at
      return true
    }
    return false
  }

  goTo(line: number): void {
    if (line > 0) this.line = Math.min(this.lines.length, line) - 1
    this.column = 0
  }
}

function vertical(key: string, page: number): number {
  const rows: Readonly<Record<string, number>> = { up: -1, '\x10': -1, down: 1, '\x0e': 1, pageup: -page, '\x19': -page, pagedown: page, '\x16': page }
  return rows[key] ?? 0
}

const moves: Readonly<Record<string, Edit>> = {
  left: (text) => text.left(),
  '\x02': (text) => text.left(),
  right: (text) => text.right(),
  '\x06': (text) => text.right(),
  home: (text) => void (text.column = 0),
  '\x01': (text) => void (text.column = 0),
  end: (text) => void (text.column = text.current.length),
  '\x05': (text) => void (text.column = text.current.length),
}

const edits: Readonly<Record<string, Edit>> = {
  '\r': (text) => text.newLine(),
  '\n': (text) => text.newLine(),
  '\x7f': (text) => text.backspace(),
  '\b': (text) => text.backspace(),
  delete: (text) => text.delete(),
  '\x04': (text) => text.delete(),
  '\x0b': (text) => text.cutLine(),
  '\x15': (text) => text.paste(),
}
