/** The screen of less: reads as it goes, wraps, searches, follows. */
import type { Terminal } from '#engine/linux/abi/files'
import type { Process } from '#engine/linux/abi/process'
import { inputLines, print, reason } from '#engine/programs/common/gnu'
import type { Keyboard } from '#engine/programs/text/keyboard'
import { cellsOf, rowsOf } from '#engine/programs/text/rows'
import { posixRegExp } from '#engine/shell/patterns/posix'

export interface Settings {
  numbers: boolean
  chop: boolean
  raw: boolean
  quitIfShort: boolean
  quitAtEnd: boolean
  keepScreen: boolean
  ignoreCase: 'no' | 'smart' | 'always'
  start: string[]
}

const maxHeldLines = 5_000_000

export class Less {
  private lines: string[] = []
  private done = false
  private file = 0
  private generation = 0
  private top = 0
  /** Rows of the top line that are above the screen. */
  private sub = 0
  private message = ''
  private fresh = true
  private following = false
  private pattern: RegExp | undefined
  private direction: 1 | -1 = 1
  private readonly marks = new Map<string, number>()
  private wake: (() => void) | undefined
  private interrupted = false

  constructor(
    private readonly process: Process,
    private readonly terminal: Terminal,
    private readonly keys: Keyboard,
    private readonly files: readonly string[],
    private readonly settings: Settings,
  ) {}

  async run(): Promise<number> {
    this.open(0)
    if (this.settings.quitIfShort) {
      await this.until(this.height + 1)
      if (this.done && this.allRows() <= this.height) {
        await print(this.process, this.lines.map((line) => `${line}\n`).join(''))
        return 0
      }
    }
    this.enter()
    if (!this.settings.keepScreen) await print(this.process, '\x1b[?1049h')
    this.process.handle('SIGWINCH', () => this.refresh())
    this.process.handle('SIGINT', () => {
      this.interrupted = true
      this.following = false
      this.wake?.()
      this.refresh()
    })
    this.process.handle('SIGCONT', () => {
      this.enter()
      this.refresh()
    })
    try {
      for (const command of this.settings.start) await this.initial(command)
      for (;;) {
        await this.draw()
        if (!(await this.command())) return 0
      }
    } finally {
      this.terminal.setMode({ canonical: true, echo: true })
      await print(this.process, this.settings.keepScreen ? '\r\x1b[K' : '\r\x1b[K\x1b[?1049l')
    }
  }

  private enter(): void {
    this.terminal.setMode({ canonical: false, echo: false })
  }

  get height(): number {
    return Math.max(1, this.terminal.rows - 1)
  }

  // The text, as it comes.

  private open(index: number): void {
    this.file = index
    this.lines = []
    this.done = false
    this.top = this.sub = 0
    this.fresh = true
    const generation = ++this.generation
    this.process.background(() => this.fill(this.files[index] as string, generation))
  }

  private async fill(name: string, generation: number): Promise<void> {
    try {
      for await (const line of inputLines(this.process, name)) {
        if (generation !== this.generation) return
        this.lines.push(line.replace(/\n$/, ''))
        if (this.lines.length > maxHeldLines) break
        if (this.following || this.lines.length <= this.top + this.height) this.refresh()
        this.wake?.()
      }
    } catch (error) {
      this.message = `${name}: ${reason(error)}`
    }
    if (generation !== this.generation) return
    this.done = true
    this.wake?.()
    this.refresh()
  }

  /** Waits for so many lines, or the end, or ^C. */
  private async until(count: number): Promise<void> {
    this.interrupted = false
    while (!this.done && !this.interrupted && this.lines.length < count) await new Promise<void>((resolve) => (this.wake = resolve))
    this.wake = undefined
  }

  // The screen.

  private drawing = false
  private again = false

  private refresh(): void {
    if (this.drawing || !this.keys.waiting) {
      this.again = true
      return
    }
    this.process.background(() => this.draw())
  }

  private rowsFor(index: number): string[] {
    const width = Math.max(2, this.terminal.columns)
    const line = this.lines[index] ?? ''
    const label = this.settings.numbers ? `${String(index + 1).padStart(7)} ` : ''
    return rowsOf(cellsOf(line, this.settings.raw, this.pattern), Math.max(1, width - label.length), this.settings.chop).map((row, at) => (at === 0 ? label : ' '.repeat(label.length)) + row)
  }

  private allRows(): number {
    let rows = 0
    for (let i = 0; i < this.lines.length && rows <= this.height; i++) rows += this.rowsFor(i).length
    return rows
  }

