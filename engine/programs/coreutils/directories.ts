/** mkdir, rmdir. */
import { Errno, isErrno } from '#engine/linux/abi/errno'
import type { Process } from '#engine/linux/abi/process'
import { defineProgram, type Program } from '#engine/linux/abi/program'
import { flag, option } from '#engine/linux/abi/flags'
import { complain, print, quote, quoteName, reason, usageFailure } from '#engine/programs/common/gnu'
import { fail } from '#engine/programs/common/operands'
import { changeMode } from '#engine/programs/coreutils/modes'
import { makeParents, PathProblem } from '#engine/programs/coreutils/paths'

const mkdir = defineProgram({
  name: 'mkdir',
  usage: '[OPTION]... DIRECTORY...',
  flags: { mode: option('-m', '--mode'), parents: flag('-p', '--parents'), verbose: flag('-v', '--verbose'), context: flag('-Z') },
  async run(process, { mode, parents, verbose, operands }) {
    if (operands.length === 0) return usageFailure(process, 'missing operand')
    const bits = mode === undefined ? undefined : changeMode(mode, 0o777, true, process.umask())
    if (mode !== undefined && bits === undefined) return fail(process, `invalid mode ${quote(process, mode)}`)
    const maker = new Maker(process, bits, verbose)
    let status = 0
    for (const path of operands) if (!(await maker.make(path, parents))) status = 1
    return status
  },
})

class Maker {
  constructor(
    private readonly process: Process,
    private readonly bits: number | undefined,
    private readonly verbose: boolean,
  ) {}

  /** False after a complaint. */
  async make(path: string, parents: boolean): Promise<boolean> {
    try {
      if (parents) await this.all(path)
      else {
        this.process.files.mkdir(path, 0o777)
        await this.made(path, path)
      }
      return true
    } catch (error) {
      const [at, why] = error instanceof PathProblem ? [error.path, error.why] : [path, reason(error)]
      await complain(this.process, `cannot create directory ${quote(this.process, at)}: ${why}`)
      return false
    }
  }

  private async all(path: string): Promise<void> {
    if (path === '') this.process.files.mkdir(path, 0o777)
    const last = path.replace(/\/+/g, '/').replace(/(?!^)\/$/, '')
    await makeParents(this.process, last, (made) => this.made(made, last))
  }

  private async made(path: string, last: string): Promise<void> {
    if (this.bits !== undefined && path === last) this.process.files.chmod(path, this.bits)
    if (this.verbose) await print(this.process, `mkdir: created directory ${quoteName(path)}\n`)
  }
}

interface RemoveOptions {
  readonly ignore: boolean
  readonly parents: boolean
  readonly verbose: boolean
}

const rmdir = defineProgram({
  name: 'rmdir',
  usage: '[OPTION]... DIRECTORY...',
  flags: { ignore: flag('--ignore-fail-on-non-empty'), parents: flag('-p', '--parents'), verbose: flag('-v', '--verbose') },
  async run(process, o) {
    if (o.operands.length === 0) return usageFailure(process, 'missing operand')
    let status = 0
    for (const operand of o.operands) if (!(await removeChain(process, operand, o))) status = 1
    return status
  },
})

/** The directory, and with -p those above it in the path. False after a complaint. */
async function removeChain(process: Process, operand: string, o: RemoveOptions): Promise<boolean> {
  for (let path = operand; path !== '' && (path === operand || path !== '.'); path = path.replace(/\/*[^/]*\/*$/, '')) {
    const outcome = await removeOne(process, path, path === operand, o)
    if (outcome !== 'removed') return outcome === 'ignored'
    if (!o.parents) return true
  }
  return true
}

async function removeOne(process: Process, path: string, first: boolean, o: RemoveOptions): Promise<'removed' | 'ignored' | 'failed'> {
  if (o.verbose) await print(process, `rmdir: removing directory, ${quoteName(path)}\n`)
  try {
    if (/(^|\/)\.\/*$/.test(path)) throw new Errno('EINVAL', path)
    if (/^\/+$/.test(path)) throw new Errno('EBUSY', path)
    process.files.rmdir(path)
    return 'removed'
  } catch (error) {
    if (o.ignore && isErrno(error, 'ENOTEMPTY')) return 'ignored'
    await complain(process, `failed to remove ${first ? '' : 'directory '}${quoteName(path)}: ${reason(error)}`)
    return 'failed'
  }
}

export const directoryPrograms: readonly Program[] = [mkdir, rmdir]
