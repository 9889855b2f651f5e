/** du. */
import { isErrno } from '#engine/linux/abi/errno'
import type { Stat } from '#engine/linux/abi/files'
import type { Process } from '#engine/linux/abi/process'
import { defineProgram, type Program } from '#engine/linux/abi/program'
import { choice } from '#engine/linux/abi/choices'
import { flag, type FlagValues, list, option, optional, UsageError } from '#engine/linux/abi/flags'
import { complain, parseSize, print, quote, quoteName, reason, readInputText, splitLines, usageFailure } from '#engine/programs/common/gnu'
import { fail } from '#engine/programs/common/operands'
import { quoteIfNeeded } from '#engine/programs/common/quoting'
import { blockBytes, blockUnitOf, type SizeForm, sizeText } from '#engine/programs/coreutils/block-sizes'
import { namesFrom } from '#engine/programs/coreutils/names0'
import { joinPath } from '#engine/programs/coreutils/paths'
import { matchesGlob } from '#engine/shell/patterns/glob'
import { formatDate } from '#engine/shell/builtins/strftime'

const duFlags = {
  all: flag('-a', '--all'), apparent: flag('--apparent-size'), blockSize: option('-B', '--block-size'), bytes: flag('-b', '--bytes'), countLinks: flag('-l', '--count-links'), dereference: flag('-L', '--dereference'), dereferenceArguments: flag('-D', '-H', '--dereference-args'), exclude: list('--exclude'), excludeFrom: list('-X', '--exclude-from'), files0: option('--files0-from'),
  human: flag('-h', '--human-readable'), inodes: flag('--inodes'), si: flag('--si'), depth: option('-d', '--max-depth'), zero: flag('-0', '--null'), noDereference: flag('-P', '--no-dereference'), oneFileSystem: flag('-x', '--one-file-system'), separate: flag('-S', '--separate-dirs'), summarize: flag('-s', '--summarize'), total: flag('-c', '--total'),
  threshold: option('-t', '--threshold'), time: choice(optional('--time'), [['atime', 'access', 'use'], ['ctime', 'status']], { bare: 'mtime' }), timeStyle: option('--time-style'), kibibytes: flag('-k'), mebibytes: flag('-m'),
} as const

type Given = FlagValues<typeof duFlags> & { readonly operands: readonly string[] }

const du = defineProgram({
  name: 'du',
  flags: duFlags,
  async run(process, o) {
    const value = valueProblem(o)
    if (value !== undefined) return fail(process, value)
    if (o.time !== undefined) checkTimeStyle(process, o.timeStyle)
    const wrong = await combinationProblem(process, o)
    if (wrong !== undefined) return usageFailure(process, wrong)
    const names = await namesFrom(process, o.files0, o.operands)
    if (typeof names === 'number') return names
    const patterns = await patternsOf(process, o)
    if (typeof patterns === 'number') return patterns
    const walker = new DiskUsage(process, o, patterns)
    const total: Measured = { size: 0, time: 0 }
    for (const path of names.length > 0 || o.files0 !== undefined ? names : ['.']) add(total, await walker.measure(path, 0))
    if (o.total) await walker.show(total, 'total')
    return walker.status
  },
})

function valueProblem(o: Given): string | undefined {
  if (o.blockSize !== undefined && !blockUnitOf(o.blockSize)) return `invalid -B argument '${o.blockSize}'`
  return o.threshold !== undefined && parseSize(o.threshold.replace(/^[-+]/, '')) === undefined ? `invalid -t argument '${o.threshold}'` : undefined
}

async function combinationProblem(process: Process, o: Given): Promise<string | undefined> {
  if (o.depth !== undefined && !/^\d+$/.test(o.depth)) return `invalid maximum depth ${quote(process, o.depth)}`
  if (o.summarize && o.all) return 'cannot both summarize and show all entries'
  if (!o.summarize || o.depth === undefined) return undefined
  if (Number(o.depth) > 0) return `warning: summarizing conflicts with --max-depth=${o.depth}`
  await complain(process, 'warning: summarizing is the same as using --max-depth=0')
  return undefined
}

const timeStyles: Readonly<Record<string, string>> = { 'full-iso': '%Y-%m-%d %H:%M:%S.%N %z', 'long-iso': '%Y-%m-%d %H:%M', iso: '%Y-%m-%d' }

function checkTimeStyle(process: Process, style: string | undefined): void {
  if (style === undefined || style.startsWith('+') || timeStyles[style] !== undefined) return
  throw new UsageError(`invalid argument ${quote(process, style)} for ${quote(process, 'time style')}\nValid arguments are:\n${Object.keys(timeStyles).map((known) => `  - ${quote(process, known)}`).join('\n')}`)
}

