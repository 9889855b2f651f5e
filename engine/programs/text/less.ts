/** less: reads as it goes, wraps, searches, follows. Off a terminal it is cat. */
import { isErrno } from '#engine/linux/abi/errno'
import type { Terminal } from '#engine/linux/abi/files'
import type { Process } from '#engine/linux/abi/process'
import type { Program } from '#engine/linux/abi/program'
import { inputChunks, inputLines, print, reason } from '#engine/programs/common/gnu'
import { Keyboard } from '#engine/programs/text/keyboard'
import { cellsOf, rowsOf } from '#engine/programs/text/rows'
import { posixRegExp } from '#engine/shell/patterns/posix'

interface Settings {
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

class Less {
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

  private get height(): number {
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

  private backward(rows: number): void {
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

  private async toLine(line: number): Promise<void> {
    await this.until(line + this.height)
    this.top = Math.max(0, Math.min(line, this.lines.length - 1))
    this.sub = 0
  }

  // Commands.

  private async initial(command: string): Promise<void> {
    if (command.startsWith('/') || command.startsWith('?')) return this.search(command[0] === '/' ? 1 : -1, command.slice(1))
    if (/^\d+$/.test(command)) return this.toLine(Number(command) - 1)
    if (command === 'G') {
      await this.until(Infinity)
      this.toEnd()
    }
    if (command === 'F') this.following = true
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
    const page = count ?? this.height
    switch (key) {
      case 'j': case 'e': case '\r': case '\n': case 'down': case '\x0e': case '\x05': return this.down(count ?? 1)
      case 'k': case 'y': case 'up': case '\x10': case '\x19': return this.backward(count ?? 1)
      case ' ': case 'f': case 'z': case '\x06': case '\x16': case 'pagedown': return this.down(page)
      case 'b': case 'w': case '\x02': case 'pageup': return this.backward(page)
      case 'd': case '\x04': return this.down(count ?? this.height >> 1)
      case 'u': case '\x15': return this.backward(count ?? this.height >> 1)
      case 'g': case '<': case 'home': return this.toLine((count ?? 1) - 1)
      case 'G': case '>': case 'end':
        if (count !== undefined) return this.toLine(count - 1)
        await this.until(Infinity)
        return this.toEnd()
      case 'p': case '%':
        await this.until(Infinity)
        return this.toLine(Math.floor((this.lines.length * Math.min(100, count ?? 0)) / 100))
      case 'F': this.following = true; return
      case '/': case '?': return this.ask(key)
      case 'n': return this.search(this.direction)
      case 'N': return this.search(this.direction === 1 ? -1 : 1, undefined, false)
      case 'm': this.marks.set(await this.keys.key(), this.top); return
      case "'": return this.toMark(await this.keys.key())
      case '=': case '\x07': return this.describe()
      case '-': return this.toggle(await this.keys.key())
      case 'h': case 'H': this.message = 'j k f b d u: move  g G: ends  / ? n N: search  F: follow  q: quit  (press RETURN)'; return
      default: return
    }
  }

  private async down(rows: number): Promise<void> {
    await this.until(this.top + this.height + rows + 1)
    this.forward(rows)
  }

  private async toMark(name: string): Promise<void> {
    const line = name === '^' ? 0 : this.marks.get(name)
    if (line === undefined) this.message = 'Mark not set  (press RETURN)'
    else await this.toLine(line)
  }

  private describe(): void {
    const name = this.files[this.file] === '-' ? '' : `${this.files[this.file] as string} `
    const bottom = Math.min(this.lines.length, this.top + this.height)
    this.message = `${name}lines ${this.top + 1}-${bottom}${this.done ? `/${this.lines.length} ${bottom === this.lines.length ? '(END)' : `${Math.floor((bottom / this.lines.length) * 100)}%`}` : ''}`
  }

  private toggle(option: string): void {
    const { settings } = this
    if (option === 'N') settings.numbers = !settings.numbers
    else if (option === 'S') settings.chop = !settings.chop
    else if (option === 'R' || option === 'r') settings.raw = !settings.raw
    else if (option === 'i') settings.ignoreCase = settings.ignoreCase === 'no' ? 'smart' : 'no'
    else this.message = `There is no -${option} option  (press RETURN)`
  }

  private async ask(kind: '/' | '?'): Promise<void> {
    let text = ''
    for (;;) {
      await print(this.process, `\r\x1b[K${kind}${text}`)
      const key = await this.keys.key()
      if (key === '\r' || key === '\n') return this.search(kind === '/' ? 1 : -1, text)
      if (key === '' || key === '\x1b' || key === '\x03' || ((key === '\x7f' || key === '\b') && text === '')) return
      text = key === '\x7f' || key === '\b' ? text.slice(0, -1) : key === '\x15' ? '' : key.length === 1 ? text + key : text
    }
  }

  private async search(direction: 1 | -1, text?: string, keep = true): Promise<void> {
    if (text !== undefined && text !== '') {
      const { ignoreCase } = this.settings
      try {
        this.pattern = posixRegExp(text, { extended: true, ignoreCase: ignoreCase === 'always' || (ignoreCase === 'smart' && text === text.toLowerCase()) })
      } catch {
        this.message = 'Invalid pattern  (press RETURN)'
        return
      }
    }
    if (!this.pattern) {
      this.message = 'No previous regular expression  (press RETURN)'
      return
    }
    if (keep) this.direction = direction
    const first = text !== undefined && direction === 1 && this.fresh ? this.top : this.top + direction
    for (let i = first; i >= 0; i += direction) {
      await this.until(i + 1)
      if (i >= this.lines.length) break
      this.pattern.lastIndex = 0
      if (!this.pattern.test(this.lines[i] as string)) continue
      await this.toLine(i)
      return
    }
    this.message = 'Pattern not found  (press RETURN)'
  }
}

function settingsOf(args: readonly string[]): Settings {
  const letters = args.filter((arg) => /^-[^-]/.test(arg)).map((arg) => arg.slice(1)).join('')
  const has = (letter: string, long: string): boolean => letters.includes(letter) || args.includes(`--${long}`)
  return {
    numbers: has('N', 'LINE-NUMBERS'),
    chop: has('S', 'chop-long-lines'),
    raw: has('R', 'RAW-CONTROL-CHARS') || has('r', 'raw-control-chars'),
    quitIfShort: has('F', 'quit-if-one-screen'),
    quitAtEnd: has('E', 'QUIT-AT-EOF') || has('e', 'quit-at-eof'),
    keepScreen: has('X', 'no-init'),
    ignoreCase: has('I', 'IGNORE-CASE') ? 'always' : has('i', 'ignore-case') ? 'smart' : 'no',
    start: args.filter((arg) => arg.startsWith('+')).map((arg) => arg.replace(/^\++/, '')),
  }
}

export const less: Program = {
  name: 'less',
  async run(process) {
    const args = process.argv.slice(1)
    if (args[0] === '--version' || args[0] === '-V') {
      await print(process, 'less 590 (GNU regular expressions)\n')
      return 0
    }
    const given = args.filter((arg) => !/^[-+]./.test(arg))
    const terminal = process.descriptors().get(1)?.tty
    if (given.length === 0 && process.descriptors().get(0)?.kind === 'tty') {
      await process.stderr.write('Missing filename ("less --help" for help)\n')
      return 1
    }
    const files = await readable(process, given.length > 0 ? given : ['-'])
    if (files.length === 0) return 1
    if (!terminal) {
      for (const file of files) for await (const piece of inputChunks(process, file)) await process.stdout.write(piece)
      return 0
    }
    const environment = process.env.get('LESS') ?? ''
    const fromEnvironment = environment === '' ? [] : [environment.startsWith('-') ? environment : `-${environment}`]
    return new Less(process, terminal, new Keyboard(process), files, settingsOf([...fromEnvironment, ...args])).run()
  },
}

async function readable(process: Process, names: readonly string[]): Promise<string[]> {
  const files: string[] = []
  for (const name of names) {
    try {
      if (name !== '-' && process.files.stat(name).type === 'directory') {
        await process.stderr.write(`${name} is a directory\n`)
        continue
      }
      files.push(name)
    } catch (error) {
      if (!isErrno(error)) throw error
      await process.stderr.write(`${name}: ${reason(error)}\n`)
    }
  }
  return files
}
