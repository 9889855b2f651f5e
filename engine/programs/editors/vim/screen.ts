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
    const rows: string[] = []
    let [row, column] = [0, 0]
    const width = Math.max(1, this.terminal.columns - this.gutter)
    for (let line = vim.top; line < vim.buffer.count && rows.length < this.height; line++) {
      const text = this.expand(vim.buffer.line(line))
      if (line === vim.cursor.line) {
        const at = this.expand(vim.buffer.line(line).slice(0, vim.cursor.column)).replace(/\$$/, '').length
        row = rows.length + (vim.options.wrap ? Math.floor(at / width) : 0)
        column = this.gutter + (vim.options.wrap ? at % width : Math.min(at, width - 1))
      }
      const pieces = vim.options.wrap ? (text.match(new RegExp(`.{1,${width}}`, 'gsu')) ?? ['']) : [text.slice(0, width)]
      pieces.forEach((piece, index) => rows.push(this.number(line, index) + this.highlighted(line, piece, index * width)))
    }
    while (rows.length < this.height) rows.push('\x1b[94m~\x1b[0m')
    const bottom = this.statusLine()
    const cursor = vim.mode === 'command' ? `\x1b[${this.height + 1};${Math.min(this.terminal.columns, vim.commandLine.length + 1)}H` : `\x1b[${row + 1};${column + 1}H`
    await this.write(`\x1b[?25l\x1b[H${rows.slice(0, this.height).map((one) => `${one}\x1b[K`).join('\r\n')}\r\n${bottom}\x1b[K${cursor}\x1b[?25h`)
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
    const { visualStart, cursor, mode } = this.vim
    const [first, last] = visualStart.line < cursor.line || (visualStart.line === cursor.line && visualStart.column <= cursor.column) ? [visualStart, cursor] : [cursor, visualStart]
    if (line < first.line || line > last.line) return piece
    const [left, right] = [Math.min(first.column, last.column), Math.max(first.column, last.column)]
    const from = mode === 'visual-line' ? 0 : mode === 'visual-block' ? left : line === first.line ? first.column : 0
    const to = mode === 'visual-line' ? piece.length : mode === 'visual-block' ? right + 1 : line === last.line ? last.column + 1 : piece.length
    const text = piece === '' ? ' ' : piece
    const [a, b] = [Math.max(0, from - offset), Math.max(0, to - offset)]
    return `${text.slice(0, a)}\x1b[7m${text.slice(a, Math.max(b, piece === '' ? 1 : 0))}\x1b[27m${text.slice(b)}`
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
    const modes: Readonly<Record<string, string>> = { insert: '-- INSERT --', replace: '-- REPLACE --', visual: '-- VISUAL --', 'visual-line': '-- VISUAL LINE --', 'visual-block': '-- VISUAL BLOCK --' }
    const paste = vim.options.paste && vim.mode === 'insert' ? '-- INSERT (paste) --' : modes[vim.mode]
    const left = vim.message !== '' ? vim.message : `${paste === undefined ? '' : `\x1b[1m${paste}\x1b[0m`}${vim.recording ? `recording @${vim.recording.name}` : ''}`
    const visible = left.replace(/\x1b\[[0-9;]*m/g, '')
    const percent = vim.buffer.count <= this.height ? 'All' : vim.top === 0 ? 'Top' : vim.top + this.height >= vim.buffer.count ? 'Bot' : `${Math.floor((vim.top / (vim.buffer.count - this.height)) * 100)}%`
    const ruler = vim.options.ruler ? `${vim.cursor.line + 1},${this.rulerColumn()}`.padEnd(14) + percent : ''
    const shown = /^E\d+/.test(visible) ? `\x1b[37;41m${visible}\x1b[0m` : left
    const space = this.terminal.columns - visible.length - 18
    return space > 0 && ruler !== '' ? `${shown}${' '.repeat(space)}${ruler}` : shown
  }
}