  private async draw(): Promise<void> {
    this.drawing = true
    do {
      this.again = false
      if (this.following) this.toEnd()
      const rows: string[] = []
      let index = this.top
      for (; index < this.lines.length && rows.length < this.height + this.sub; index++) rows.push(...this.rowsFor(index))
      const shown = rows.slice(this.sub, this.sub + this.height)
      const atEnd = this.done && index >= this.lines.length && rows.length <= this.height + this.sub
      while (shown.length < this.height) shown.push(this.done ? '~' : '')
      await print(this.process, `\x1b[H${shown.map((row) => `${row}\x1b[m\x1b[K`).join('\r\n')}\r\n${this.prompt(atEnd)}\x1b[K`)
    } while (this.again)
    this.drawing = false
  }

  private prompt(atEnd: boolean): string {
    const standout = (text: string): string => `\x1b[7m${text.slice(0, this.terminal.columns - 1)}\x1b[27m`
    if (this.following) return 'Waiting for data... (interrupt to abort)'
    if (this.message !== '') {
      const text = this.message
      this.message = ''
      return standout(text)
    }
    const name = this.files[this.file] as string
    const several = this.files.length > 1 ? ` (file ${this.file + 1} of ${this.files.length})` : ''
    const next = this.files[this.file + 1]
    const end = next === undefined ? '(END)' : `(END) - Next: ${next}`
    if (this.fresh && name !== '-') return standout(`${name}${several}${atEnd ? ` ${end}` : ''}`)
    return atEnd ? standout(end) : ':'
  }

  // Moving.

  private forward(rows: number): boolean {
    let left = rows
    while (left > 0) {
      const last = this.lastTop()
      if (this.top > last.top || (this.top === last.top && this.sub >= last.sub)) return left < rows
      const here = this.rowsFor(this.top).length
      if (this.sub + 1 < here) this.sub++
      else {
        this.top++
        this.sub = 0
      }
      left--
    }
    return true
  }

  backward(rows: number): void {
    for (let left = rows; left > 0; left--) {
      if (this.sub > 0) this.sub--
      else if (this.top > 0) this.sub = this.rowsFor(--this.top).length - 1
      else return
    }
  }

  /** The top when the last row is at the bottom. */
  private lastTop(): { top: number; sub: number } {
    let rows = 0
    for (let i = this.lines.length - 1; i >= 0; i--) {
      rows += this.rowsFor(i).length
      if (rows >= this.height) return { top: i, sub: rows - this.height }
    }
    return { top: 0, sub: 0 }
  }

  private toEnd(): void {
    ;({ top: this.top, sub: this.sub } = this.lastTop())
  }

  async toLine(line: number): Promise<void> {
    await this.until(line + this.height)
    this.top = Math.max(0, Math.min(line, this.lines.length - 1))
    this.sub = 0
  }

  // Commands.

  private async initial(command: string): Promise<void> {
    if (command.startsWith('/') || command.startsWith('?')) return this.search(command[0] === '/' ? 1 : -1, command.slice(1))
    if (/^\d+$/.test(command)) return this.toLine(Number(command) - 1)
    if (command === 'G') await this.toLast()
    if (command === 'F') this.follow()
  }

  /** One command; false leaves. */
  private async command(): Promise<boolean> {
    let key = await this.keys.key()
    let digits = ''
    while (/^\d$/.test(key)) {
      digits += key
      await print(this.process, `\r\x1b[K:${digits}`)
      key = await this.keys.key()
    }
    const count = digits === '' ? undefined : Number(digits)
    if (key === '' || key === 'q' || key === 'Q') return false
    if (key === 'Z') return (await this.keys.key()) !== 'Z'
    if (key === ':') return this.colon()
    const wasAtEnd = this.done && this.isAtEnd()
    await this.act(key, count)
    this.fresh = false
    return !(this.settings.quitAtEnd && wasAtEnd && /^[ \rjf]$/.test(key))
  }

  private isAtEnd(): boolean {
    const last = this.lastTop()
    return this.top > last.top || (this.top === last.top && this.sub >= last.sub)
  }

  private async colon(): Promise<boolean> {
    await print(this.process, '\r\x1b[K :')
    const key = await this.keys.key()
    if (key === 'q' || key === 'Q') return false
    if (key === 'n') {
      if (this.file + 1 < this.files.length) this.open(this.file + 1)
      else this.message = 'No next file  (press RETURN)'
    } else if (key === 'p') {
      if (this.file > 0) this.open(this.file - 1)
      else this.message = 'No previous file  (press RETURN)'
    } else if (key === 'f') this.describe()
    return true
  }

  private async act(key: string, count: number | undefined): Promise<void> {
    await actions[key]?.(this, count)
  }

  async down(rows: number): Promise<void> {
    await this.until(this.top + this.height + rows + 1)
    this.forward(rows)
  }

  follow(): void {
    this.following = true
  }

  say(message: string): void {
    this.message = message
  }

  async toLast(): Promise<void> {
    await this.until(Infinity)
    this.toEnd()
  }

  async toPercent(percent: number): Promise<void> {
    await this.until(Infinity)
    await this.toLine(Math.floor((this.lines.length * Math.min(100, percent)) / 100))
  }

  async mark(): Promise<void> {
    this.marks.set(await this.keys.key(), this.top)
  }

  async toMark(): Promise<void> {
    const name = await this.keys.key()
    const line = name === '^' ? 0 : this.marks.get(name)
    if (line === undefined) this.message = 'Mark not set  (press RETURN)'
    else await this.toLine(line)
  }

  describe(): void {
    const name = this.files[this.file] === '-' ? '' : `${this.files[this.file] as string} `
    const bottom = Math.min(this.lines.length, this.top + this.height)
    this.message = `${name}lines ${this.top + 1}-${bottom}${this.done ? `/${this.lines.length} ${bottom === this.lines.length ? '(END)' : `${Math.floor((bottom / this.lines.length) * 100)}%`}` : ''}`
  }

  async toggle(): Promise<void> {
    const { settings } = this
    const option = await this.keys.key()
    if (option === 'N') settings.numbers = !settings.numbers
    else if (option === 'S') settings.chop = !settings.chop
    else if (option === 'R' || option === 'r') settings.raw = !settings.raw
    else if (option === 'i') settings.ignoreCase = settings.ignoreCase === 'no' ? 'smart' : 'no'
    else this.message = `There is no -${option} option  (press RETURN)`
  }

  async ask(kind: '/' | '?'): Promise<void> {
    const text = await this.keys.line((typed) => print(this.process, `\r\x1b[K${kind}${typed}`))
    if (text !== undefined) await this.search(kind === '/' ? 1 : -1, text)
  }

  searchAgain(same: boolean): Promise<void> {
    return this.seek(same === (this.direction === 1) ? 1 : -1, this.top)
  }

  private async search(direction: 1 | -1, text: string): Promise<void> {
    const { ignoreCase } = this.settings
    this.direction = direction
    try {
      if (text !== '') this.pattern = posixRegExp(text, { extended: true, ignoreCase: ignoreCase === 'always' || (ignoreCase === 'smart' && text === text.toLowerCase()) })
    } catch {
      this.message = 'Invalid pattern  (press RETURN)'
      return
    }
    await this.seek(direction, text !== '' && direction === 1 && this.fresh ? this.top - 1 : this.top)
  }

  /** The next line with the pattern after, or before, a line. */
  private async seek(direction: 1 | -1, from: number): Promise<void> {
    const { pattern } = this
    if (!pattern) return this.say('No previous regular expression  (press RETURN)')
    for (let i = from + direction; i >= 0; i += direction) {
      await this.until(i + 1)
      if (i >= this.lines.length) break
      pattern.lastIndex = 0
      if (pattern.test(this.lines[i] as string)) return this.toLine(i)
    }
    this.say('Pattern not found  (press RETURN)')
  }
}

type Action = (less: Less, count: number | undefined) => Promise<void> | void

function bound(keys: readonly string[], action: Action): Record<string, Action> {
  return Object.fromEntries(keys.map((key) => [key, action]))
}

const actions: Readonly<Record<string, Action>> = {
  ...bound(['j', 'e', '\r', '\n', 'down', '\x0e', '\x05'], (less, count) => less.down(count ?? 1)),
  ...bound(['k', 'y', 'up', '\x10', '\x19'], (less, count) => less.backward(count ?? 1)),
  ...bound([' ', 'f', 'z', '\x06', '\x16', 'pagedown'], (less, count) => less.down(count ?? less.height)),
  ...bound(['b', 'w', '\x02', 'pageup'], (less, count) => less.backward(count ?? less.height)),
  ...bound(['d', '\x04'], (less, count) => less.down(count ?? less.height >> 1)),
  ...bound(['u', '\x15'], (less, count) => less.backward(count ?? less.height >> 1)),
  ...bound(['g', '<', 'home'], (less, count) => less.toLine((count ?? 1) - 1)),
  ...bound(['G', '>', 'end'], (less, count) => (count === undefined ? less.toLast() : less.toLine(count - 1))),
  ...bound(['p', '%'], (less, count) => less.toPercent(count ?? 0)),
  '/': (less) => less.ask('/'),
  '?': (less) => less.ask('?'),
  F: (less) => less.follow(),
  n: (less) => less.searchAgain(true),
  N: (less) => less.searchAgain(false),
  m: (less) => less.mark(),
  "'": (less) => less.toMark(),
  '-': (less) => less.toggle(),
  ...bound(['=', '\x07'], (less) => less.describe()),
  ...bound(['h', 'H'], (less) => less.say('j k f b d u: move  g G: ends  / ? n N: search  F: follow  q: quit  (press RETURN)')),
}
