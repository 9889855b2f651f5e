/** mkdir, rmdir, mkfifo, mknod, mktemp, truncate, sync, pathchk. */
import { isErrno } from '#engine/linux/abi/errno'
import type { Process } from '#engine/linux/abi/process'
import { defineProgram, type Program } from '#engine/linux/abi/program'
import { flag, option, optional } from '#engine/linux/abi/flags'
import { complain, parseSize, print, quote, quoteName, reason, usageFailure } from '#engine/programs/common/gnu'
import { changeMode } from '#engine/programs/coreutils/modes'
import { isPresent } from '#engine/programs/coreutils/links'

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

const mknod = defineProgram({
  name: 'mknod',
  flags: { mode: option('-m', '--mode'), context: flag('-Z') },
  async run(process, { mode, operands }) {
    const [path, type, major, minor, ...more] = operands
    if (path === undefined) return usageFailure(process, 'missing operand')
    if (type === undefined) return usageFailure(process, `missing operand after ${quote(process, path)}`)
    const bits = mode === undefined ? 0o666 : (changeMode(mode, 0o666, false, 0) ?? 0o666)
    const fifo = type === 'p'
    if (fifo && major !== undefined) return usageFailure(process, `extra operand ${quote(process, major)}`)
    if (!fifo && minor === undefined) return usageFailure(process, `missing operand after ${quote(process, major ?? type)}\nSpecial files require major and minor device numbers.`)
    if (more[0] !== undefined) return usageFailure(process, `extra operand ${quote(process, more[0])}`)
    if (!fifo && !['b', 'c', 'u'].includes(type)) return usageFailure(process, `invalid device type ${quote(process, type)}`)
    try {
      if (fifo) process.files.mkfifo(path, bits)
      else process.files.mknod(path, type === 'b' ? 'block' : 'character', Number(major), Number(minor), bits)
      return 0
    } catch (error) {
      await complain(process, `${path}: ${reason(error)}`)
      return 1
    }
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
    const match = /^\s*([-+<>/%]?)(.*)$/.exec(options.size ?? '0')
    const amount = options.reference === undefined ? parseSize(match?.[2] ?? '') : process.files.stat(options.reference).size
    if (amount === undefined) {
      await complain(process, `Invalid number: ${quote(process, match?.[2] ?? '')}`)
      return 1
    }
    if (options.operands.length === 0) return usageFailure(process, 'missing file operand')
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
      else if (bad !== undefined) await complain(process, `nonportable character ${quote(process, bad)} in file name ${quoteName(path)}`)
      else if (path.split('/').some((part) => part.length > 255)) await complain(process, `limit 255 exceeded by length ${path.length} of file name component ${quoteName(path)}`)
      else continue
      status = 1
    }
    return status
  },
})

export const makePrograms: readonly Program[] = [mkdir, rmdir, mkfifo, mknod, mktemp, truncate, sync, pathchk]
