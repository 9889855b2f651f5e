/** Draws prompt and line on a terminal, over as many rows as they take. */
export class Display {
  private row = 0
  private column = 0
  private shownText = ''
  private shownCursor = 0
  private prompt = ''
  private promptWidth = 0

  constructor(
    private readonly write: (text: string) => Promise<void>,
    private readonly columns: () => number,
  ) {}

  /** A fresh line: only the prompt's last line is drawn again later. */
  async start(prompt: string): Promise<void> {
    const lines = prompt.split('\n')
    this.prompt = (lines.at(-1) ?? '').replace(ignoreMarks, '')
    this.promptWidth = visibleWidth(lines.at(-1) ?? '')
    this.row = Math.floor(this.promptWidth / this.width())
    this.column = this.promptWidth % this.width()
    this.shownText = ''
    this.shownCursor = 0
    await this.write(prompt.replace(ignoreMarks, ''))
  }

  /** Another prompt for the same line (searching the history). */
  usePrompt(prompt: string): void {
    this.prompt = prompt
    this.promptWidth = visibleWidth(prompt)
    this.shownText = '\0'
  }

  async show(text: string, cursor: number): Promise<void> {
    if (text === this.shownText && cursor === this.shownCursor) return
    const typedAtEnd = cursor === text.length && this.shownCursor === this.shownText.length && text.startsWith(this.shownText) && this.shownText !== '\0'
    const added = text.slice(this.shownText.length)
    if (typedAtEnd && !/[\x00-\x1f\x7f]/.test(added)) await this.append(added)
    else await this.redraw(text, this.place(text.slice(0, cursor)))
    this.shownText = text
    this.shownCursor = cursor
  }

  /** What comes at the end is all that is written, over as many rows as it takes: a long line would be drawn for ever. */
  private async append(added: string): Promise<void> {
    const width = this.width()
    const column = this.column + added.length
    this.row += Math.floor(column / width)
    this.column = column % width
    await this.write(this.column === 0 && added !== '' ? `${added} \r` : added)
  }

  /** The cursor goes below the line, for what follows. */
  async finish(): Promise<void> {
    await this.show(this.shownText, this.shownText.length)
    await this.write('\r\n')
    this.row = 0
  }

  /** After something else was written: everything is drawn anew. */
  async again(prompt: string, text: string, cursor: number): Promise<void> {
    await this.start(prompt)
    await this.show(text, cursor)
  }

  async clear(prompt: string, text: string, cursor: number): Promise<void> {
    await this.write('\x1b[H\x1b[2J')
    await this.again(prompt, text, cursor)
  }

  private async redraw(text: string, cursor: Place): Promise<void> {
    const up = this.row > 0 ? `\x1b[${this.row}A` : ''
    const end = this.place(text)
    const wrapped = end.column === 0 && end.row > 0 && !text.endsWith('\n') ? ' \r' : ''
    let out = `\r${up}\x1b[J${this.prompt}${shownText(text).replace(/\n/g, '\r\n')}${wrapped}`
    if (end.row > cursor.row) out += `\x1b[${end.row - cursor.row}A`
    if (end.row !== cursor.row || end.column !== cursor.column || wrapped !== '') out += `\r${cursor.column > 0 ? `\x1b[${cursor.column}C` : ''}`
    this.row = cursor.row
    this.column = cursor.column
    await this.write(out)
  }

  /** Where the cursor stands behind this text. */
  private place(text: string): Place {
    const width = this.width()
    let row = 0
    let column = this.promptWidth
    for (const [index, line] of shownText(text).split('\n').entries()) {
      if (index > 0) {
        row += Math.floor(column / width) + 1
        column = 0
      }
      column += line.length
    }
    return { row: row + Math.floor(column / width), column: column % width }
  }

  private width(): number {
    return Math.max(8, this.columns())
  }
}

interface Place {
  readonly row: number
  readonly column: number
}

/** Control characters are seen as `^A`. */
function shownText(text: string): string {
  return text.replace(/[\x00-\x08\x0b-\x1f\x7f]/g, (c) => `^${String.fromCharCode(c.charCodeAt(0) ^ 64)}`)
}

const ignoreMarks = /[\x01\x02]/g

function visibleWidth(text: string): number {
  return text.replace(/\x01[^\x02]*\x02/g, '').replace(/\x1b\[[0-9;?]*[A-Za-z]/g, '').replace(/\x1b\][^\x07]*\x07/g, '').length
}
