/** cp, mv, install. */
import { isErrno } from '#engine/linux/abi/errno'
import type { Stat } from '#engine/linux/abi/files'
import type { Process } from '#engine/linux/abi/process'
import { defineProgram, type Program } from '#engine/linux/abi/program'
import { choice } from '#engine/linux/abi/choices'
import { flag, option, optional } from '#engine/linux/abi/flags'
import { Accounts, complain, print, quote, quoteName, reason, usageFailure } from '#engine/programs/common/gnu'
import { changeMode } from '#engine/programs/coreutils/modes'
import { confirm } from '#engine/programs/coreutils/remove'

const backupTypes = [['none', 'off'], ['simple', 'never'], ['existing', 'nil'], ['numbered', 't']]

const shared = {
  force: flag('-f', '--force'), interactive: flag('-i', '--interactive'), noClobber: flag('-n', '--no-clobber'), verbose: flag('-v', '--verbose'), target: option('-t', '--target-directory'), noTarget: flag('-T', '--no-target-directory'),
  update: flag('-u', '--update'), backup: flag('-b'), backupControl: choice(optional('--backup'), backupTypes, { context: 'backup type', bare: 'existing' }), suffix: option('-S', '--suffix'), stripSlashes: flag('--strip-trailing-slashes'), context: flag('-Z'),
} as const

const cpFlags = {
  ...shared, archive: flag('-a', '--archive'), recursive: flag('-R', '-r', '--recursive'), preserveDefault: flag('-p'), preserve: optional('--preserve'), noPreserve: option('--no-preserve'), dereference: flag('-L', '--dereference'), noDereference: flag('-P', '--no-dereference'), H: flag('-H'),
  d: flag('-d'), link: flag('-l', '--link'), symbolic: flag('-s', '--symbolic-link'), parents: flag('--parents'), attributesOnly: flag('--attributes-only'), oneFileSystem: flag('-x', '--one-file-system'), reflink: choice(optional('--reflink'), [['auto'], ['always'], ['never']], { bare: 'always' }), sparse: choice(option('--sparse'), [['never'], ['auto'], ['always']]), removeDestination: flag('--remove-destination'),
} as const

interface CopyOptions {
  readonly force: boolean
  readonly interactive: boolean
  readonly noClobber: boolean
  readonly verbose: boolean
  readonly update: boolean
  readonly backup: boolean
  readonly suffix: string
  readonly recursive: boolean
  readonly preserve: ReadonlySet<string>
  readonly followLinks: boolean
  readonly link: boolean
  readonly symbolic: boolean
  readonly attributesOnly: boolean
  readonly removeDestination: boolean
}

export function typeOf(process: Process, path: string, follow: boolean): Stat | undefined {
  try {
    return follow ? process.files.stat(path) : process.files.lstat(path)
  } catch (error) {
    if (isErrno(error)) return undefined
    throw error
  }
}

const baseName = (path: string): string => path.replace(/\/+$/, '').split('/').pop() || '/'
const join = (directory: string, name: string): string => (directory.endsWith('/') ? directory + name : `${directory}/${name}`)

interface Plan {
  readonly sources: readonly string[]
  readonly destinationOf: (source: string) => string
}

/** Which file goes where; a number is the status after a complaint. */
async function planTargets(process: Process, operands: readonly string[], options: { target: string | undefined; noTarget: boolean }): Promise<Plan | number> {
  if (operands.length === 0) return usageFailure(process, 'missing file operand')
  if (options.target !== undefined) {
    if (typeOf(process, options.target, true)?.type !== 'directory') {
      await complain(process, `target directory ${quoteName(options.target)}: ${typeOf(process, options.target, true) ? 'Not a directory' : 'No such file or directory'}`)
      return 1
    }
    return { sources: operands, destinationOf: (source) => join(options.target as string, baseName(source)) }
  }
  const last = operands[operands.length - 1] as string
  if (operands.length === 1) return usageFailure(process, `missing destination file operand after ${quoteName(last)}`)
  if (options.noTarget && operands.length > 2) return usageFailure(process, `extra operand ${quoteName(operands[2] as string)}`)
  const sources = operands.slice(0, -1)
  if (!options.noTarget && typeOf(process, last, true)?.type === 'directory') return { sources, destinationOf: (source) => join(last, baseName(source)) }
  if (sources.length > 1) {
    await complain(process, `target ${quoteName(last)}: ${typeOf(process, last, true) ? 'Not a directory' : 'No such file or directory'}`)
    return 1
  }
  return { sources, destinationOf: () => last }
}

