/** watch, man. */
import { encodeLossless } from '#engine/base/lossless'
import type { Process } from '#engine/linux/abi/process'
import { defineProgram, type Program } from '#engine/linux/abi/program'
import { flag, option, optional } from '#engine/linux/abi/flags'
import { print } from '#engine/programs/common/gnu'
import { less } from '#engine/programs/text/less'
import { more } from '#engine/programs/text/more'
import { formatDate } from '#engine/shell/builtins/strftime'

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

export const pagerPrograms: readonly Program[] = [less, more, watch, man]
