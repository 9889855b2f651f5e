/** ls, dir, vdir. */
import { isErrno } from '#engine/linux/abi/errno'
import type { Stat } from '#engine/linux/abi/files'
import type { Process } from '#engine/linux/abi/process'
import { defineProgram, type Program } from '#engine/linux/abi/program'
import { choice, whenChoices } from '#engine/linux/abi/choices'
import { flag, option, optional, UsageError } from '#engine/linux/abi/flags'
import { Accounts, complain, displayWidth, humanSize, modeString, print, quote, quoteName } from '#engine/programs/common/gnu'
import { isBusybox } from '#engine/programs/common/busybox'
import { formatDate } from '#engine/shell/builtins/strftime'
import { compareVersions } from '#engine/programs/coreutils/version-sort'
import { matchesGlob } from '#engine/shell/patterns/glob'

const flags = {
  all: flag('-a', '--all'), almostAll: flag('-A', '--almost-all'), escape: flag('-b', '--escape'), backups: flag('-B', '--ignore-backups'), sortChange: flag('-c'), columns: flag('-C'),
  color: choice(optional('--color'), whenChoices), directory: flag('-d', '--directory'), unsorted: flag('-f'), classify: choice(optional('--classify'), whenChoices), hyperlink: choice(optional('--hyperlink'), whenChoices), classifyShort: flag('-F'), fileType: flag('--file-type'), format: choice(option('--format'), [['verbose', 'long'], ['commas'], ['horizontal', 'across'], ['vertical'], ['single-column']]), fullTime: flag('--full-time'),
  noOwner: flag('-g'), groupFirst: flag('--group-directories-first'), noGroup: flag('-G', '--no-group'), human: flag('-h', '--human-readable'), si: flag('--si'), derefArguments: flag('-H', '--dereference-command-line'),
  hide: option('--hide'), indicator: choice(option('--indicator-style'), [['none'], ['slash'], ['file-type'], ['classify']]), inode: flag('-i', '--inode'), ignore: option('-I', '--ignore'), kibibytes: flag('-k', '--kibibytes'), long: flag('-l'), dereference: flag('-L', '--dereference'),
  commas: flag('-m'), numeric: flag('-n', '--numeric-uid-gid'), literal: flag('-N', '--literal'), longNoGroup: flag('-o'), slash: flag('-p'), hideControl: flag('-q', '--hide-control-chars'), quoteNames: flag('-Q', '--quote-name'),
  quotingStyle: choice(option('--quoting-style'), [['literal'], ['shell'], ['shell-always'], ['shell-escape'], ['shell-escape-always'], ['c'], ['c-maybe'], ['escape'], ['locale'], ['clocale']]), reverse: flag('-r', '--reverse'), recursive: flag('-R', '--recursive'), size: flag('-s', '--size'), bySize: flag('-S'), sort: choice(option('--sort'), [['none'], ['time'], ['size'], ['extension'], ['version'], ['width']]), time: choice(option('--time'), [['atime', 'access', 'use'], ['ctime', 'status'], ['birth', 'creation']]), timeStyle: option('--time-style'),
  byTime: flag('-t'), byAccess: flag('-u'), byNothing: flag('-U'), version: flag('-v'), width: option('-w', '--width'), tabSize: option('-T', '--tabsize'), across: flag('-x'), byExtension: flag('-X'), context: flag('-Z', '--context'), zero: flag('--zero'), one: flag('-1'), block: option('--block-size'), author: flag('--author'),
} as const

type Options = { [K in keyof typeof flags]: boolean | string | undefined }

interface Entry {
  readonly name: string
  readonly stat: Stat | undefined
  readonly target: string | undefined
  readonly targetStat: Stat | undefined
  readonly path: string
}

function lsProgram(name: string, preset: Partial<Options>): Program {
  return defineProgram({
    name,
    flags,
    usageExit: 2,
    run: (process, given) => new Listing(process, { ...(given as unknown as Options), ...Object.fromEntries(Object.entries(preset).filter(([key]) => !given.long || key !== 'columns')) }).run(given.operands),
  })
}

/** busybox does not look at what is to come: its columns are fixed. */
const busyboxWidths = { links: 4, owner: 8, group: 8, size: 9, time: 12 }

class Listing {
  private readonly accounts: Accounts
  private status = 0
  private started = false
  /** The exit code where an argument cannot be read. */
  private readonly trouble: number
  private readonly long: boolean

  constructor(
    private readonly process: Process,
    private readonly o: Options,
  ) {
    this.accounts = new Accounts(process)
    this.trouble = isBusybox(process) ? 1 : 2
    this.long = Boolean(o.long || o.numeric || o.noOwner || o.longNoGroup || o.fullTime) || o.format === 'verbose'
  }

