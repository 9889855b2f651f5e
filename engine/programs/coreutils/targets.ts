/** SOURCE... DEST of cp, mv, install and ln: which file goes where. */
import { isErrno } from '#engine/linux/abi/errno'
import type { Stat } from '#engine/linux/abi/files'
import type { Process } from '#engine/linux/abi/process'
import { quoteName, usageFailure } from '#engine/programs/common/gnu'
import { fail } from '#engine/programs/common/operands'
import { baseName, joinPath, statOf } from '#engine/programs/coreutils/paths'

export interface Plan {
  readonly sources: readonly string[]
  readonly destinationOf: (source: string) => string
  /** Where all go into one directory. */
  readonly into: string | undefined
}

export interface TargetOptions {
  readonly target: string | undefined
  readonly noTarget: boolean
}

/** The plan, or the status after a complaint. */
export async function planTargets(process: Process, operands: readonly string[], { target, noTarget }: TargetOptions): Promise<Plan | number> {
  if (operands.length === 0) return usageFailure(process, 'missing file operand')
  if (target !== undefined) return intoDirectory(process, operands, target, `target directory ${quoteName(target)}`)
  const last = operands.at(-1) as string
  if (operands.length === 1) return usageFailure(process, `missing destination file operand after ${quoteName(last)}`)
  if (noTarget && operands.length > 2) return usageFailure(process, `extra operand ${quoteName(operands[2] as string)}`)
  const sources = operands.slice(0, -1)
  if (noTarget) return { sources, destinationOf: () => last, into: undefined }
  if (sources.length > 1) return intoDirectory(process, sources, last, `target ${quoteName(last)}`)
  const wrong = unreachable(process, last)
  if (wrong !== undefined) return fail(process, `failed to access ${quoteName(last)}: ${wrong}`)
  if (statOf(process, last)?.type === 'directory') return into(sources, last)
  return { sources, destinationOf: () => last, into: undefined }
}

function into(sources: readonly string[], directory: string): Plan {
  return { sources, destinationOf: (source) => joinPath(directory, baseName(source)), into: directory }
}

async function intoDirectory(process: Process, sources: readonly string[], directory: string, what: string): Promise<Plan | number> {
  let stat: Stat | undefined
  try {
    stat = process.files.stat(directory)
  } catch (error) {
    if (!isErrno(error)) throw error
    return fail(process, `${what}: ${error.message}`)
  }
  return stat.type === 'directory' ? into(sources, directory) : fail(process, `${what}: Not a directory`)
}

/** A path below something that is no directory. */
function unreachable(process: Process, path: string): string | undefined {
  try {
    process.files.lstat(path.replace(/(?!^)\/+$/, ''))
    return undefined
  } catch (error) {
    return isErrno(error, 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG') ? error.message : undefined
  }
}
