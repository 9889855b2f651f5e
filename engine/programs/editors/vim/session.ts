/** Joins the parts: keys of a terminal or of a script, the command line, the shell. */
import { Utf8Stream } from '#engine/base/bytes'
import { decodeLossless, encodeLossless } from '#engine/base/lossless'
import { isErrno } from '#engine/linux/abi/errno'
import type { Terminal } from '#engine/linux/abi/files'
import type { Process } from '#engine/linux/abi/process'
import { execute, source } from '#engine/programs/editors/vim/ex'
import { readCommandLine } from '#engine/programs/editors/vim/command-line'
import type { NormalHost } from '#engine/programs/editors/vim/keys'
import { NormalMode } from '#engine/programs/editors/vim/normal'
import { VimPatternError } from '#engine/programs/editors/vim/pattern'
import { Screen } from '#engine/programs/editors/vim/screen'
import { Leave, OutOfKeys, VimError, VimState } from '#engine/programs/editors/vim/state'

const sequences: Readonly<Record<string, string>> = { '[A': 'up', '[B': 'down', '[C': 'right', '[D': 'left', OA: 'up', OB: 'down', OC: 'right', OD: 'left', '[H': 'home', '[F': 'end', OH: 'home', OF: 'end', '[1~': 'home', '[4~': 'end', '[3~': 'delete', '[5~': 'pageup', '[6~': 'pagedown', '[2~': 'insert' }

export class VimSession implements NormalHost {
  readonly vim: VimState
  private readonly normalMode: NormalMode
  private readonly screen: Screen | undefined
  private pending = ''
  private readonly decoder = new Utf8Stream()
  private depth = 0

  constructor(
    private readonly process: Process,
    private readonly terminal: Terminal | undefined,
    silent: boolean,
    private readonly scriptLine: () => string | undefined,
  ) {
    this.vim = new VimState(process, () => this.typed(), silent)
    this.normalMode = new NormalMode(this.vim, this)
    this.screen = terminal && new Screen(this.vim, terminal, (text) => process.stdout.write(encodeLossless(text)))
  }

  get height(): number {
    return this.screen?.height ?? 23
  }

