/** Splitting a line among names as `read` does: the last name takes the rest. */
export interface ReadText {
  readonly text: string
  /** Where characters stand whose meaning a backslash has taken. */
  readonly escaped: ReadonlySet<number>
}

export function splitRead(line: ReadText, ifs: string | undefined, names: number): string[] {
  return new Fields(line, ifs ?? ' \t\n').split(names)
}

class Fields {
  private at = 0
  private readonly text: string
  private readonly whitespace: string

  constructor(
    private readonly line: ReadText,
    private readonly separators: string,
  ) {
    this.text = line.text
    this.whitespace = [...separators].filter((c) => ' \t\n'.includes(c)).join('')
  }

  split(names: number): string[] {
    const out: string[] = []
    this.skipSpace()
    while (this.at < this.text.length && out.length < names - 1) {
      const start = this.at
      while (this.at < this.text.length && !this.separates(this.at)) this.at++
      out.push(this.text.slice(start, this.at))
      this.skipSpace()
      if (this.separates(this.at)) {
        this.at++
        this.skipSpace()
      }
    }
    if (this.at < this.text.length && out.length < names) out.push(this.rest())
    return out
  }

  private skipSpace(): void {
    while (this.isSpace(this.at)) this.at++
  }

  private isSpace(i: number): boolean {
    return i < this.text.length && this.whitespace.includes(this.text[i] as string) && !this.line.escaped.has(i)
  }

  private separates(i: number): boolean {
    return i < this.text.length && this.separators.includes(this.text[i] as string) && !this.line.escaped.has(i)
  }

  /** The rest without trailing separators of white space; one other separator at the very end goes too if it is the only one. */
  private rest(): string {
    let end = this.endWithoutSpace(this.text.length)
    if (end > this.at && this.separates(end - 1) && !this.anySeparator(end - 1)) end = this.endWithoutSpace(end - 1)
    return this.text.slice(this.at, end)
  }

  private endWithoutSpace(from: number): number {
    let end = from
    while (end > this.at && this.isSpace(end - 1)) end--
    return end
  }

  private anySeparator(before: number): boolean {
    for (let i = this.at; i < before; i++) if (this.separates(i)) return true
    return false
  }
}
