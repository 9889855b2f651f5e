/** mkdir, rmdir, touch, ln, link, unlink, mkfifo, mknod, mktemp, truncate, readlink, realpath, sync, pathchk. */
import { isErrno } from '#engine/linux/abi/errno'
import type { Process } from '#engine/linux/abi/process'
import { defineProgram, type Program } from '#engine/linux/abi/program'
import { flag, option, optional } from '#engine/linux/abi/flags'
import { complain, parseSize, print, quote, quoteName, reason, usageFailure } from '#engine/programs/common/gnu'
import { changeMode } from '#engine/programs/coreutils/modes'
import { parseDate } from '#engine/programs/coreutils/date-parse'
import { normalize } from '#engine/shell/builtins/directories'

const mkdir = defineProgram({
  name: 'mkdir',
  flags: { mode: option('-m', '--mode'), parents: flag('-p', '--parents'), verbose: flag('-v', '--verbose'), context: flag('-Z') },
  async run(process, { mode, parents, verbose, operands }) {
    if (operands.length === 0) return usageFailure(process, 'missing operand')
    const umask = process.umask()
    const bits = mode === undefined ? undefined : changeMode(mode, 0o777, true, umask)
    if (mode !== undefined && bits === undefined) {
      await complain(process, `invalid mode ${quote(process, mode)}`)
      return 1
    }
    let status = 0
    for (const path of operands) {
      try {
        for (const part of parents ? missingParts(process, path) : [path]) {
          process.files.mkdir(part, 0o777)
          if (bits !== undefined && part === path) process.files.chmod(path, bits)
          if (verbose) await print(process, `mkdir: created directory ${quoteName(part)}\n`)
        }
      } catch (error) {
        await complain(process, `cannot create directory ${quote(process, path)}: ${reason(error)}`)
        status = 1
      }
    }
    return status
  },
})

/** The directories of a path that do not exist. Throws what stands in the way. */
function missingParts(process: Process, path: string): string[] {
  const out: string[] = []
  let at = path.startsWith('/') ? '/' : ''
  for (const name of path.split('/').filter((part) => part !== '')) {
    at = at === '' || at === '/' ? at + name : `${at}/${name}`
    if (out.length === 0 && process.files.exists(at)?.type === 'directory') continue
    out.push(at)
  }
  return out
}

const rmdir = defineProgram({
  name: 'rmdir',
  flags: { ignore: flag('--ignore-fail-on-non-empty'), parents: flag('-p', '--parents'), verbose: flag('-v', '--verbose') },
  async run(process, { ignore, parents, verbose, operands }) {
    if (operands.length === 0) return usageFailure(process, 'missing operand')
    let status = 0
    for (const operand of operands) {
      for (let path = operand.replace(/(?!^)\/+$/, ''); path !== '' && path !== '.'; path = path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '') {
        if (verbose) await print(process, `rmdir: removing directory, ${quoteName(path)}\n`)
        try {
          process.files.rmdir(path)
        } catch (error) {
          if (ignore && isErrno(error, 'ENOTEMPTY')) break
          await complain(process, `failed to remove ${path === operand ? '' : 'directory '}${quoteName(path)}: ${reason(error)}`)
          status = 1
          break
        }
        if (!parents) break
      }
    }
    return status
  },
})

