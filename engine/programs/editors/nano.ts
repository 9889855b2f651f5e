/** nano 7.2: type, move, ^O write, ^X leave, ^K cut, ^U paste, ^W search. */
import { Utf8Stream } from '#engine/base/bytes'
import { decodeLossless, encodeLossless } from '#engine/base/lossless'
import { isErrno } from '#engine/linux/abi/errno'
import type { Terminal } from '#engine/linux/abi/files'
import type { Process } from '#engine/linux/abi/process'
import type { Program } from '#engine/linux/abi/program'
import { reason } from '#engine/programs/common/gnu'

const sequences: Readonly<Record<string, string>> = { '[A': 'up', '[B': 'down', '[C': 'right', '[D': 'left', OA: 'up', OB: 'down', OC: 'right', OD: 'left', '[H': 'home', '[F': 'end', '[1~': 'home', '[4~': 'end', '[3~': 'delete', '[5~': 'pageup', '[6~': 'pagedown' }

class Nano {
  private lines: string[] = ['']
  private line = 0
  private column = 0
  private top = 0
  private modified = false
  private cut: string[] = []
  private cutting = false
  private message = ''
  private pending = ''
  private lastSearch = ''
  private readonly decoder = new Utf8Stream()

  constructor(
    private readonly process: Process,
    private readonly terminal: Terminal,
    private path: string,
  ) {}

  private get height(): number {
    return Math.max(1, this.terminal.rows - 4)
  }

  async run(): Promise<number> {
    this.load()
    this.terminal.setMode({ canonical: false, echo: false, signals: false, crToNl: false })
    await this.process.stdout.write('\x1b[?1049h')
    this.process.handle('SIGWINCH', () => this.process.background(() => this.draw()))
    try {
      for (;;) {
        await this.draw()
        const key = await this.key()
        const wasCut = this.cutting
        this.cutting = key === '\x0b'
        if (key === '\x18') {
          if (await this.leave()) return 0
        } else await this.press(key, wasCut)
      }
    } finally {
      this.terminal.setMode({ canonical: true, echo: true, signals: true, crToNl: true })
      await this.process.stdout.write('\x1b[?1049l')
    }
  }

  private load(): void {
    if (this.path === '') return
    try {
      const text = decodeLossless(this.process.files.readFile(this.path))
      this.lines = text.replace(/\n$/, '').split('\n')
      this.message = `[ Read ${text === '' ? 0 : this.lines.length} line${this.lines.length === 1 ? '' : 's'} ]`
    } catch (error) {
      this.message = isErrno(error, 'ENOENT') ? '[ New File ]' : `[ Error reading ${this.path}: ${reason(error)} ]`
    }
  }

