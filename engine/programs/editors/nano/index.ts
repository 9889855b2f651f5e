/** nano 7.2: type, move, ^O write, ^X leave, ^K cut, ^U paste, ^W search. */
import { Utf8Stream } from '#engine/base/bytes'
import { decodeLossless, encodeLossless } from '#engine/base/lossless'
import { isErrno } from '#engine/linux/abi/errno'
import type { Terminal } from '#engine/linux/abi/files'
import type { Process } from '#engine/linux/abi/process'
import type { Program } from '#engine/linux/abi/program'
import { NanoText } from '#engine/programs/editors/nano/text'
import { reason } from '#engine/programs/common/gnu'

const sequences: Readonly<Record<string, string>> = { '[A': 'up', '[B': 'down', '[C': 'right', '[D': 'left', OA: 'up', OB: 'down', OC: 'right', OD: 'left', '[H': 'home', '[F': 'end', '[1~': 'home', '[4~': 'end', '[3~': 'delete', '[5~': 'pageup', '[6~': 'pagedown' }

const help = ['^G Help      ^O Write Out ^W Where Is  ^K Cut       ^C Location', '^X Exit      ^R Read File ^\\ Replace   ^U Paste     ^/ Go To Line']

function expand(text: string): string {
  return text.replace(/\t/g, '        ')
}

class Nano {
  private readonly text = new NanoText()
  private top = 0
  private modified = false
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
        if (key !== '\x18') await this.press(key)
        else if (await this.leave()) return 0
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
      this.text.lines = text.split('\n')
      this.message = `[ Read ${this.text.count} line${this.text.count === 1 ? '' : 's'} ]`
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
    const { text } = this
    if (text.line < this.top) this.top = text.line
    if (text.line >= this.top + this.height) this.top = text.line - this.height + 1
    const body = Array.from({ length: this.height }, (_, row) => `${expand(text.lines[this.top + row] ?? '').slice(0, columns)}\x1b[K`)
    const cursor = `\x1b[${text.line - this.top + 2};${Math.min(columns, expand(text.current.slice(0, text.column)).length + 1)}H`
    const rows = [`\x1b[7m${this.head()}\x1b[27m`, ...body, `${this.middle()}\x1b[K`, ...help.map((row) => `${row.slice(0, columns)}\x1b[K`)]
    await this.process.stdout.write(encodeLossless(`\x1b[H${rows.join('\r\n')}${cursor}`))
  }

  private head(): string {
    const { columns } = this.terminal
    const title = this.path === '' ? 'New Buffer' : this.path
    return `  GNU nano 7.2${' '.repeat(Math.max(1, Math.floor((columns - title.length) / 2) - 14))}${title}${this.modified ? ' *' : ''}`.padEnd(columns).slice(0, columns)
  }

  /** The message, once. */
  private middle(): string {
    const { message } = this
    this.message = ''
    return message === '' ? '' : `${' '.repeat(Math.max(0, Math.floor((this.terminal.columns - message.length) / 2)))}\x1b[7m${message}\x1b[27m`
  }

  private async press(key: string): Promise<void> {
    const { text } = this
    if (text.move(key, this.height)) return
    const command = Object.hasOwn(this.commands, key) ? this.commands[key] : undefined
    if (command) await command()
    else this.modified = text.press(key) || this.modified
  }

  private readonly commands: Readonly<Record<string, () => Promise<unknown> | void>> = {
    '\x0f': () => this.save(true),
    '\x13': () => this.save(false),
    '\x17': () => this.search(),
    '\x1f': () => this.goTo(),
    '\x03': () => void (this.message = `[ line ${this.text.line + 1}/${this.text.lines.length}, col ${this.text.column + 1}/${this.text.current.length + 1} ]`),
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
      this.process.files.writeFile(name, encodeLossless(this.text.lines.length === 1 && this.text.lines[0] === '' ? '' : `${this.text.lines.join('\n').replace(/\n$/, '')}\n`))
      this.path = name
      this.modified = false
      this.message = `[ Wrote ${this.text.count} line${this.text.count === 1 ? '' : 's'} ]`
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
    if (!this.text.find(this.lastSearch)) this.message = `[ "${this.lastSearch}" not found ]`
  }

  private async goTo(): Promise<void> {
    const text = await this.prompt('Enter line number, column number: ')
    if (text !== undefined) this.text.goTo(Number(text.split(',')[0]))
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
    if (bad !== undefined) return refuse(process, `nano: invalid option -- '${bad.charAt(1)}'\nType 'nano -h' for a list of available options.\n`)
    const terminal = process.descriptors().get(0)?.tty
    if (!terminal || !process.descriptors().get(1)?.tty) return refuse(process, /^(dumb)?$/.test(process.env.get('TERM') ?? '') ? 'Error opening terminal: unknown.\n' : 'Standard input is not a terminal\n')
    return new Nano(process, terminal, args.filter((arg) => !/^[-+]/.test(arg))[0] ?? '').run()
  },
}

async function refuse(process: Process, message: string): Promise<number> {
  await process.stderr.write(message)
  return 1
}

export const nanoPrograms: readonly Program[] = [nano]
