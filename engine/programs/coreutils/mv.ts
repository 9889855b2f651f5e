/** mv. */
import { isErrno } from '#engine/linux/abi/errno'
import type { Stat } from '#engine/linux/abi/files'
import type { Process } from '#engine/linux/abi/process'
import { defineProgram, type Program } from '#engine/linux/abi/program'
import { flag, option } from '#engine/linux/abi/flags'
import { complain, print, quoteName, reason } from '#engine/programs/common/gnu'
import { type BackupPlan, backupFlags, backupPlan, makeBackup } from '#engine/programs/coreutils/backup'
import { confirm } from '#engine/programs/coreutils/confirm'
import { Copier } from '#engine/programs/coreutils/copier'
import { entryAt, joinPath, namesIn, parentOf, statOf } from '#engine/programs/coreutils/paths'
import { planTargets } from '#engine/programs/coreutils/targets'

interface Options {
  readonly noClobber: boolean
  readonly interactive: boolean
  readonly verbose: boolean
  readonly update: boolean
  readonly backup: BackupPlan | undefined
}

class Refused extends Error {}

const mv = defineProgram({
  name: 'mv',
  usage: '[OPTION]... [-T] SOURCE DEST',
  flags: {
    ...backupFlags, context: flag('-Z'), force: flag('-f', '--force'), interactive: flag('-i', '--interactive'), noClobber: flag('-n', '--no-clobber'), noTarget: flag('-T', '--no-target-directory'), stripSlashes: flag('--strip-trailing-slashes'), target: option('-t', '--target-directory'), update: flag('-u', '--update'), verbose: flag('-v', '--verbose'),
  },
  async run(process, given) {
    const operands = given.stripSlashes ? given.operands.map((path) => path.replace(/(?!^)\/+$/, '')) : given.operands
    const plan = await planTargets(process, operands, given)
    if (typeof plan === 'number') return plan
    const options: Options = { noClobber: given.noClobber && !given.force, interactive: given.interactive && !given.force, verbose: given.verbose, update: given.update, backup: backupPlan(process, given) }
    let status = 0
    for (const source of plan.sources) if (!(await attemptMove(process, source, plan.destinationOf(source), options))) status = 1
    return status
  },
})

/** False after a complaint. */
async function attemptMove(process: Process, source: string, target: string, options: Options): Promise<boolean> {
  try {
    return await move(process, source, target, options)
  } catch (error) {
    await complain(process, error instanceof Refused ? error.message : `cannot move ${quoteName(source)} to ${quoteName(target)}: ${reason(error)}`)
    return false
  }
}

async function move(process: Process, source: string, target: string, options: Options): Promise<boolean> {
  const stat = stated(process, source, () => process.files.lstat(source.replace(/(?!^)\/+$/, '')))
  if (stat.type === 'symlink' && source.endsWith('/')) throw new Refused(`cannot move ${quoteName(source)} to ${quoteName(target)}: Not a directory`)
  checkNotInside(process, source, target, stat)
  const before = stated(process, target, () => entryAtTarget(process, target))
  if (before && !(await mayReplace(process, source, target, stat, before, options))) return true
  const backup = before && options.backup ? makeBackup(process, target, options.backup) : undefined
  if (renamed(process, source, target)) {
    if (options.verbose) await print(process, `renamed ${quoteName(source)} -> ${quoteName(target)}${backup === undefined ? '' : ` (backup: ${quoteName(backup)})`}\n`)
    return true
  }
  return copyAcross(process, source, target, options)
}

function entryAtTarget(process: Process, target: string): Stat | undefined {
  try {
    return entryAt(process, target, false)
  } catch (error) {
    if (isErrno(error, 'ENOTDIR')) return undefined
    throw error
  }
}

function stated<T>(process: Process, path: string, look: () => T): T {
  try {
    return look()
  } catch (error) {
    throw new Refused(`cannot stat ${quoteName(path)}: ${reason(error)}`)
  }
}

function checkNotInside(process: Process, source: string, target: string, stat: Stat): void {
  if (/(?:^|\/)\.\.?\/*$/.test(source)) throw new Refused(`cannot move ${quoteName(source)} to ${quoteName(target)}: Device or resource busy`)
  const parent = parentOf(target)
  if (stat.type !== 'directory' || statOf(process, parent)?.type !== 'directory') return
  if (`${process.files.realpath(parent)}/`.startsWith(`${process.files.realpath(source)}/`)) throw new Refused(`cannot move ${quoteName(source)} to a subdirectory of itself, ${quoteName(target)}`)
}

/** False where the file is left as it is. */
async function mayReplace(process: Process, source: string, target: string, stat: Stat, before: Stat, options: Options): Promise<boolean> {
  if (before.ino === stat.ino && before.dev === stat.dev) throw new Refused(`${quoteName(source)} and ${quoteName(target)} are the same file`)
  if (options.noClobber) return false
  if (options.update && before.mtimeMs >= stat.mtimeMs) return false
  if (before.type === 'directory' && stat.type !== 'directory') throw new Refused(`cannot overwrite directory ${quoteName(target)} with non-directory`)
  if (before.type !== 'directory' && stat.type === 'directory') throw new Refused(`cannot overwrite non-directory ${quoteName(target)} with directory ${quoteName(source)}`)
  return asked(process, target, before, options)
}

/** Asks with -i, and at a terminal for what may not be written. */
async function asked(process: Process, target: string, before: Stat, options: Options): Promise<boolean> {
  return !options.interactive || before.type === 'directory' || confirm(process, `overwrite ${quoteName(target)}? `)
}

/** False where the two lie on different file systems. */
function renamed(process: Process, source: string, target: string): boolean {
  try {
    process.files.rename(source, target)
    return true
  } catch (error) {
    if (isErrno(error, 'EXDEV')) return false
    throw error
  }
}

async function copyAcross(process: Process, source: string, target: string, options: Options): Promise<boolean> {
  const copier = new Copier(process, {
    force: true, interactive: false, noClobber: false, verbose: options.verbose ? 'mv' : undefined, update: false, backup: undefined, recursive: true, preserve: new Set(['mode', 'ownership', 'timestamps', 'links']), followLinks: false, followArguments: false, link: false, symbolic: false, attributesOnly: false, removeDestination: false,
  })
  if (!(await copier.copy(source, target))) return false
  await removeAll(process, source, options.verbose)
  return true
}

async function removeAll(process: Process, path: string, verbose: boolean): Promise<void> {
  const directory = process.files.lstat(path).type === 'directory'
  if (directory) for (const name of namesIn(process, path)) await removeAll(process, joinPath(path, name), verbose)
  if (directory) process.files.rmdir(path)
  else process.files.unlink(path)
  if (verbose) await print(process, `removed ${directory ? 'directory ' : ''}${quoteName(path)}\n`)
}

export const mvPrograms: readonly Program[] = [mv]