const cp = defineProgram({
  name: 'cp',
  flags: cpFlags,
  async run(process, given) {
    const preserve = new Set<string>()
    if (given.preserveDefault || given.preserve === '') for (const what of ['mode', 'ownership', 'timestamps']) preserve.add(what)
    for (const what of (given.preserve ?? '').split(',')) if (what !== '') preserve.add(what)
    if (given.archive || preserve.has('all')) for (const what of ['mode', 'ownership', 'timestamps', 'links']) preserve.add(what)
    const recursive = given.recursive || given.archive
    const options: CopyOptions = {
      force: given.force, interactive: given.interactive && !given.noClobber, noClobber: given.noClobber, verbose: given.verbose, update: given.update, backup: given.backup || given.backupControl !== undefined, suffix: given.suffix ?? '~', recursive, preserve,
      followLinks: given.dereference || (!recursive && !given.noDereference && !given.d), link: given.link, symbolic: given.symbolic, attributesOnly: given.attributesOnly, removeDestination: given.removeDestination,
    }
    const plan = await planTargets(process, given.operands, given)
    if (typeof plan === 'number') return plan
    const copier = new Copier(process, options)
    let status = 0
    for (const source of plan.sources) {
      const target = given.parents ? join(given.operands[given.operands.length - 1] as string, source) : plan.destinationOf(source)
      if (given.parents) process.files.mkdirAll(target.slice(0, target.lastIndexOf('/')))
      if (!(await copier.copy(source, target, given.H))) status = 1
    }
    return status
  },
})

export class Copier {
  private readonly created = new Set<string>()
  private readonly hardLinks = new Map<string, string>()

  constructor(
    private readonly process: Process,
    private readonly options: CopyOptions,
  ) {}

  /** False after a complaint. */
  async copy(source: string, target: string, follow: boolean): Promise<boolean> {
    const { process, options } = this
    let stat: Stat
    try {
      stat = options.followLinks || follow ? process.files.stat(source) : process.files.lstat(source)
    } catch (error) {
      await complain(process, `cannot stat ${quoteName(source)}: ${reason(error)}`)
      return false
    }
    if (stat.type === 'directory' && !options.recursive) {
      await complain(process, `-r not specified; omitting directory ${quoteName(source)}`)
      return false
    }
    const before = typeOf(process, target, stat.type !== 'symlink' && !this.options.removeDestination) ?? typeOf(process, target, false)
    const decision = before ? await this.mayReplace(source, target, stat, before) : 'go'
    if (decision !== 'go') return decision === 'skip'
    try {
      return await this.place(source, target, stat, before)
    } catch (error) {
      await complain(process, `cannot create ${stat.type === 'directory' ? 'directory' : stat.type === 'symlink' ? 'symbolic link' : 'regular file'} ${quoteName(target)}: ${reason(error)}`)
      return false
    }
  }

  private async mayReplace(source: string, target: string, stat: Stat, before: Stat): Promise<'go' | 'skip' | 'fail'> {
    const { process, options } = this
    if (stat.ino === before.ino && stat.dev === before.dev && !options.link && !options.symbolic) {
      if (stat.type === 'directory') {
        await complain(process, `cannot copy a directory, ${quoteName(source)}, into itself, ${quoteName(target)}`)
        return 'fail'
      }
      await complain(process, `${quoteName(source)} and ${quoteName(target)} are the same file`)
      return 'fail'
    }
    if (stat.type === 'directory' && before.type !== 'directory') {
      await complain(process, `cannot overwrite non-directory ${quoteName(target)} with directory ${quoteName(source)}`)
      return 'fail'
    }
    if (stat.type !== 'directory' && before.type === 'directory') {
      await complain(process, `cannot overwrite directory ${quoteName(target)} with non-directory`)
      return 'fail'
    }
    if (stat.type === 'directory') return 'go'
    if (options.noClobber) return 'skip'
    if (options.update && before.mtimeMs >= stat.mtimeMs) return 'skip'
    if (this.created.has(target)) {
      await complain(process, `will not overwrite just-created ${quoteName(target)} with ${quoteName(source)}`)
      return 'fail'
    }
    if (options.interactive && !(await confirm(process, `overwrite ${quoteName(target)}? `))) return 'fail'
    if (options.backup) process.files.rename(target, target + options.suffix)
    return 'go'
  }

  private async place(source: string, target: string, stat: Stat, before: Stat | undefined): Promise<boolean> {
    const { process, options } = this
    if (stat.type === 'directory') return this.directory(source, target, stat, before)
    if (before && (options.removeDestination || before.type === 'symlink' && stat.type === 'symlink' || (options.force && before.type !== 'file'))) process.files.unlink(target)
    if (options.symbolic) process.files.symlink(source, target)
    else if (options.link) process.files.link(source, target)
    else if (stat.type === 'symlink') process.files.symlink(process.files.readlink(source), target)
    else if (stat.type === 'fifo') process.files.mkfifo(target, stat.mode)
    else if (!(await this.file(source, target, stat, before))) return false
    this.created.add(target)
    if (options.verbose) await print(process, `${quoteName(source)} -> ${quoteName(target)}\n`)
    if (!options.symbolic && !options.link) this.keep(target, stat)
    return true
  }

