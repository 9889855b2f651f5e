/** stat, du, df, dd. */
import type { Stat } from '#engine/linux/abi/files'
import type { Process } from '#engine/linux/abi/process'
import { defineProgram, type Program } from '#engine/linux/abi/program'
import { choice } from '#engine/linux/abi/choices'
import { flag, option } from '#engine/linux/abi/flags'
import { Accounts, modeString, print, quoteName, usageFailure } from '#engine/programs/common/gnu'
import { forEachOperand } from '#engine/programs/common/operands'
import { blockBytes } from '#engine/programs/coreutils/block-sizes'
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
  usage: '[OPTION]... FILE...',
  flags: { dereference: flag('-L', '--dereference'), fileSystem: flag('-f', '--file-system'), format: option('-c', '--format'), printf: option('--printf'), terse: flag('-t', '--terse'), cached: choice(option('--cached'), [['default'], ['never'], ['always']]) },
  async run(process, o) {
    if (o.operands.length === 0) return usageFailure(process, 'missing operand')
    const accounts = new Accounts(process)
    const format = o.printf !== undefined ? unescape(o.printf) : o.format !== undefined ? `${o.format}\n` : undefined
    const what = o.fileSystem ? 'read file system information for' : 'statx'
    return forEachOperand(
      process,
      o.operands,
      async (path) => print(process, o.fileSystem ? fileSystemShown(process, path, format) : fileShown(process, path, accounts, format ?? (o.terse ? terse : undefined), o.dereference)),
      (path, why) => `cannot ${what} ${quoteName(path)}: ${why}`,
    )
  },
})

const terse = '%n %s %b %f %u %g %D %i %h %t %T %X %Y %Z %W %o\n'

function fileSystemShown(process: Process, path: string, format: string | undefined): string {
  return format === undefined ? fileSystemText(process, path) : fileSystemFormat(process, path, format)
}

function fileShown(process: Process, path: string, accounts: Accounts, format: string | undefined, dereference: boolean): string {
  const info = path === '-' ? process.descriptor(0).stat() : dereference ? process.files.stat(path) : process.files.lstat(path)
  return format === undefined ? longText(process, path, info, accounts) : formatStat(process, path, info, accounts, format)
}

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
  return format.replace(/%([-+ 0#]*)(\d*)(?:\.(\d*))?(H[dr]|L[dr]|[a-zA-Z%])/g, (_, flags: string, width: string, precision: string | undefined, kind: string) => {
    const known = statField(process, path, info, accounts, kind, precision) ?? '?'
    const value = flags.includes('#') && kind === 'a' ? `0${known}` : known
    return flags.includes('-') ? value.padEnd(Number(width)) : value.padStart(Number(width), flags.includes('0') ? '0' : ' ')
  })
}

interface StatInput {
  readonly process: Process
  readonly path: string
  readonly info: Stat
  readonly accounts: Accounts
  readonly epoch: (ms: number) => string
}

/** What `-c` knows, by its letters. */
const statFields: Readonly<Record<string, (input: StatInput) => string | undefined>> = {
  a: ({ info }) => (info.mode & 0o7777).toString(8),
  A: ({ info }) => modeString(info.type, info.mode),
  b: ({ info }) => String(blockBytes(info) / 512),
  B: () => '512',
  d: ({ info }) => String(info.dev),
  D: ({ info }) => info.dev.toString(16),
  Hd: ({ info }) => String(info.dev >> 8),
  Ld: ({ info }) => String(info.dev & 255),
  f: ({ info }) => (info.mode | ({ file: 0o100000, directory: 0o40000, symlink: 0o120000, fifo: 0o10000, socket: 0o140000, character: 0o20000, block: 0o60000 }[info.type])).toString(16),
  F: ({ info }) => fileKind(info),
  g: ({ info }) => String(info.gid),
  G: ({ info, accounts }) => accounts.group(info.gid) ?? 'UNKNOWN',
  h: ({ info }) => String(info.nlink),
  i: ({ info }) => String(info.ino),
  m: () => '/',
  n: ({ path }) => path,
  N: ({ process, path, info }) => info.type === 'symlink' ? `${quoteName(path)} -> ${quoteName(process.files.readlink(path))}` : quoteName(path),
  o: () => '4096',
  s: ({ info }) => String(info.size),
  t: ({ info }) => (info.rdev?.major ?? 0).toString(16),
  T: ({ info }) => (info.rdev?.minor ?? 0).toString(16),
  u: ({ info }) => String(info.uid),
  U: ({ info, accounts }) => accounts.user(info.uid) ?? 'UNKNOWN',
  w: ({ info }) => formatDate(stampFormat, info.ctimeMs, 0, 'UTC'),
  W: ({ info, epoch }) => epoch(info.ctimeMs),
  x: ({ info }) => formatDate(stampFormat, info.atimeMs, 0, 'UTC'),
  X: ({ info, epoch }) => epoch(info.atimeMs),
  y: ({ info }) => formatDate(stampFormat, info.mtimeMs, 0, 'UTC'),
  Y: ({ info, epoch }) => epoch(info.mtimeMs),
  z: ({ info }) => formatDate(stampFormat, info.ctimeMs, 0, 'UTC'),
  Z: ({ info, epoch }) => epoch(info.ctimeMs),
  '%': () => '%',
}

function statField(process: Process, path: string, info: Stat, accounts: Accounts, kind: string, precision: string | undefined): string | undefined {
  const epoch = (ms: number): string => (precision === undefined ? String(Math.floor(ms / 1000)) : (ms / 1000).toFixed(Number(precision || 9)))
  const entry = Object.hasOwn(statFields, kind) ? statFields[kind] : undefined
  return entry ? entry({ process, path, info, accounts, epoch }) : undefined
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

export const statPrograms: readonly Program[] = [stat]
