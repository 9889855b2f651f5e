/** chown, chgrp. */
import { isErrno } from '#engine/linux/abi/errno'
import type { Stat } from '#engine/linux/abi/files'
import type { Process } from '#engine/linux/abi/process'
import { defineProgram, type Program } from '#engine/linux/abi/program'
import { flag, type FlagValues, option } from '#engine/linux/abi/flags'
import { Accounts, complain, print, quote, quoteName, reason, usageFailure } from '#engine/programs/common/gnu'
import { lstatOf } from '#engine/programs/coreutils/paths'
import { type Walked, walkTree } from '#engine/programs/coreutils/walk-tree'

const ownerFlags = {
  recursive: flag('-R', '--recursive'), changes: flag('-c', '--changes'), dereference: flag('--dereference'), from: option('--from'), noDereference: flag('-h', '--no-dereference'), noPreserve: flag('--no-preserve-root'), preserve: flag('--preserve-root'), quiet: flag('-f', '--silent', '--quiet'), reference: option('--reference'),
  verbose: flag('-v', '--verbose'), H: flag('-H'), L: flag('-L'), P: flag('-P'),
} as const

type Given = FlagValues<typeof ownerFlags>

interface Owner {
  readonly uid: number | undefined
  readonly gid: number | undefined
}

class OwnerProblem extends Error {}

function ownership(name: 'chown' | 'chgrp'): Program {
  return defineProgram({
    name,
    usage: name === 'chown' ? '[OPTION]... [OWNER][:[GROUP]] FILE...' : '[OPTION]... GROUP FILE...',
    flags: ownerFlags,
    async run(process, o) {
      const [text, ...rest] = o.operands
      if (o.reference === undefined && text === undefined) return usageFailure(process, 'missing operand')
      const paths = o.reference === undefined ? rest : o.operands
      if (paths.length === 0) return usageFailure(process, o.reference === undefined ? `missing operand after ${quote(process, text ?? '')}` : 'missing operand')
      try {
        const reader = new OwnerReader(process)
        const wanted = o.reference === undefined ? await reader.read(name, text ?? '') : reader.ofFile(name, o.reference)
        const from = o.from === undefined ? undefined : await reader.read('chown', o.from)
        return await new Changer(process, name, wanted, from, o).all(paths)
      } catch (error) {
        if (!(error instanceof OwnerProblem)) throw error
        await complain(process, error.message)
        return 1
      }
    },
  })
}

/** `user`, `user:group`, `:group`, `user:`, numbers, and the old `user.group`. */
class OwnerReader {
  private readonly accounts: Accounts

  constructor(private readonly process: Process) {
    this.accounts = new Accounts(process)
  }

  ofFile(name: string, path: string): Owner {
    try {
      const { uid, gid } = this.process.files.stat(path)
      return { uid: name === 'chgrp' ? undefined : uid, gid }
    } catch (error) {
      throw new OwnerProblem(`failed to get attributes of ${quoteName(path)}: ${reason(error)}`)
    }
  }

  async read(name: 'chown' | 'chgrp', text: string): Promise<Owner> {
    if (name === 'chgrp') return { uid: undefined, gid: this.group(text, text) }
    const at = text.indexOf(':') >= 0 || this.accounts.userId(text) !== undefined ? text.indexOf(':') : text.indexOf('.')
    const user = at < 0 ? text : text.slice(0, at)
    const group = at < 0 ? undefined : text.slice(at + 1)
    const uid = this.user(user, text)
    const gid = group === '' && user !== '' ? this.loginGroup(user, text) : this.group(group ?? '', text)
    if (at >= 0 && text.charAt(at) === '.') await complain(this.process, `warning: '.' should be ':': ${quote(this.process, text)}`)
    return { uid, gid }
  }

  private user(user: string, whole: string): number | undefined {
    if (user === '') return undefined
    const uid = this.accounts.userId(user) ?? numericId(user)
    if (uid === undefined) throw new OwnerProblem(`invalid user: ${quote(this.process, whole)}`)
    return uid
  }

