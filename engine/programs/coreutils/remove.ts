/** rm. */
import { isErrno } from '#engine/linux/abi/errno'
import type { Stat } from '#engine/linux/abi/files'
import type { Process } from '#engine/linux/abi/process'
import { defineProgram, type Program } from '#engine/linux/abi/program'
import { choice } from '#engine/linux/abi/choices'
import { flag, optional, parseFlags, UsageError } from '#engine/linux/abi/flags'
import { encodeLossless } from '#engine/base/lossless'
import { complain, print, programName, quoteName, reason, usageFailure } from '#engine/programs/common/gnu'
import { readLine } from '#engine/shell/interpreter/input'

/** Asks on standard error; yes begins with y or Y. */
export async function confirm(process: Process, question: string): Promise<boolean> {
  await process.stderr.write(encodeLossless(`${programName(process)}: ${question}`))
  const line = await readLine(process.descriptor(0))
  return /^[yY]/.test(line?.text ?? '')
}

const flags = { directory: flag('-d', '--dir'), force: flag('-f', '--force'), interactive: flag('-i'), once: flag('-I'), interactiveWhen: choice(optional('--interactive'), [['never', 'no', 'none'], ['once'], ['always', 'yes']], { bare: 'always' }), recursive: flag('-r', '-R', '--recursive'), verbose: flag('-v', '--verbose'), preserve: optional('--preserve-root'), noPreserve: flag('--no-preserve-root'), oneFileSystem: flag('--one-file-system') } as const

interface Options {
  readonly directory: boolean
  readonly force: boolean
  readonly ask: boolean
  readonly recursive: boolean
  readonly verbose: boolean
}

const inner = defineProgram({
  name: 'rm',
  flags,
  async run(process, given) {
    const { operands } = given
    if (operands.length === 0) return given.force ? 0 : usageFailure(process, 'missing operand')
    const options: Options = { directory: given.directory, force: given.force, ask: (given.interactive || given.interactiveWhen === 'always') && !lastIsForce(process.argv), recursive: given.recursive, verbose: given.verbose }
    if ((given.once || given.interactiveWhen === 'once') && (operands.length > 3 || given.recursive)) {
      const asked = given.recursive ? `remove ${operands.length} argument${operands.length === 1 ? '' : 's'} recursively? ` : `remove ${operands.length} arguments? `
      if (!(await confirm(process, asked))) return 0
    }
    let status = 0
    for (const path of operands) {
      const last = path.replace(/\/+$/, '').split('/').pop()
      if (given.recursive && path.replace(/\/+$/, '') === '' && !given.noPreserve) {
        await complain(process, `it is dangerous to operate recursively on ${quoteName(path)}\n${programName(process)}: use --no-preserve-root to override this failsafe`)
        status = 1
      } else if (given.recursive && (last === '.' || last === '..')) {
        await complain(process, `refusing to remove ${quoteName('.')} or ${quoteName('..')} directory: skipping ${quoteName(path)}`)
        status = 1
      } else if (!(await remove(process, path, options))) status = 1
    }
    return status
  },
})

function lastIsForce(argv: readonly string[]): boolean {
  return /f[^i]*$/.test(argv.filter((arg) => /^-[a-zA-Z]+$/.test(arg)).join(''))
}

async function remove(process: Process, path: string, options: Options): Promise<boolean> {
  let stat: Stat
  try {
    stat = process.files.lstat(path)
  } catch (error) {
    if (options.force && isErrno(error, 'ENOENT', 'ENOTDIR')) return true
    await complain(process, `cannot remove ${quoteName(path)}: ${reason(error)}`)
    return false
  }
  if (stat.type === 'directory') return removeDirectory(process, path, options)
  if (!(await mayRemove(process, path, stat, options))) return true
  try {
    process.files.unlink(path)
  } catch (error) {
    await complain(process, `cannot remove ${quoteName(path)}: ${reason(error)}`)
    return false
  }
  if (options.verbose) await print(process, `removed ${quoteName(path)}\n`)
  return true
}

async function mayRemove(process: Process, path: string, stat: Stat, options: Options): Promise<boolean> {
  const kind = stat.type === 'symlink' ? 'symbolic link' : stat.type === 'file' ? (stat.size === 0 ? 'regular empty file' : 'regular file') : stat.type === 'fifo' ? 'fifo' : stat.type === 'socket' ? 'socket' : 'special file'
  if (options.ask) return confirm(process, `remove ${kind} ${quoteName(path)}? `)
  const guarded = !options.force && stat.type !== 'symlink' && process.descriptors().get(0)?.kind === 'tty' && !process.files.access(path, { write: true })
  return guarded ? confirm(process, `remove write-protected ${kind} ${quoteName(path)}? `) : true
}

async function removeDirectory(process: Process, path: string, options: Options): Promise<boolean> {
  if (!options.recursive && !options.directory) {
    await complain(process, `cannot remove ${quoteName(path)}: Is a directory`)
    return false
  }
  let fine = true
  try {
    const names = process.files.readDirectory(path).map((entry) => entry.name).filter((name) => name !== '.' && name !== '..').sort()
    if (names.length > 0 && options.recursive) {
      if (options.ask && !(await confirm(process, `descend into directory ${quoteName(path)}? `))) return true
      for (const name of names) if (!(await remove(process, path.endsWith('/') ? path + name : `${path}/${name}`, options))) fine = false
    }
    if (options.ask && !(await confirm(process, `remove directory ${quoteName(path)}? `))) return true
    if (fine) process.files.rmdir(path)
  } catch (error) {
    await complain(process, `cannot remove ${quoteName(path)}: ${reason(error)}`)
    return false
  }
  if (fine && options.verbose) await print(process, `removed directory ${quoteName(path)}\n`)
  return fine
}

/** A name that looks like a flag gets advice of its own. */
const rm: Program = {
  name: 'rm',
  async run(process) {
    try {
      parseFlags(flags, process.argv.slice(1), false)
    } catch (error) {
      if (!(error instanceof UsageError)) throw error
      const file = process.argv.slice(1).find((arg) => arg.startsWith('-') && arg !== '-' && process.files.exists(arg) !== undefined)
      const advice = file === undefined ? '' : `Try '${programName(process)} ./${file}' to remove the file ${quoteName(file)}.\n`
      await process.stderr.write(`${programName(process)}: ${error.message}\n${advice}Try '${programName(process)} --help' for more information.\n`)
      return 1
    }
    return inner.run(process)
  },
}

export const removePrograms: readonly Program[] = [rm]
