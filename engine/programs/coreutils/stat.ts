/** stat, du, df, dd. */
import { isErrno } from '#engine/linux/abi/errno'
import type { FileSystemUsage, Stat } from '#engine/linux/abi/files'
import type { Process } from '#engine/linux/abi/process'
import { defineProgram, type Program } from '#engine/linux/abi/program'
import { flag, list, option } from '#engine/linux/abi/flags'
import { Accounts, complain, humanSize, modeString, openInput, parseSize, print, quote, quoteName, reason, usageFailure } from '#engine/programs/common/gnu'
import { blockBytes } from '#engine/programs/coreutils/ls'
import { matchesGlob } from '#engine/shell/patterns/glob'
import { formatDate } from '#engine/shell/builtins/strftime'

const stampFormat = '%Y-%m-%d %H:%M:%S.%N %z'

export function fileKind(stat: Stat): string {
  switch (stat.type) {
    case 'file': return stat.size === 0 ? 'regular empty file' : 'regular file'
    case 'symlink': return 'symbolic link'
    case 'character': return 'character special file'
    case 'block': return 'block special file'
    default: return stat.type
  }
}

const stat = defineProgram({
  name: 'stat',
  flags: { dereference: flag('-L', '--dereference'), fileSystem: flag('-f', '--file-system'), format: option('-c', '--format'), printf: option('--printf'), terse: flag('-t', '--terse'), cached: option('--cached') },
  async run(process, o) {
    if (o.operands.length === 0) return usageFailure(process, 'missing operand')
    const accounts = new Accounts(process)
    let status = 0
    for (const path of o.operands) {
      try {
        const info = path === '-' ? process.descriptor(0).stat() : o.dereference ? process.files.stat(path) : process.files.lstat(path)
        const format = o.printf !== undefined ? unescape(o.printf) : o.format !== undefined ? `${o.format}\n` : undefined
        if (o.fileSystem) await print(process, format === undefined ? fileSystemText(process, path) : fileSystemFormat(process, path, format))
        else await print(process, format === undefined ? (o.terse ? formatStat(process, path, info, accounts, '%n %s %b %f %u %g %D %i %h %t %T %X %Y %Z %W %o\n') : longText(process, path, info, accounts)) : formatStat(process, path, info, accounts, format))
      } catch (error) {
        await complain(process, `cannot ${o.fileSystem ? 'read file system information for' : 'statx'} ${quoteName(path)}: ${reason(error)}`)
        status = 1
      }
    }
    return status
  },
})

