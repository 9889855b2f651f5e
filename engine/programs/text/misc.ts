/** Small tools: which, tree, file, strings, envsubst, look, getopt, clear, reset, tput, stty, dircolors, mesg, getconf, cal, wall. */
import { decodeLossless } from '#engine/base/lossless'
import { isErrno } from '#engine/linux/abi/errno'
import type { Process } from '#engine/linux/abi/process'
import { defineProgram, type Program } from '#engine/linux/abi/program'
import { flag, option } from '#engine/linux/abi/flags'
import { complain, humanSize, print, readInput, readInputText, reason, splitLines, usageFailure } from '#engine/programs/common/gnu'
import { which as findProgram } from '#engine/programs/coreutils/running'
import { matchesGlob } from '#engine/shell/patterns/glob'

const which: Program = {
  name: 'which',
  async run(process) {
    const args = process.argv.slice(1)
    const all = args.includes('-a')
    const names = args.filter((arg) => !arg.startsWith('-'))
    const bad = args.find((arg) => /^-[^a]/.test(arg))
    if (bad !== undefined) {
      await process.stderr.write(`Illegal option ${bad}\nUsage: ${process.argv[0] ?? 'which'} [-as] args\n`)
      return 2
    }
    let status = names.length === 0 ? 1 : 0
    for (const name of names) {
      const found = all ? (process.env.get('PATH') ?? '').split(':').map((directory) => findProgram(process, name, directory)).filter((path) => path !== undefined) : [name.includes('/') ? (process.files.exists(name) ? name : undefined) : findProgram(process, name)].filter((path) => path !== undefined)
      if (found.length === 0) status = 1
      await print(process, found.map((path) => `${path}\n`).join(''))
    }
    return status
  },
}

const tree = defineProgram({
  name: 'tree',
  version: 'tree v2.1.0 © 1996 - 2022 by Steve Baker, Thomas Moore, Francesc Rocher, Florian Sesser, Kyosuke Tokoro',
  flags: { all: flag('-a'), directories: flag('-d'), full: flag('-f'), level: option('-L'), pattern: option('-P'), ignore: option('-I'), noReport: flag('--noreport'), human: flag('-h'), size: flag('-s'), dirsFirst: flag('--dirsfirst'), classify: flag('-F'), mode: flag('-p'), noIndent: flag('-i'), color: flag('-C'), noColor: flag('-n'), charset: option('--charset') },
  async run(process, o) {
    const counts = { directories: 0, files: 0 }
    let out = ''
    const walk = (path: string, prefix: string, depth: number): void => {
      if (o.level !== undefined && depth >= Number(o.level)) return
      let entries = process.files.readDirectory(path).filter(({ name, type }) => name !== '.' && name !== '..' && (o.all || !name.startsWith('.')) && (!o.directories || type === 'directory') && !(o.ignore !== undefined && o.ignore.split('|').some((pattern) => matchesGlob(pattern, name))) && (o.pattern === undefined || type === 'directory' || matchesGlob(o.pattern, name)))
      entries = [...entries].sort((a, b) => (o.dirsFirst ? Number(b.type === 'directory') - Number(a.type === 'directory') : 0) || (a.name < b.name ? -1 : 1))
      entries.forEach((entry, index) => {
        const last = index === entries.length - 1
        const own = path === '/' ? `/${entry.name}` : `${path}/${entry.name}`
        const link = entry.type === 'symlink' ? ` -> ${process.files.readlink(own)}` : ''
        const size = o.human || o.size ? `[${(o.human ? humanSize(process.files.lstat(own).size) : String(process.files.lstat(own).size)).padStart(o.human ? 4 : 11)}]  ` : ''
        out += `${o.noIndent ? '' : prefix + (last ? '└── ' : '├── ')}${size}${o.full ? own : entry.name}${o.classify && entry.type === 'directory' ? '/' : ''}${link}\n`
        if (entry.type === 'directory') {
          counts.directories++
          walk(own, prefix + (last ? '    ' : '│\u00a0\u00a0 '), depth + 1)
        } else counts.files++
      })
    }
    for (const path of o.operands.length > 0 ? o.operands : ['.']) {
      if (process.files.exists(path)?.type !== 'directory') {
        out += `${path}  [error opening dir]\n`
        continue
      }
      out += `${path}\n`
      counts.directories++
      walk(path.replace(/(?!^)\/$/, ''), '', 0)
    }
    const word = (count: number, one: string, many: string): string => `${count} ${count === 1 ? one : many}`
    if (!o.noReport) out += `\n${word(counts.directories, 'directory', 'directories')}${o.directories ? '' : `, ${word(counts.files, 'file', 'files')}`}\n`
    await print(process, out)
    return 0
  },
})