  private async file(source: string, target: string, stat: Stat, before: Stat | undefined): Promise<boolean> {
    const { process, options } = this
    if (target.endsWith('/') && !before) {
      await complain(process, `cannot create regular file ${quoteName(target)}: Not a directory`)
      return false
    }
    const known = options.preserve.has('links') && stat.nlink > 1 ? this.hardLinks.get(`${stat.dev}:${stat.ino}`) : undefined
    if (known !== undefined) {
      process.files.link(known, target)
      return true
    }
    this.hardLinks.set(`${stat.dev}:${stat.ino}`, target)
    let content: Uint8Array
    try {
      content = options.attributesOnly ? new Uint8Array(0) : process.files.readFile(source)
    } catch (error) {
      await complain(process, `cannot open ${quoteName(source)} for reading: ${reason(error)}`)
      return false
    }
    try {
      process.files.writeFile(target, content, stat.mode & 0o777)
    } catch (error) {
      if (before && options.force && isErrno(error, 'EACCES')) {
        process.files.unlink(target)
        process.files.writeFile(target, content, stat.mode & 0o777)
        return true
      }
      await complain(process, `cannot create regular file ${quoteName(target)}: ${reason(error)}`)
      return false
    }
    return true
  }

  private async directory(source: string, target: string, stat: Stat, before: Stat | undefined): Promise<boolean> {
    const { process, options } = this
    const inside = (path: string): string => `${process.files.realpath(path)}/`
    const parent = target.includes('/') ? target.slice(0, target.lastIndexOf('/')) || '/' : '.'
    if (typeOf(process, parent, true)?.type === 'directory' && (inside(parent) === inside(source) || inside(parent).startsWith(inside(source)))) {
      await complain(process, `cannot copy a directory, ${quoteName(source)}, into itself, ${quoteName(target)}`)
      return false
    }
    if (!before) {
      process.files.mkdir(target, (stat.mode & 0o777) | 0o700)
      if (options.verbose) await print(process, `${quoteName(source)} -> ${quoteName(target)}\n`)
    }
    let fine = true
    let names: string[] = []
    try {
      names = process.files.readDirectory(source).map((entry) => entry.name).filter((name) => name !== '.' && name !== '..').sort()
    } catch (error) {
      await complain(process, `cannot access ${quoteName(source)}: ${reason(error)}`)
      fine = false
    }
    for (const name of names) if (!(await this.copy(join(source, name), join(target, name), false))) fine = false
    if (!before) process.files.chmod(target, stat.mode & ~(options.preserve.has('mode') ? 0 : process.umask()) & 0o7777)
    this.keep(target, stat)
    return fine
  }

  private keep(target: string, stat: Stat): void {
    const { process, options } = this
    if (options.preserve.has('ownership')) {
      try {
        process.files.chown(target, stat.uid, stat.gid, { noFollow: true })
      } catch (error) {
        if (!isErrno(error, 'EPERM')) throw error
      }
    }
    if (stat.type === 'symlink') return
    if (options.preserve.has('mode')) process.files.chmod(target, stat.mode)
    if (options.preserve.has('timestamps')) process.files.utimes(target, stat.atimeMs, stat.mtimeMs)
  }
}

const mv = defineProgram({
  name: 'mv',
  flags: shared,
  async run(process, options) {
    const plan = await planTargets(process, options.operands, options)
    if (typeof plan === 'number') return plan
    let status = 0
    for (const source of plan.sources) {
      const target = plan.destinationOf(source)
      try {
        if (!(await moveOne(process, source, target, { ...options, backup: options.backup || options.backupControl !== undefined }))) status = 1
      } catch (error) {
        await complain(process, `cannot move ${quoteName(source)} to ${quoteName(target)}: ${reason(error)}`)
        status = 1
      }
    }
    return status
  },
})