  private group(group: string, whole: string): number | undefined {
    if (group === '') return undefined
    const gid = this.accounts.groupId(group) ?? numericId(group)
    if (gid === undefined) throw new OwnerProblem(`invalid group: ${quote(this.process, whole)}`)
    return gid
  }

  /** A number has no login group. */
  private loginGroup(user: string, whole: string): number | undefined {
    const gid = this.accounts.loginGroup(user)
    if (gid === undefined && this.accounts.userId(user) === undefined) throw new OwnerProblem(`invalid spec: ${quote(this.process, whole)}`)
    return gid
  }
}

function numericId(text: string): number | undefined {
  return /^\+?\d+$/.test(text) && Number(text) < 4294967295 ? Number(text) : undefined
}

class Changer {
  private status = 0
  private readonly accounts: Accounts

  constructor(
    private readonly process: Process,
    private readonly name: 'chown' | 'chgrp',
    private readonly wanted: Owner,
    private readonly from: Owner | undefined,
    private readonly o: Given,
  ) {
    this.accounts = new Accounts(process)
  }

  async all(paths: readonly string[]): Promise<number> {
    for (const path of paths) {
      if (!this.o.recursive) await this.change(path, this.o.noDereference)
      else for (const entry of contentsFirst([...walkTree(this.process, path)])) await this.change(entry.path, true)
    }
    return this.status
  }

  private async change(path: string, itself: boolean): Promise<void> {
    const { process, wanted } = this
    try {
      const stat = itself ? process.files.lstat(path) : process.files.stat(path)
      if (!this.applies(stat)) return
      process.files.chown(path, wanted.uid ?? stat.uid, wanted.gid ?? stat.gid, { noFollow: itself })
      await this.tell(path, stat)
    } catch (error) {
      await this.refused(path, reason(error), error)
    }
  }

  /** --from: only what belongs to so and so. */
  private applies({ uid, gid }: Stat): boolean {
    const { from } = this
    return from === undefined || ((from.uid === undefined || from.uid === uid) && (from.gid === undefined || from.gid === gid))
  }

  private async refused(path: string, why: string, error: unknown): Promise<void> {
    this.status = 1
    if (this.o.quiet) return
    const dangling = isErrno(error, 'ENOENT') && lstatOf(this.process, path)?.type === 'symlink'
    const access = isErrno(error, 'ENOENT', 'ENOTDIR', 'EACCES')
    const what = dangling ? 'cannot dereference' : access ? 'cannot access' : `changing ${this.what} of`
    await complain(this.process, `${what} ${quoteName(path)}: ${why}`)
  }

  private get what(): string {
    return this.name === 'chgrp' ? 'group' : 'ownership'
  }

  private async tell(path: string, stat: Stat): Promise<void> {
    const { wanted, o } = this
    const changed = (wanted.uid !== undefined && wanted.uid !== stat.uid) || (wanted.gid !== undefined && wanted.gid !== stat.gid)
    if (!o.verbose && !(o.changes && changed)) return
    const before = this.shown(stat.uid, stat.gid)
    const after = this.shown(wanted.uid ?? stat.uid, wanted.gid ?? stat.gid)
    await print(this.process, changed ? `changed ${this.what} of ${quoteName(path)} from ${before} to ${after}\n` : `${this.what} of ${quoteName(path)} retained as ${after}\n`)
  }

  /** As much as is asked for: a user, a group, or both. */
  private shown(uid: number, gid: number): string {
    const group = this.accounts.group(gid) ?? String(gid)
    if (this.name === 'chgrp') return group
    const user = this.accounts.user(uid) ?? String(uid)
    return this.wanted.gid === undefined ? user : `${user}:${group}`
  }
}

/** A directory changes hands after what is in it. */
function contentsFirst(entries: readonly Walked[]): Walked[] {
  const out: Walked[] = []
  const open: Walked[] = []
  for (const entry of entries) {
    while (open.length > 0 && !entry.path.startsWith(`${(open.at(-1) as Walked).path}/`)) out.push(open.pop() as Walked)
    open.push(entry)
  }
  return [...out, ...open.reverse()]
}

export const ownershipPrograms: readonly Program[] = [ownership('chown'), ownership('chgrp')]