const file = defineProgram({
  name: 'file',
  version: 'file-5.44',
  flags: { brief: flag('-b', '--brief'), mime: flag('-i', '--mime'), mimeType: flag('--mime-type'), dereference: flag('-L', '--dereference') },
  async run(process, o) {
    if (o.operands.length === 0) {
      await process.stderr.write('Usage: file [-bcCdEhikLlNnprsSvzZ0] [--apple] [--extension] [--mime-encoding]\n            [--mime-type] [-e <testname>] [-F <separator>]  [-f <namefile>]\n            [-m <magicfiles>] [-P <parameter=value>] [--exclude-quiet]\n            <file> ...\n       file -C [-m <magicfiles>]\n       file [--help]\n')
      return 1
    }
    const width = Math.max(...o.operands.map((name) => name.length)) + 2
    for (const name of o.operands) await print(process, `${o.brief ? '' : `${name}:`.padEnd(width)}${o.mime && !o.mimeType ? withCharset(process, name, o.dereference) : kindOf(process, name, o.dereference, o.mimeType)}\n`)
    return 0
  },
})

function withCharset(process: Process, name: string, follow: boolean): string {
  const kind = kindOf(process, name, follow, true)
  const bytes = process.files.exists(name)?.type === 'file' ? process.files.readFile(name).subarray(0, 8192) : new Uint8Array(0)
  const charset = !/^(text|application\/json)/.test(kind) ? 'binary' : bytes.some((byte) => byte > 127) ? 'utf-8' : 'us-ascii'
  return kind.startsWith('cannot open') ? kind : `${kind}; charset=${charset}`
}

function kindOf(process: Process, name: string, follow: boolean, mime: boolean): string {
  try {
    const stat = follow ? process.files.stat(name) : process.files.lstat(name)
    if (stat.type === 'directory') return mime ? 'inode/directory' : 'directory'
    if (stat.type === 'symlink') return `${process.files.exists(name) ? '' : 'broken '}symbolic link to ${process.files.readlink(name)}`
    if (stat.type !== 'file') return stat.type === 'fifo' ? 'fifo (named pipe)' : stat.type === 'socket' ? 'socket' : `${stat.type} special (${stat.rdev?.major ?? 0}/${stat.rdev?.minor ?? 0})`
    if (stat.size === 0) return mime ? 'inode/x-empty' : 'empty'
    return contentKind(process.files.readFile(name).subarray(0, 8192), mime)
  } catch (error) {
    return `cannot open \`${name}' (${reason(error)})`
  }
}

