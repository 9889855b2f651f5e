/** less, more, watch, man. */
import { encodeLossless } from '#engine/base/lossless'
import { isErrno } from '#engine/linux/abi/errno'
import type { Terminal } from '#engine/linux/abi/files'
import type { Process } from '#engine/linux/abi/process'
import { defineProgram, type Program } from '#engine/linux/abi/program'
import { flag, option, optional } from '#engine/linux/abi/flags'
import { print, readInput, readInputText, reason } from '#engine/programs/common/gnu'
import { posixRegExp } from '#engine/shell/patterns/posix'
import { formatDate } from '#engine/shell/builtins/strftime'

function pager(name: string): Program {
  return {
    name,
    async run(process) {
      const args = process.argv.slice(1)
      const names = args.filter((arg) => !/^[-+]./.test(arg))
      const terminal = process.descriptors().get(1)?.tty
      if (names.length === 0 && process.descriptors().get(0)?.kind === 'tty') {
        await process.stderr.write(name === 'less' ? 'Missing filename ("less --help" for help)\n' : 'more: bad usage\nTry \'more --help\' for more information.\n')
        return 1
      }
      const texts: string[] = []
      for (const file of names.length > 0 ? names : ['-']) {
        try {
          if (!terminal) await process.stdout.write(await readInput(process, file))
          else texts.push(await readInputText(process, file))
        } catch (error) {
          await process.stderr.write(isErrno(error, 'EISDIR') ? `${file} is a directory\n` : `${name === 'more' ? `more: cannot open ${file}` : file}: ${reason(error)}\n`)
          if (names.length <= 1) return 1
        }
      }
      if (!terminal) return 0
      return new Pager(process, terminal, texts.join(''), names[0] ?? '', args.some((arg) => /^-\w*N/.test(arg)), args.some((arg) => /^-\w*F/.test(arg))).run()
    },
  }
}

class Pager {
  private readonly lines: string[]
  private top = 0
  private message = ''
  private pattern: RegExp | undefined

  constructor(
    private readonly process: Process,
    private readonly terminal: Terminal,
    text: string,
    private readonly name: string,
    private readonly numbers: boolean,
    private readonly quitIfShort: boolean,
  ) {
    this.lines = text.replace(/\n$/, '').split('\n')
  }

  private get height(): number {
    return Math.max(1, this.terminal.rows - 1)
  }

  private rows(): string[] {
    const width = Math.max(10, this.terminal.columns)
    return this.lines.slice(this.top, this.top + this.height).map((line, index) => `${this.numbers ? `${String(this.top + index + 1).padStart(7)} ` : ''}${line.replace(/\t/g, '        ')}`.slice(0, width))
  }

