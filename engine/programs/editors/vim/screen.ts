/** Draws vim on a terminal. */
import type { VimState } from '#engine/programs/editors/vim/state'
import { byteLength } from '#engine/base/lossless'
import { displayWidth } from '#engine/programs/common/gnu'
import { vimRegExp } from '#engine/programs/editors/vim/pattern'
import type { Terminal } from '#engine/linux/abi/files'

export class Screen {
  constructor(
    private readonly vim: VimState,
    private readonly terminal: Terminal,
    private readonly write: (text: string) => Promise<void>,
  ) {}

  get height(): number {
    return Math.max(1, this.terminal.rows - 1)
  }

  private get gutter(): number {
    const { options, buffer } = this.vim
    return options.number || options.relativenumber ? Math.max(4, String(buffer.count).length + 1) : 0
  }

  /** Columns a text takes, tabs expanded. */
  private expand(text: string): string {
    const { tabstop, list } = this.vim.options
    let out = ''
    for (const c of text) {
      if (c === '\t' && !list) out += ' '.repeat(tabstop - (out.length % tabstop))
      else out += c < ' ' ? `^${String.fromCharCode(c.charCodeAt(0) + 64)}` : c
    }
    return list ? `${out}$` : out
  }

  private rowsOf(line: number): number {
    const width = Math.max(1, this.terminal.columns - this.gutter)
    return this.vim.options.wrap ? Math.max(1, Math.ceil(this.expand(this.vim.buffer.line(line)).length / width)) : 1
  }

  private scrollToCursor(): void {
    const { vim } = this
    if (vim.cursor.line < vim.top) vim.top = vim.cursor.line
    for (;;) {
      let rows = 0
      for (let line = vim.top; line <= vim.cursor.line; line++) rows += this.rowsOf(line)
      if (rows <= this.height || vim.top >= vim.cursor.line) return
      vim.top++
    }
  }