  private async key(): Promise<string> {
    if (this.pending === '') {
      const bytes = await this.process.descriptor(0).read(4096)
      if (bytes === null) return '\x18'
      this.pending = this.decoder.push(bytes)
    }
    const sequence = /^\x1b([[O][0-9;]*[A-Za-z~])/.exec(this.pending)
    if (sequence) {
      this.pending = this.pending.slice(sequence[0].length)
      return sequences[sequence[1] as string] ?? ''
    }
    const key = String.fromCodePoint(this.pending.codePointAt(0) as number)
    this.pending = this.pending.slice(key.length)
    return key
  }

  private async draw(): Promise<void> {
    const { columns } = this.terminal
    if (this.line < this.top) this.top = this.line
    if (this.line >= this.top + this.height) this.top = this.line - this.height + 1
    const title = this.path === '' ? 'New Buffer' : this.path
    const head = `  GNU nano 7.2${' '.repeat(Math.max(1, Math.floor((columns - title.length) / 2) - 14))}${title}${this.modified ? ' *' : ''}`.padEnd(columns).slice(0, columns)
    const expand = (text: string): string => text.replace(/\t/g, '        ')
    const body = Array.from({ length: this.height }, (_, row) => expand(this.lines[this.top + row] ?? '').slice(0, columns))
    const middle = this.message === '' ? '' : `${' '.repeat(Math.max(0, Math.floor((columns - this.message.length) / 2)))}\x1b[7m${this.message}\x1b[27m`
    this.message = ''
    const help = ['^G Help      ^O Write Out ^W Where Is  ^K Cut       ^C Location', '^X Exit      ^R Read File ^\\ Replace   ^U Paste     ^/ Go To Line']
    const column = expand((this.lines[this.line] ?? '').slice(0, this.column)).length
    await this.process.stdout.write(encodeLossless(`\x1b[H\x1b[7m${head}\x1b[27m\r\n${body.map((row) => `${row}\x1b[K`).join('\r\n')}\r\n${middle}\x1b[K\r\n${help.map((row) => `${row.slice(0, columns)}\x1b[K`).join('\r\n')}\x1b[${this.line - this.top + 2};${Math.min(columns, column + 1)}H`))
  }

  private get current(): string {
    return this.lines[this.line] ?? ''
  }

  private async press(key: string, wasCut: boolean): Promise<void> {
    if (this.move(key)) return
    switch (key) {
      case '\r': case '\n':
        this.lines.splice(this.line, 1, this.current.slice(0, this.column), this.current.slice(this.column))
        this.line++
        this.column = 0
        break
      case '\x7f': case '\b':
        if (this.column > 0) {
          this.lines[this.line] = this.current.slice(0, this.column - 1) + this.current.slice(this.column)
          this.column--
        } else if (this.line > 0) {
          this.column = (this.lines[this.line - 1] as string).length
          this.lines.splice(this.line - 1, 2, (this.lines[this.line - 1] as string) + this.current)
          this.line--
        }
        break
      case 'delete': case '\x04':
        if (this.column < this.current.length) this.lines[this.line] = this.current.slice(0, this.column) + this.current.slice(this.column + 1)
        else if (this.line + 1 < this.lines.length) this.lines.splice(this.line, 2, this.current + (this.lines[this.line + 1] as string))
        break
      case '\x0b':
        this.cut = wasCut ? [...this.cut, this.current] : [this.current]
        this.lines.splice(this.line, 1)
        if (this.lines.length === 0) this.lines = ['']
        this.line = Math.min(this.line, this.lines.length - 1)
        this.column = 0
        break
      case '\x15':
        this.lines.splice(this.line, 0, ...this.cut)
        this.line += this.cut.length
        break
      case '\x0f': return this.save(true).then(() => undefined)
      case '\x13': return this.save(false).then(() => undefined)
      case '\x17': return this.search()
      case '\x1f': return this.goTo()
      case '\x03':
        this.message = `[ line ${this.line + 1}/${this.lines.length}, col ${this.column + 1}/${this.current.length + 1} ]`
        return
      default:
        if (key === '' || (key < ' ' && key !== '\t')) return
        this.lines[this.line] = this.current.slice(0, this.column) + key + this.current.slice(this.column)
        this.column += key.length
    }
    this.modified = true
  }

  private move(key: string): boolean {
    switch (key) {
      case 'up': case '\x10': this.line = Math.max(0, this.line - 1); break
      case 'down': case '\x0e': this.line = Math.min(this.lines.length - 1, this.line + 1); break
      case 'left': case '\x02':
        if (this.column > 0) this.column--
        else if (this.line > 0) this.column = (this.lines[--this.line] as string).length
        break
      case 'right': case '\x06':
        if (this.column < this.current.length) this.column++
        else if (this.line + 1 < this.lines.length) {
          this.line++
          this.column = 0
        }
        break
      case 'home': case '\x01': this.column = 0; break
      case 'end': case '\x05': this.column = this.current.length; break
      case 'pageup': case '\x19': this.line = Math.max(0, this.line - this.height); break
      case 'pagedown': case '\x16': this.line = Math.min(this.lines.length - 1, this.line + this.height); break
      default: return false
    }
    this.column = Math.min(this.column, this.current.length)
    return true
  }

  private async prompt(question: string, start = ''): Promise<string | undefined> {
    let text = start
    for (;;) {
      await this.process.stdout.write(encodeLossless(`\x1b[${this.terminal.rows - 2};1H\x1b[7m${question}${text}\x1b[K\x1b[27m`))
      const key = await this.key()
      if (key === '\r' || key === '\n') return text
      if (key === '\x03' || key === '\x1b') {
        this.message = '[ Cancelled ]'
        return undefined
      }
      if (key === '\x7f' || key === '\b') text = text.slice(0, -1)
      else if (key >= ' ' && key.length <= 2) text += key
    }
  }

  private async save(ask: boolean): Promise<boolean> {
    const name = ask || this.path === '' ? await this.prompt('File Name to Write: ', this.path) : this.path
    if (name === undefined || name === '') return false
    try {
      this.process.files.writeFile(name, encodeLossless(this.lines.length === 1 && this.lines[0] === '' ? '' : `${this.lines.join('\n').replace(/\n$/, '')}\n`))
      this.path = name
      this.modified = false
      this.message = `[ Wrote ${this.lines.length} line${this.lines.length === 1 ? '' : 's'} ]`
      return true
    } catch (error) {
      this.message = `[ Error writing ${name}: ${reason(error)} ]`
      return false
    }
  }

  private async leave(): Promise<boolean> {
    if (!this.modified) return true
    await this.process.stdout.write(`\x1b[${this.terminal.rows - 2};1H\x1b[7mSave modified buffer? \x1b[K\x1b[27m\r\n Y Yes\x1b[K\r\n N No           ^C Cancel\x1b[K`)
    for (;;) {
      const key = await this.key()
      if (key === 'n' || key === 'N') return true
      if (key === 'y' || key === 'Y') return this.save(true)
      if (key === '\x03' || key === '\x1b') return false
    }
  }

  private async search(): Promise<void> {
    const text = (await this.prompt(`Search${this.lastSearch === '' ? '' : ` [${this.lastSearch}]`}: `)) ?? undefined
    if (text === undefined) return
    if (text !== '') this.lastSearch = text
    const wanted = this.lastSearch.toLowerCase()
    for (let step = 0; step <= this.lines.length; step++) {
      const line = (this.line + step) % this.lines.length
      const at = (this.lines[line] as string).toLowerCase().indexOf(wanted, step === 0 ? this.column + 1 : 0)
      if (at < 0) continue
      this.line = line
      this.column = at
      return
    }
    this.message = `[ "${this.lastSearch}" not found ]`
  }

  private async goTo(): Promise<void> {
    const text = await this.prompt('Enter line number, column number: ')
    const line = Number(text?.split(',')[0])
    if (line > 0) this.line = Math.min(this.lines.length, line) - 1
    this.column = 0
  }
}

const nano: Program = {
  name: 'nano',
  unsupported: 'several buffers, spelling, justification and replacing',
  async run(process) {
    const args = process.argv.slice(1)
    if (args.includes('--version') || args.includes('-V')) {
      await process.stdout.write(' GNU nano, version 7.2\n')
      return 0
    }
    const bad = args.find((arg) => /^-[^A-Za-z-]/.test(arg))
    if (bad !== undefined) {
      await process.stderr.write(`nano: invalid option -- '${bad.charAt(1)}'\nType 'nano -h' for a list of available options.\n`)
      return 1
    }
    const terminal = process.descriptors().get(0)?.tty
    if (!terminal || !process.descriptors().get(1)?.tty) {
      await process.stderr.write(process.env.get('TERM') === undefined || process.env.get('TERM') === 'dumb' ? 'Error opening terminal: unknown.\n' : 'Standard input is not a terminal\n')
      return 1
    }
    return new Nano(process, terminal, args.filter((arg) => !/^[-+]/.test(arg))[0] ?? '').run()
  },
}

export const nanoPrograms: readonly Program[] = [nano]