  private async draw(): Promise<void> {
    const rows = this.rows()
    while (rows.length < this.height) rows.push('~')
    const end = this.top + this.height >= this.lines.length
    const status = this.message !== '' ? this.message : end ? '(END)' : this.top === 0 && this.name !== '' ? this.name : ':'
    this.message = ''
    await print(this.process, `\x1b[H\x1b[2J${rows.map((row) => (this.pattern ? row.replace(new RegExp(this.pattern.source, 'giu'), (found) => (found === '' ? '' : `\x1b[7m${found}\x1b[27m`)) : row)).join('\r\n')}\r\n\x1b[7m${status}\x1b[27m`)
  }

  async run(): Promise<number> {
    const source = this.process.descriptors().get(0)?.kind === 'tty' ? this.process.descriptor(0) : this.process.files.open('/dev/tty', { read: true, write: true })
    if (this.quitIfShort && this.lines.length <= this.height) {
      await print(this.process, `${this.lines.join('\n')}\n`)
      return 0
    }
    this.terminal.setMode({ canonical: false, echo: false })
    await print(this.process, '\x1b[?1049h')
    this.process.handle('SIGWINCH', () => this.process.background(() => this.draw()))
    const read = async (): Promise<string> => {
      const bytes = await source.read(64)
      return bytes === null ? 'q' : new TextDecoder().decode(bytes)
    }
    try {
      for (;;) {
        await this.draw()
        const keys = await read()
        if (/^(q|Q|:q|ZZ)/.test(keys)) return 0
        if (keys === '/' || keys === '?') await this.search(keys, read)
        else this.key(keys)
      }
    } finally {
      this.terminal.setMode({ canonical: true, echo: true })
      await print(this.process, '\x1b[?1049l')
    }
  }

  private key(keys: string): void {
    const last = Math.max(0, this.lines.length - this.height)
    const go = (to: number): void => {
      this.top = Math.max(0, Math.min(last, to))
    }
    for (const key of /^\x1b/.test(keys) ? [keys] : keys) {
      if (key === 'j' || key === '\r' || key === '\n' || key === '\x1b[B' || key === '\x1bOB' || key === 'e') go(this.top + 1)
      else if (key === 'k' || key === 'y' || key === '\x1b[A' || key === '\x1bOA') go(this.top - 1)
      else if (key === ' ' || key === 'f' || key === '\x06' || key === '\x1b[6~') go(this.top + this.height)
      else if (key === 'b' || key === '\x02' || key === '\x1b[5~') go(this.top - this.height)
      else if (key === 'd' || key === '\x04') go(this.top + (this.height >> 1))
      else if (key === 'u' || key === '\x15') go(this.top - (this.height >> 1))
      else if (key === 'g' || key === '<' || key === '\x1b[H') go(0)
      else if (key === 'G' || key === '>' || key === '\x1b[F') go(last)
      else if (key === 'n') this.find(1)
      else if (key === 'N') this.find(-1)
    }
  }

  private async search(kind: string, read: () => Promise<string>): Promise<void> {
    let text = ''
    for (;;) {
      await print(this.process, `\r\x1b[K${kind}${text}`)
      const keys = await read()
      if (keys.startsWith('\x1b') || keys === '\x03') return
      for (const c of keys) {
        if (c === '\r' || c === '\n') {
          try {
            if (text !== '') this.pattern = posixRegExp(text, { extended: true, ignoreCase: text === text.toLowerCase() })
            this.find(kind === '/' ? 1 : -1)
          } catch {
            this.message = 'Invalid pattern'
          }
          return
        }
        text = c === '\x7f' || c === '\b' ? text.slice(0, -1) : text + c
      }
    }
  }

  private find(step: 1 | -1): void {
    if (!this.pattern) return
    for (let i = this.top + step; i >= 0 && i < this.lines.length; i += step) {
      if (!this.pattern.test(this.lines[i] as string)) continue
      this.top = i
      return
    }
    this.message = 'Pattern not found  (press RETURN)'
  }
}

const watch = defineProgram({
  name: 'watch',
  version: 'watch from procps-ng 4.0.2',
  flags: { interval: option('-n', '--interval'), differences: optional('-d'), differencesLong: optional('--differences'), noTitle: flag('-t', '--no-title'), exitOnChange: flag('-g', '--chgexit'), exitOnError: flag('-e', '--errexit'), exec: flag('-x', '--exec'), color: flag('-c', '--color'), beep: flag('-b', '--beep'), precise: flag('-p', '--precise'), wrap: flag('-w', '--no-wrap') },
  stopAtOperand: true,
  async run(process, o) {
    if (o.operands.length === 0) {
      await process.stderr.write('\nUsage:\n watch [options] command\n\nOptions:\n  -b, --beep             beep if command has a non-zero exit\n  -c, --color            interpret ANSI color and style sequences\n  -d, --differences[=<permanent>]\n                         highlight changes between updates\n  -e, --errexit          exit if command has a non-zero exit\n  -g, --chgexit          exit when output from command changes\n  -n, --interval <secs>  seconds to wait between updates\n  -t, --no-title         turn off header\n  -x, --exec             pass command to exec instead of "sh -c"\n\n -h, --help     display this help and exit\n -v, --version  output version information and exit\n\nFor more details see watch(1).\n')
      return 1
    }
    const terminal = process.descriptors().get(1)?.tty
    if (!terminal) {
      await process.stderr.write('Error opening terminal: unknown.\n')
      return 1
    }
    const seconds = Math.max(0.1, Number(o.interval ?? 2) || 2)
    const command = o.operands.join(' ')
    let last: string | undefined
    const leave = (): void => process.background(async () => {
      await print(process, '\x1b[?1049l')
      process.exit(0)
    })
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.handle(signal, leave)
    await print(process, '\x1b[?1049h')
    for (;;) {
      const { text, status } = await capture(process, o.exec ? o.operands : ['sh', '-c', command])
      const title = `Every ${seconds.toFixed(1)}s: ${command}`
      const right = `${process.uname().nodename}: ${formatDate('%a %b %e %H:%M:%S %Y', process.clock.now(), 0, 'UTC')}`
      const head = o.noTitle ? '' : `${title.slice(0, Math.max(0, terminal.columns - right.length - 1)).padEnd(terminal.columns - right.length)}${right}\r\n\r\n`
      const rows = terminal.rows - (o.noTitle ? 0 : 2)
      const before = last?.split('\n') ?? []
      const body = text.replace(/\n$/, '').split('\n').slice(0, rows).map((line, index) => (o.differences !== undefined || o.differencesLong !== undefined) && last !== undefined ? highlight(line.slice(0, terminal.columns), before[index] ?? '') : line.slice(0, terminal.columns))
      await print(process, `\x1b[H\x1b[2J${head}${body.join('\r\n')}`)
      if ((o.exitOnChange && last !== undefined && last !== text) || (o.exitOnError && status !== 0)) {
        await print(process, '\x1b[?1049l')
        return o.exitOnError && status !== 0 ? 8 : 0
      }
      last = text
      await process.clock.sleep(seconds * 1000)
    }
  },
})

function highlight(line: string, before: string): string {
  return [...line].map((c, index) => (c === before[index] ? c : `\x1b[7m${c}\x1b[27m`)).join('')
}

async function capture(process: Process, argv: readonly string[]): Promise<{ text: string; status: number }> {
  const pipe = process.pipe()
  const child = process.spawn(argv[0] === 'sh' ? '/bin/sh' : ((argv[0] as string).includes('/') ? (argv[0] as string) : `/usr/bin/${argv[0] as string}`), argv, { descriptors: new Map([[1, pipe.writer], [2, pipe.writer]]) })
  let text = ''
  const decoder = new TextDecoder()
  for (let piece = await pipe.reader.read(); piece; piece = await pipe.reader.read()) text += decoder.decode(piece, { stream: true })
  pipe.reader.release()
  const status = await child.wait()
  return { text, status: status.kind === 'exited' ? status.code : 1 }
}

const man: Program = {
  name: 'man',
  unsupported: 'there are no manual pages; programs have --help',
  async run(process) {
    const name = process.argv.slice(1).filter((arg) => !arg.startsWith('-') && !/^\d$/.test(arg))[0]
    if (name === undefined) {
      await process.stderr.write('What manual page do you want?\nFor example, try \'man man\'.\n')
      return 1
    }
    await process.stderr.write(encodeLossless(`No manual entry for ${name}\n`))
    return 16
  },
}

export const pagerPrograms: readonly Program[] = [pager('less'), pager('more'), watch, man]