  async draw(): Promise<void> {
    const { vim } = this
    vim.clamp()
    this.scrollToCursor()
    const { rows, row, column } = this.layOut()
    while (rows.length < this.height) rows.push('\x1b[94m~\x1b[0m')
    const cursor = vim.mode === 'command' ? `\x1b[${this.height + 1};${Math.min(this.terminal.columns, vim.commandLine.length + 1)}H` : `\x1b[${row + 1};${column + 1}H`
    await this.write(`\x1b[?25l\x1b[H${rows.slice(0, this.height).map((one) => `${one}\x1b[K`).join('\r\n')}\r\n${this.statusLine()}\x1b[K${cursor}\x1b[?25h`)
  }

  /** The rows of text, and where the cursor stands in them. */
  private layOut(): { rows: string[]; row: number; column: number } {
    const { vim } = this
    const rows: string[] = []
    let [row, column] = [0, 0]
    for (let line = vim.top; line < vim.buffer.count && rows.length < this.height; line++) {
      if (line === vim.cursor.line) [row, column] = this.cursorAt(rows.length)
      this.piecesOf(line).forEach((piece, index) => rows.push(this.number(line, index) + this.highlighted(line, piece, index * this.width)))
    }
    return { rows, row, column }
  }

  private get width(): number {
    return Math.max(1, this.terminal.columns - this.gutter)
  }

  private piecesOf(line: number): string[] {
    const text = this.expand(this.vim.buffer.line(line))
    return this.vim.options.wrap ? (text.match(new RegExp(`.{1,${this.width}}`, 'gsu')) ?? ['']) : [text.slice(0, this.width)]
  }

  private cursorAt(above: number): [row: number, column: number] {
    const { vim, width } = this
    const at = this.expand(vim.line.slice(0, vim.cursor.column)).replace(/\$$/, '').length
    return vim.options.wrap ? [above + Math.floor(at / width), this.gutter + (at % width)] : [above, this.gutter + Math.min(at, width - 1)]
  }

  private number(line: number, piece: number): string {
    const { options, cursor } = this.vim
    if (this.gutter === 0) return ''
    if (piece > 0) return ' '.repeat(this.gutter)
    const shown = options.relativenumber && line !== cursor.line ? Math.abs(line - cursor.line) : options.relativenumber && !options.number ? 0 : line + 1
    return `\x1b[33m${String(shown).padStart(this.gutter - 1)} \x1b[0m`
  }

  private highlighted(line: number, piece: string, offset: number): string {
    const { vim } = this
    if (vim.mode.startsWith('visual')) return this.selected(line, piece, offset)
    if (!vim.options.hlsearch || !vim.highlight || vim.lastPattern === '') return piece
    try {
      return piece.replace(vimRegExp(vim.lastPattern, vim.options), (found) => (found === '' ? '' : `\x1b[30;43m${found}\x1b[0m`))
    } catch {
      return piece
    }
  }

  private selected(line: number, piece: string, offset: number): string {
    const [from, to] = this.selectedColumns(line)
    if (to <= from) return piece
    const text = piece === '' ? ' ' : piece
    const [a, b] = [Math.max(0, from - offset), Math.max(piece === '' ? 1 : 0, to - offset)]
    return `${text.slice(0, a)}\x1b[7m${text.slice(a, b)}\x1b[27m${text.slice(b)}`
  }

  /** What of a line is selected, the end exclusive. */
  private selectedColumns(line: number): [from: number, to: number] {
    const { visualStart, cursor, mode, wantColumn } = this.vim
    const [first, last] = visualStart.line < cursor.line || (visualStart.line === cursor.line && visualStart.column <= cursor.column) ? [visualStart, cursor] : [cursor, visualStart]
    if (line < first.line || line > last.line) return [0, 0]
    if (mode === 'visual-line') return [0, Infinity]
    if (mode === 'visual-block') return [Math.min(first.column, last.column), wantColumn === Number.MAX_SAFE_INTEGER ? Infinity : Math.max(first.column, last.column) + 1]
    return [line === first.line ? first.column : 0, line === last.line ? last.column + 1 : Infinity]
  }

  /** The byte, and the column on the screen where that differs. */
  private rulerColumn(): string {
    const { line, cursor, mode, options } = this.vim
    if (line === '') return '0-1'
    const byte = byteLength(line.slice(0, cursor.column)) + 1
    const through = mode === 'insert' || line[cursor.column] !== '\t' ? 0 : 1
    let column = 0
    for (const c of line.slice(0, cursor.column + through)) column += c === '\t' ? options.tabstop - (column % options.tabstop) : displayWidth(c)
    column += 1 - through
    return column === byte ? String(byte) : `${byte}-${column}`
  }

  private statusLine(): string {
    const { vim } = this
    if (vim.mode === 'command') return vim.commandLine.slice(-this.terminal.columns + 1)
    const left = vim.message !== '' ? vim.message : this.modeText()
    const visible = left.replace(/\x1b\[[0-9;]*m/g, '')
    const ruler = vim.options.ruler ? `${vim.cursor.line + 1},${this.rulerColumn()}`.padEnd(14) + this.percent() : ''
    const shown = /^E\d+/.test(visible) ? `\x1b[37;41m${visible}\x1b[0m` : left
    const space = this.terminal.columns - visible.length - 18
    return space > 0 && ruler !== '' ? `${shown}${' '.repeat(space)}${ruler}` : shown
  }

  private modeText(): string {
    const { vim } = this
    const mode = vim.options.paste && vim.mode === 'insert' ? '-- INSERT (paste) --' : modes[vim.mode]
    return `${mode === undefined ? '' : `\x1b[1m${mode}\x1b[0m`}${vim.recording ? `recording @${vim.recording.name}` : ''}`
  }

  private percent(): string {
    const { top, buffer } = this.vim
    if (buffer.count <= this.height) return 'All'
    if (top === 0) return 'Top'
    return top + this.height >= buffer.count ? 'Bot' : `${Math.floor((top / (buffer.count - this.height)) * 100)}%`
  }
}

const modes: Readonly<Record<string, string>> = { insert: '-- INSERT --', replace: '-- REPLACE --', visual: '-- VISUAL --', 'visual-line': '-- VISUAL LINE --', 'visual-block': '-- VISUAL BLOCK --' }
