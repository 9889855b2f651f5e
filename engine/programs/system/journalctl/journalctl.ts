/** `journalctl`: the journal's entries, filtered, printed, followed. */
import { decodeUtf8 } from '#engine/base/bytes'
import { count, flag, list, option, optional, parseFlags, UsageError } from '#engine/linux/abi/flags'
import type { FlagValues } from '#engine/linux/abi/flags'
import type { Process } from '#engine/linux/abi/process'
import type { Program } from '#engine/linux/abi/program'
import { boots, currentJournal, fieldOf, journalUsage, type JournalQuery, matchesQuery, type MatchGroup, parseEntries, readJournal, type ReadEntry, unitMatch } from '#engine/linux/journald/reader'
import { bytes, timestamp } from '#engine/linux/systemd/format'
import { fullName } from '#engine/linux/systemd/unitfile'
import type { Task } from '#engine/linux/kernel/task'
import { formatEntry, outputModes } from './output'
import { parseTime } from './time'

const flags = {
  unit: list('-u', '--unit'),
  userUnit: list('--user-unit'),
  identifier: list('-t', '--identifier'),
  priority: option('-p', '--priority'),
  facility: list('--facility'),
  grep: option('-g', '--grep'),
  caseSensitive: optional('--case-sensitive'),
  since: option('-S', '--since'),
  until: option('-U', '--until'),
  boot: optional('-b', '--boot'),
  dmesg: flag('-k', '--dmesg'),
  lines: optional('-n', '--lines'),
  follow: flag('-f', '--follow'),
  noTail: flag('--no-tail'),
  reverse: flag('-r', '--reverse'),
  output: option('-o', '--output'),
  outputFields: option('--output-fields'),
  noPager: flag('--no-pager'),
  noHostname: flag('--no-hostname'),
  noFull: flag('--no-full'),
  full: flag('-l', '--full'),
  all: flag('-a', '--all'),
  catalog: flag('-x', '--catalog'),
  pagerEnd: flag('-e', '--pager-end'),
  quiet: flag('-q', '--quiet'),
  merge: flag('-m', '--merge'),
  utc: flag('--utc'),
  system: flag('--system'),
  user: flag('--user'),
  directory: option('-D', '--directory'),
  cursor: option('-c', '--cursor'),
  afterCursor: option('--after-cursor'),
  showCursor: flag('--show-cursor'),
  listBoots: flag('--list-boots'),
  diskUsage: flag('--disk-usage'),
  vacuumSize: option('--vacuum-size'),
  vacuumTime: option('--vacuum-time'),
  vacuumFiles: option('--vacuum-files'),
  rotate: flag('--rotate'),
  flush: flag('--flush'),
  sync: flag('--sync'),
  verify: flag('--verify'),
  header: flag('--header'),
  fields: flag('-N', '--fields'),
  field: option('-F', '--field'),
  force: count('--force'),
}
type Options = FlagValues<typeof flags>

const priorities = ['emerg', 'alert', 'crit', 'err', 'warning', 'notice', 'info', 'debug']

export const journalctl: Program = {
  name: 'journalctl',
  unsupported: '--user, --merge of remote journals, --verify, sealing',
  async run(process) {
    try {
      const { values, operands, help, version } = parseFlags(flags, shortLines(process.argv.slice(1)), false)
      if (version) return await say(process, 'systemd 252 (252.39-1~deb12u1)\n')
      if (help || process.argv.includes('-h')) return await say(process, 'journalctl [OPTIONS...] [MATCHES...]\n\nQuery the journal.\n')
      return await special(process, values) ?? (await show(process, values, operands))
    } catch (error) {
      if (!(error instanceof UsageError)) throw error
      await process.stderr.write(`${error.message.startsWith('!') ? error.message.slice(1) : `journalctl: ${error.message}`}\n`)
      return 1
    }
  },
}

/** `-n 5` and `-b -1` take the next word although their value is optional. */
function shortLines(args: readonly string[]): string[] {
  const out: string[] = []
  for (let index = 0; index < args.length; index++) {
    const arg = args[index] as string
    const next = args[index + 1]
    if (/^(-[a-z]*n|--lines)$/.test(arg) && next !== undefined && /^(\+?\d+|all)$/.test(next)) {
      out.push(arg.startsWith('--') ? `--lines=${next}` : `${arg}${next}`)
      index++
    } else if (/^(-[a-z]*b|--boot)$/.test(arg) && next !== undefined && /^(-?\d+|all|[0-9a-f]{32})$/.test(next)) {
      out.push(arg.startsWith('--') ? `--boot=${next}` : `${arg}${next}`)
      index++
    } else out.push(arg)
  }
  return out
}

async function say(process: Process, text: string): Promise<number> {
  await process.stdout.write(text)
  return 0
}

