/** chmod. */
import { isErrno } from '#engine/linux/abi/errno'
import type { Stat } from '#engine/linux/abi/files'
import type { Process } from '#engine/linux/abi/process'
import { defineProgram, type Program } from '#engine/linux/abi/program'
import { flag, type FlagValues, option } from '#engine/linux/abi/flags'
import { complain, modeString, print, programName, quote, quoteName, reason, usageFailure } from '#engine/programs/common/gnu'
import { fail } from '#engine/programs/common/operands'
import { changeMode } from '#engine/programs/coreutils/modes'
import { lstatOf } from '#engine/programs/coreutils/paths'
import { walkTree } from '#engine/programs/coreutils/walk-tree'

export { walkTree } from '#engine/programs/coreutils/walk-tree'

const chmodFlags = { changes: flag('-c', '--changes'), recursive: flag('-R', '--recursive'), noPreserve: flag('--no-preserve-root'), preserve: flag('--preserve-root'), quiet: flag('-f', '--silent', '--quiet'), reference: option('--reference'), verbose: flag('-v', '--verbose') } as const

type Given = FlagValues<typeof chmodFlags> & { readonly operands: readonly string[] }

/** chmod takes `-x` and `-rwx` as modes though they look like flags: they become an operand at the front. */
function modesAsOperands(args: readonly string[]): readonly string[] {
  const end = args.indexOf('--')
  const at = args.findIndex((arg) => /^-[rwxXstugoa,+=-]+$/.test(arg) && !arg.startsWith('--'))
  if (at < 0 || (end >= 0 && end < at)) return args
  const others = args.filter((_, index) => index !== at)
  const flagsOnly = others.filter((arg) => /^-[cfvR]+$|^--\w/.test(arg))
  return [...flagsOnly, '--', args[at] as string, ...others.filter((arg) => !flagsOnly.includes(arg))]
}

type ModeFor = (stat: Stat) => number

export const chmod: Program = defineProgram({
  name: 'chmod',
  usage: '[OPTION]... MODE[,MODE]... FILE...',
  rewrite: modesAsOperands,
  flags: chmodFlags,
  async run(process, o) {
    const [text, ...rest] = o.operands
    if (o.reference === undefined && text === undefined) return usageFailure(process, 'missing operand')
    const paths = o.reference === undefined ? rest : o.operands
    if (paths.length === 0) return usageFailure(process, o.reference === undefined ? `missing operand after ${quote(process, text ?? '')}` : 'missing operand')
    const umask = process.umask()
    if (o.reference === undefined && changeMode(text ?? '', 0, false, umask) === undefined) return usageFailure(process, `invalid mode: ${quote(process, text ?? '')}`)
    const reference = o.reference === undefined ? undefined : referenceMode(process, o.reference)
    if (typeof reference === 'string') return fail(process, reference)
    return changeAll(process, paths, (stat) => reference ?? (changeMode(text ?? '', stat.mode, stat.type === 'directory', umask) as number), o)
  },
})

function referenceMode(process: Process, path: string): number | string {
  try {
    return process.files.stat(path).mode
  } catch (error) {
    return `failed to get attributes of ${quoteName(path)}: ${reason(error)}`
  }
}

async function changeAll(process: Process, paths: readonly string[], modeFor: ModeFor, o: Given): Promise<number> {
  const changer = new ModeChanger(process, modeFor, o)
  for (const path of paths) {
    if (o.recursive && o.preserve && process.files.exists(path) && process.files.realpath(path) === '/') await changer.refuseRoot(path)
    else if (o.recursive) await changer.tree(path)
    else await changer.change(path)
  }
  return changer.status
}

const octal = (mode: number): string => mode.toString(8).padStart(4, '0')
const letters = (mode: number): string => modeString('file', mode).slice(1)

class ModeChanger {
  status = 0

  constructor(
    private readonly process: Process,
    private readonly modeFor: ModeFor,
    private readonly o: Given,
  ) {}

  async refuseRoot(path: string): Promise<void> {
    this.status = 1
    await complain(this.process, `it is dangerous to operate recursively on ${quoteName(path)}${path === '/' ? '' : " (same as '/')"}\n${programName(this.process)}: use --no-preserve-root to override this failsafe`)
  }

  /** A link that is named is followed, one that is met is left alone. */
  async tree(path: string): Promise<void> {
    const start = lstatOf(this.process, path)?.type === 'symlink' ? `${path}/` : path
    if (start !== path && this.process.files.exists(path)?.type !== 'directory') return this.change(path)
    for (const entry of [...walkTree(this.process, start)]) {
      if ('error' in entry || entry.stat.type !== 'symlink') await this.change(entry.path)
    }
  }

  async change(path: string): Promise<void> {
    const { process } = this
    try {
      const stat = process.files.stat(path)
      const mode = this.modeFor(stat)
      process.files.chmod(path, mode)
      await this.tell(path, stat.mode, process.files.stat(path).mode)
    } catch (error) {
      await this.complain(path, reason(error), error)
    }
  }

  private async tell(path: string, before: number, after: number): Promise<void> {
    const { o } = this
    if (before === after && o.verbose) await print(this.process, `mode of ${quoteName(path)} retained as ${octal(after)} (${letters(after)})\n`)
    else if (before !== after && (o.verbose || o.changes)) await print(this.process, `mode of ${quoteName(path)} changed from ${octal(before)} (${letters(before)}) to ${octal(after)} (${letters(after)})\n`)
  }

  private async complain(path: string, why: string, error: unknown): Promise<void> {
    this.status = 1
    const access = isErrno(error, 'ENOENT', 'ENOTDIR', 'ELOOP', 'EACCES')
    const dangling = isErrno(error, 'ENOENT') && lstatOf(this.process, path)?.type === 'symlink'
    if (!this.o.quiet) await complain(this.process, dangling ? `cannot operate on dangling symlink ${quoteName(path)}` : `${access ? 'cannot access' : 'changing permissions of'} ${quoteName(path)}: ${why}`)
    if (this.o.verbose && access && !dangling) await print(this.process, `${quoteName(path)} could not be accessed\n`)
  }
}

export const permissionPrograms: readonly Program[] = [chmod]