function contentKind(bytes: Uint8Array, mime: boolean): string {
  const text = decodeLossless(bytes)
  if (text.startsWith('\x7fELF')) return mime ? 'application/x-pie-executable' : 'ELF 64-bit LSB pie executable, x86-64, version 1 (SYSV), dynamically linked, interpreter /lib64/ld-linux-x86-64.so.2, for GNU/Linux 3.2.0, stripped'
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) return mime ? 'application/gzip' : 'gzip compressed data, from Unix'
  if (text.startsWith('PK\x03\x04')) return mime ? 'application/zip' : 'Zip archive data, at least v2.0 to extract, compression method=deflate'
  if (text.slice(257, 262) === 'ustar') return mime ? 'application/x-tar' : 'POSIX tar archive (GNU)'
  if (text.startsWith('-----BEGIN CERTIFICATE')) return 'PEM certificate'
  if (/^-----BEGIN (RSA |EC )?PRIVATE KEY/.test(text)) return /RSA/.test(text.slice(0, 32)) ? 'PEM RSA private key' : 'ASCII text'
  if (/[\0\udc80-\udcff]/.test(text)) return mime ? 'application/octet-stream' : 'data'
  const ascii = /^[\x00-\x7f]*$/.test(text)
  const kind = ascii ? 'ASCII text' : 'Unicode text, UTF-8 text'
  const script = /^#!\s*(\S+)(?:\s+(\S+))?/.exec(text)
  const shell = script ? ((script[1] as string).endsWith('/env') ? (script[2] ?? '') : (script[1] as string)) : ''
  if (mime) return /^\s*[[{]/.test(text) && isJson(text) ? 'application/json' : script ? 'text/x-shellscript' : 'text/plain'
  if (/bash$/.test(shell)) return `Bourne-Again shell script, ${kind} executable`
  if (/\/sh$|^sh$|dash$/.test(shell)) return `POSIX shell script, ${kind} executable`
  if (/python/.test(shell)) return `Python script, ${kind} executable`
  if (/^\s*[[{]/.test(text) && isJson(text)) return 'JSON text data'
  return `${kind}${text.includes('\r\n') ? ', with CRLF line terminators' : text.includes('\n') ? '' : ', with no line terminators'}`
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

const strings = defineProgram({
  name: 'strings',
  version: 'GNU strings (GNU Binutils for Debian) 2.40',
  flags: { all: flag('-a', '--all'), bytes: option('-n', '--bytes'), radix: option('-t', '--radix'), fileName: flag('-f', '--print-file-name') },
  rewrite: (args) => args.map((arg) => (/^-\d+$/.test(arg) ? `-n${arg.slice(1)}` : arg)),
  async run(process, o) {
    const least = Number(o.bytes ?? 4)
    let status = 0
    for (const name of o.operands.length > 0 ? o.operands : ['-']) {
      try {
        const text = [...(await readInput(process, name))].map((byte) => String.fromCharCode(byte)).join('')
        for (const match of text.matchAll(new RegExp(`[\\t -~]{${least},}`, 'g'))) await print(process, `${o.fileName ? `${name}: ` : ''}${o.radix === undefined ? '' : `${match.index.toString(o.radix === 'x' ? 16 : o.radix === 'o' ? 8 : 10).padStart(7)} `}${match[0]}\n`)
      } catch (error) {
        await process.stderr.write(`${process.argv[0] ?? 'strings'}: '${name}': ${isErrno(error, 'ENOENT') ? 'No such file' : reason(error)}\n`)
        status = 1
      }
    }
    return status
  },
})

const envsubst = defineProgram({
  name: 'envsubst',
  version: 'envsubst (GNU gettext-runtime) 0.21',
  flags: { variables: flag('-v', '--variables') },
  async run(process, o) {
    const pattern = /\$(?:\{([A-Za-z_]\w*)\}|([A-Za-z_]\w*))/g
    const [format] = o.operands
    const only = format === undefined ? undefined : new Set([...format.matchAll(pattern)].map((match) => match[1] ?? match[2]))
    if (o.variables) {
      await print(process, [...(only ?? [])].map((name) => `${name ?? ''}\n`).join(''))
      return 0
    }
    const text = await readInputText(process, '-')
    await print(process, text.replace(pattern, (whole, braced?: string, plain?: string) => {
      const name = braced ?? plain ?? ''
      return only && !only.has(name) ? whole : (process.env.get(name) ?? '')
    }))
    return 0
  },
})

const look = defineProgram({
  name: 'look',
  version: 'look from util-linux 2.38.1',
  flags: { alternative: flag('-a', '--alternative'), alphanumeric: flag('-d', '--alphanum'), ignoreCase: flag('-f', '--ignore-case'), terminate: option('-t', '--terminate') },
  async run(process, o) {
    const [prefix, path = '/usr/share/dict/words'] = o.operands
    if (prefix === undefined) return usageFailure(process, 'bad usage')
    try {
      const found = splitLines(process.files.readText(path)).filter((line) => (o.ignoreCase ? line.toLowerCase().startsWith(prefix.toLowerCase()) : line.startsWith(prefix)))
      await print(process, found.map((line) => `${line}\n`).join(''))
      return found.length > 0 ? 0 : 1
    } catch (error) {
      await complain(process, `${path}: ${reason(error)}`)
      return 1
    }
  },
})

const terminalCodes: Readonly<Record<string, string>> = { clear: '\x1b[H\x1b[2J\x1b[3J', bold: '\x1b[1m', dim: '\x1b[2m', smul: '\x1b[4m', rmul: '\x1b[24m', rev: '\x1b[7m', smso: '\x1b[7m', rmso: '\x1b[27m', sgr0: '\x1b(B\x1b[m', civis: '\x1b[?25l', cnorm: '\x1b[?12l\x1b[?25h', smcup: '\x1b[?1049h', rmcup: '\x1b[?1049l', el: '\x1b[K', ed: '\x1b[J', home: '\x1b[H', bel: '\x07', cuu1: '\x1b[A', cud1: '\n', cuf1: '\x1b[C', cub1: '\b' }

const tput: Program = {
  name: 'tput',
  async run(process) {
    const [name, ...args] = process.argv.slice(1).filter((arg, index, all) => !/^-T/.test(arg) && all[index - 1] !== '-T')
    if (name === undefined) {
      await process.stderr.write('Usage: tput [options] [command]\n')
      return 2
    }
    const term = process.descriptors().get(1)?.tty ?? process.descriptors().get(2)?.tty ?? process.terminal()
    if (name === 'cols') return print(process, `${term?.columns ?? 80}\n`).then(() => 0)
    if (name === 'lines') return print(process, `${term?.rows ?? 24}\n`).then(() => 0)
    if (name === 'colors') return print(process, '256\n').then(() => 0)
    if (name === 'longname') return print(process, 'xterm terminal emulator (X Window System)').then(() => 0)
    if (name === 'setaf' || name === 'setab') return print(process, `\x1b[${(name === 'setaf' ? 30 : 40) + (Number(args[0]) > 7 ? 60 + Number(args[0]) - 8 : Number(args[0]))}m`).then(() => 0)
    if (name === 'cup') return print(process, `\x1b[${Number(args[0]) + 1};${Number(args[1]) + 1}H`).then(() => 0)
    if (name === 'reset' || name === 'init') return print(process, '\x1b[!p\x1b[?3;4l\x1b[4l\x1b>').then(() => 0)
    const code = terminalCodes[name]
    if (code === undefined) return complain(process, `unknown terminfo capability '${name}'`).then(() => 4)
    await print(process, code)
    return 0
  },
}

const clear: Program = { name: 'clear', run: (process) => print(process, '\x1b[H\x1b[2J\x1b[3J').then(() => 0) }
const reset: Program = { name: 'reset', run: (process) => print(process, '\x1bc\x1b[!p\x1b[?3;4l\x1b[4l\x1b>').then(() => 0) }

const stty: Program = {
  name: 'stty',
  async run(process) {
    const args = process.argv.slice(1)
    const terminal = process.descriptors().get(0)?.tty
    if (!terminal) return complain(process, "'standard input': Inappropriate ioctl for device").then(() => 1)
    if (args.length === 0 || args[0] === '-a') {
      const mode = terminal.mode()
      const sign = (on: boolean): string => (on ? '' : '-')
      await print(process, `speed 38400 baud; ${args[0] === '-a' ? `rows ${terminal.rows}; columns ${terminal.columns}; ` : ''}line = 0;\n${sign(mode.canonical)}icanon ${sign(mode.echo)}echo ${sign(mode.signals)}isig ${sign(mode.crToNl)}icrnl ${sign(mode.nlToCrNl)}onlcr\n`)
      return 0
    }
    for (let i = 0; i < args.length; i++) {
      const arg = args[i] as string
      const on = !arg.startsWith('-')
      const name = arg.replace(/^-/, '')
      if (arg === 'size') await print(process, `${terminal.rows} ${terminal.columns}\n`)
      else if (arg === 'sane') terminal.setMode({ canonical: true, echo: true, signals: true, crToNl: true, nlToCrNl: true })
      else if (name === 'raw') terminal.setMode({ canonical: !on, echo: terminal.mode().echo, signals: !on, crToNl: !on, nlToCrNl: !on })
      else if (name === 'echo') terminal.setMode({ echo: on })
      else if (name === 'icanon') terminal.setMode({ canonical: on })
      else if (name === 'isig') terminal.setMode({ signals: on })
      else if (name === 'icrnl') terminal.setMode({ crToNl: on })
      else if (name === 'onlcr') terminal.setMode({ nlToCrNl: on })
      else if (name === 'cols' || name === 'columns') terminal.resize(Number(args[++i]), terminal.rows)
      else if (name === 'rows') terminal.resize(terminal.columns, Number(args[++i]))
      else return usageFailure(process, `invalid argument '${arg}'`)
    }
    return 0
  },
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

const getconf: Program = {
  name: 'getconf',
  async run(process) {
    const known: Readonly<Record<string, string>> = { LONG_BIT: '64', PAGE_SIZE: '4096', PAGESIZE: '4096', ARG_MAX: '2097152', OPEN_MAX: '1024', CLK_TCK: '100', NAME_MAX: '255', PATH_MAX: '4096', _NPROCESSORS_ONLN: '2', _NPROCESSORS_CONF: '2', CHILD_MAX: '15487', HOST_NAME_MAX: '64', GNU_LIBC_VERSION: 'glibc 2.36', LOGIN_NAME_MAX: '256' }
    const name = process.argv[1]
    if (name === undefined) {
      await process.stderr.write('Usage: getconf [-v SPEC] VAR\n  or:  getconf [-v SPEC] PATH_VAR PATH\n\n')
      return 2
    }
    const value = known[name]
    if (value === undefined) {
      await process.stderr.write(`getconf: Unrecognized variable \`${name}'\n`)
      return 2
    }
    await print(process, `${value}\n`)
    return 0
  },
}

const wall = defineProgram({ name: 'wall', version: 'wall from util-linux 2.38.1', flags: { noBanner: flag('-n', '--nobanner'), timeout: option('-t', '--timeout'), group: option('-g', '--group') }, run: () => Promise.resolve(0) })

const cal: Program = {
  name: 'cal',
  async run(process) {
    const args = process.argv.slice(1).filter((arg) => !arg.startsWith('-'))
    const now = new Date(process.clock.now())
    const year = args.length > 0 ? Number(args[args.length - 1]) : now.getUTCFullYear()
    const month = args.length > 1 ? Number(args[0]) : now.getUTCMonth() + 1
    const names = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December']
    const title = `${names[month - 1] ?? ''} ${year}`
    const first = new Date(Date.UTC(year, month - 1, 1)).getUTCDay()
    const days = new Date(Date.UTC(year, month, 0)).getUTCDate()
    const cells = [...Array<string>(first).fill('  '), ...Array.from({ length: days }, (_, index) => String(index + 1).padStart(2))]
    let out = `${' '.repeat(Math.floor((20 - title.length) / 2))}${title}`.padEnd(22) + '\nSu Mo Tu We Th Fr Sa  \n'
    for (let at = 0; at < 42; at += 7) out += `${cells.slice(at, at + 7).join(' ').padEnd(20)}  \n`
    await print(process, out)
    return 0
  },
}

/** util-linux getopt: rewrites arguments for scripts. */
const getopt: Program = {
  name: 'getopt',
  async run(process) {
    let short = ''
    let long: string[] = []
    let name = 'getopt'
    const args = process.argv.slice(1)
    while (args.length > 0) {
      const arg = args.shift() as string
      if (arg === '--') break
      const value = (): string => (/^--\w+=/.test(arg) ? arg.slice(arg.indexOf('=') + 1) : /^-[a-z]./.test(arg) && !arg.startsWith('--') ? arg.slice(2) : (args.shift() ?? ''))
      if (/^(-o|--options)/.test(arg)) short = value()
      else if (/^(-l|--longoptions|--long)/.test(arg)) long = [...long, ...value().split(',')]
      else if (/^(-n|--name)/.test(arg)) name = value()
      else if (arg === '-T' || arg === '--test') return 4
      else if (!arg.startsWith('-')) {
        short = arg
        break
      }
    }
    return rewriteOptions(process, name, short.replace(/^[+-]/, ''), long, args)
  },
}

async function rewriteOptions(process: Process, name: string, short: string, long: readonly string[], args: readonly string[]): Promise<number> {
  const quote = (text: string): string => `'${text.replace(/'/g, "'\\''")}'`
  const out: string[] = []
  const operands: string[] = []
  let status = 0
  const bad = async (text: string): Promise<void> => {
    status = 1
    await process.stderr.write(`${name}: ${text}\n`)
  }
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] as string
    if (arg === '--') {
      operands.push(...args.slice(i + 1))
      break
    }
    if (arg.startsWith('--')) {
      const given = arg.slice(2).split('=')[0] as string
      const spec = long.find((one) => one.replace(/:+$/, '') === given) ?? long.find((one) => one.startsWith(given))
      if (spec === undefined) await bad(`unrecognized option '--${given}'`)
      else if (spec.endsWith(':')) {
        const value = arg.includes('=') ? arg.slice(arg.indexOf('=') + 1) : spec.endsWith('::') ? '' : args[++i]
        if (value === undefined) await bad(`option '--${given}' requires an argument`)
        else out.push(`--${spec.replace(/:+$/, '')}`, quote(value))
      } else out.push(`--${spec}`)
    } else if (/^-./.test(arg)) {
      for (let at = 1; at < arg.length; at++) {
        const where = short.indexOf(arg.charAt(at))
        if (where < 0 || arg.charAt(at) === ':') {
          await bad(`invalid option -- '${arg.charAt(at)}'`)
          continue
        }
        if (short[where + 1] !== ':') {
          out.push(`-${arg.charAt(at)}`)
          continue
        }
        const value = at + 1 < arg.length ? arg.slice(at + 1) : short[where + 2] === ':' ? '' : args[++i]
        if (value === undefined) await bad(`option requires an argument -- '${arg.charAt(at)}'`)
        else out.push(`-${arg.charAt(at)}`, quote(value))
        break
      }
    } else operands.push(arg)
  }
  await print(process, ` ${[...out, '--', ...operands.map(quote)].join(' ')}\n`)
  return status
}

export const miscPrograms: readonly Program[] = [which, tree, file, strings, envsubst, look, tput, clear, reset, stty, dircolors, mesg, getconf, wall, cal, getopt]
