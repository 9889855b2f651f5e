/** ls, dir, vdir. */
import { isErrno } from '#engine/linux/abi/errno'
import type { Stat } from '#engine/linux/abi/files'
import type { Process } from '#engine/linux/abi/process'
import { defineProgram, type Program } from '#engine/linux/abi/program'
import { complain, displayWidth, print, quoteName } from '#engine/programs/common/gnu'
import { isBusybox } from '#engine/programs/common/busybox'
import { fail } from '#engine/programs/common/operands'
import { blockBytes, sizeText } from '#engine/programs/coreutils/block-sizes'
import { columnLines, commaLines } from '#engine/programs/coreutils/ls-columns'
import { LongForm } from '#engine/programs/coreutils/ls-long'
import { colorOf, type Entry, indicator, styledName, withoutControls } from '#engine/programs/coreutils/ls-names'
import { checkTimeStyle, fileUnitOf, type Format, formatOf, type Indicators, indicatorsOf, lsFlags, type LsGiven, type Manner, numberProblem, quotingOf } from '#engine/programs/coreutils/ls-options'
import { sortEntries } from '#engine/programs/coreutils/ls-sort'
import { joinPath, statOf } from '#engine/programs/coreutils/paths'
import { matchesGlob } from '#engine/shell/patterns/glob'

export { blockBytes } from '#engine/programs/coreutils/block-sizes'

function lsProgram(name: string, manner: Manner): Program {
  return defineProgram({
    name,
    unsupported: 'security contexts and birth times',
    flags: lsFlags,
    usageExit: 2,
    async run(process, o) {
      const wrong = numberProblem(process, o) ?? (o.dired && formatOf(o, manner, false) === 'long' ? '--dired is not simulated' : undefined)
      if (wrong !== undefined) return fail(process, wrong, 2)
      return new Listing(process, o, manner).run(o.operands)
    },
  })
}

class Listing {
  private status = 0
  private started = false
  private coloured = false
  /** The exit code where an argument cannot be read. */
  private readonly trouble: number
  private readonly format: Format
  private readonly indicators: Indicators
  private readonly quoting: string
  private readonly color: boolean

  constructor(
    private readonly process: Process,
    private readonly o: LsGiven,
    manner: Manner,
  ) {
    const terminal = process.descriptor(1).kind === 'tty'
    this.trouble = isBusybox(process) ? 1 : 2
    this.format = formatOf(o, manner, terminal)
    this.indicators = indicatorsOf(o, terminal)
    this.quoting = quotingOf(process, o, manner, terminal)
    this.color = o.color === 'always' || (o.color === 'auto' && terminal)
    if (this.format === 'long' && o.timeStyle !== undefined) checkTimeStyle(process, o.timeStyle)
  }

  async run(operands: readonly string[]): Promise<number> {
    const paths = operands.length > 0 ? operands : ['.']
    const files: Entry[] = []
    const directories: Entry[] = []
    for (const path of paths) {
      const entry = await this.argument(path)
      if (entry) (entry.stat?.type === 'directory' && !this.o.directory ? directories : files).push(entry)
    }
    if (files.length > 0) await this.show(this.sorted(files))
    const headed = paths.length > 1 || this.o.recursive
    for (const directory of this.sorted(directories)) await this.directory(directory.path, headed)
    return this.status
  }

  private sorted(entries: readonly Entry[]): Entry[] {
    return sortEntries(entries, this.o, this.format === 'long')
  }

  /** Links that are named lead to their directories, unless details are asked for. */
  private async argument(path: string): Promise<Entry | undefined> {
    const { o } = this
    const always = o.dereference || o.derefArguments
    const follow = always || ((this.format !== 'long' || o.derefArgumentDirectories) && !o.directory && this.indicators !== 'classify')
    try {
      const own = this.process.files.lstat(path)
      const stat = own.type === 'symlink' && follow ? this.followed(path, own, always) : own
      return this.entryOf(path, path, stat)
    } catch (error) {
      await this.refused(path, error, this.trouble)
      return undefined
    }
  }

  private followed(path: string, own: Stat, always: boolean): Stat {
    if (this.o.dereference) return this.process.files.stat(path)
    const stat = statOf(this.process, path)
    return stat && (always || stat.type === 'directory') ? stat : own
  }

  private async refused(path: string, error: unknown, status: number): Promise<void> {
    if (!isErrno(error)) throw error
    await complain(this.process, `cannot access ${quoteName(path)}: ${error.message}`)
    this.status = Math.max(this.status, status)
  }

  private entryOf(path: string, name: string, stat: Stat): Entry {
    const target = stat.type === 'symlink' ? this.process.files.readlink(path) : undefined
    return { name, path, type: stat.type, stat, target, targetStat: target === undefined ? undefined : statOf(this.process, path) }
  }

  private async directory(path: string, headed: boolean): Promise<void> {
    const found = await this.names(path, headed)
    if (!found) return
    if (headed) await print(this.process, `${this.started ? '\n' : ''}${this.shownName(path)}:\n`)
    this.started = true
    const entries: Entry[] = []
    for (const { name, type } of found) entries.push(await this.inside(joinPath(path, name), name, type))
    const sorted = this.sorted(entries)
    if (this.format === 'long' || this.o.size) await print(this.process, `total ${this.blocks(sorted.reduce((sum, one) => sum + blockBytes(one.stat), 0))}\n`)
    await this.show(sorted)
    if (!this.o.recursive) return
    for (const entry of sorted) if (entry.stat?.type === 'directory' && entry.name !== '.' && entry.name !== '..') await this.directory(joinPath(path, entry.name), true)
  }

