/** ln, link, unlink. */
import { isErrno } from '#engine/linux/abi/errno'
import type { Stat } from '#engine/linux/abi/files'
import type { Process } from '#engine/linux/abi/process'
import { defineProgram, type Program } from '#engine/linux/abi/program'
import { flag, type FlagValues, option } from '#engine/linux/abi/flags'
import { complain, print, quote, quoteName, reason, usageFailure } from '#engine/programs/common/gnu'
import { attempt, fail } from '#engine/programs/common/operands'
import { quoteIfNeeded } from '#engine/programs/common/quoting'
import { type BackupPlan, backupFlags, backupPlan, makeBackup } from '#engine/programs/coreutils/backup'
import { confirm } from '#engine/programs/coreutils/confirm'
import { baseName, joinPath, lstatOf, parentOf, statOf } from '#engine/programs/coreutils/paths'
import { absolute, relativePath } from '#engine/programs/coreutils/readlink'
import { twoOperands } from '#engine/programs/coreutils/two-operands'

const lnFlags = {
  ...backupFlags, noDereference: flag('-n', '--no-dereference'), force: flag('-f', '--force'), interactive: flag('-i', '--interactive'), noTarget: flag('-T', '--no-target-directory'), target: option('-t', '--target-directory'), logical: flag('-L', '--logical'), physical: flag('-P', '--physical'),
  relative: flag('-r', '--relative'), symbolic: flag('-s', '--symbolic'), verbose: flag('-v', '--verbose'),
} as const

type Given = FlagValues<typeof lnFlags>

const ln = defineProgram({
  name: 'ln',
  usage: '[OPTION]... [-T] TARGET LINK_NAME',
  flags: lnFlags,
  async run(process, o) {
    if (o.operands.length === 0) return usageFailure(process, 'missing file operand')
    if (o.relative && !o.symbolic) return fail(process, 'cannot do --relative without --symbolic')
    const pairs = await pairsOf(process, o.operands, o)
    if (typeof pairs === 'number') return pairs
    const linker = new Linker(process, o, backupPlan(process, o))
    let status = 0
    for (const [source, name] of pairs) if (!(await linker.link(source, name))) status = 1
    return status
  },
})

type Pair = readonly [source: string, name: string]

/** Each target with the name of its link; a number is the status after a complaint. */
async function pairsOf(process: Process, operands: readonly string[], o: Given): Promise<readonly Pair[] | number> {
  const inside = (directory: string, sources: readonly string[]): Pair[] => sources.map((source) => [source, joinPath(directory, baseName(source))])
  if (o.target !== undefined) {
    const wrong = accessProblem(process, o.target)
    return wrong === undefined ? inside(o.target, operands) : fail(process, wrong)
  }
  const last = operands.at(-1) as string
  if (operands.length === 1) return o.noTarget ? usageFailure(process, `missing destination file operand after ${quoteName(last)}`) : inside('.', operands)
  if (o.noTarget && operands.length > 2) return usageFailure(process, `extra operand ${quoteName(operands[2] as string)}`)
  const sources = operands.slice(0, -1)
  if (!o.noTarget && isDirectory(process, last, o.noDereference)) return inside(last, sources)
  if (sources.length === 1) return [[sources[0] as string, last]]
  return fail(process, `target ${quoteName(last)}: ${statOf(process, last) ? 'Not a directory' : 'No such file or directory'}`)
}

function accessProblem(process: Process, directory: string): string | undefined {
  try {
    return process.files.stat(directory).type === 'directory' ? undefined : `target directory ${quoteName(directory)}: Not a directory`
  } catch (error) {
    return `failed to access ${quoteName(directory)}: ${reason(error)}`
  }
}

function isDirectory(process: Process, path: string, noDereference: boolean): boolean {
  return (noDereference ? lstatOf(process, path) : statOf(process, path))?.type === 'directory'
}

class Linker {
  constructor(
    private readonly process: Process,
    private readonly o: Given,
    private readonly backup: BackupPlan | undefined,
  ) {}