async function patternsOf(process: Process, o: Given): Promise<readonly string[] | number> {
  const out = [...o.exclude]
  for (const path of o.excludeFrom) {
    try {
      out.push(...splitLines(await readInputText(process, path)))
    } catch (error) {
      return usageFailure(process, `${quoteIfNeeded(path)}: ${reason(error)}`)
    }
  }
  return out
}

interface Measured {
  size: number
  time: number
}

function add(to: Measured, part: Measured): void {
  to.size += part.size
  to.time = Math.max(to.time, part.time)
}

class DiskUsage {
  status = 0
  private readonly seen = new Set<string>()
  private readonly form: SizeForm
  private readonly maxDepth: number

  constructor(
    private readonly process: Process,
    private readonly o: Given,
    private readonly exclude: readonly string[],
  ) {
    const unit = (o.blockSize === undefined ? undefined : blockUnitOf(o.blockSize)) ?? { bytes: o.bytes || o.inodes ? 1 : o.mebibytes ? 1048576 : 1024, suffix: '' }
    this.form = { human: o.human && !o.inodes, si: o.si && !o.inodes, unit }
    this.maxDepth = o.summarize ? 0 : o.depth === undefined ? Infinity : Number(o.depth)
  }

  async show({ size, time }: Measured, path: string): Promise<void> {
    if (path !== 'total' && !this.isOver(size)) return
    const stamp = this.o.time === undefined ? '' : `${formatDate(this.timeFormat, time, 0, 'UTC')}\t`
    await print(this.process, `${sizeText(size, this.form)}\t${stamp}${path}${this.o.zero ? '\0' : '\n'}`)
  }

  private get timeFormat(): string {
    const { timeStyle = 'long-iso' } = this.o
    return timeStyle.startsWith('+') ? timeStyle.slice(1) : (timeStyles[timeStyle] as string)
  }

  /** -t: at least so much, or with a minus at most. */
  private isOver(size: number): boolean {
    const { threshold } = this.o
    if (threshold === undefined) return true
    const limit = parseSize(threshold.replace(/^[-+]/, '')) ?? 0
    return threshold.startsWith('-') ? size <= limit : size >= limit
  }

  async measure(path: string, depth: number): Promise<Measured> {
    const info = await this.look(path, depth)
    if (!info || (depth > 0 && this.isExcluded(path)) || this.isKnown(info)) return { size: 0, time: 0 }
    const own: Measured = { size: this.sizeOf(info), time: this.timeOf(info) }
    if (info.type === 'directory') return this.directory(path, depth, own)
    if (depth === 0 || (this.o.all && depth <= this.maxDepth)) await this.show(own, path)
    return own
  }

  /** Undefined after a complaint. */
  private async look(path: string, depth: number): Promise<Stat | undefined> {
    const { files } = this.process
    try {
      return this.o.dereference || (depth === 0 && this.o.dereferenceArguments) ? files.stat(path) : files.lstat(path)
    } catch (error) {
      await this.refused(`cannot access ${quoteName(path)}: ${reason(error)}`)
      return undefined
    }
  }

  private async refused(message: string): Promise<void> {
    await complain(this.process, message)
    this.status = 1
  }

  private isExcluded(path: string): boolean {
    const base = path.split('/').pop() ?? path
    return this.exclude.some((pattern) => matchesGlob(pattern, base) || matchesGlob(pattern, path))
  }

  /** Counted before: under another name, or as an argument. */
  private isKnown(info: Stat): boolean {
    const key = `${info.dev}:${info.ino}`
    const known = this.seen.has(key) && !(this.o.countLinks && info.type !== 'directory')
    this.seen.add(key)
    return known
  }

  private sizeOf(info: Stat): number {
    if (this.o.inodes) return 1
    if (!this.o.apparent && !this.o.bytes) return blockBytes(info)
    return info.type === 'directory' ? 4096 : info.size
  }

  private timeOf(info: Stat): number {
    if (this.o.time === 'atime') return info.atimeMs
    return this.o.time === 'ctime' ? info.ctimeMs : info.mtimeMs
  }

  private async directory(path: string, depth: number, own: Measured): Promise<Measured> {
    const total = { ...own }
    const shown = { ...own }
    try {
      for (const { name, type } of this.process.files.readDirectory(path)) {
        if (name === '.' || name === '..') continue
        const part = await this.measure(joinPath(path, name), depth + 1)
        add(total, part)
        if (!this.o.separate || type !== 'directory') add(shown, part)
      }
    } catch (error) {
      if (!isErrno(error)) throw error
      await this.refused(`cannot read directory ${quoteName(path)}: ${error.message}`)
    }
    if (depth <= this.maxDepth) await this.show(shown, path)
    return total
  }
}

export const duPrograms: readonly Program[] = [du]