async function moveOne(process: Process, source: string, target: string, options: { noClobber: boolean; interactive: boolean; force: boolean; verbose: boolean; update: boolean; backup: boolean; suffix: string | undefined }): Promise<boolean> {
  let stat: Stat
  try {
    stat = process.files.lstat(source)
  } catch (error) {
    await complain(process, `cannot stat ${quoteName(source)}: ${reason(error)}`)
    return false
  }
  const parent = target.replace(/\/+$/, '').includes('/') ? target.replace(/\/+$/, '').replace(/\/[^/]*$/, '') || '/' : '.'
  if (stat.type === 'directory' && typeOf(process, parent, true)?.type === 'directory') {
    const own = `${process.files.realpath(source)}/`
    if (`${process.files.realpath(parent)}/`.startsWith(own)) {
      await complain(process, `cannot move ${quoteName(source)} to a subdirectory of itself, ${quoteName(target)}`)
      return false
    }
  }
  const before = typeOf(process, target, false)
  if (before) {
    if (before.ino === stat.ino && before.dev === stat.dev) {
      await complain(process, `${quoteName(source)} and ${quoteName(target)} are the same file`)
      return false
    }
    if (options.noClobber && !options.force) return true
    if (options.update && before.mtimeMs >= stat.mtimeMs) return true
    if (before.type === 'directory' && stat.type !== 'directory') {
      await complain(process, `cannot overwrite directory ${quoteName(target)} with non-directory`)
      return false
    }
    if (before.type !== 'directory' && stat.type === 'directory') {
      await complain(process, `cannot overwrite non-directory ${quoteName(target)} with directory ${quoteName(source)}`)
      return false
    }
    if (options.interactive && !options.force && !(await confirm(process, `overwrite ${quoteName(target)}? `))) return false
    if (options.backup) process.files.rename(target, target + (options.suffix ?? '~'))
  }
  try {
    process.files.rename(source, target)
  } catch (error) {
    if (!isErrno(error, 'EXDEV')) throw error
    const copier = new Copier(process, { force: true, interactive: false, noClobber: false, verbose: false, update: false, backup: false, suffix: '~', recursive: true, preserve: new Set(['mode', 'ownership', 'timestamps', 'links']), followLinks: false, link: false, symbolic: false, attributesOnly: false, removeDestination: false })
    if (!(await copier.copy(source, target, false))) return false
    process.files.removeAll(source)
  }
  if (options.verbose) await print(process, `renamed ${quoteName(source)} -> ${quoteName(target)}\n`)
  return true
}

const install = defineProgram({
  name: 'install',
  flags: { directory: flag('-d', '--directory'), createLeading: flag('-D'), mode: option('-m', '--mode'), owner: option('-o', '--owner'), group: option('-g', '--group'), target: option('-t', '--target-directory'), noTarget: flag('-T', '--no-target-directory'), verbose: flag('-v', '--verbose'), preserve: flag('-p', '--preserve-timestamps'), compare: flag('-C', '--compare'), ignored: flag('-c'), strip: flag('-s', '--strip') },
  async run(process, options) {
    const { operands } = options
    const mode = changeMode(options.mode ?? '755', 0, false, 0)
    if (mode === undefined) {
      await complain(process, `invalid mode ${quote(process, options.mode ?? '')}`)
      return 1
    }
    const accounts = new Accounts(process)
    const finish = (path: string): void => {
      process.files.chmod(path, mode)
      if (options.owner !== undefined || options.group !== undefined) {
        const stat = process.files.stat(path)
        process.files.chown(path, options.owner === undefined ? stat.uid : (accounts.userId(options.owner) ?? Number(options.owner)), options.group === undefined ? stat.gid : (accounts.groupId(options.group) ?? Number(options.group)))
      }
    }
    if (options.directory) {
      if (operands.length === 0) return usageFailure(process, 'missing file operand')
      for (const path of operands) {
        const missing = typeOf(process, path, true) === undefined
        process.files.mkdirAll(path)
        if (missing && options.verbose) await print(process, `install: creating directory ${quoteName(path)}\n`)
        finish(path)
      }
      return 0
    }
    if (options.createLeading && operands.length === 2) {
      const parent = (operands[1] as string).replace(/\/?[^/]*$/, '')
      if (parent !== '') process.files.mkdirAll(parent)
    }
    const plan = await planTargets(process, operands, options)
    if (typeof plan === 'number') return plan
    let status = 0
    for (const source of plan.sources) {
      const target = plan.destinationOf(source)
      try {
        if (process.files.stat(source).type === 'directory') {
          await complain(process, `omitting directory ${quoteName(source)}`)
          status = 1
          continue
        }
        const content = process.files.readFile(source)
        if (typeOf(process, target, false)) process.files.unlink(target)
        process.files.writeFile(target, content, 0o600)
        finish(target)
        if (options.verbose) await print(process, `${quoteName(source)} -> ${quoteName(target)}\n`)
      } catch (error) {
        await complain(process, typeOf(process, source, true) ? `cannot create regular file ${quoteName(target)}: ${reason(error)}` : `cannot stat ${quoteName(source)}: ${reason(error)}`)
        status = 1
      }
    }
    return status
  },
})

export const copyPrograms: readonly Program[] = [cp, mv, install]