  async run(operands: readonly string[]): Promise<number> {
    const wrong = badNumber(this.process, this.o)
    if (wrong !== undefined) return complain(this.process, wrong).then(() => 2)
    if (this.long && this.o.timeStyle !== undefined) checkTimeStyle(this.process, String(this.o.timeStyle))
    const paths = operands.length > 0 ? operands : ['.']
    const files: Entry[] = []
    const directories: Entry[] = []
    for (const path of paths) {
      const entry = await this.entry(path, path, !this.long && !this.o.directory ? true : Boolean(this.o.dereference || this.o.derefArguments), true)
      if (!entry) continue
      if (entry.stat?.type === 'directory' && !this.o.directory) directories.push(entry)
      else files.push(entry)
    }
    if (files.length > 0) await this.show(this.sorted(files))
    const headed = paths.length > 1 || Boolean(this.o.recursive)
    for (const directory of this.sorted(directories)) await this.directory(directory.path, headed)
    return this.status
  }

  private async entry(path: string, name: string, follow: boolean, argument: boolean): Promise<Entry | undefined> {
    const { files } = this.process
    try {
      const own = files.lstat(path)
      let stat = own
      if (own.type === 'symlink' && (follow || this.o.dereference)) {
        try {
          stat = files.stat(path)
          if (argument && !this.o.dereference && !this.o.derefArguments && stat.type !== 'directory') stat = own
        } catch (error) {
          if (!isErrno(error)) throw error
          if (this.o.dereference) throw error
        }
      }
      const target = stat.type === 'symlink' ? files.readlink(path) : undefined
      return { name, path, stat, target, targetStat: target === undefined ? undefined : this.quietStat(path) }
    } catch (error) {
      if (!isErrno(error)) throw error
      await complain(this.process, `cannot access ${quoteName(path)}: ${error.message}`)
      this.status = argument ? this.trouble : Math.max(this.status, 1)
      return argument ? undefined : { name, path, stat: undefined, target: undefined, targetStat: undefined }
    }
  }

  private quietStat(path: string): Stat | undefined {
    try {
      return this.process.files.exists(path)
    } catch (error) {
      if (isErrno(error)) return undefined
      throw error
    }
  }

  private async directory(path: string, headed: boolean): Promise<void> {
    let names: string[]
    try {
      names = this.process.files.readDirectory(path).map((one) => one.name).filter((name) => name !== '.' && name !== '..')
    } catch (error) {
      if (!isErrno(error)) throw error
      await complain(this.process, `cannot open directory ${quoteName(path)}: ${error.message}`)
      this.status = Math.max(this.status, headed ? 1 : this.trouble)
      return
    }
    if (headed) await print(this.process, `${this.started ? '\n' : ''}${this.shownName(path)}:\n`)
    this.started = true
    if (this.o.all || this.o.unsorted) names.unshift('.', '..')
    else if (!this.o.almostAll) names = names.filter((name) => !name.startsWith('.'))
    names = names.filter((name) => !this.ignored(name))
    const base = path.endsWith('/') ? path : `${path}/`
    const entries: Entry[] = []
    for (const name of names) {
      const entry = await this.entry(base + name, name, false, false)
      if (entry) entries.push(entry)
    }
    const sorted = this.sorted(entries)
    if (this.long || this.o.size) await print(this.process, `total ${this.blocks(sorted.reduce((sum, one) => sum + blockBytes(one.stat), 0))}\n`)
    await this.show(sorted)
    if (!this.o.recursive) return
    for (const entry of sorted) if (entry.stat?.type === 'directory' && entry.name !== '.' && entry.name !== '..') await this.directory(path === '/' ? `/${entry.name}` : `${path}/${entry.name}`, true)
  }

  private ignored(name: string): boolean {
    if (this.o.backups && name.endsWith('~')) return true
    if (this.o.ignore !== undefined && matchesGlob(String(this.o.ignore), name)) return true
    return this.o.hide !== undefined && !this.o.all && !this.o.almostAll && matchesGlob(String(this.o.hide), name)
  }

  private timeOf(stat: Stat | undefined): number {
    if (!stat) return 0
    const { time } = this.o
    if (this.o.byAccess || time === 'atime') return stat.atimeMs
    return this.o.sortChange || time === 'ctime' ? stat.ctimeMs : stat.mtimeMs
  }

