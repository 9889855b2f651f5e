/** install. */
import { toHex } from '#engine/base/bytes'
import type { Process } from '#engine/linux/abi/process'
import { defineProgram, type Program } from '#engine/linux/abi/program'
import { flag, type FlagValues, option } from '#engine/linux/abi/flags'
import { Accounts, complain, print, quote, quoteName, reason, usageFailure } from '#engine/programs/common/gnu'
import { fail } from '#engine/programs/common/operands'
import { backupFlags, type BackupPlan, backupPlan, makeBackup } from '#engine/programs/coreutils/backup'
import { changeMode } from '#engine/programs/coreutils/modes'
import { lstatOf, makeParents, parentOf, PathProblem, statOf } from '#engine/programs/coreutils/paths'
import { planTargets } from '#engine/programs/coreutils/targets'

const installFlags = {
  ...backupFlags, compare: flag('-C', '--compare'), directory: flag('-d', '--directory'), createLeading: flag('-D'), group: option('-g', '--group'), mode: option('-m', '--mode'), noTarget: flag('-T', '--no-target-directory'), owner: option('-o', '--owner'), preserve: flag('-p', '--preserve-timestamps'),
  strip: flag('-s', '--strip'), target: option('-t', '--target-directory'), verbose: flag('-v', '--verbose'), ignored: flag('-c'), context: flag('-Z'),
} as const

type Given = FlagValues<typeof installFlags>

interface Attributes {
  readonly mode: number
  readonly uid: number | undefined
  readonly gid: number | undefined
}

const install = defineProgram({
  name: 'install',
  usage: '[OPTION]... [-T] SOURCE DEST',
  flags: installFlags,
  async run(process, given) {
    const { operands } = given
    if (given.strip && given.directory) return usageFailure(process, 'the strip option may not be used when installing a directory')
    const wanted = attributesOf(process, given)
    if (typeof wanted === 'string') return fail(process, wanted)
    const installer = new Installer(process, given, wanted, backupPlan(process, given))
    if (given.directory) return operands.length === 0 ? usageFailure(process, 'missing file operand') : installer.directories(operands)
    if (given.createLeading && !(await installer.leading(operands))) return 1
    const plan = await planTargets(process, operands, given)
    if (typeof plan === 'number') return plan
    let status = 0
    for (const source of plan.sources) if (!(await installer.file(source, plan.destinationOf(source)))) status = 1
    return status
  },
})

/** The complaint where the mode or a name is wrong. */
function attributesOf(process: Process, { mode = '755', owner, group }: Given): Attributes | string {
  const accounts = new Accounts(process)
  const bits = changeMode(mode, 0, false, 0)
  if (bits === undefined) return `invalid mode ${quote(process, mode)}`
  const uid = owner === undefined ? undefined : (accounts.userId(owner) ?? Number(owner))
  if (Number.isNaN(uid)) return `invalid user ${quote(process, owner ?? '')}`
  const gid = group === undefined ? undefined : (accounts.groupId(group) ?? Number(group))
  return Number.isNaN(gid) ? `invalid group ${quote(process, group ?? '')}` : { mode: bits, uid, gid }
}

class Installer {
  constructor(
    private readonly process: Process,
    private readonly o: Given,
    private readonly wanted: Attributes,
    private readonly backup: BackupPlan | undefined,
  ) {}

  async directories(paths: readonly string[]): Promise<number> {
    let status = 0
    for (const path of paths) {
      if (await this.make(path)) this.finish(path)
      else status = 1
    }
    return status
  }

  /** -D: the directories that the target needs. */
  async leading(operands: readonly string[]): Promise<boolean> {
    if (this.o.target !== undefined) return this.make(this.o.target)
    const parent = operands.length === 2 ? parentOf(operands[1] as string) : '.'
    return parent === '.' || this.make(parent)
  }

  private async make(path: string): Promise<boolean> {
    const { process } = this
    try {
      await makeParents(process, path.replace(/(?!^)\/+$/, ''), async (made) => (this.o.verbose ? print(process, `install: creating directory ${quoteName(made)}\n`) : undefined))
      return true
    } catch (error) {
      await complain(process, error instanceof PathProblem ? `cannot create directory ${quote(process, error.path)}: ${error.why}` : reason(error))
      return false
    }
  }

  private finish(path: string): void {
    const { process, wanted } = this
    process.files.chmod(path, wanted.mode)
    if (wanted.uid === undefined && wanted.gid === undefined) return
    const stat = process.files.stat(path)
    process.files.chown(path, wanted.uid ?? stat.uid, wanted.gid ?? stat.gid)
  }

  /** False after a complaint. */
  async file(source: string, target: string): Promise<boolean> {
    const { process } = this
    try {
      const problem = this.problem(source, target)
      if (problem !== undefined) return await fail(process, problem).then(() => false)
      await this.place(source, target)
      return !this.o.strip || (await this.strip(target))
    } catch (error) {
      await complain(process, `cannot create regular file ${quoteName(target)}: ${reason(error)}`)
      return false
    }
  }

  private problem(source: string, target: string): string | undefined {
    const stat = statOf(this.process, source)
    if (!stat) return `cannot stat ${quoteName(source)}: ${this.why(source)}`
    if (stat.type === 'directory') return `omitting directory ${quoteName(source)}`
    return statOf(this.process, target)?.type === 'directory' ? `cannot overwrite directory ${quoteName(target)} with non-directory` : undefined
  }

  private why(path: string): string {
    try {
      this.process.files.stat(path)
      return ''
    } catch (error) {
      return reason(error)
    }
  }

  private async place(source: string, target: string): Promise<void> {
    const { process, o } = this
    const content = process.files.readFile(source)
    const before = lstatOf(process, target)
    if (o.compare && before && this.isSame(target, content)) return
    const backup = before && this.backup ? makeBackup(process, target, this.backup) : undefined
    if (before && backup === undefined) process.files.unlink(target)
    process.files.writeFile(target, content, 0o600)
    this.finish(target)
    const { atimeMs, mtimeMs } = process.files.stat(source)
    if (o.preserve) process.files.utimes(target, atimeMs, mtimeMs)
    if (o.verbose) await this.tell(source, target, before !== undefined, backup)
  }

  private async tell(source: string, target: string, replaced: boolean, backup: string | undefined): Promise<void> {
    if (replaced && backup === undefined) await print(this.process, `removed ${quoteName(target)}\n`)
    await print(this.process, `${quoteName(source)} -> ${quoteName(target)}${backup === undefined ? '' : ` (backup: ${quoteName(backup)})`}\n`)
  }

  /** -C: nothing to do where content, mode and owner are as wanted. */
  private isSame(target: string, content: Uint8Array): boolean {
    const { process, wanted } = this
    const stat = process.files.lstat(target)
    if (stat.type !== 'file' || stat.mode !== wanted.mode) return false
    const { euid, egid } = process.credentials
    return stat.uid === (wanted.uid ?? euid) && stat.gid === (wanted.gid ?? egid) && toHex(process.files.readFile(target)) === toHex(content)
  }

  /** The machines have no strip. */
  private async strip(target: string): Promise<boolean> {
    await complain(this.process, `cannot run ${quoteName('strip')}: No such file or directory`)
    await complain(this.process, 'strip process terminated abnormally')
    this.process.files.unlink(target)
    return false
  }
}

export const installPrograms: readonly Program[] = [install]