  private async names(path: string, headed: boolean): Promise<{ name: string; type: Stat['type'] }[] | undefined> {
    const { o } = this
    try {
      const found = this.process.files.readDirectory(path).filter(({ name }) => name !== '.' && name !== '..' && (o.all || o.unsorted || o.almostAll || !name.startsWith('.')))
      const dots = o.all || o.unsorted ? [{ name: '.', type: 'directory' as const }, { name: '..', type: 'directory' as const }] : []
      return [...dots, ...found].filter(({ name }) => !this.isIgnored(name))
    } catch (error) {
      if (!isErrno(error)) throw error
      await complain(this.process, `cannot open directory ${quoteName(path)}: ${error.message}`)
      this.status = Math.max(this.status, headed ? 1 : this.trouble)
      return undefined
    }
  }

  private async inside(path: string, name: string, type: Stat['type']): Promise<Entry> {
    try {
      return this.entryOf(path, name, this.o.dereference ? this.process.files.stat(path) : this.process.files.lstat(path))
    } catch (error) {
      await this.refused(path, error, 1)
      return { name, path, type, stat: undefined, target: undefined, targetStat: undefined }
    }
  }

  private isIgnored(name: string): boolean {
    const { o } = this
    if (o.backups && name.endsWith('~')) return true
    if (o.ignore.some((pattern) => matchesGlob(pattern, name))) return true
    return !o.all && !o.almostAll && o.hide.some((pattern) => matchesGlob(pattern, name))
  }

  private blocks(bytes: number): string {
    const { human, si } = this.o
    return sizeText(bytes, { human, si, unit: fileUnitOf(this.o) ?? { bytes: 1024, suffix: '' } })
  }

  private shownName(name: string): string {
    const shown = styledName(this.process, name, this.quoting)
    const hide = this.o.hideControl || (this.process.descriptor(1).kind === 'tty' && !this.o.showControl)
    return hide && this.quoting === 'literal' ? withoutControls(shown) : shown
  }

  /** The first colour of all begins with a reset. */
  private colored(text: string, entry: Entry): string {
    const code = this.color ? colorOf(entry, (this.process.env.get('LS_COLORS') ?? '') !== '') : ''
    if (code === '') return text
    const reset = this.coloured ? '' : '\x1b[0m'
    this.coloured = true
    return `${reset}\x1b[${code}m${text}\x1b[0m`
  }

  private mark(stat: Stat | undefined): string {
    return indicator(stat?.type, stat?.mode ?? 0, this.indicators)
  }

  /** Where some names are quoted, the others are set one column in, so that all line up. */
  private get alignsQuotes(): boolean {
    return ['shell', 'shell-escape', 'c-maybe'].includes(this.quoting) && (this.format === 'long' || this.format === 'vertical' || this.format === 'across')
  }

  private async show(entries: readonly Entry[]): Promise<void> {
    this.started = true
    const end = this.o.zero ? '\0' : '\n'
    const quoted = this.alignsQuotes && entries.some((entry) => /^['"]/.test(this.shownName(entry.name)) && this.shownName(entry.name) !== entry.name)
    const pad = (entry: Entry): string => (quoted && !/^['"]/.test(this.shownName(entry.name)) ? ' ' : '')
    const before = this.prefixes(entries)
    if (this.format === 'long') {
      const long = new LongForm(this.process, this.o).lines(entries)
      return print(this.process, entries.map((entry, index) => `${before[index] as string}${long[index] as string} ${pad(entry)}${this.colored(this.shownName(entry.name), entry)}${this.tail(entry)}${end}`).join(''))
    }
    const cells = entries.map((entry, index) => {
      const plain = `${before[index] as string}${pad(entry)}${this.shownName(entry.name)}${this.mark(entry.stat)}`
      return { text: `${before[index] as string}${pad(entry)}${this.colored(this.shownName(entry.name), entry)}${this.mark(entry.stat)}`, width: displayWidth(plain) }
    })
    await print(this.process, this.format === 'single-column' ? cells.map((cell) => cell.text + end).join('') : this.sideBySide(cells))
  }

  private sideBySide(cells: readonly { text: string; width: number }[]): string {
    const { o, process } = this
    const width = o.width === undefined ? (process.descriptor(1).tty?.columns ?? (Number(process.env.get('COLUMNS') ?? 80) || 80)) : Number(o.width)
    if (this.format === 'commas') return commaLines(cells, width)
    return columnLines(cells, width, this.format === 'vertical', Number(o.tabSize ?? process.env.get('TABSIZE') ?? 8))
  }

  /** `-> target` of a link, or the mark. */
  private tail(entry: Entry): string {
    return entry.target === undefined ? this.mark(entry.stat) : ` -> ${this.shownName(entry.target)}${this.mark(entry.targetStat)}`
  }

  /** Inodes, blocks and contexts in front of names. */
  private prefixes(entries: readonly Entry[]): string[] {
    const { o } = this
    const columns: string[][] = []
    if (o.inode) columns.push(entries.map((entry) => String(entry.stat?.ino ?? '?')))
    if (o.size) columns.push(entries.map((entry) => this.blocks(blockBytes(entry.stat))))
    if (o.context && this.format !== 'long') columns.push(entries.map(() => '?'))
    const widths = columns.map((cells) => Math.max(0, ...cells.map((text) => text.length)))
    return entries.map((_, index) => columns.map((cells, column) => `${(cells[index] as string).padStart(widths[column] as number)} `).join(''))
  }
}

export const lsPrograms: readonly Program[] = [lsProgram('ls', {}), lsProgram('dir', { columns: true, escape: true }), lsProgram('vdir', { long: true, escape: true })]
