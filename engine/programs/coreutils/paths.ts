/** Paths and what lies there, for programs that look before they act. */
import { isErrno } from '#engine/linux/abi/errno'
import type { Stat } from '#engine/linux/abi/files'
import type { Process } from '#engine/linux/abi/process'

/** The file behind a path; undefined for any reason. */
export function statOf(process: Process, path: string): Stat | undefined {
  return quietly(() => process.files.stat(path))
}

/** The entry itself, be it a link; undefined for any reason. */
export function lstatOf(process: Process, path: string): Stat | undefined {
  return quietly(() => process.files.lstat(path))
}

function quietly(look: () => Stat): Stat | undefined {
  try {
    return look()
  } catch (error) {
    if (isErrno(error)) return undefined
    throw error
  }
}

/** Undefined only where nothing is; what else stands in the way is thrown. */
export function entryAt(process: Process, path: string, follow: boolean): Stat | undefined {
  try {
    return follow ? process.files.stat(path) : process.files.lstat(path)
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return undefined
    throw error
  }
}

export function isPresent(process: Process, path: string): boolean {
  return lstatOf(process, path) !== undefined
}

export function baseName(path: string): string {
  return path.replace(/\/+$/, '').split('/').pop() || '/'
}

export function joinPath(directory: string, name: string): string {
  return directory.endsWith('/') ? directory + name : `${directory}/${name}`
}

/** The directory that holds a path's last name. */
export function parentOf(path: string): string {
  const trimmed = path.replace(/(?!^)\/+$/, '')
  return trimmed.includes('/') ? trimmed.slice(0, trimmed.lastIndexOf('/')) || '/' : '.'
}

/** The names in a directory, in order, without `.` and `..`. */
export function namesIn(process: Process, path: string): string[] {
  return process.files.readDirectory(path).map((entry) => entry.name).filter((name) => name !== '.' && name !== '..').sort()
}

/** Creates the directories of a path that are missing; `told` hears of each. What stands in the way is thrown with its own path. */
export async function makeParents(process: Process, path: string, told: (made: string) => Promise<void>): Promise<void> {
  let at = path.startsWith('/') ? '/' : ''
  for (const name of path.split('/').filter((part) => part !== '')) {
    at = at === '' || at === '/' ? at + name : `${at}/${name}`
    if (statOf(process, at)?.type === 'directory') continue
    try {
      process.files.mkdir(at, 0o777)
    } catch (error) {
      throw isErrno(error) ? new PathProblem(at, isErrno(error, 'EEXIST') && at !== path ? 'Not a directory' : error.message) : error
    }
    await told(at)
  }
}

/** A system error with the path it is about. */
export class PathProblem extends Error {
  constructor(
    readonly path: string,
    readonly why: string,
  ) {
    super(`${path}: ${why}`)
  }
}
