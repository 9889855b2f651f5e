/** pathchk. */
import { isErrno } from '#engine/linux/abi/errno'
import type { Process } from '#engine/linux/abi/process'
import { defineProgram, type Program } from '#engine/linux/abi/program'
import { flag } from '#engine/linux/abi/flags'
import { complain, quote, quoteName, usageFailure } from '#engine/programs/common/gnu'
import { quoteIfNeeded } from '#engine/programs/common/quoting'

const pathchk = defineProgram({
  name: 'pathchk',
  usage: '[OPTION]... NAME...',
  flags: { posix: flag('-p'), strict: flag('-P'), portability: flag('--portability') },
  async run(process, o) {
    if (o.operands.length === 0) return usageFailure(process, 'missing operand')
    let status = 0
    for (const path of o.operands) {
      const problem = problemOf(process, path, o.posix || o.portability, o.strict || o.portability)
      if (problem === undefined) continue
      await complain(process, problem)
      status = 1
    }
    return status
  },
})

function problemOf(process: Process, path: string, posix: boolean, strict: boolean): string | undefined {
  const parts = path.split('/')
  if (strict && parts.some((part) => part.startsWith('-'))) return `leading '-' in a component of file name ${quoteName(path)}`
  if ((posix || strict) && path === '') return 'empty file name'
  const bad = posix ? /[^A-Za-z0-9._/-]/u.exec(path)?.[0] : undefined
  if (bad !== undefined) return `nonportable character ${quote(process, bad)} in file name ${quoteName(path)}`
  const most = posix ? 14 : 255
  const long = parts.find((part) => part.length > most)
  if (long !== undefined) return `limit ${most} exceeded by length ${long.length} of file name component ${quote(process, long)}`
  return posix ? undefined : unreachable(process, path)
}

/** A name that may not exist yet is fine, one below a file is not. */
function unreachable(process: Process, path: string): string | undefined {
  try {
    process.files.lstat(path)
    return undefined
  } catch (error) {
    if (!isErrno(error)) throw error
    if (path !== '' && error.code === 'ENOENT') return undefined
    return `${quoteIfNeeded(path)}: ${error.message}`
  }
}

export const pathchkPrograms: readonly Program[] = [pathchk]
