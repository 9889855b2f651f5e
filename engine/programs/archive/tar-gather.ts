/** Collects what goes into an archive. */
import { isErrno } from '#engine/linux/abi/errno'
import type { Stat } from '#engine/linux/abi/files'
import type { Process } from '#engine/linux/abi/process'
import { Accounts, reason } from '#engine/programs/common/gnu'
import { changeMode } from '#engine/programs/coreutils/modes'
import { parseDate } from '#engine/programs/coreutils/date-parse'
import { Fatal } from '#engine/programs/archive/tar-fatal'
import type { TarOptions } from '#engine/programs/archive/tar'
import { transformName } from '#engine/programs/archive/tar-names'
import type { TarEntry } from '#engine/programs/archive/ustar'
import { matchesGlob } from '#engine/shell/patterns/glob'

export class Gatherer {
  private readonly accounts: Accounts
  private readonly excluded: readonly string[]
  private readonly links = new Map<string, string>()
  private warned = new Set<string>()

  constructor(
    private readonly process: Process,
    private readonly o: TarOptions,
    private readonly problem: (text: string) => Promise<void>,
    private readonly say: (text: string) => Promise<void>,
    private readonly own: string | undefined,
  ) {
    this.accounts = new Accounts(process)
    this.excluded = [...o.exclude, ...(o.excludeFrom === undefined ? [] : process.files.readText(o.excludeFrom).split('\n').filter((line) => line !== ''))]
  }

  private readonly plainNames = new WeakMap<TarEntry, string>()

  /** As it was before --transform. */
  plainName(entry: TarEntry): string {
    return this.plainNames.get(entry) ?? entry.name
  }

  async *entries(name: string, directory: string): AsyncGenerator<TarEntry> {
    if (directory !== '.' && this.process.files.exists(directory) === undefined) throw new Fatal(`${directory}: Cannot open: No such file or directory`)
    const path = name.startsWith('/') || directory === '.' ? name : `${directory}/${name}`
    yield* this.walk(name.replace(/(?!^)\/+$/, ''), path.replace(/(?!^)\/+$/, ''))
  }

  private isExcluded(name: string): boolean {
    const base = name.split('/').pop() as string
    return this.excluded.some((pattern) => matchesGlob(pattern.replace(/\/$/, ''), name) || matchesGlob(pattern, base) || name.split('/').some((part) => matchesGlob(pattern, part)) || name.startsWith(`${pattern}/`)) || (this.o.excludeVcs && /^\.(git|svn|hg)$/.test(base))
  }

  private async *walk(name: string, path: string): AsyncGenerator<TarEntry> {
    const stat = this.isExcluded(name) ? undefined : await this.look(name, path)
    const entry = stat && (await this.entry(name, path, stat))
    if (!stat || !entry) return
    if (this.o.transform.length > 0) this.plainNames.set(entry, (await this.memberName(name)) + (stat.type === 'directory' ? '/' : ''))
    yield entry
    if (stat.type === 'directory' && !this.o.noRecursion) yield* this.inside(name, path)
  }

  /** Undefined for what is left out. */
  private async look(name: string, path: string): Promise<Stat | undefined> {
    try {
      const stat = this.o.dereference ? this.process.files.stat(path) : this.process.files.lstat(path)
      const ignored = stat.type === 'socket' ? 'socket ignored' : `${stat.dev}:${stat.ino}` === this.own ? 'file is the archive; not dumped' : undefined
      if (ignored === undefined) return stat
      await this.say(`${name}: ${ignored}`)
    } catch (error) {
      await this.problem(`${name}: Cannot stat: ${reason(error)}`)
    }
    return undefined
  }

  private async *inside(name: string, path: string): AsyncGenerator<TarEntry> {
    try {
      const names = this.process.files.readDirectory(path).map((one) => one.name).filter((one) => one !== '.' && one !== '..')
      if (this.o.sort === 'name') names.sort()
      for (const child of names) yield* this.walk(name === '/' ? `/${child}` : `${name}/${child}`, `${path}/${child}`)
    } catch (error) {
      if (!isErrno(error)) throw error
      await this.problem(`${name}: Cannot open: ${error.message}`)
    }
  }

  private async entry(name: string, path: string, stat: Stat): Promise<TarEntry | undefined> {
    let content = new Uint8Array(0) as Uint8Array
    let target = stat.type === 'symlink' ? this.process.files.readlink(path) : ''
    let type: TarEntry['type'] = stat.type === 'socket' ? 'file' : stat.type
    const shared = stat.nlink > 1 || this.o.dereference
    const first = shared && stat.type === 'file' ? this.links.get(`${stat.dev}:${stat.ino}`) : undefined
    const stored = transformName(await this.memberName(name), this.o.transform) + (stat.type === 'directory' ? '/' : '')
    if (first !== undefined) {
      type = 'link'
      target = first
    } else if (stat.type === 'file') {
      try {
        content = this.process.files.readFile(path)
      } catch (error) {
        await this.problem(`${name}: Cannot open: ${reason(error)}`)
        return undefined
      }
      if (shared) this.links.set(`${stat.dev}:${stat.ino}`, stored)
    }
    return { name: stored, type, content, target, ...this.ownerOf(stat), ...this.modeAndTime(stat) }
  }

  private modeAndTime(stat: Stat): { mode: number; mtimeMs: number } {
    const { mode, mtime } = this.o
    return {
      mode: mode === undefined ? stat.mode : (changeMode(mode, stat.mode, stat.type === 'directory', 0) ?? stat.mode),
      mtimeMs: mtime === undefined ? stat.mtimeMs : (parseDate(mtime, this.process.clock.now(), 0) ?? stat.mtimeMs),
    }
  }

  private ownerOf(stat: Stat): { uid: number; gid: number; user: string; group: string } {
    const pick = (given: string | undefined, id: number, nameOf: (id: number) => string | undefined, idOf: (name: string) => number | undefined): [number, string] => {
      if (given === undefined) return [id, this.o.numericOwner ? '' : (nameOf(id) ?? '')]
      const [name = '', number] = given.split(':')
      return number !== undefined ? [Number(number), name] : /^\d+$/.test(name) ? [Number(name), nameOf(Number(name)) ?? ''] : [idOf(name) ?? id, name]
    }
    const [uid, user] = pick(this.o.owner, stat.uid, (id) => this.accounts.user(id), (name) => this.accounts.userId(name))
    const [gid, group] = pick(this.o.group, stat.gid, (id) => this.accounts.group(id), (name) => this.accounts.groupId(name))
    return { uid, gid, user, group }
  }

  /** Names lose their leading slash unless -P. */
  private async memberName(name: string): Promise<string> {
    if (this.o.absolute) return name
    const prefix = /^(?:\/+|(?:\.\.\/)+|.*\/\.\.\/)/.exec(name)?.[0] ?? ''
    if (prefix === '') return name
    if (!this.warned.has(prefix)) {
      this.warned.add(prefix)
      await this.say(`Removing leading \`${prefix}' from member names`)
    }
    return name.slice(prefix.length) || './'
  }
}
