/** Puts members of an archive onto the disk. */
import { encodeLossless } from '#engine/base/lossless'
import { isErrno } from '#engine/linux/abi/errno'
import type { Process } from '#engine/linux/abi/process'
import { Accounts, reason } from '#engine/programs/common/gnu'
import type { TarOptions } from '#engine/programs/archive/tar'
import { stripComponents, transformName } from '#engine/programs/archive/tar-names'
import type { TarEntry } from '#engine/programs/archive/ustar'

export class Extractor {
  private readonly accounts: Accounts
  private readonly directories: { path: string; entry: TarEntry }[] = []
  private warned = false

  constructor(
    private readonly process: Process,
    private readonly o: TarOptions,
    private readonly directory: string,
    private readonly problem: (text: string) => Promise<void>,
    private readonly say: (text: string) => Promise<void>,
  ) {
    this.accounts = new Accounts(process)
  }

  async run(entries: readonly TarEntry[]): Promise<void> {
    for (const entry of entries) await this.one(entry)
    for (const { path, entry } of this.directories.reverse()) {
      this.process.files.chmod(path, this.modeOf(entry))
      if (!this.o.touch) this.process.files.utimes(path, this.process.clock.now(), entry.mtimeMs)
    }
  }

  private modeOf(entry: TarEntry): number {
    const root = this.process.credentials.euid === 0
    return this.o.preserve || (root && !this.o.noSamePermissions) ? entry.mode : entry.mode & ~this.process.umask() & 0o777
  }

  private async memberName(entry: TarEntry): Promise<string | undefined> {
    let name = stripComponents(transformName(entry.name, this.o.transform), Number(this.o.strip ?? 0))
    if (name === undefined || this.o.absolute) return name
    const prefix = /^\/+/.exec(name)?.[0] ?? ''
    if (prefix !== '') {
      if (!this.warned) await this.say(`Removing leading \`${prefix}' from member names`)
      this.warned = true
      name = name.slice(prefix.length)
    }
    if (name.split('/').includes('..')) {
      await this.problem(`${name}: Member name contains '..'`)
      return undefined
    }
    return name
  }

  private async one(entry: TarEntry): Promise<void> {
    const name = await this.memberName(entry)
    if (name === undefined) return
    if (this.o.verbose) await (this.o.stdout ? this.process.stderr : this.process.stdout).write(encodeLossless(`${this.o.showTransformed ? name : entry.name}\n`))
    if (this.o.stdout) {
      if (entry.type === 'file') await this.process.stdout.write(entry.content)
      return
    }
    const path = (name.startsWith('/') || this.directory === '.' ? name : `${this.directory}/${name}`).replace(/(?!^)\/+$/, '') || '.'
    try {
      await this.place(entry, name, path)
    } catch (error) {
      await this.problem(`${name}: Cannot ${doing(entry)}: ${reason(error)}`)
    }
  }

  private exists(path: string): string | undefined {
    try {
      return this.process.files.lstat(path).type
    } catch (error) {
      if (isErrno(error)) return undefined
      throw error
    }
  }

  private async place(entry: TarEntry, name: string, path: string): Promise<void> {
    const parent = path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : ''
    if (parent !== '') this.process.files.mkdirAll(parent)
    const before = this.exists(path)
    if (entry.type === 'directory') return this.placeDirectory(entry, path, before)
    if (before !== undefined) {
      if (this.o.skipOld) return this.o.verbose ? this.say(`${name}: skipping existing file`) : undefined
      if (this.o.keep) return this.problem(`${name}: Cannot open: File exists`)
      if (before === 'directory') return this.problem(`${name}: Cannot open: Is a directory`)
      this.process.files.unlink(path)
    }
    this.make(entry, path)
    this.own(path, entry)
    if (entry.type === 'symlink' || entry.type === 'link') return
    this.process.files.chmod(path, this.modeOf(entry))
    if (!this.o.touch) this.process.files.utimes(path, this.process.clock.now(), entry.mtimeMs)
  }

  /** Its mode and time are set at the end: what goes into it would change them. */
  private placeDirectory(entry: TarEntry, path: string, before: string | undefined): void {
    const { files } = this.process
    if (before === undefined) files.mkdir(path, 0o777)
    else if (before !== 'directory' && files.exists(path)?.type !== 'directory') throw new Error('')
    this.directories.push({ path, entry })
    this.own(path, entry)
  }

  private make(entry: TarEntry, path: string): void {
    const { files } = this.process
    if (entry.type === 'symlink') files.symlink(entry.target, path)
    else if (entry.type === 'link') files.link(this.directory === '.' ? entry.target : `${this.directory}/${entry.target}`, path)
    else if (entry.type === 'fifo') files.mkfifo(path, entry.mode)
    else files.writeFile(path, entry.content.slice(), 0o600)
  }

  private own(path: string, entry: TarEntry): void {
    if (this.process.credentials.euid !== 0 || this.o.noSameOwner) return
    const uid = this.o.numericOwner ? entry.uid : (this.accounts.userId(entry.user) ?? entry.uid)
    const gid = this.o.numericOwner ? entry.gid : (this.accounts.groupId(entry.group) ?? entry.gid)
    this.process.files.chown(path, uid, gid, { noFollow: true })
  }
}

/** What tar was about, in its words. */
function doing({ type, target }: TarEntry): string {
  if (type === 'directory') return 'mkdir'
  if (type === 'symlink') return `create symlink to \u2018${target}\u2019`
  return type === 'link' ? `hard link to \u2018${target}\u2019` : 'open'
}