async function special(process: Process, options: Options): Promise<number | undefined> {
  if (options.diskUsage) return say(process, `Archived and active journals take up ${bytes(journalUsage(process.files))} in the file system.\n`)
  if (options.listBoots) return listBoots(process)
  if (options.verify) return say(process, `PASS: ${currentJournal(process.files) ?? ''}\n`)
  if (options.flush || options.sync) return 0
  if (options.field !== undefined || options.fields) return listFields(process, options.field)
  if (options.rotate) (process as Task).kernel.journal.rotate()
  if ([options.vacuumSize, options.vacuumTime, options.vacuumFiles].some((each) => each !== undefined)) return vacuum(process)
  return options.rotate ? 0 : undefined
}

/** All values of one field, or the names of all fields. */
async function listFields(process: Process, field: string | undefined): Promise<number> {
  const found = readJournal(process.files, {}).flatMap((entry) => (field === undefined ? Object.keys(entry.fields) : (fieldOf(entry, field) ?? [])))
  return say(process, [...new Set(found)].map((text) => `${text}\n`).join(''))
}

async function vacuum(process: Process): Promise<number> {
  const directory = (process as Task).kernel.journal.directory
  let freed = 0
  const archived = process.files.exists(directory) ? process.files.readDirectory(directory).filter((entry) => entry.name.includes('@')) : []
  for (const entry of archived) {
    const path = `${directory}/${entry.name}`
    freed += process.files.stat(path).size
    process.files.unlink(path)
    await process.stderr.write(`Deleted archived journal ${path} (${bytes(8 * 1024 * 1024)}).\n`)
  }
  await process.stderr.write(`Vacuuming done, freed ${bytes(freed)} of archived journals from ${directory}.\n`)
  return 0
}

async function listBoots(process: Process): Promise<number> {
  const all = boots(process.files)
  const lines = all.map((boot, index) => `${String(index - all.length + 1).padStart(3)} ${boot.id} ${timestamp(boot.firstUs / 1000)} ${timestamp(boot.lastUs / 1000)}\n`)
  return say(process, `IDX BOOT ID                          FIRST ENTRY                 LAST ENTRY                 \n${lines.join('')}`)
}

async function show(process: Process, options: Options, operands: readonly string[]): Promise<number> {
  const mode = options.output ?? 'short'
  if (!outputModes.includes(mode)) throw new UsageError(`!Unknown output format '${mode}'.`)
  const query = queryOf(process, options, operands)
  const limit = linesOf(options) ?? Infinity
  const entries = limit === 0 ? [] : readJournal(process.files, query, limit, options.directory)
  if (options.reverse) entries.reverse()
  const style = { mode, utc: options.utc, noHostname: options.noHostname, fields: options.outputFields?.split(',') }
  if (entries.length === 0 && !options.follow) return nothing(process, options, mode)
  await print(process, entries, style, options)
  const last = entries.at(-1)
  if (options.showCursor && last) await process.stdout.write(`-- cursor: ${last.cursor}\n`)
  return options.follow ? follow(process, query, style) : grepCode(options, entries)
}

async function nothing(process: Process, options: Options, mode: string): Promise<number> {
  if (!options.quiet && !['json', 'cat', 'export'].includes(mode)) await process.stdout.write('-- No entries --\n')
  return grepCode(options, [])
}

function grepCode(options: Options, entries: readonly ReadEntry[]): number {
  return options.grep !== undefined && entries.length === 0 ? 1 : 0
}

async function print(process: Process, entries: readonly ReadEntry[], style: Parameters<typeof formatEntry>[1], _options: Options): Promise<void> {
  let boot = entries[0]?.bootId
  let out = ''
  for (const entry of entries) {
    if (entry.bootId !== boot && ['short', 'short-iso', 'short-precise', 'short-full'].includes(style.mode)) out += `-- Boot ${entry.bootId} --\n`
    boot = entry.bootId
    out += formatEntry(entry, style)
    if (out.length > 32_768) {
      await process.stdout.write(out)
      out = ''
    }
  }
  if (out !== '') await process.stdout.write(out)
}

async function follow(process: Process, query: JournalQuery, style: Parameters<typeof formatEntry>[1]): Promise<number> {
  for (;;) {
    const path = currentJournal(process.files)
    if (path === undefined) {
      await process.clock.sleep(500)
      continue
    }
    await followFile(process, path, query, style)
  }
}

/** Until the file is rotated away. */
async function followFile(process: Process, path: string, query: JournalQuery, style: Parameters<typeof formatEntry>[1]): Promise<void> {
  const file = process.files.open(path, { read: true })
  let rest = ''
  file.seek?.(0, 'end')
  const watch = process.files.watch(path)
  do {
    const event = await watch.next()
    if (event.kind === 'delete') break
    for (let part = file.readNow?.(65536); part; part = file.readNow?.(65536)) rest += decodeUtf8(part)
    const end = rest.lastIndexOf('\n') + 1
    for (const entry of parseEntries(rest.slice(0, end))) if (matchesQuery(entry, query)) await process.stdout.write(formatEntry(entry, style))
    rest = rest.slice(end)
  } while (process.files.exists(path)?.ino === file.stat().ino)
  watch.close()
}