const touch = defineProgram({
  name: 'touch',
  flags: { access: flag('-a'), noCreate: flag('-c', '--no-create'), date: option('-d', '--date'), ignored: flag('-f'), noDereference: flag('-h', '--no-dereference'), modify: flag('-m'), reference: option('-r', '--reference'), stamp: option('-t'), time: option('--time') },
  async run(process, options) {
    const { operands } = options
    const now = process.clock.now()
    let atime = now
    let mtime = now
    if (options.reference !== undefined) {
      try {
        const stat = process.files.stat(options.reference)
        atime = stat.atimeMs
        mtime = stat.mtimeMs
      } catch (error) {
        await complain(process, `failed to get attributes of ${quoteName(options.reference)}: ${reason(error)}`)
        return 1
      }
    }
    if (options.date !== undefined || options.stamp !== undefined) {
      const parsed = options.date !== undefined ? parseDate(options.date, options.reference === undefined ? now : mtime, 0) : parseStamp(options.stamp as string, now)
      if (parsed === undefined) {
        await complain(process, `invalid date format ${quote(process, options.date ?? (options.stamp as string))}`)
        return 1
      }
      atime = mtime = parsed
    }
    if (operands.length === 0) return usageFailure(process, 'missing file operand')
    const onlyAccess = options.access || options.time === 'atime' || options.time === 'access'
    const onlyModify = options.modify || options.time === 'mtime' || options.time === 'modify'
    let status = 0
    for (const path of operands) {
      try {
        const before = process.files.exists(path)
        if (!before) {
          if (options.noCreate) continue
          process.files.open(path, { write: true, create: true }, 0o666).release()
        }
        process.files.utimes(path, onlyModify && !onlyAccess && before ? before.atimeMs : atime, onlyAccess && !onlyModify && before ? before.mtimeMs : mtime)
      } catch (error) {
        await complain(process, isErrno(error, 'EACCES', 'EPERM') && process.files.exists(path) ? `cannot touch ${quoteName(path)}: ${reason(error)}` : `cannot touch ${quoteName(path)}: ${reason(error)}`)
        status = 1
      }
    }
    return status
  },
})

/** `[[CC]YY]MMDDhhmm[.ss]`. */
function parseStamp(text: string, now: number): number | undefined {
  const match = /^(\d\d)?(\d\d)?(\d\d)(\d\d)(\d\d)(\d\d)(?:\.(\d\d))?$/.exec(text)
  if (!match) return undefined
  const [, first, second, month, day, hour, minute, seconds = '0'] = match
  const year = first === undefined ? new Date(now).getUTCFullYear() : second === undefined ? (Number(first) < 69 ? 2000 : 1900) + Number(first) : Number(first + second)
  return Date.UTC(year, Number(month) - 1, Number(day), Number(hour), Number(minute), Number(seconds))
}

