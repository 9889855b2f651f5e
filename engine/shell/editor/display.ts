/** Draws prompt and line on a terminal, over as many rows as they take. */
export class Display {
  private row = 0
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
    const typedAtEnd = cursor === text.length && this.shownCursor === this.shownText.length && text.startsWith(this.shownText) && this.shownText !== '\0'
    const added = text.slice(this.shownText.length)
    const room = (this.promptWidth + cursor) % this.width() !== 0 && !added.includes('\n')
    if (typedAtEnd && room && this.rowOf(cursor) === this.row) {
      if (added !== '') await this.write(added)
    } else await this.redraw(text, cursor)
    this.shownText = text
    this.shownCursor = cursor
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

  private async redraw(text: string, cursor: number): Promise<void> {
    const up = this.row > 0 ? `\x1b[${this.row}A` : ''
    const shown = text.replace(/\n/g, ' ')
    const end = this.promptWidth + shown.length
    const wrapped = end > 0 && end % this.width() === 0 ? ' \r' : ''
    let out = `\r${up}\x1b[J${this.prompt}${shown}${wrapped}`
    const back = this.rowOf(shown.length) - this.rowOf(cursor)
    if (back > 0) out += `\x1b[${back}A`
    const column = (this.promptWidth + cursor) % this.width()
    if (cursor < shown.length || wrapped !== '') out += `\r${column > 0 ? `\x1b[${column}C` : ''}`
    this.row = this.rowOf(cursor)
    await this.write(out)
  }

  private rowOf(position: number): number {
    return Math.floor((this.promptWidth + position) / this.width())
  }

  private width(): number {
    return Math.max(8, this.columns())
  }
}

const ignoreMarks = /[\x01\x02]/g

function visibleWidth(text: string): number {
  return text.replace(/\x01[^\x02]*\x02/g, '').replace(/\x1b\[[0-9;?]*[A-Za-z]/g, '').replace(/\x1b\][^\x07]*\x07/g, '').length
}