  private sorted(entries: readonly Entry[]): Entry[] {
    const { o } = this
    if (o.unsorted || o.byNothing || o.sort === 'none') return [...entries]
    const byName = (a: Entry, b: Entry): number => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0)
    const extension = (name: string): string => (name.lastIndexOf('.') > 0 ? name.slice(name.lastIndexOf('.')) : '')
    const time = o.byTime || o.sort === 'time' || ((o.sortChange || o.byAccess) && !this.long && !o.bySize)
    const compare = (a: Entry, b: Entry): number => {
      if (o.bySize || o.sort === 'size') return (b.stat?.size ?? 0) - (a.stat?.size ?? 0) || byName(a, b)
      if (time) return this.timeOf(b.stat) - this.timeOf(a.stat) || byName(a, b)
      if (o.version || o.sort === 'version') return compareVersions(a.name, b.name)
      if (o.byExtension || o.sort === 'extension') return extension(a.name) < extension(b.name) ? -1 : extension(a.name) > extension(b.name) ? 1 : byName(a, b)
      return byName(a, b)
    }
    const out = [...entries].sort((a, b) => (o.reverse ? -compare(a, b) : compare(a, b)))
    if (o.groupFirst) out.sort((a, b) => Number(b.stat?.type === 'directory') - Number(a.stat?.type === 'directory'))
    return out
  }

  private blocks(bytes: number): string {
    if (this.o.human || this.o.si) return bytes === 0 ? '0' : humanSize(bytes, this.o.si ? 1000 : 1024)
    return String(Math.ceil(bytes / 1024))
  }

  private sizeText(stat: Stat): string {
    if (stat.rdev) return `${stat.rdev.major}, ${stat.rdev.minor}`
    return this.o.human || this.o.si ? humanSize(stat.size, this.o.si ? 1000 : 1024) : this.o.block === 'M' || this.o.block === '1M' ? `${Math.ceil(stat.size / 1048576)}M` : this.o.block === 'K' ? `${Math.ceil(stat.size / 1024)}K` : String(stat.size)
  }

  private shownName(name: string): string {
    const style = this.o.quotingStyle ?? (this.o.literal ? 'literal' : this.o.quoteNames ? 'c' : this.o.escape ? 'escape' : this.process.descriptor(1).kind === 'tty' ? 'shell' : 'literal')
    if (style === 'c') return `"${name.replace(/["\\]/g, '\\$&').replace(/\n/g, '\\n').replace(/\t/g, '\\t')}"`
    if (style === 'escape') return name.replace(/[\\ ]/g, '\\$&').replace(/\n/g, '\\n').replace(/\t/g, '\\t')
    if (String(style).startsWith('shell')) return style === 'shell-escape-always' || style === 'shell-always' || /[\s!"#$&'()*;<=>?[\\^`{|}~]/.test(name) ? quoteName(name) : name
    return this.o.hideControl ? name.replace(/[\x00-\x1f\x7f]/g, '?') : name
  }

  private indicator(stat: Stat | undefined): string {
    const { o } = this
    const style = o.indicator ?? (o.classifyShort || (o.classify === 'always' || (o.classify === 'auto' && this.process.descriptor(1).kind === 'tty')) ? 'classify' : o.fileType ? 'file-type' : o.slash ? 'slash' : 'none')
    if (!stat || style === 'none') return ''
    if (stat.type === 'directory') return '/'
    if (style === 'slash') return ''
    if (stat.type === 'symlink') return '@'
    if (stat.type === 'fifo') return '|'
    if (stat.type === 'socket') return '='
    return style === 'classify' && stat.type === 'file' && stat.mode & 0o111 ? '*' : ''
  }

  private colored(text: string, entry: Entry): string {
    const { color } = this.o
    const on = color === 'always' || (color === 'auto' && this.process.descriptor(1).kind === 'tty')
    if (!on || !entry.stat) return text
    const code = colorOf(entry)
    return code === '' ? text : `\x1b[0m\x1b[${code}m${text}\x1b[0m`
  }

  private async show(entries: readonly Entry[]): Promise<void> {
    this.started = true
    if (this.long) return this.showLong(entries)
    const prefix = this.prefixes(entries)
    const cells = entries.map((entry, index) => {
      const name = this.shownName(entry.name)
      const mark = this.indicator(entry.stat)
      return { text: `${prefix[index] as string}${this.colored(name, entry)}${mark}`, width: displayWidth(`${prefix[index] as string}${name}${mark}`) }
    })
    const { o } = this
    const tabSize = Number(o.tabSize ?? this.process.env.get('TABSIZE') ?? 8)
    const end = o.zero ? '\0' : '\n'
    const tty = this.process.descriptor(1).tty
    const format = o.one ? 'single-column' : (o.format ?? (o.columns ? 'vertical' : o.across ? 'across' : o.commas ? 'commas' : tty ? 'vertical' : 'single-column'))
    const width = o.width === undefined ? (tty?.columns ?? (Number(this.process.env.get('COLUMNS') ?? 80) || 80)) : Number(o.width)
    if (format === 'single-column') await print(this.process, cells.map((cell) => cell.text + end).join(''))
    else if (format === 'commas') await print(this.process, commaLines(cells, width))
    else await print(this.process, columnLines(cells, width, format === 'vertical', tabSize))
  }

  private prefixes(entries: readonly Entry[]): string[] {
    const inodes = entries.map((entry) => (this.o.inode ? String(entry.stat?.ino ?? '?') : ''))
    const sizes = entries.map((entry) => (this.o.size ? this.blocks(blockBytes(entry.stat)) : ''))
    const inodeWidth = Math.max(0, ...inodes.map((text) => text.length))
    const sizeWidth = Math.max(0, ...sizes.map((text) => text.length))
    return entries.map((_, index) => (this.o.inode ? `${(inodes[index] as string).padStart(inodeWidth)} ` : '') + (this.o.size ? `${(sizes[index] as string).padStart(sizeWidth)} ` : ''))
  }

  private async showLong(entries: readonly Entry[]): Promise<void> {
    const prefix = this.prefixes(entries)
    const rows = entries.map((entry) => this.longCells(entry))
    const width = (key: 'links' | 'owner' | 'group' | 'size' | 'time'): number => Math.max(0, ...rows.map((row) => displayWidth(row[key])))
    const widths = isBusybox(this.process) ? busyboxWidths : { links: width('links'), owner: width('owner'), group: width('group'), size: width('size'), time: width('time') }
    const lines = entries.map((entry, index) => {
      const row = rows[index] as ReturnType<Listing['longCells']>
      const parts = [row.mode, row.links.padStart(widths.links)]
      if (!this.o.noOwner) parts.push(row.owner.padEnd(widths.owner))
      if (!this.o.noGroup && !this.o.longNoGroup) parts.push(row.group.padEnd(widths.group))
      if (this.o.context) parts.push('?')
      parts.push(row.size.padStart(widths.size), row.time.padStart(widths.time))
      const link = entry.target === undefined ? this.indicator(entry.stat) : ` -> ${this.shownName(entry.target)}${this.indicator(entry.targetStat)}`
      return `${prefix[index] as string}${parts.join(' ')} ${this.colored(this.shownName(entry.name), entry)}${link}${this.o.zero ? '\0' : '\n'}`
    })
    await print(this.process, lines.join(''))
  }

  private longCells(entry: Entry): { mode: string; links: string; owner: string; group: string; size: string; time: string } {
    const { stat } = entry
    if (!stat) return { mode: '-?????????', links: '?', owner: '?', group: '?', size: '?', time: '?' }
    const owner = this.o.numeric ? undefined : this.accounts.user(stat.uid)
    const group = this.o.numeric ? undefined : this.accounts.group(stat.gid)
    return { mode: modeString(stat.type, stat.mode), links: String(stat.nlink), owner: owner ?? String(stat.uid), group: group ?? String(stat.gid), size: this.sizeText(stat), time: this.timeText(this.timeOf(stat)) }
  }

  private timeText(ms: number): string {
    const style = this.o.fullTime ? 'full-iso' : String(this.o.timeStyle ?? this.process.env.get('TIME_STYLE') ?? 'locale')
    if (style.startsWith('+')) return formatDate(style.slice(1), ms, 0, 'UTC')
    if (style === 'full-iso') return formatDate('%Y-%m-%d %H:%M:%S.%N %z', ms, 0, 'UTC')
    if (style === 'long-iso') return formatDate('%Y-%m-%d %H:%M', ms, 0, 'UTC')
    const now = this.process.clock.now()
    const recent = ms <= now && ms > now - 15778476000
    if (style === 'iso') return formatDate(recent ? '%m-%d %H:%M' : '%Y-%m-%d ', ms, 0, 'UTC')
    return formatDate(recent ? '%b %e %H:%M' : '%b %e  %Y', ms, 0, 'UTC')
  }
}

