/** `ps`: UNIX, BSD and long options mixed, as procps takes them. */
import type { Process, ProcessEntry } from '#engine/linux/abi/process'
import type { Program } from '#engine/linux/abi/program'
import { findUser } from '#engine/linux/users/accounts'
import { columns, contextOf, type PsColumn, type PsContext, type PsRow } from './columns'

interface Choice {
  readonly column: PsColumn
  readonly heading: string
}

interface PsOptions {
  all: boolean
  /** BSD `a` and `x`. */
  withTerminal: boolean
  withoutTerminal: boolean
  notLeaders: boolean
  selectors: ((entry: ProcessEntry) => boolean)[]
  negate: boolean
  format: Choice[]
  formatName: string
  headings: boolean
  forest: boolean
  sort: { key: string; down: boolean }[]
  widths: number | undefined
  environment: boolean
}

class PsError extends Error {}

const formats: Readonly<Record<string, string>> = {
  plain: 'pid,tname,time,ucmd', f: 'uid_name,pid,ppid,c,stime,tname,time,cmd', F: 'uid_name,pid,ppid,c,sz,rss,psr,stime,tname,time,cmd', l: 'f,s,uid,pid,ppid,c,pri,ni,addr,sz,wchan,tname,time,ucmd', j: 'pid,pgid,sid,tname,time,ucmd',
  u: 'user,pid,%cpu,%mem,vsz,rss,tname,stat,start_time,bsdtime,command', bsd: 'pid,tname,stat,bsdtime,args', bsdl: 'f,uid,pid,ppid,pri,ni,vsz,rss,wchan,stat,tname,bsdtime,args', bsdj: 'ppid,pid,pgid,sid,tname,tpgid,stat,uid,bsdtime,args', L: 'pid,lwp,tname,time,ucmd', fL: 'uid_name,pid,ppid,lwp,c,nlwp,stime,tname,time,cmd', s: 'uid,pid,stat,tname,bsdtime,args', v: 'pid,tname,stat,bsdtime,rss,%mem,args', M: 'label,pid,tname,time,ucmd',
}

export const ps: Program = {
  name: 'ps',
  unsupported: 'signal and register formats, --context of others, personality',
  async run(process) {
    try {
      const options = parse(process, process.argv.slice(1))
      if (!options) return await help(process)
      return await print(process, options)
    } catch (error) {
      if (!(error instanceof PsError)) throw error
      await process.stderr.write(`error: ${error.message}\n\nUsage:\n ps [options]\n\n Try 'ps --help <simple|list|output|threads|misc|all>'\n  or 'ps --help <s|l|o|t|m|a>'\n for additional help text.\n\nFor more details see ps(1).\n`)
      return 1
    }
  },
}

async function help(process: Process): Promise<number> {
  await process.stdout.write("\nUsage:\n ps [options]\n\n Try 'ps --help <simple|list|output|threads|misc|all>'\n  or 'ps --help <s|l|o|t|m|a>'\n for additional help text.\n\nFor more details see ps(1).\n")
  return 0
}

function parse(process: Process, args: readonly string[]): PsOptions | undefined {
  const options: PsOptions = { all: false, withTerminal: false, withoutTerminal: false, notLeaders: false, selectors: [], negate: false, format: [], formatName: '', headings: true, forest: false, sort: [], widths: undefined, environment: false }
  const rest = [...args]
  while (rest.length > 0) {
    const arg = rest.shift() as string
    if (arg === '--help' || arg === '--version' || arg === '-V' || arg === 'V') return undefined
    if (arg.startsWith('--')) long(process, options, arg.slice(2), rest)
    else if (arg.startsWith('-')) unix(process, options, arg.slice(1), rest)
    else if (/^[\d,]+$/.test(arg)) selectPids(options, arg)
    else bsd(process, options, arg, rest)
  }
  return options
}

function long(process: Process, options: PsOptions, text: string, rest: string[]): void {
  const [name = '', inline] = text.split(/=(.*)/s)
  const plain = longFlags[name]
  if (plain) return plain(options)
  const valued = longValues[name] ?? fail('unknown gnu long option')
  valued(options, inline ?? rest.shift() ?? fail(`list of process IDs must follow --${name}`), process)
}

const noHeadings = (options: PsOptions): void => void (options.headings = false)
const longFlags: Readonly<Record<string, (options: PsOptions) => void>> = {
  forest: (options) => setForest(options), headers: () => undefined, deselect: (options) => void (options.negate = true), 'no-headers': noHeadings, 'no-heading': noHeadings, noheader: noHeadings, noheaders: noHeadings,
}