function unescape(text: string): string {
  return text.replace(/\\([abfnrtv\\"]|[0-7]{1,3})/g, (_, c: string) => (/^[0-7]/.test(c) ? String.fromCharCode(Number.parseInt(c, 8)) : (({ a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' } as Record<string, string>)[c] ?? c)))
}

function longText(process: Process, path: string, info: Stat, accounts: Accounts): string {
  const name = info.type === 'symlink' ? `${path} -> ${process.files.readlink(path)}` : path
  const f = (format: string): string => formatStat(process, path, info, accounts, format)
  const device = info.rdev ? `     Device type: ${info.rdev.major},${info.rdev.minor}` : ''
  return `  File: ${name}\n  Size: ${f('%-10s')}\tBlocks: ${f('%-10b')} IO Block: ${f('%-6o')} ${fileKind(info)}\nDevice: ${f('%Hd,%Ld')}\tInode: ${f('%-10i')}  Links: ${device === '' ? String(info.nlink) : `${f('%-5h')}${device}`}\nAccess: (${f('%04a/%10A')})  Uid: (${f('%5u/%8U')})   Gid: (${f('%5g/%8G')})\nAccess: ${f('%x')}\nModify: ${f('%y')}\nChange: ${f('%z')}\n Birth: ${f('%w')}\n`
}

function formatStat(process: Process, path: string, info: Stat, accounts: Accounts, format: string): string {
  return format.replace(/%([-+ 0#]*)(\d*)(?:\.(\d+))?(H[dr]|L[dr]|[a-zA-Z%])/g, (whole, flags: string, width: string, precision: string | undefined, kind: string) => {
    const value = statField(process, path, info, accounts, kind, precision)
    if (value === undefined) return whole
    return flags.includes('-') ? value.padEnd(Number(width)) : value.padStart(Number(width), flags.includes('0') ? '0' : ' ')
  })
}

function statField(process: Process, path: string, info: Stat, accounts: Accounts, kind: string, precision: string | undefined): string | undefined {
  const epoch = (ms: number): string => (precision === undefined ? String(Math.floor(ms / 1000)) : (ms / 1000).toFixed(Number(precision || 9)))
  switch (kind) {
    case 'a': return (info.mode & 0o7777).toString(8)
    case 'A': return modeString(info.type, info.mode)
    case 'b': return String(blockBytes(info) / 512)
    case 'B': return '512'
    case 'd': return String(info.dev)
    case 'D': return info.dev.toString(16)
    case 'Hd': return String(info.dev >> 8)
    case 'Ld': return String(info.dev & 255)
    case 'f': return (info.mode | ({ file: 0o100000, directory: 0o40000, symlink: 0o120000, fifo: 0o10000, socket: 0o140000, character: 0o20000, block: 0o60000 }[info.type])).toString(16)
    case 'F': return fileKind(info)
    case 'g': return String(info.gid)
    case 'G': return accounts.group(info.gid) ?? 'UNKNOWN'
    case 'h': return String(info.nlink)
    case 'i': return String(info.ino)
    case 'm': return '/'
    case 'n': return path
    case 'N': return info.type === 'symlink' ? `${quoteName(path)} -> ${quoteName(process.files.readlink(path))}` : quoteName(path)
    case 'o': return '4096'
    case 's': return String(info.size)
    case 't': return (info.rdev?.major ?? 0).toString(16)
    case 'T': return (info.rdev?.minor ?? 0).toString(16)
    case 'u': return String(info.uid)
    case 'U': return accounts.user(info.uid) ?? 'UNKNOWN'
    case 'w': return formatDate(stampFormat, info.ctimeMs, 0, 'UTC')
    case 'W': return epoch(info.ctimeMs)
    case 'x': return formatDate(stampFormat, info.atimeMs, 0, 'UTC')
    case 'X': return epoch(info.atimeMs)
    case 'y': return formatDate(stampFormat, info.mtimeMs, 0, 'UTC')
    case 'Y': return epoch(info.mtimeMs)
    case 'z': return formatDate(stampFormat, info.ctimeMs, 0, 'UTC')
    case 'Z': return epoch(info.ctimeMs)
    case '%': return '%'
    default: return undefined
  }
}

function fileSystemText(process: Process, path: string): string {
  const usage = process.files.statfs(path)
  const blocks = Math.floor(usage.totalBytes / 4096)
  const free = Math.floor((usage.totalBytes - usage.usedBytes) / 4096)
  return `  File: "${path}"\n    ID: 0        Namelen: 255     Type: ${typeName(usage.type)}\nBlock size: 4096       Fundamental block size: 4096\nBlocks: Total: ${String(blocks).padEnd(10)} Free: ${String(free).padEnd(10)} Available: ${free}\nInodes: Total: ${String(usage.totalInodes).padEnd(10)} Free: ${usage.totalInodes - usage.usedInodes}\n`
}

function typeName(type: string): string {
  return type === 'ext4' ? 'ext2/ext3' : type === 'overlay' ? 'overlayfs' : type
}

function fileSystemFormat(process: Process, path: string, format: string): string {
  const usage = process.files.statfs(path)
  const values: Readonly<Record<string, string>> = { n: path, T: typeName(usage.type), b: String(Math.floor(usage.totalBytes / 4096)), f: String(Math.floor((usage.totalBytes - usage.usedBytes) / 4096)), a: String(Math.floor((usage.totalBytes - usage.usedBytes) / 4096)), S: '4096', s: '4096', c: String(usage.totalInodes), d: String(usage.totalInodes - usage.usedInodes), l: '255', i: '0', t: usage.type === 'ext4' ? 'ef53' : usage.type === 'tmpfs' ? '1021994' : usage.type === 'overlay' ? '794c7630' : usage.type === 'cgroup2' ? '63677270' : '0' }
  return format.replace(/%([a-zA-Z])/g, (whole, kind: string) => values[kind] ?? whole)
}

const du = defineProgram({
  name: 'du',
  flags: { zero: flag('-0', '--null'), all: flag('-a', '--all'), apparent: flag('--apparent-size'), blockSize: option('-B', '--block-size'), bytes: flag('-b', '--bytes'), total: flag('-c', '--total'), dereferenceArguments: flag('-D', '-H'), depth: option('-d', '--max-depth'), human: flag('-h', '--human-readable'), si: flag('--si'), kibibytes: flag('-k'), dereference: flag('-L'), countLinks: flag('-l', '--count-links'), mebibytes: flag('-m'), noDereference: flag('-P'), separate: flag('-S', '--separate-dirs'), summarize: flag('-s', '--summarize'), threshold: option('-t', '--threshold'), exclude: list('--exclude'), oneFileSystem: flag('-x', '--one-file-system'), inodes: flag('--inodes'), time: flag('--time') },
  async run(process, o) {
    if (o.summarize && o.all) return usageFailure(process, 'cannot both summarize and show all entries')
    if (o.depth !== undefined && !/^\d+$/.test(o.depth)) return usageFailure(process, `invalid maximum depth ${quote(process, o.depth)}`)
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

const df = defineProgram({
  name: 'df',
  flags: { all: flag('-a', '--all'), blockSize: option('-B', '--block-size'), human: flag('-h', '--human-readable'), si: flag('-H', '--si'), inodes: flag('-i', '--inodes'), kibibytes: flag('-k'), local: flag('-l', '--local'), mebibytes: flag('-m'), output: option('--output'), portability: flag('-P', '--portability'), sync: flag('--sync'), total: flag('--total'), type: list('-t', '--type'), printType: flag('-T', '--print-type'), exclude: list('-x', '--exclude-type') },
  async run(process, o) {
    const rows: { usage: FileSystemUsage; mount: string }[] = []
    let status = 0
    const mounts = mountPoints(process)
    if (o.operands.length > 0) {
      for (const path of o.operands) {
        try {
          const real = process.files.realpath(path)
          const mount = mounts.filter((one) => one === '/' || real === one || real.startsWith(`${one}/`)).sort((a, b) => b.length - a.length)[0] ?? '/'
          rows.push({ usage: process.files.statfs(path), mount })
        } catch (error) {
          await complain(process, `${path}: ${reason(error)}`)
          status = 1
        }
      }
    } else {
      for (const mount of mounts) {
        try {
          const usage = process.files.statfs(mount)
          if (usage.totalBytes > 0 || o.all) rows.push({ usage, mount })
        } catch (error) {
          if (!isErrno(error)) throw error
        }
      }
    }
    const kept = rows.filter(({ usage }) => (o.type.length === 0 || o.type.includes(usage.type)) && !o.exclude.includes(usage.type))
    if (kept.length === 0) {
      if (status === 0) await complain(process, 'no file systems processed')
      return 1
    }
    await print(process, table(kept, o))
    return status
  },
})

function mountPoints(process: Process): string[] {
  try {
    return [...new Set(process.files.readText('/proc/self/mounts').split('\n').map((line) => line.split(' ')[1] ?? '').filter((path) => path !== ''))]
  } catch (error) {
    if (isErrno(error)) return ['/']
    throw error
  }
}

function table(rows: readonly { usage: FileSystemUsage; mount: string }[], o: { human: boolean; si: boolean; inodes: boolean; mebibytes: boolean; printType: boolean; portability: boolean; blockSize: string | undefined }): string {
  const unit = o.mebibytes ? 1048576 : o.blockSize !== undefined ? (parseSize(/^\d/.test(o.blockSize) ? o.blockSize : `1${o.blockSize}`) ?? 1024) : 1024
  const size = (bytes: number): string => (o.inodes ? String(bytes) : o.human || o.si ? (bytes === 0 ? '0' : humanSize(bytes, o.si ? 1000 : 1024)) : String(Math.ceil(bytes / unit)))
  const head = o.inodes ? ['Inodes', 'IUsed', 'IFree', 'IUse%'] : o.human || o.si ? ['Size', 'Used', 'Avail', 'Use%'] : [o.mebibytes ? '1M-blocks' : o.portability ? '1024-blocks' : o.blockSize !== undefined ? `${o.blockSize}-blocks` : '1K-blocks', 'Used', 'Available', o.portability ? 'Capacity' : 'Use%']
  const lines = [['Filesystem', ...(o.printType ? ['Type'] : []), ...head, 'Mounted on']]
  for (const { usage, mount } of rows) {
    const total = o.inodes ? usage.totalInodes : usage.totalBytes
    const used = o.inodes ? usage.usedInodes : usage.usedBytes
    lines.push([usage.source, ...(o.printType ? [usage.type] : []), size(total), size(used), size(total - used), total === 0 ? '-' : `${Math.ceil((used / total) * 100)}%`, mount])
  }
  const left = o.printType ? 2 : 1
  const widths = (lines[0] as string[]).map((_, column) => Math.max(column === 0 ? 14 : column >= left && column < left + 3 ? 5 : 0, ...lines.map((line) => (line[column] ?? '').length)))
  return lines.map((line) => `${line.map((cell, column) => (column === line.length - 1 ? cell : column < left ? cell.padEnd(widths[column] as number) : cell.padStart(widths[column] as number))).join(' ')}\n`).join('')
}

const dd: Program = {
  name: 'dd',
  async run(process) {
    const o = new Map<string, string>()
    for (const arg of process.argv.slice(1)) {
      const at = arg.indexOf('=')
      if (at < 0 || !/^(if|of|bs|ibs|obs|count|skip|seek|conv|status|iflag|oflag|iseek|oseek|cbs)$/.test(arg.slice(0, at))) return usageFailure(process, `unrecognized operand ${quote(process, arg)}`)
      o.set(arg.slice(0, at), arg.slice(at + 1))
    }
    const size = (name: string, fallback: number): number => (o.has(name) ? (parseSize((o.get(name) as string).replace(/c$/, '').replace(/w$/, '')) ?? NaN) : fallback)
    for (const name of ['bs', 'ibs', 'obs', 'count', 'skip', 'seek']) {
      if (Number.isNaN(size(name, 0))) return complain(process, `invalid number: ${quote(process, o.get(name) as string)}`).then(() => 1)
    }
    const bs = size('bs', size('ibs', 512))
    let input
    try {
      input = o.has('if') ? openInput(process, o.get('if') as string) : { file: process.descriptor(0), close: () => undefined }
    } catch (error) {
      await complain(process, `failed to open ${quoteName(o.get('if') as string)}: ${reason(error)}`)
      return 1
    }
    const conv = (o.get('conv') ?? '').split(',')
    let output
    try {
      output = o.has('of') ? process.files.open(o.get('of') as string, { write: true, create: true, truncate: !conv.includes('notrunc') && size('seek', 0) === 0 }, 0o666) : process.descriptor(1)
    } catch (error) {
      await complain(process, `failed to open ${quoteName(o.get('of') as string)}: ${reason(error)}`)
      return 1
    }
    const counts = { fullIn: 0, partIn: 0, bytes: 0 }
    const started = process.clock.now()
    const skip = size('skip', 0) * bs
    if (skip > 0 && input.file.seek) input.file.seek(skip, 'start')
    if (size('seek', 0) > 0) output.seek?.(size('seek', 0) * size('obs', bs), 'start')
    await copyBlocks(input.file, output, bs, o.has('count') ? size('count', 0) : Infinity, conv, counts, process)
    input.close()
    if (o.has('of')) output.release()
    if (o.get('status') === 'none') return 0
    const seconds = Math.max((process.clock.now() - started) / 1000, 1e-6)
    const records = `${counts.fullIn}+${counts.partIn} records in\n${counts.fullIn}+${counts.partIn} records out\n`
    const rate = humanRate(counts.bytes / seconds)
    const human = counts.bytes >= 1000 ? ` (${decimalSize(counts.bytes)}${counts.bytes >= 1024 ? `, ${binarySize(counts.bytes)}` : ''})` : ''
    await process.stderr.write(`${records}${o.get('status') === 'noxfer' ? '' : `${counts.bytes} byte${counts.bytes === 1 ? '' : 's'}${human} copied, ${seconds >= 1 ? seconds.toFixed(5).replace(/0+$/, '').replace(/\.$/, '') : Number(seconds.toPrecision(6))} s, ${rate}\n`}`)
    return 0
  },
}

async function copyBlocks(input: { read(max: number): Promise<Uint8Array | null> }, output: { write(bytes: Uint8Array): Promise<void> }, bs: number, count: number, conv: readonly string[], counts: { fullIn: number; partIn: number; bytes: number }, process: Process): Promise<void> {
  for (let blocks = 0; blocks < count; blocks++) {
    let block = await input.read(bs)
    if (block === null) return
    if (block.length === bs) counts.fullIn++
    else counts.partIn++
    if (conv.includes('ucase')) block = block.map((byte) => (byte >= 97 && byte <= 122 ? byte - 32 : byte))
    if (conv.includes('lcase')) block = block.map((byte) => (byte >= 65 && byte <= 90 ? byte + 32 : byte))
    if (conv.includes('sync') && block.length < bs) {
      const padded = new Uint8Array(bs)
      padded.set(block)
      block = padded
    }
    counts.bytes += block.length
    if (counts.bytes > 1024 ** 3) {
      await complain(process, 'stopped after 1 GiB: more is not simulated')
      return
    }
    await output.write(block)
    await process.compute(block.length / 2_000_000)
  }
}

function decimalSize(bytes: number): string {
  const unit = Math.min(4, Math.floor(Math.log(bytes) / Math.log(1000)))
  const value = bytes / 1000 ** unit
  return `${value < 10 ? value.toFixed(1) : String(Math.round(value))} ${['B', 'kB', 'MB', 'GB', 'TB'][unit] as string}`
}

function binarySize(bytes: number): string {
  const unit = Math.min(4, Math.floor(Math.log(bytes) / Math.log(1024)))
  const value = bytes / 1024 ** unit
  return `${value < 10 ? value.toFixed(1) : String(Math.round(value))} ${['B', 'KiB', 'MiB', 'GiB', 'TiB'][unit] as string}`
}

function humanRate(rate: number): string {
  return rate < 1000 ? `${rate.toFixed(1)} B/s` : `${decimalSize(rate)}/s`
}

export const statPrograms: readonly Program[] = [stat, du, df, dd]