/** What of `-w`, `-T` and `--block-size` is no number. */
function badNumber(process: Process, o: Options): string | undefined {
  const digits = (value: unknown): boolean => value === undefined || /^\d+$/.test(String(value))
  if (!digits(o.width)) return `invalid line width: ${quote(process, String(o.width))}`
  if (!digits(o.tabSize)) return `invalid tab size: ${quote(process, String(o.tabSize))}`
  if (o.block === undefined || o.block === 'human-readable' || o.block === 'si' || /^'?\d*([KMGTPE](i?B)?|[kKMGTPE]B?)?$/.test(String(o.block))) return undefined
  return `invalid --block-size argument '${String(o.block)}'`
}

function checkTimeStyle(process: Process, style: string): void {
  if (style.startsWith('+') || ['full-iso', 'long-iso', 'iso', 'locale'].includes(style.replace(/^posix-/, ''))) return
  const forms = ['[posix-]full-iso', '[posix-]long-iso', '[posix-]iso', '[posix-]locale', "+FORMAT (e.g., +%H:%M) for a 'date'-style format"]
  throw new UsageError(`invalid argument ${quote(process, style)} for ${quote(process, 'time style')}\nValid arguments are:\n${forms.map((form) => `  - ${form}`).join('\n')}`)
}

function colorOf(entry: Entry): string {
  const stat = entry.stat as Stat
  switch (stat.type) {
    case 'directory': return (stat.mode & 0o1002) === 0o1002 ? '30;42' : stat.mode & 0o2 ? '34;42' : stat.mode & 0o1000 ? '37;44' : '01;34'
    case 'symlink': return entry.targetStat ? '01;36' : '40;31;01'
    case 'fifo': return '40;33'
    case 'socket': return '01;35'
    case 'block': case 'character': return '40;33;01'
    default: return stat.mode & 0o4000 ? '37;41' : stat.mode & 0o2000 ? '30;43' : stat.mode & 0o111 ? '01;32' : /\.(tar|tgz|gz|zip|xz|bz2|deb|rpm|jar)$/.test(entry.name) ? '01;31' : /\.(png|jpe?g|gif|svg|webp)$/.test(entry.name) ? '01;35' : ''
  }
}

/** Space on the disk: whole blocks of 4 KiB. */
export function blockBytes(stat: Stat | undefined): number {
  if (!stat || stat.type === 'symlink' || stat.type === 'character' || stat.type === 'block' || stat.type === 'fifo' || stat.type === 'socket') return 0
  if (stat.type === 'directory') return 4096
  return Math.ceil(stat.size / 4096) * 4096
}

interface Cell {
  readonly text: string
  readonly width: number
}

function commaLines(cells: readonly Cell[], width: number): string {
  let out = ''
  let at = 0
  cells.forEach((cell, index) => {
    const length = cell.width + (index < cells.length - 1 ? 2 : 0)
    if (index > 0) {
      if (width > 0 && at + length >= width) {
        out += '\n'
        at = 0
      } else out += ' '
    }
    out += cell.text + (index < cells.length - 1 ? ',' : '')
    at += length
  })
  return out === '' ? '' : `${out}\n`
}

/** Blanks from one column to another, with tabs where they reach. */
function indent(from: number, to: number, tabSize: number): string {
  let out = ''
  let at = from
  while (at < to) {
    const tab = tabSize > 0 && Math.floor(to / tabSize) > Math.floor((at + 1) / tabSize)
    out += tab ? '\t' : ' '
    at += tab ? tabSize - (at % tabSize) : 1
  }
  return out
}

function columnLines(cells: readonly Cell[], width: number, down: boolean, tabSize: number): string {
  if (cells.length === 0) return ''
  let columns = width === 0 ? cells.length : Math.max(1, Math.min(cells.length, Math.floor(width / 3)))
  let widths: number[] = []
  let rows = 1
  for (; columns >= 1; columns--) {
    rows = Math.ceil(cells.length / columns)
    widths = new Array<number>(columns).fill(0)
    cells.forEach((cell, index) => {
      const column = down ? Math.floor(index / rows) : index % columns
      widths[column] = Math.max(widths[column] ?? 0, cell.width + (column === columns - 1 ? 0 : 2))
    })
    if (columns === 1 || width === 0 || widths.reduce((sum, one) => sum + one, 0) < width) break
  }
  const lines: string[] = []
  for (let row = 0; row < rows; row++) {
    let line = ''
    let at = 0
    for (let column = 0; column < columns; column++) {
      const cell = cells[down ? column * rows + row : row * columns + column]
      const next = cells[down ? (column + 1) * rows + row : row * columns + column + 1]
      if (!cell) break
      const end = at + (widths[column] as number)
      line += cell.text + (next && column < columns - 1 ? indent(at + cell.width, end, tabSize) : '')
      at = end
    }
    lines.push(line)
  }
  return `${lines.join('\n')}\n`
}

export const lsPrograms: readonly Program[] = [lsProgram('ls', {}), lsProgram('dir', { columns: true, escape: true }), lsProgram('vdir', { long: true, escape: true })]