const byUser = (options: PsOptions, text: string, process: Process): void => selectUsers(process, options, text)
const width = (options: PsOptions, text: string): void => void (options.widths = Number(text))
const longValues: Readonly<Record<string, (options: PsOptions, text: string, process: Process) => void>> = {
  pid: (options, text) => selectPids(options, text),
  ppid: (options, text) => select(options, text, (entry, wanted) => entry.ppid === Number(wanted)),
  user: byUser, User: byUser, cols: width, columns: width, width,
  tty: (options, text) => select(options, text, (entry, wanted) => entry.tty === `/dev/${wanted.replace('/dev/', '')}`),
  sid: (options, text) => select(options, text, (entry, wanted) => entry.session === Number(wanted)),
  format: (options, text) => addFormat(options, text),
  sort: (options, text) => void options.sort.push(...sortKeys(text)),
}

function unix(process: Process, options: PsOptions, letters: string, rest: string[]): void {
  for (let at = 0; at < letters.length; at++) {
    const letter = letters.charAt(at)
    if ('opCuUgGtqsOk'.includes(letter)) {
      const value = letters.slice(at + 1) || (rest.shift() ?? fail(letter === 'o' ? 'format specification must follow -o' : letter === 'p' ? 'list of process IDs must follow -p' : letter === 'C' ? 'list of command names must follow -C' : letter === 'u' ? 'list of user names (EUID) must follow -u' : 'improper list'))
      return unixValue(process, options, letter, value)
    }
    unixFlag(options, letter)
  }
}

function unixValue(process: Process, options: PsOptions, letter: string, value: string): void {
  if (letter === 'o') addFormat(options, value)
  else if (letter === 'O') addFormat(options, `pid,${value},state,tname,time,command`)
  else if (letter === 'p' || letter === 'q') selectPids(options, value)
  else if (letter === 'C') select(options, value, (entry, wanted) => entry.command === wanted.slice(0, 15))
  else if (letter === 'u' || letter === 'U') selectUsers(process, options, value)
  else if (letter === 't') select(options, value, (entry, wanted) => entry.tty === `/dev/${wanted.replace('/dev/', '')}`)
  else if (letter === 'k') options.sort.push(...sortKeys(value))
  else select(options, value, (entry, wanted) => entry.session === Number(wanted))
}

const setAll = (options: PsOptions): void => void (options.all = true)
const setForest = (options: PsOptions): void => void (options.forest = true)
const nothing = (): void => undefined
const formatFlag = (options: PsOptions, letter: string): void => void (options.formatName = options.formatName === 'L' ? 'fL' : letter)
const threads = (options: PsOptions): void => void (options.formatName = options.formatName === 'f' ? 'fL' : 'L')

const unixFlags: Readonly<Record<string, (options: PsOptions, letter: string) => void>> = {
  e: setAll, A: setAll, H: setForest, f: formatFlag, F: formatFlag, l: formatFlag, j: formatFlag, M: formatFlag, L: threads, T: threads, w: nothing, y: nothing, c: nothing, m: nothing,
  N: (options) => void (options.negate = true),
  a: (options) => void (options.withTerminal = options.notLeaders = true),
  d: (options) => void (options.all = options.notLeaders = true),
}

function unixFlag(options: PsOptions, letter: string): void {
  const set = unixFlags[letter] ?? fail('unsupported SysV option')
  set(options, letter)
}

function bsd(process: Process, options: PsOptions, letters: string, rest: string[]): void {
  for (let at = 0; at < letters.length; at++) {
    const letter = letters.charAt(at)
    if ('opUtk'.includes(letter)) {
      const value = letters.slice(at + 1) || (rest.shift() ?? fail('improper list'))
      return unixValue(process, options, letter, value)
    }
    bsdFlag(options, letter)
  }
  if (options.formatName === '') options.formatName = 'bsd'
}

const plainFormat = (options: PsOptions, letter: string): void => void (options.formatName = letter)
const bsdFormat = (options: PsOptions, letter: string): void => void (options.formatName = `bsd${letter}`)

const bsdFlags: Readonly<Record<string, (options: PsOptions, letter: string) => void>> = {
  u: plainFormat, s: plainFormat, v: plainFormat, l: bsdFormat, j: bsdFormat, f: setForest, w: nothing, c: nothing, n: nothing, g: nothing, r: nothing, T: nothing, H: nothing, m: nothing,
  a: (options) => void (options.withTerminal = true),
  x: (options) => void (options.withoutTerminal = true),
  h: (options) => void (options.headings = false),
  e: (options) => void (options.environment = true),
}

function bsdFlag(options: PsOptions, letter: string): void {
  const set = bsdFlags[letter] ?? fail('unsupported option (BSD syntax)')
  set(options, letter)
}

function fail(message: string): never {
  throw new PsError(message)
}

function selectPids(options: PsOptions, text: string): void {
  if (!/^[\d,\s]+$/.test(text)) fail('process ID list syntax error')
  select(options, text, (entry, wanted) => entry.pid === Number(wanted))
}

function selectUsers(process: Process, options: PsOptions, text: string): void {
  for (const name of text.split(',')) if (!/^\d+$/.test(name) && !findUser(process.files, name)) fail(`user name does not exist`)
  select(options, text, (entry, wanted) => entry.uid === (/^\d+$/.test(wanted) ? Number(wanted) : findUser(process.files, wanted)?.uid))
}

