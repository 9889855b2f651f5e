/** Copies files and trees, as cp does and mv where a rename cannot. */
import { isErrno } from '#engine/linux/abi/errno'
import type { Stat } from '#engine/linux/abi/files'
import type { Process } from '#engine/linux/abi/process'
import { complain, print, quoteName, reason } from '#engine/programs/common/gnu'
import { type BackupPlan, makeBackup } from '#engine/programs/coreutils/backup'
import { confirm } from '#engine/programs/coreutils/confirm'
import { entryAt, joinPath, lstatOf, namesIn, parentOf, statOf } from '#engine/programs/coreutils/paths'

export interface CopyOptions {
  readonly force: boolean
  readonly interactive: boolean
  readonly noClobber: boolean
  /** How it speaks: as cp, as mv between file systems, or not at all. */
  readonly verbose: 'cp' | 'mv' | undefined
  readonly update: boolean
  readonly backup: BackupPlan | undefined
  readonly recursive: boolean
  readonly preserve: ReadonlySet<string>
  readonly followLinks: boolean
  readonly followArguments: boolean
  readonly link: boolean
  readonly symbolic: boolean
  readonly attributesOnly: boolean
  readonly removeDestination: boolean
}

const kinds: Readonly<Record<string, string>> = { directory: 'directory', symlink: 'symbolic link', fifo: 'fifo' }

/** A complaint that ends the copy of one file. */
class Refused extends Error {}

export class Copier {
  private readonly created = new Set<string>()
  private readonly hardLinks = new Map<string, string>()

  constructor(
    private readonly process: Process,
    private readonly options: CopyOptions,
  ) {}

  /** False after a complaint. */
  async copy(source: string, target: string, argument = true): Promise<boolean> {
    try {
      return await this.copyEntry(source, target, this.sourceStat(source, argument))
    } catch (error) {
      if (!(error instanceof Refused)) throw error
      await complain(this.process, error.message)
      return false
    }
  }

  private sourceStat(source: string, argument: boolean): Stat {
    const { options, process } = this
    const stat = refusing(`cannot stat ${quoteName(source)}`, () => (options.followLinks || (argument && options.followArguments) ? process.files.stat(source) : process.files.lstat(source)))
    if (stat.type === 'directory' && !options.recursive) throw new Refused(`-r not specified; omitting directory ${quoteName(source)}`)
    return stat
  }

  private async copyEntry(source: string, target: string, stat: Stat): Promise<boolean> {
    const before = this.destination(target, stat)
    if (before) {
      this.checkKinds(source, target, stat, before)
      if (stat.type !== 'directory' && !(await this.mayReplace(source, target, stat, before))) return true
    }
    try {
      return await this.place(source, target, stat, before)
    } catch (error) {
      if (error instanceof Refused) throw error
      const why = reason(error)
      throw new Refused(this.options.symbolic ? `cannot create symbolic link ${quoteName(target)} to ${quoteName(source)}: ${why}` : `cannot create ${kinds[stat.type] ?? 'regular file'} ${quoteName(target)}: ${why}`)
    }
  }

  /** What is in the way; a link to nowhere counts too. */
  private destination(target: string, stat: Stat): Stat | undefined {
    const { process, options } = this
    const follow = stat.type !== 'symlink' && !options.removeDestination
    return refusing(`cannot stat ${quoteName(target)}`, () => entryAt(process, target, follow), 'ENOTDIR') ?? lstatOf(process, target)
  }

  private checkKinds(source: string, target: string, stat: Stat, before: Stat): void {
    const { options } = this
    const same = stat.ino === before.ino && stat.dev === before.dev && !options.link && !options.symbolic
    if (same && stat.type === 'directory') throw new Refused(`cannot copy a directory, ${quoteName(source)}, into itself, ${quoteName(target)}`)
    if (same && !options.removeDestination) throw new Refused(`${quoteName(source)} and ${quoteName(target)} are the same file`)
    if (stat.type === 'directory' && before.type !== 'directory') throw new Refused(`cannot overwrite non-directory ${quoteName(target)} with directory ${quoteName(source)}`)
    if (stat.type !== 'directory' && before.type === 'directory') throw new Refused(`cannot overwrite directory ${quoteName(target)} with non-directory`)
  }

  /** False where the file is left as it is. */
  private async mayReplace(source: string, target: string, stat: Stat, before: Stat): Promise<boolean> {
    const { process, options } = this
    if (options.noClobber) return false
    if (options.update && before.mtimeMs >= stat.mtimeMs) return false
    if (this.created.has(target)) throw new Refused(`will not overwrite just-created ${quoteName(target)} with ${quoteName(source)}`)
    return !options.interactive || confirm(process, `overwrite ${quoteName(target)}? `)
  }

  private async place(source: string, target: string, stat: Stat, before: Stat | undefined): Promise<boolean> {
    if (stat.type === 'directory') return this.directory(source, target, stat, before)
    const { options } = this
    const backup = before && options.backup ? makeBackup(this.process, target, options.backup) : undefined
    const replaced = backup === undefined ? await this.clear(target, stat, before) : undefined
    this.create(source, target, stat, replaced)
    this.created.add(target)
    await this.tell(source, target, backup)
    if (!options.symbolic && !options.link) this.keep(target, stat)
    return true
  }

