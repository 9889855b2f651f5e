/** watch: a command again and again, on a screen of its own. */
import type { Terminal } from '#engine/linux/abi/files'
import type { Process } from '#engine/linux/abi/process'
import { defineProgram } from '#engine/linux/abi/program'
import { flag, option, optional } from '#engine/linux/abi/flags'
import { print } from '#engine/programs/common/gnu'
import { formatDate } from '#engine/shell/builtins/strftime'

const usage = '\nUsage:\n watch [options] command\n\nOptions:\n  -b, --beep             beep if command has a non-zero exit\n  -c, --color            interpret ANSI color and style sequences\n  -d, --differences[=<permanent>]\n                         highlight changes between updates\n  -e, --errexit          exit if command has a non-zero exit\n  -g, --chgexit          exit when output from command changes\n  -n, --interval <secs>  seconds to wait between updates\n  -t, --no-title         turn off header\n  -x, --exec             pass command to exec instead of "sh -c"\n\n -h, --help     display this help and exit\n -v, --version  output version information and exit\n\nFor more details see watch(1).\n'

const leaveScreen = '\x1b[?1049l'

interface Options {
  readonly interval: string | undefined
  readonly differences: string | undefined
  readonly differencesLong: string | undefined
  readonly noTitle: boolean
  readonly exitOnChange: boolean
  readonly exitOnError: boolean
  readonly exec: boolean
  readonly operands: readonly string[]
}

export const watch = defineProgram({
  name: 'watch',
  version: 'watch from procps-ng 4.0.2',
  flags: { interval: option('-n', '--interval'), differences: optional('-d'), differencesLong: optional('--differences'), noTitle: flag('-t', '--no-title'), exitOnChange: flag('-g', '--chgexit'), exitOnError: flag('-e', '--errexit'), exec: flag('-x', '--exec'), color: flag('-c', '--color'), beep: flag('-b', '--beep'), precise: flag('-p', '--precise'), wrap: flag('-w', '--no-wrap') },
  stopAtOperand: true,
  async run(process, o) {
    const terminal = process.descriptors().get(1)?.tty
    if (o.operands.length > 0 && terminal) return new Watch(process, o, terminal).run()
    await process.stderr.write(o.operands.length === 0 ? usage : 'Error opening terminal: unknown.\n')
    return 1
  },
})

class Watch {
  private readonly seconds: number
  private last: string | undefined

  constructor(
    private readonly process: Process,
    private readonly o: Options,
    private readonly terminal: Terminal,
  ) {
    this.seconds = Math.max(0.1, Number(o.interval ?? 2) || 2)
  }

  async run(): Promise<number> {
    const { process, o } = this
    const leave = (): void => process.background(async () => {
      await print(process, leaveScreen)
      process.exit(0)
    })
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.handle(signal, leave)
    await print(process, '\x1b[?1049h')
    for (;;) {
      const { text, status } = await capture(process, o.exec ? o.operands : ['sh', '-c', o.operands.join(' ')])
      await print(process, `\x1b[H\x1b[2J${this.head()}${this.body(text)}`)
      const end = this.ends(text, status)
      this.last = text
      if (end !== undefined) return print(process, leaveScreen).then(() => end)
      await process.clock.sleep(this.seconds * 1000)
    }
  }

  private ends(text: string, status: number): number | undefined {
    if (this.o.exitOnError && status !== 0) return 8
    return this.o.exitOnChange && this.last !== undefined && this.last !== text ? 0 : undefined
  }

  private head(): string {
    if (this.o.noTitle) return ''
    const { columns } = this.terminal
    const title = `Every ${this.seconds.toFixed(1)}s: ${this.o.operands.join(' ')}`
    const right = `${this.process.uname().nodename}: ${formatDate('%a %b %e %H:%M:%S %Y', this.process.clock.now(), 0, 'UTC')}`
    return `${title.slice(0, Math.max(0, columns - right.length - 1)).padEnd(columns - right.length)}${right}\r\n\r\n`
  }

  private body(text: string): string {
    const { columns, rows } = this.terminal
    const marks = (this.o.differences ?? this.o.differencesLong) !== undefined && this.last !== undefined
    const before = this.last?.split('\n') ?? []
    const lines = text.replace(/\n$/, '').split('\n').slice(0, rows - (this.o.noTitle ? 0 : 2)).map((line) => line.slice(0, columns))
    return lines.map((line, index) => (marks ? highlight(line, before[index] ?? '') : line)).join('\r\n')
  }
}

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