function select(options: PsOptions, text: string, test: (entry: ProcessEntry, wanted: string) => boolean): void {
  const wanted = text.split(/[,\s]+/).filter(Boolean)
  options.selectors.push((entry) => wanted.some((each) => test(entry, each)))
}

function addFormat(options: PsOptions, text: string): void {
  let rest = text
  while (rest !== '') {
    const match = /^[,\s]*([^,=\s]+)(=(.*)$)?/s.exec(rest)
    if (!match) return
    const column = columnNamed(match[1] as string)
    const given = match[2] === undefined ? undefined : (match[3] as string)
    const endsHere = given !== undefined && !given.startsWith(',')
    options.format.push({ column, heading: given === undefined ? column.heading : endsHere ? given : '' })
    if (endsHere) return
    rest = given ?? rest.slice(match[0].length)
  }
}

/** `cmd` or, with a width of one's own, `cmd:40`. */
function columnNamed(text: string): PsColumn {
  const [name = '', own] = text.split(':')
  const column = columns[name.toLowerCase()] ?? fail(`unknown user-defined format specifier "${text}"`)
  return own === undefined ? column : { ...column, width: Number(own) }
}

function sortKeys(text: string): { key: string; down: boolean }[] {
  return text.split(',').map((part) => {
    const key = part.replace(/^[+-]/, '').toLowerCase()
    if (!columns[key]) fail(`unknown sort specifier`)
    return { key, down: part.startsWith('-') }
  })
}

async function print(process: Process, options: PsOptions): Promise<number> {
  const context = contextOf(process)
  const format = options.format.length > 0 ? options.format : (formats[options.formatName || 'plain'] ?? '').split(',').map((name) => ({ column: columns[name] as PsColumn, heading: (columns[name] as PsColumn).heading }))
  const rows = arrange(choose(process, options), options, context)
  const terminal = process.descriptors().get(1)?.tty
  const limit = options.widths ?? (terminal ? Number(process.env.get('COLUMNS') ?? terminal.columns) : Infinity)
  const lines: string[] = []
  if (options.headings && format.some(({ heading }) => heading !== '')) lines.push(line(format.map(({ column, heading }) => ({ column, text: heading }))))
  for (const row of rows) lines.push(line(format.map(({ column }) => ({ column, text: column.text(row, context) }))))
  await process.stdout.write(lines.map((text) => `${text.slice(0, limit)}\n`).join(''))
  return rows.length === 0 ? 1 : 0
}

function line(cells: readonly { readonly column: PsColumn; readonly text: string }[]): string {
  return cells.map(({ column, text }, index) => (column.align === 'right' ? text.padStart(Math.max(column.width, 0)) : index === cells.length - 1 ? text : text.padEnd(column.width))).join(' ')
}

function choose(process: Process, options: PsOptions): PsRow[] {
  const { euid } = process.credentials
  const isMine = (entry: ProcessEntry): boolean => {
    if (options.selectors.length > 0) return options.selectors.some((test) => test(entry))
    if (options.all) return !options.notLeaders || entry.session !== entry.pid
    if (options.withTerminal && options.withoutTerminal) return true
    if (options.withTerminal) return entry.tty !== undefined && !(options.notLeaders && entry.session === entry.pid)
    if (options.withoutTerminal) return entry.uid === euid
    return entry.uid === euid && sharesTerminal(process, entry)
  }
  return process.processes().filter((entry) => isMine(entry) !== options.negate).map((entry) => ({ ...entry, indent: '' }))
}

function sharesTerminal(process: Process, entry: ProcessEntry): boolean {
  const tty = process.terminal()?.name
  return entry.tty === tty && (tty !== undefined || entry.session === process.session || entry.ppid === process.ppid)
}

function arrange(rows: PsRow[], options: PsOptions, context: PsContext): PsRow[] {
  if (options.sort.length > 0)
    rows.sort((a, b) => {
      for (const { key, down } of options.sort) {
        const column = columns[key] as PsColumn
        const value = (row: PsRow): number | string => column.key?.(row, context) ?? column.text(row, context)
        const [x, y] = [value(a), value(b)]
        if (x !== y) return (x < y ? -1 : 1) * (down ? -1 : 1)
      }
      return a.pid - b.pid
    })
  return options.forest ? forest(rows) : rows
}

function forest(rows: readonly PsRow[]): PsRow[] {
  const pids = new Set(rows.map((row) => row.pid))
  const out: PsRow[] = []
  const visit = (row: PsRow, prefix: string, own: string): void => {
    out.push({ ...row, indent: own })
    const children = rows.filter((each) => each.ppid === row.pid)
    for (const [index, child] of children.entries()) {
      const last = index === children.length - 1
      visit(child, prefix + (last ? '    ' : '|   '), `${prefix} \\_ `)
    }
  }
  for (const row of rows) if (!pids.has(row.ppid)) visit(row, '', '')
  return out
}