  /** Takes away what cannot be written over; returns what stays. */
  private async clear(target: string, stat: Stat, before: Stat | undefined): Promise<Stat | undefined> {
    const { process, options } = this
    if (!before) return undefined
    const linkForLink = before.type === 'symlink' && (stat.type === 'symlink' || options.force)
    if (!options.removeDestination && !linkForLink && !(options.force && (before.type !== 'file' || options.link || options.symbolic))) return before
    process.files.unlink(target)
    if (options.removeDestination && options.verbose === 'cp') await print(process, `removed ${quoteName(target)}\n`)
    return undefined
  }

  private create(source: string, target: string, stat: Stat, before: Stat | undefined): void {
    const { process, options } = this
    if (options.symbolic) this.symbolicLink(source, target)
    else if (options.link) process.files.link(source, target)
    else if (stat.type === 'symlink') process.files.symlink(process.files.readlink(source), target)
    else if (stat.type === 'fifo') process.files.mkfifo(target, stat.mode)
    else this.file(source, target, stat, before)
  }

  private symbolicLink(source: string, target: string): void {
    if (!source.startsWith('/') && parentOf(target) !== '.' && statOf(this.process, parentOf(target))) throw new Refused(`${target}: can make relative symbolic links only in current directory`)
    this.process.files.symlink(source, target)
  }

  private file(source: string, target: string, stat: Stat, before: Stat | undefined): void {
    const { process, options } = this
    if (before?.type === 'symlink' && !statOf(process, target)) throw new Refused(`not writing through dangling symlink ${quoteName(target)}`)
    if (target.endsWith('/') && !before) throw new Refused(`cannot create regular file ${quoteName(target)}: Not a directory`)
    if (this.linkAgain(target, stat)) return
    const content = refusing(`cannot open ${quoteName(source)} for reading`, () => (options.attributesOnly ? new Uint8Array(0) : process.files.readFile(source)))
    if (options.attributesOnly && before) return
    this.write(target, content, stat.mode & 0o777, before)
  }

  /** A file with several names is linked again where its first copy lies. */
  private linkAgain(target: string, stat: Stat): boolean {
    if (!this.options.preserve.has('links') || stat.nlink < 2) return false
    const key = `${stat.dev}:${stat.ino}`
    const known = this.hardLinks.get(key)
    if (known === undefined) this.hardLinks.set(key, target)
    else this.process.files.link(known, target)
    return known !== undefined
  }

  /** -f: a file that cannot be written is replaced. */
  private write(target: string, content: Uint8Array, mode: number, before: Stat | undefined): void {
    const { process, options } = this
    try {
      process.files.writeFile(target, content, mode)
    } catch (error) {
      if (!before || !options.force || !isErrno(error, 'EACCES')) throw error
      process.files.unlink(target)
      process.files.writeFile(target, content, mode)
    }
  }

  private async tell(source: string, target: string, backup?: string): Promise<void> {
    if (this.options.verbose === undefined) return
    const arrow = `${quoteName(source)} -> ${quoteName(target)}`
    await print(this.process, `${this.options.verbose === 'mv' ? 'copied ' : ''}${arrow}${backup === undefined ? '' : ` (backup: ${quoteName(backup)})`}\n`)
  }

  private async directory(source: string, target: string, stat: Stat, before: Stat | undefined): Promise<boolean> {
    const { process, options } = this
    this.checkNotInside(source, target)
    if (!before) {
      process.files.mkdir(target, (stat.mode & 0o777) | 0o700)
      if (options.verbose === 'mv') await print(process, `created directory ${quoteName(target)}\n`)
      else await this.tell(source, target)
    }
    const fine = await this.contents(source, target)
    if (!before) process.files.chmod(target, stat.mode & ~(options.preserve.has('mode') ? 0 : process.umask()) & 0o7777)
    this.keep(target, stat)
    return fine
  }

  private checkNotInside(source: string, target: string): void {
    const { process } = this
    const parent = parentOf(target)
    if (statOf(process, parent)?.type !== 'directory') return
    if (`${process.files.realpath(parent)}/`.startsWith(`${process.files.realpath(source)}/`)) throw new Refused(`cannot copy a directory, ${quoteName(source)}, into itself, ${quoteName(target)}`)
  }

  private async contents(source: string, target: string): Promise<boolean> {
    let names: string[]
    try {
      names = namesIn(this.process, source)
    } catch (error) {
      await complain(this.process, `cannot access ${quoteName(source)}: ${reason(error)}`)
      return false
    }
    let fine = true
    for (const name of names) if (!(await this.copy(joinPath(source, name), joinPath(target, name), false))) fine = false
    return fine
  }

  /** Owner, mode and times, as far as they are to be kept. */
  private keep(target: string, stat: Stat): void {
    const { process, options } = this
    if (options.preserve.has('ownership')) this.keepOwner(target, stat)
    if (stat.type === 'symlink') return
    if (options.preserve.has('mode')) process.files.chmod(target, stat.mode)
    if (options.preserve.has('timestamps')) process.files.utimes(target, stat.atimeMs, stat.mtimeMs)
  }

  private keepOwner(target: string, stat: Stat): void {
    try {
      this.process.files.chown(target, stat.uid, stat.gid, { noFollow: true })
    } catch (error) {
      if (!isErrno(error, 'EPERM')) throw error
    }
  }
}

/** What the system refuses becomes the complaint; `allowed` codes answer undefined. */
function refusing<T>(what: string, work: () => T): T
function refusing<T>(what: string, work: () => T, allowed: 'ENOTDIR'): T | undefined
function refusing<T>(what: string, work: () => T, allowed?: 'ENOTDIR'): T | undefined {
  try {
    return work()
  } catch (error) {
    if (!isErrno(error)) throw error
    if (error.code === allowed) return undefined
    throw new Refused(`${what}: ${error.message}`)
  }
}