  /** False after a complaint. */
  async link(source: string, name: string): Promise<boolean> {
    const { process, o } = this
    const wrong = o.symbolic ? undefined : this.sourceProblem(source)
    if (wrong !== undefined) return complain(process, wrong).then(() => false)
    const before = lstatOf(process, name)
    if (before && this.replaces) {
      const refusal = this.refusal(source, name, before)
      if (refusal !== undefined) return complain(process, refusal).then(() => false)
      if (o.interactive && !o.force && !(await confirm(process, `replace ${quoteName(name)}? `))) return true
    }
    return attempt(process, name, () => this.create(source, name, before), (at, why, error) => this.complaint(source, at, why, error))
  }

  private get replaces(): boolean {
    return this.o.force || this.o.interactive || this.backup !== undefined
  }

  private sourceProblem(source: string): string | undefined {
    try {
      const stat = this.o.logical ? this.process.files.stat(source) : this.process.files.lstat(source)
      return stat.type === 'directory' ? `${source}: hard link not allowed for directory` : undefined
    } catch (error) {
      return `failed to access ${quoteName(source)}: ${reason(error)}`
    }
  }

  private refusal(source: string, name: string, before: Stat): string | undefined {
    if (before.type === 'directory') return `${quoteIfNeeded(name)}: cannot overwrite directory`
    return this.isSame(source, name, before) ? `${quoteName(source)} and ${quoteName(name)} are the same file` : undefined
  }

  /** Another name of the same file may become a symbolic link, the same name may not. */
  private isSame(source: string, name: string, before: Stat): boolean {
    const stat = lstatOf(this.process, source)
    if (stat?.ino !== before.ino || stat.dev !== before.dev || this.backup) return false
    if (!this.o.symbolic) return before.type !== 'symlink'
    return baseName(source) === baseName(name) && this.process.files.realpath(parentOf(source)) === this.process.files.realpath(parentOf(name))
  }

  private async create(source: string, name: string, before: Stat | undefined): Promise<void> {
    const { process, o } = this
    const backup = before && this.backup ? makeBackup(process, name, this.backup) : undefined
    if (before && backup === undefined && this.replaces) process.files.unlink(name)
    const text = o.relative ? relativePath(absolute(process, source), absolute(process, name).slice(0, -1)) : source
    if (o.symbolic) process.files.symlink(text, name)
    else process.files.link(o.logical ? process.files.realpath(source) : source, name)
    if (o.verbose) await print(process, `${quoteName(name)} ${o.symbolic ? '->' : '=>'} ${quoteName(text)}${backup === undefined ? '' : ` ~ ${quoteName(backup)}`}\n`)
  }

  private complaint(source: string, name: string, why: string, error: unknown): string {
    if (this.o.symbolic) return `failed to create symbolic link ${quoteName(name)}${source === '' ? ` -> ${quoteName('')}` : ''}: ${why}`
    return `failed to create hard link ${quoteName(name)}${isErrno(error, 'EEXIST') ? '' : ` => ${quoteName(source)}`}: ${why}`
  }
}

const link = defineProgram({
  name: 'link',
  usage: 'FILE1 FILE2',
  flags: {},
  async run(process, { operands }) {
    const names = await twoOperands(process, operands)
    if (typeof names === 'number') return names
    const [from, to] = names
    return Number(!(await attempt(process, from, async () => process.files.link(from, to), (_, why) => `cannot create link ${quoteName(to)} to ${quoteName(from)}: ${why}`)))
  },
})

const unlink = defineProgram({
  name: 'unlink',
  usage: 'FILE',
  flags: {},
  async run(process, { operands }) {
    const [path, extra] = operands
    if (path === undefined) return usageFailure(process, 'missing operand')
    if (extra !== undefined) return usageFailure(process, `extra operand ${quote(process, extra)}`)
    return Number(!(await attempt(process, path, async () => process.files.unlink(path), (_, why) => `cannot unlink ${quoteName(path)}: ${why}`)))
  },
})

export const linkPrograms: readonly Program[] = [ln, link, unlink]
