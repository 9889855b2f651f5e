/** rm. */
import { isErrno } from '#engine/linux/abi/errno'
import type { Stat } from '#engine/linux/abi/files'
import type { Process } from '#engine/linux/abi/process'
import { defineProgram, type Program } from '#engine/linux/abi/program'
import { choice } from '#engine/linux/abi/choices'
import { flag, type FlagValues, optional, parseFlags, UsageError } from '#engine/linux/abi/flags'
import { complain, print, programName, quoteName, reason, usageFailure } from '#engine/programs/common/gnu'
import { confirm } from '#engine/programs/coreutils/confirm'
import { fail } from '#engine/programs/common/operands'
import { joinPath, namesIn } from '#engine/programs/coreutils/paths'

export { confirm } from '#engine/programs/coreutils/confirm'

const flags = {
  directory: flag('-d', '--dir'), force: flag('-f', '--force'), interactive: flag('-i'), once: flag('-I'), interactiveWhen: choice(optional('--interactive'), [['never', 'no', 'none'], ['once'], ['always', 'yes']], { bare: 'always' }), oneFileSystem: flag('--one-file-system'), noPreserve: flag('--no-preserve-root'), preserve: optional('--preserve-root'),
  recursive: flag('-r', '-R', '--recursive'), verbose: flag('-v', '--verbose'),
} as const

type Given = FlagValues<typeof flags>

const inner = defineProgram({
  name: 'rm',
  flags,
  async run(process, given) {
    const { operands } = given
    if (process.argv.some((arg) => /^--no-p/.test(arg) && arg !== '--no-preserve-root')) return fail(process, 'you may not abbreviate the --no-preserve-root option')
    if (operands.length === 0) return given.force ? 0 : usageFailure(process, 'missing operand')
    if (!(await askOnce(process, given, operands.length))) return 0
    const remover = new Remover(process, { ...given, ask: (given.interactive || given.interactiveWhen === 'always') && !lastIsForce(process.argv) })
    let status = 0
    for (const path of operands) {
      const refusal = given.recursive ? dangerOf(process, path, given.noPreserve) : undefined
      if (refusal !== undefined) await complain(process, refusal)
      if (refusal !== undefined || !(await remover.remove(path))) status = 1
    }
    return status
  },
})

/** -I: one question before much is removed. */
async function askOnce(process: Process, given: Given, count: number): Promise<boolean> {
  if (!given.once && given.interactiveWhen !== 'once') return true
  if (count <= 3 && !given.recursive) return true
  return confirm(process, `remove ${count} argument${count === 1 ? '' : 's'}${given.recursive ? ' recursively' : ''}? `)
}

function dangerOf(process: Process, path: string, noPreserve: boolean): string | undefined {
  const trimmed = path.replace(/\/+$/, '')
  if (trimmed === '' && path !== '') return noPreserve ? undefined : `it is dangerous to operate recursively on ${quoteName(path)}\n${programName(process)}: use --no-preserve-root to override this failsafe`
  const last = trimmed.split('/').pop()
  return last === '.' || last === '..' ? `refusing to remove ${quoteName('.')} or ${quoteName('..')} directory: skipping ${quoteName(path)}` : undefined
}

function lastIsForce(argv: readonly string[]): boolean {
  return /f[^i]*$/.test(argv.filter((arg) => /^-[a-zA-Z]+$/.test(arg)).join(''))
}

interface Options {
  readonly directory: boolean
  readonly force: boolean
  readonly ask: boolean
  readonly recursive: boolean
  readonly verbose: boolean
}

const kinds: Readonly<Record<string, string>> = { symlink: 'symbolic link', file: 'regular file', fifo: 'fifo', socket: 'socket' }

function kindOf(stat: Stat): string {
  return stat.type === 'file' && stat.size === 0 ? 'regular empty file' : (kinds[stat.type] ?? 'special file')
}

class Remover {
  constructor(
    private readonly process: Process,
    private readonly o: Options,
  ) {}

  /** False after a complaint. */
  async remove(path: string): Promise<boolean> {
    try {
      const stat = this.process.files.lstat(path)
      return await (stat.type === 'directory' ? this.directory(path) : this.file(path, stat))
    } catch (error) {
      const why = reason(error)
      if (this.o.force && isErrno(error, 'ENOENT', 'ENOTDIR')) return true
      await complain(this.process, `cannot remove ${quoteName(path)}: ${why}`)
      return false
    }
  }

  private async file(path: string, stat: Stat): Promise<boolean> {
    if (!(await this.mayRemove(path, stat))) return true
    this.process.files.unlink(path)
    if (this.o.verbose) await print(this.process, `removed ${quoteName(path)}\n`)
    return true
  }

  private async mayRemove(path: string, stat: Stat): Promise<boolean> {
    const { process, o } = this
    if (o.ask) return confirm(process, `remove ${kindOf(stat)} ${quoteName(path)}? `)
    const guarded = !o.force && stat.type !== 'symlink' && process.descriptors().get(0)?.kind === 'tty' && !process.files.access(path, { write: true })
    return !guarded || confirm(process, `remove write-protected ${kindOf(stat)} ${quoteName(path)}? `)
  }

  private async directory(path: string): Promise<boolean> {
    const { process, o } = this
    if (!o.recursive && !o.directory) return complain(process, `cannot remove ${quoteName(path)}: Is a directory`).then(() => false)
    const contents = await this.contents(path)
    if (contents === 'kept' || (o.ask && !(await confirm(process, `remove directory ${quoteName(path)}? `)))) return true
    if (contents === 'failed') return false
    process.files.rmdir(path)
    if (o.verbose) await print(process, `removed directory ${quoteName(path)}\n`)
    return true
  }

  private async contents(path: string): Promise<'removed' | 'kept' | 'failed'> {
    const names = namesIn(this.process, path)
    if (names.length === 0 || !this.o.recursive) return 'removed'
    if (this.o.ask && !(await confirm(this.process, `descend into directory ${quoteName(path)}? `))) return 'kept'
    let fine = true
    for (const name of names) if (!(await this.remove(joinPath(path, name)))) fine = false
    return fine ? 'removed' : 'failed'
  }
}

/** A name that looks like a flag gets advice of its own. */
const rm: Program = {
  name: 'rm',
  async run(process) {
    const args = process.argv.slice(1)
    try {
      parseFlags(flags, args, false)
    } catch (error) {
      if (!(error instanceof UsageError)) throw error
      const file = args.find((arg) => arg.startsWith('-') && arg !== '-' && process.files.exists(arg) !== undefined)
      if (file === undefined) return inner.run(process)
      return usageFailure(process, `${error.message}\nTry '${programName(process)} ./${file}' to remove the file ${quoteName(file)}.`)
    }
    return inner.run(process)
  },
}

export const removePrograms: readonly Program[] = [rm]
