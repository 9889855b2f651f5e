/** Small tools: strings, envsubst, look, getconf, wall, cal. */
import { isErrno } from '#engine/linux/abi/errno'
import { defineProgram, type Program } from '#engine/linux/abi/program'
import { flag, option } from '#engine/linux/abi/flags'
import { complain, print, readInput, readInputText, reason, splitLines, usageFailure } from '#engine/programs/common/gnu'
import { file } from '#engine/programs/text/file'
import { getopt } from '#engine/programs/text/getopt'
import { terminalPrograms } from '#engine/programs/text/terminal-tools'
import { tree } from '#engine/programs/text/tree'
import { which } from '#engine/programs/text/which'

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

export const miscPrograms: readonly Program[] = [which, tree, file, strings, envsubst, look, ...terminalPrograms, getconf, wall, cal, getopt]