  /** A key from the terminal; scripts have none. */
  private async typed(): Promise<string> {
    if (!this.terminal || this.depth > 0) throw new OutOfKeys()
    if (this.pending === '') {
      await this.redraw()
      const bytes = await this.process.descriptor(0).read(4096)
      if (bytes === null) throw new Leave(1)
      this.pending = this.decoder.push(bytes)
    }
    if (this.pending.startsWith('\x1b[200~')) return this.pasted()
    const sequence = /^\x1b([[O][0-9;]*[A-Za-z~])/.exec(this.pending)
    if (sequence) {
      this.pending = this.pending.slice(sequence[0].length)
      return sequences[sequence[1] as string] ?? (await this.typed())
    }
    const key = String.fromCodePoint(this.pending.codePointAt(0) as number)
    this.pending = this.pending.slice(key.length)
    return key
  }

  /** A bracketed paste goes in as it is, without indenting. */
  private async pasted(): Promise<string> {
    const { vim } = this
    const end = this.pending.indexOf('\x1b[201~')
    const text = (end < 0 ? this.pending.slice(6) : this.pending.slice(6, end)).replace(/\r\n?/g, '\n')
    this.pending = end < 0 ? '' : this.pending.slice(end + 6)
    const at = vim.mode === 'insert' ? vim.cursor : { line: vim.cursor.line, column: Math.min(vim.line.length, vim.cursor.column + 1) }
    vim.cursor = vim.buffer.insert(at, text)
    return vim.mode === 'insert' ? 'paste' : this.typed()
  }

  async redraw(): Promise<void> {
    await this.screen?.draw()
  }

  scroll(rows: number): void {
    this.vim.top = Math.max(0, Math.min(this.vim.buffer.count - 1, this.vim.top + rows))
  }

  suspend(): void {
    this.process.background(async () => {
      await this.leaveScreen()
      this.process.handle('SIGCONT', () => this.process.background(() => this.enterScreen()))
      this.process.kill(0, 'SIGTSTP')
    })
  }

  async enterScreen(): Promise<void> {
    this.terminal?.setMode({ canonical: false, echo: false, signals: false, crToNl: false })
    await this.process.stdout.write('\x1b[?1049h\x1b[?2004h\x1b[2J')
    await this.redraw()
  }

  async leaveScreen(): Promise<void> {
    await this.process.stdout.write(`\x1b[${this.terminal?.rows ?? 24};1H\x1b[K\x1b[?2004l\x1b[?1049l`)
    this.terminal?.setMode({ canonical: true, echo: true, signals: true, crToNl: true })
  }

  /** Runs keys in normal mode to their end; what is left open is given up. */
  async normal(keys: string): Promise<void> {
    const { vim } = this
    const outer = vim.queue
    vim.queue = [...keys]
    this.depth++
    try {
      while (vim.queue.length > 0) await this.guardKeys()
    } catch (error) {
      // What fails ends the keys, and nothing more: vim only beeps.
      if (!(error instanceof VimError) || error.message !== '') throw error
    } finally {
      this.depth--
      vim.queue = outer
      vim.mode = 'normal'
    }
  }

  private async guardKeys(): Promise<void> {
    try {
      await this.normalMode.command()
    } catch (error) {
      if (!(error instanceof OutOfKeys)) throw error
      if (this.vim.mode !== 'normal') this.vim.mode = 'normal'
      this.vim.clamp()
    }
  }

  async ex(line: string): Promise<void> {
    if (line.trim() !== '') this.vim.commandHistory.push(line)
    await execute(this.vim, this, line)
  }

  inputLine(): string | undefined {
    return this.scriptLine()
  }

  /** What was shown last without a screen has no line end yet. */
  openLine = false

  async show(text: string): Promise<void> {
    if (!this.terminal) {
      if (text !== '') this.openLine = !text.endsWith('\n')
      if (text !== '') await this.process.stdout.write(encodeLossless(text))
      return
    }
    if (text === '' || text.split('\n').length <= 2) {
      this.vim.message = text.replace(/\n$/, '')
      return
    }
    await this.process.stdout.write(encodeLossless(`\x1b[${this.terminal.rows};1H\r\n${text.replace(/\n/g, '\r\n')}Press ENTER or type command to continue`))
    await this.process.descriptor(0).read(64)
  }

  async shell(command: string, input: string | undefined): Promise<string> {
    const out = this.process.pipe()
    const given = input === undefined ? undefined : this.process.pipe()
    const child = this.process.spawn('/bin/sh', ['sh', '-c', command], { descriptors: new Map([[1, out.writer], [2, out.writer], ...(given ? [[0, given.reader] as const] : [])]) })
    if (given) {
      this.process.background(async () => {
        try {
          await given.writer.write(encodeLossless(input as string))
        } catch (error) {
          if (!isErrno(error)) throw error
        }
        given.writer.release()
      })
    }
    let text = ''
    for (let piece = await out.reader.read(); piece; piece = await out.reader.read()) text += decodeLossless(piece)
    out.reader.release()
    await child.wait()
    return text
  }

  commandLine(prompt: string, start = ''): Promise<string | undefined> {
    return readCommandLine(this.vim, () => this.redraw(), prompt, start)
  }

  /** One command of normal mode, from insert mode. */
  async once(): Promise<void> {
    const { recorded } = this.vim
    await this.normalMode.command()
    this.vim.recorded = recorded
  }

  /** Runs one thing; an error is shown and remembered. */
  async attempt(run: () => Promise<void>): Promise<void> {
    const { vim } = this
    try {
      await run()
    } catch (error) {
      if (error instanceof OutOfKeys) return
      if (!(error instanceof VimError) && !(error instanceof VimPatternError)) throw error
      vim.failed = true
      vim.queue = []
      vim.message = error.message
      if (vim.mode === 'command') vim.mode = 'normal'
    }
  }

  async sourceFile(path: string): Promise<void> {
    try {
      const text = this.process.files.readText(path)
      await this.attempt(() => source(this.vim, this, text))
    } catch (error) {
      if (!isErrno(error)) throw error
    }
  }

  /** The loop of a screen session; ends by Leave. */
  async interact(): Promise<number> {
    await this.enterScreen()
    this.process.handle('SIGWINCH', () => this.process.background(() => this.redraw()))
    try {
      for (;;) {
        await this.attempt(async () => {
          if (this.vim.queue.length === 0) await this.redraw()
          await this.normalMode.command()
        })
      }
    } catch (error) {
      if (error instanceof Leave) return error.status
      throw error
    } finally {
      await this.leaveScreen()
    }
  }
}
