/** What sets up a terminal: tput, clear, reset, stty, dircolors, mesg. */
import type { Terminal } from '#engine/linux/abi/files'
import type { Program } from '#engine/linux/abi/program'
import { complain, print, usageFailure } from '#engine/programs/common/gnu'

const terminalCodes: Readonly<Record<string, string>> = { clear: '\x1b[H\x1b[2J\x1b[3J', bold: '\x1b[1m', dim: '\x1b[2m', smul: '\x1b[4m', rmul: '\x1b[24m', rev: '\x1b[7m', smso: '\x1b[7m', rmso: '\x1b[27m', sgr0: '\x1b(B\x1b[m', civis: '\x1b[?25l', cnorm: '\x1b[?12l\x1b[?25h', smcup: '\x1b[?1049h', rmcup: '\x1b[?1049l', el: '\x1b[K', ed: '\x1b[J', home: '\x1b[H', bel: '\x07', cuu1: '\x1b[A', cud1: '\n', cuf1: '\x1b[C', cub1: '\b', longname: 'xterm terminal emulator (X Window System)', colors: '256\n', reset: '\x1b[!p\x1b[?3;4l\x1b[4l\x1b>', init: '\x1b[!p\x1b[?3;4l\x1b[4l\x1b>' }

/** Capabilities with arguments, or that the terminal at hand answers. */
const computed: Readonly<Record<string, (args: readonly string[], terminal: Terminal | undefined) => string>> = {
  cols: (_, terminal) => `${terminal?.columns ?? 80}\n`,
  lines: (_, terminal) => `${terminal?.rows ?? 24}\n`,
  setaf: ([color]) => `\x1b[${30 + bright(Number(color))}m`,
  setab: ([color]) => `\x1b[${40 + bright(Number(color))}m`,
  cup: ([row, column]) => `\x1b[${Number(row) + 1};${Number(column) + 1}H`,
}

function bright(color: number): number {
  return color > 7 ? 60 + color - 8 : color
}

const tput: Program = {
  name: 'tput',
  async run(process) {
    const [name, ...args] = process.argv.slice(1).filter((arg, index, all) => !/^-T/.test(arg) && all[index - 1] !== '-T')
    if (name === undefined) {
      await process.stderr.write('Usage: tput [options] [command]\n')
      return 2
    }
    const terminal = process.descriptors().get(1)?.tty ?? process.descriptors().get(2)?.tty ?? process.terminal()
    const code = Object.hasOwn(computed, name) ? computed[name]?.(args, terminal) : terminalCodes[name]
    if (code === undefined) return complain(process, `unknown terminfo capability '${name}'`).then(() => 4)
    await print(process, code)
    return 0
  },
}

const clear: Program = { name: 'clear', run: (process) => print(process, '\x1b[H\x1b[2J\x1b[3J').then(() => 0) }
const reset: Program = { name: 'reset', run: (process) => print(process, '\x1bc\x1b[!p\x1b[?3;4l\x1b[4l\x1b>').then(() => 0) }

type Set = (terminal: Terminal, on: boolean, argument: string) => void

/** stty's settings; those that take an argument come second. */
const modes: Readonly<Record<string, Set>> = {
  sane: (terminal) => terminal.setMode({ canonical: true, echo: true, signals: true, crToNl: true, nlToCrNl: true }),
  raw: (terminal, on) => terminal.setMode({ canonical: !on, signals: !on, crToNl: !on, nlToCrNl: !on }),
  echo: (terminal, on) => terminal.setMode({ echo: on }),
  icanon: (terminal, on) => terminal.setMode({ canonical: on }),
  isig: (terminal, on) => terminal.setMode({ signals: on }),
  icrnl: (terminal, on) => terminal.setMode({ crToNl: on }),
  onlcr: (terminal, on) => terminal.setMode({ nlToCrNl: on }),
}

const sizes: Readonly<Record<string, Set>> = {
  cols: (terminal, _, argument) => terminal.resize(Number(argument), terminal.rows),
  columns: (terminal, _, argument) => terminal.resize(Number(argument), terminal.rows),
  rows: (terminal, _, argument) => terminal.resize(terminal.columns, Number(argument)),
}

const stty: Program = {
  name: 'stty',
  async run(process) {
    const args = process.argv.slice(1)
    const terminal = process.descriptors().get(0)?.tty
    if (!terminal) return complain(process, "'standard input': Inappropriate ioctl for device").then(() => 1)
    if (args.length === 0 || args[0] === '-a') return print(process, settings(terminal, args[0] === '-a')).then(() => 0)
    for (let i = 0; i < args.length; i++) {
      const arg = args[i] as string
      const name = arg.replace(/^-/, '')
      if (arg === 'size') await print(process, `${terminal.rows} ${terminal.columns}\n`)
      else if (Object.hasOwn(modes, name)) modes[name]?.(terminal, name === arg, '')
      else if (Object.hasOwn(sizes, arg)) sizes[arg]?.(terminal, true, args[++i] ?? '')
      else return usageFailure(process, `invalid argument '${arg}'`)
    }
    return 0
  },
}

function settings(terminal: Terminal, all: boolean): string {
  const { canonical, echo, signals, crToNl, nlToCrNl } = terminal.mode()
  const shown = Object.entries({ icanon: canonical, echo, isig: signals, icrnl: crToNl, onlcr: nlToCrNl }).map(([name, on]) => `${on ? '' : '-'}${name}`)
  return `speed 38400 baud; ${all ? `rows ${terminal.rows}; columns ${terminal.columns}; ` : ''}line = 0;\n${shown.join(' ')}\n`
}

const dircolors: Program = {
  name: 'dircolors',
  async run(process) {
    const csh = process.argv.includes('-c') || process.argv.includes('--csh')
    const colors = 'rs=0:di=01;34:ln=01;36:mh=00:pi=40;33:so=01;35:do=01;35:bd=40;33;01:cd=40;33;01:or=40;31;01:mi=00:su=37;41:sg=30;43:ca=00:tw=30;42:ow=34;42:st=37;44:ex=01;32:*.tar=01;31:*.tgz=01;31:*.zip=01;31:*.gz=01;31:*.deb=01;31:*.rpm=01;31:*.jpg=01;35:*.png=01;35:*.svg=01;35:'
    await print(process, csh ? `setenv LS_COLORS '${colors}'\n` : `LS_COLORS='${colors}';\nexport LS_COLORS\n`)
    return 0
  },
}

const mesg: Program = {
  name: 'mesg',
  async run(process) {
    const terminal = process.descriptors().get(0)?.tty
    if (!terminal) return 2
    if (process.argv[1] === undefined) await print(process, 'is y\n')
    return 0
  },
}

export const terminalPrograms: readonly Program[] = [tput, clear, reset, stty, dircolors, mesg]