function linesOf(options: Options): number | undefined {
  if (options.lines === undefined) return options.follow && !options.noTail ? 10 : options.pagerEnd ? 1000 : undefined
  if (options.lines === '') return 10
  if (options.lines === 'all') return undefined
  const lines = Number(options.lines.replace(/^\+/, ''))
  if (!Number.isInteger(lines) || lines < 0) throw new UsageError(`!Failed to parse lines '${options.lines}'`)
  return lines
}

function queryOf(process: Process, options: Options, operands: readonly string[]): JournalQuery {
  const matches: MatchGroup[] = []
  if (options.unit.length > 0) matches.push(unitsNamed(process, options.unit).flatMap((unit) => unitMatch(unit)))
  if (options.identifier.length > 0) matches.push(options.identifier.map((name) => ['SYSLOG_IDENTIFIER', name]))
  if (options.dmesg) matches.push([['_TRANSPORT', 'kernel']])
  matches.push(...operandMatches(process, operands))
  const now = process.clock.now()
  const time = (text: string | undefined): number | undefined => {
    if (text === undefined) return undefined
    const parsed = parseTime(text, now)
    if (parsed === undefined) throw new UsageError(`!Failed to parse timestamp: ${text}`)
    return parsed * 1000
  }
  const since = time(options.since)
  const until = time(options.until)
  const bootId = bootOf(process, options)
  return {
    matches,
    ...(since === undefined ? {} : { sinceUs: since }),
    ...(until === undefined ? {} : { untilUs: until }),
    ...(bootId === undefined ? {} : { bootId }),
    ...(options.priority === undefined ? {} : { maxPriority: priorityOf(options.priority) }),
    ...(options.grep === undefined ? {} : { grep: new RegExp(options.grep, /[A-Z]/.test(options.grep) && options.caseSensitive !== 'no' ? '' : 'i') }),
  }
}

/** Units by name, and those that the journal knows for a pattern. */
function unitsNamed(process: Process, wanted: readonly string[]): string[] {
  const isPattern = (name: string): boolean => /[*?[]/.test(name)
  const known = wanted.some(isPattern) ? [...new Set(readJournal(process.files, {}).flatMap((entry) => [fieldOf(entry, '_SYSTEMD_UNIT') ?? [], fieldOf(entry, 'UNIT') ?? []].flat()))] : []
  return wanted.flatMap((name) => {
    if (!isPattern(name)) return [fullName(name)]
    const pattern = new RegExp(`^${name.replace(/[.+^${}()|\\]/g, '\\$&').replace(/\*/g, '.*').replace(/\?/g, '.')}$`)
    return known.filter((unit) => pattern.test(unit) || pattern.test(unit.replace(/\.service$/, '')))
  })
}

function operandMatches(process: Process, operands: readonly string[]): MatchGroup[] {
  const byField = new Map<string, [string, string][]>()
  for (const operand of operands) {
    if (operand === '+') continue
    const equals = operand.indexOf('=')
    if (equals > 0 && !operand.startsWith('/')) {
      const name = operand.slice(0, equals)
      byField.set(name, [...(byField.get(name) ?? []), [name, operand.slice(equals + 1)]])
    } else if (operand.startsWith('/') && process.files.exists(operand)) byField.set('_EXE', [...(byField.get('_EXE') ?? []), ['_EXE', process.files.realpath(operand)], ['_EXE', operand]])
    else if (operand.startsWith('/')) throw new UsageError(`!Couldn't find file '${operand}'`)
    else throw new UsageError(`!Failed to add match '${operand}': Invalid argument`)
  }
  return [...byField.values()]
}

function priorityOf(text: string): number {
  const level = (name: string): number => {
    const index = priorities.indexOf(name === 'error' ? 'err' : name === 'warn' ? 'warning' : name === 'panic' ? 'emerg' : name)
    const parsed = index >= 0 ? index : /^[0-7]$/.test(name) ? Number(name) : -1
    if (parsed < 0) throw new UsageError(`!Unknown log level ${text}`)
    return parsed
  }
  const [from = '', to] = text.split('..')
  return Math.max(level(from), to === undefined ? 0 : level(to))
}

function bootOf(process: Process, options: Options): string | undefined {
  if (options.boot === undefined && !options.dmesg) return undefined
  const text = options.boot ?? ''
  if (text === 'all') return undefined
  if (/^[0-9a-f]{32}$/.test(text)) return text
  const current = (process as Task).kernel.options.bootId.replace(/-/g, '')
  if (text === '' || text === '0' || text === '-0') return current
  const all = boots(process.files)
  const offset = Number(text)
  const boot = offset < 0 ? all[all.length - 1 + offset] : all[offset - 1]
  if (!boot) throw new UsageError(`!Data from the specified boot (${text}) is not available: No such boot ID in journal`)
  return boot.id
}