const ln = defineProgram({
  name: 'ln',
  flags: { force: flag('-f', '--force'), symbolic: flag('-s', '--symbolic'), verbose: flag('-v', '--verbose'), noDereference: flag('-n', '--no-dereference'), noTarget: flag('-T', '--no-target-directory'), target: option('-t', '--target-directory'), relative: flag('-r', '--relative'), backup: flag('-b'), interactive: flag('-i', '--interactive'), logical: flag('-L', '--logical'), physical: flag('-P', '--physical') },
  async run(process, options) {
    const { operands } = options
    if (operands.length === 0) return usageFailure(process, 'missing file operand')
    const isDirectory = (path: string): boolean => (options.noDereference && isSymlink(process, path) ? false : quietType(process, path) === 'directory')
    let sources = [...operands]
    let into = options.target
    let destination: string | undefined
    if (into === undefined) {
      if (sources.length === 1 && !options.noTarget) into = '.'
      else if (sources.length === 1) return usageFailure(process, `missing destination file operand after ${quoteName(sources[0] as string)}`)
      else {
        const last = sources[sources.length - 1] as string
        if (!options.noTarget && isDirectory(last)) into = last
        else if (sources.length > 2) {
          if (options.noTarget) return usageFailure(process, `extra operand ${quoteName(sources[2] as string)}`)
          await complain(process, `target ${quoteName(last)}: ${quietType(process, last) === undefined ? 'No such file or directory' : 'Not a directory'}`)
          return 1
        } else destination = last
        sources = sources.slice(0, -1)
      }
    }
    let status = 0
    for (const source of sources) {
      const name = destination ?? `${(into as string).replace(/\/$/, '')}/${source.replace(/\/+$/, '').split('/').pop() ?? ''}`.replace(/^\.\//, into === '.' ? './' : './')
      if (!(await linkOne(process, source, into === '.' && options.target === undefined && destination === undefined ? name : name, options))) status = 1
    }
    return status
  },
})

async function linkOne(process: Process, source: string, name: string, options: { symbolic: boolean; force: boolean; relative: boolean; verbose: boolean }): Promise<boolean> {
  try {
    if (!options.symbolic) {
      const stat = await sourceStat(process, source)
      if (!stat) return false
      if (stat === 'directory') {
        await complain(process, `${source}: hard link not allowed for directory`)
        return false
      }
    }
    if (options.force && isPresent(process, name)) process.files.unlink(name)
    if (options.symbolic) process.files.symlink(options.relative ? relativeTo(process, source, name) : source, name)
    else process.files.link(source, name)
    if (options.verbose) await print(process, `${quoteName(name)} ${options.symbolic ? '->' : '=>'} ${quoteName(source)}\n`)
    return true
  } catch (error) {
    const far = !options.symbolic && !isErrno(error, 'EEXIST') ? ` => ${quoteName(source)}` : ''
    await complain(process, `failed to create ${options.symbolic ? 'symbolic' : 'hard'} link ${quoteName(name)}${far}: ${reason(error)}`)
    return false
  }
}

async function sourceStat(process: Process, source: string): Promise<string | undefined> {
  try {
    return process.files.lstat(source).type
  } catch (error) {
    await complain(process, `failed to access ${quoteName(source)}: ${reason(error)}`)
    return undefined
  }
}

function isPresent(process: Process, path: string): boolean {
  try {
    process.files.lstat(path)
    return true
  } catch (error) {
    if (isErrno(error)) return false
    throw error
  }
}

function isSymlink(process: Process, path: string): boolean {
  try {
    return process.files.lstat(path).type === 'symlink'
  } catch (error) {
    if (isErrno(error)) return false
    throw error
  }
}

function quietType(process: Process, path: string): string | undefined {
  try {
    return process.files.exists(path)?.type
  } catch (error) {
    if (isErrno(error)) return undefined
    throw error
  }
}

function relativeTo(process: Process, source: string, link: string): string {
  const absolute = (path: string): string[] => normalize(path.startsWith('/') ? path : `${process.cwd()}/${path}`).split('/').filter((part) => part !== '')
  return relativePath(absolute(source), absolute(link).slice(0, -1))
}

function relativePath(to: readonly string[], from: readonly string[]): string {
  let shared = 0
  while (shared < to.length && shared < from.length && to[shared] === from[shared]) shared++
  return [...from.slice(shared).map(() => '..'), ...to.slice(shared)].join('/') || '.'
}

const link = defineProgram({
  name: 'link',
  flags: {},
  async run(process, { operands }) {
    const [a, b, c] = operands
    if (a === undefined) return usageFailure(process, 'missing operand')
    if (b === undefined) return usageFailure(process, `missing operand after ${quote(process, a)}`)
    if (c !== undefined) return usageFailure(process, `extra operand ${quote(process, c)}`)
    try {
      process.files.link(a, b)
      return 0
    } catch (error) {
      await complain(process, `cannot create link ${quoteName(b)} to ${quoteName(a)}: ${reason(error)}`)
      return 1
    }
  },
})

const unlink = defineProgram({
  name: 'unlink',
  flags: {},
  async run(process, { operands }) {
    const [path, extra] = operands
    if (path === undefined) return usageFailure(process, 'missing operand')
    if (extra !== undefined) return usageFailure(process, `extra operand ${quote(process, extra)}`)
    try {
      process.files.unlink(path)
      return 0
    } catch (error) {
      await complain(process, `cannot unlink ${quoteName(path)}: ${reason(error)}`)
      return 1
    }
  },
})

const mkfifo = defineProgram({
  name: 'mkfifo',
  flags: { mode: option('-m', '--mode'), context: flag('-Z') },
  async run(process, { mode, operands }) {
    if (operands.length === 0) return usageFailure(process, 'missing operand')
    let status = 0
    for (const path of operands) {
      try {
        process.files.mkfifo(path, mode === undefined ? 0o666 : (changeMode(mode, 0o666, false, 0) ?? 0o666))
      } catch (error) {
        await complain(process, `cannot create fifo ${quoteName(path)}: ${reason(error)}`)
        status = 1
      }
    }
    return status
  },
})

const mktemp = defineProgram({
  name: 'mktemp',
  flags: { directory: flag('-d', '--directory'), dry: flag('-u', '--dry-run'), quiet: flag('-q', '--quiet'), suffix: option('--suffix'), inTmp: flag('-t'), base: option('-p'), tmpdir: optional('--tmpdir') },
  async run(process, options) {
    const given = options.operands[0]
    if (options.operands.length > 1) return usageFailure(process, 'too many templates')
    const template = (given ?? 'tmp.XXXXXXXXXX') + (options.suffix ?? '')
    const match = /^(.*?)(X+)([^X]*)$/s.exec(template)
    if (!match || (match[2] as string).length < 3) {
      await complain(process, `too few X's in template ${quote(process, template)}`)
      return 1
    }
    const base = options.base ?? (options.tmpdir !== undefined && options.tmpdir !== '' ? options.tmpdir : given === undefined || options.inTmp || options.tmpdir === '' ? (process.env.get('TMPDIR') ?? '/tmp') : '')
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
    for (let attempt = 0; ; attempt++) {
      const name = (match[1] as string) + [...(match[2] as string)].map(() => alphabet.charAt(process.random.integer(62))).join('') + (match[3] as string)
      const path = base === '' ? name : `${base.replace(/\/$/, '')}/${name}`
      try {
        if (options.dry) {
          if (isPresent(process, path)) continue
        } else if (options.directory) process.files.mkdir(path, 0o700)
        else process.files.open(path, { write: true, create: true, exclusive: true }, 0o600).release()
      } catch (error) {
        if (isErrno(error, 'EEXIST') && attempt < 100) continue
        if (!options.quiet) await complain(process, `failed to create ${options.directory ? 'directory' : 'file'} via template ${quote(process, base === '' ? template : `${base.replace(/\/$/, '')}/${template}`)}: ${reason(error)}`)
        return 1
      }
      await print(process, `${path}\n`)
      return 0
    }
  },
})

const truncate = defineProgram({
  name: 'truncate',
  flags: { noCreate: flag('-c', '--no-create'), blocks: flag('-o', '--io-blocks'), reference: option('-r', '--reference'), size: option('-s', '--size') },
  async run(process, options) {
    if (options.size === undefined && options.reference === undefined) return usageFailure(process, `you must specify either ${quote(process, '--size')} or ${quote(process, '--reference')}`)
    if (options.operands.length === 0) return usageFailure(process, 'missing file operand')
    const match = /^\s*([-+<>/%]?)(.*)$/.exec(options.size ?? '0')
    const amount = options.reference === undefined ? parseSize(match?.[2] ?? '') : process.files.stat(options.reference).size
    if (amount === undefined) {
      await complain(process, `Invalid number: ${quote(process, match?.[2] ?? '')}`)
      return 1
    }
    let status = 0
    for (const path of options.operands) {
      try {
        const before = process.files.exists(path)
        if (!before && options.noCreate) continue
        if (!before) process.files.open(path, { write: true, create: true }, 0o666).release()
        process.files.truncate(path, newSize(match?.[1] ?? '', before?.size ?? 0, amount))
      } catch (error) {
        await complain(process, `cannot open ${quoteName(path)} for writing: ${reason(error)}`)
        status = 1
      }
    }
    return status
  },
})

function newSize(sign: string, size: number, amount: number): number {
  switch (sign) {
    case '+': return size + amount
    case '-': return Math.max(0, size - amount)
    case '<': return Math.min(size, amount)
    case '>': return Math.max(size, amount)
    case '/': return Math.floor(size / amount) * amount
    case '%': return Math.ceil(size / amount) * amount
    default: return amount
  }
}

const readlink = defineProgram({
  name: 'readlink',
  flags: { canonicalize: flag('-f', '--canonicalize'), existing: flag('-e', '--canonicalize-existing'), missing: flag('-m', '--canonicalize-missing'), noNewline: flag('-n', '--no-newline'), quiet: flag('-q', '--quiet', '-s', '--silent'), verbose: flag('-v', '--verbose'), zero: flag('-z', '--zero') },
  async run(process, options) {
    if (options.operands.length === 0) return usageFailure(process, 'missing operand')
    const end = options.zero ? '\0' : options.noNewline && options.operands.length === 1 ? '' : '\n'
    let status = 0
    for (const path of options.operands) {
      try {
        const canonical = options.canonicalize || options.existing || options.missing
        await print(process, (canonical ? canonicalPath(process, path, options.existing ? 'all' : options.missing ? 'none' : 'parent') : process.files.readlink(path)) + end)
      } catch (error) {
        if (options.verbose) await complain(process, `${path}: ${reason(error)}`)
        else reason(error)
        status = 1
      }
    }
    return status
  },
})

/** realpath where the last component, or everything, may be missing. */
export function canonicalPath(process: Process, path: string, mustExist: 'all' | 'parent' | 'none'): string {
  try {
    return process.files.realpath(path)
  } catch (error) {
    if (mustExist === 'all' || !isErrno(error, 'ENOENT', 'ENOTDIR')) throw error
    if (path === '') throw error
    const absolute = normalize(path.startsWith('/') ? path : `${process.cwd()}/${path}`)
    if (isSymlink(process, absolute)) {
      const target = process.files.readlink(absolute)
      return canonicalPath(process, target.startsWith('/') ? target : `${absolute.slice(0, absolute.lastIndexOf('/'))}/${target}`, mustExist)
    }
    const parent = absolute.slice(0, absolute.lastIndexOf('/')) || '/'
    const name = absolute.slice(absolute.lastIndexOf('/') + 1)
    const real = mustExist === 'parent' ? process.files.realpath(parent) : canonicalPath(process, parent, 'none')
    return real === '/' ? `/${name}` : `${real}/${name}`
  }
}

const realpath = defineProgram({
  name: 'realpath',
  flags: { existing: flag('-e', '--canonicalize-existing'), missing: flag('-m', '--canonicalize-missing'), logical: flag('-L', '--logical'), physical: flag('-P', '--physical'), quiet: flag('-q', '--quiet'), strip: flag('-s', '--strip', '--no-symlinks'), zero: flag('-z', '--zero'), relativeTo: option('--relative-to'), relativeBase: option('--relative-base') },
  async run(process, options) {
    if (options.operands.length === 0) return usageFailure(process, 'missing operand')
    let status = 0
    for (const path of options.operands) {
      try {
        let real = options.strip ? normalize(path.startsWith('/') ? path : `${process.cwd()}/${path}`) : canonicalPath(process, path, options.existing ? 'all' : options.missing ? 'none' : 'parent')
        if (options.relativeTo !== undefined) real = relativePath(real.split('/').filter(Boolean), canonicalPath(process, options.relativeTo, 'none').split('/').filter(Boolean))
        await print(process, real + (options.zero ? '\0' : '\n'))
      } catch (error) {
        if (!options.quiet) await complain(process, `${path}: ${reason(error)}`)
        status = 1
      }
    }
    return status
  },
})

const sync = defineProgram({
  name: 'sync',
  flags: { data: flag('-d', '--data'), fileSystem: flag('-f', '--file-system') },
  async run(process, { operands }) {
    let status = 0
    for (const path of operands) {
      try {
        process.files.stat(path)
      } catch (error) {
        await complain(process, `error opening ${quoteName(path)}: ${reason(error)}`)
        status = 1
      }
    }
    return status
  },
})

const pathchk = defineProgram({
  name: 'pathchk',
  flags: { posix: flag('-p'), strict: flag('-P'), portability: flag('--portability') },
  async run(process, options) {
    if (options.operands.length === 0) return usageFailure(process, 'missing operand')
    let status = 0
    for (const path of options.operands) {
      const bad = options.posix || options.portability ? /[^A-Za-z0-9._/-]/.exec(path)?.[0] : undefined
      if (path === '') await complain(process, "empty file name")
      else if (bad !== undefined) await complain(process, `nonportable character ${quoteName(bad)} in file name ${quoteName(path)}`)
      else if (path.split('/').some((part) => part.length > 255)) await complain(process, `limit 255 exceeded by length ${path.length} of file name component ${quoteName(path)}`)
      else continue
      status = 1
    }
    return status
  },
})

export const makePrograms: readonly Program[] = [mkdir, rmdir, touch, ln, link, unlink, mkfifo, mktemp, truncate, readlink, realpath, sync, pathchk]
