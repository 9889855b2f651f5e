/** du. */
import { isErrno } from '#engine/linux/abi/errno'
import type { Stat } from '#engine/linux/abi/files'
import type { Process } from '#engine/linux/abi/process'
import { defineProgram, type Program } from '#engine/linux/abi/program'
import { choice } from '#engine/linux/abi/choices'
import { flag, list, option, optional } from '#engine/linux/abi/flags'
import { complain, humanSize, parseSize, print, quote, quoteName, reason, usageFailure } from '#engine/programs/common/gnu'
import { blockBytes } from '#engine/programs/coreutils/ls'
import { matchesGlob } from '#engine/shell/patterns/glob'
import { blockUnit } from '#engine/programs/coreutils/stat'

const du = defineProgram({
  name: 'du',
  flags: { zero: flag('-0', '--null'), all: flag('-a', '--all'), apparent: flag('--apparent-size'), blockSize: option('-B', '--block-size'), bytes: flag('-b', '--bytes'), total: flag('-c', '--total'), dereferenceArguments: flag('-D', '-H'), depth: option('-d', '--max-depth'), timeStyle: option('--time-style'), human: flag('-h', '--human-readable'), si: flag('--si'), kibibytes: flag('-k'), dereference: flag('-L'), countLinks: flag('-l', '--count-links'), mebibytes: flag('-m'), noDereference: flag('-P'), separate: flag('-S', '--separate-dirs'), summarize: flag('-s', '--summarize'), threshold: option('-t', '--threshold'), exclude: list('--exclude'), oneFileSystem: flag('-x', '--one-file-system'), inodes: flag('--inodes'), time: choice(optional('--time'), [['atime', 'access', 'use'], ['ctime', 'status']]) },
  async run(process, o) {
    if (o.summarize && o.all) return usageFailure(process, 'cannot both summarize and show all entries')
    if (o.depth !== undefined && !/^\d+$/.test(o.depth)) return usageFailure(process, `invalid maximum depth ${quote(process, o.depth)}`)
    if (o.blockSize !== undefined && blockUnit(o.blockSize) === undefined) return complain(process, `invalid -B argument '${o.blockSize}'`).then(() => 1)
    const walker = new DiskUsage(process, { ...o, maxDepth: o.summarize ? 0 : o.depth === undefined ? Infinity : Number(o.depth), apparent: o.apparent || o.bytes })
    let total = 0
    for (const path of o.operands.length > 0 ? o.operands : ['.']) total += await walker.measure(path, 0)
    if (o.total) await walker.show(total, 'total')
    return walker.status
  },
})

interface UsageOptions {
  readonly all: boolean
  readonly apparent: boolean
  readonly bytes: boolean
  readonly human: boolean
  readonly si: boolean
  readonly mebibytes: boolean
  readonly blockSize: string | undefined
  readonly separate: boolean
  readonly exclude: readonly string[]
  readonly inodes: boolean
  readonly maxDepth: number
  readonly zero: boolean
}

class DiskUsage {
  status = 0
  private readonly seen = new Set<string>()

  constructor(
    private readonly process: Process,
    private readonly o: UsageOptions,
  ) {}

  async show(size: number, path: string): Promise<void> {
    await print(this.process, `${this.sizeText(size)}\t${path}${this.o.zero ? '\0' : '\n'}`)
  }

  private sizeText(size: number): string {
    const { o } = this
    if (o.inodes) return String(size)
    if (o.human || o.si) return size === 0 ? '0' : humanSize(size, o.si ? 1000 : 1024)
    if (o.bytes) return String(size)
    const unit = o.mebibytes ? 1048576 : o.blockSize !== undefined ? (parseSize(/^\d/.test(o.blockSize) ? o.blockSize : `1${o.blockSize}`) ?? 1024) : 1024
    return String(Math.ceil(size / unit)) + (o.blockSize !== undefined && /^[A-Za-z]/.test(o.blockSize) ? o.blockSize : '')
  }

  async measure(path: string, depth: number): Promise<number> {
    const { process, o } = this
    let info: Stat
    try {
      info = process.files.lstat(path)
    } catch (error) {
      await complain(process, `cannot access ${quoteName(path)}: ${reason(error)}`)
      this.status = 1
      return 0
    }
    const base = path.split('/').pop() ?? path
    if (depth > 0 && o.exclude.some((pattern) => matchesGlob(pattern, base) || matchesGlob(pattern, path))) return 0
    const key = `${info.dev}:${info.ino}`
    if (info.type !== 'directory' && info.nlink > 1 && this.seen.has(key)) return 0
    this.seen.add(key)
    const own = o.inodes ? 1 : o.apparent ? (info.type === 'directory' ? 4096 : info.size) : blockBytes(info)
    if (info.type !== 'directory') {
      if (depth === 0 || (o.all && depth <= o.maxDepth)) await this.show(own, path)
      return own
    }
    let total = own
    let below = 0
    try {
      for (const { name } of process.files.readDirectory(path)) {
        if (name === '.' || name === '..') continue
        const child = path.endsWith('/') ? path + name : `${path}/${name}`
        const size = await this.measure(child, depth + 1)
        total += size
        if (o.separate && process.files.lstat(child).type === 'directory') below += size
      }
    } catch (error) {
      if (!isErrno(error)) throw error
      await complain(process, `cannot read directory ${quoteName(path)}: ${error.message}`)
      this.status = 1
    }
    if (depth <= o.maxDepth) await this.show(total - below, path)
    return total
  }
}

export const duPrograms: readonly Program[] = [du]
