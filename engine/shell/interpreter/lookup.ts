/** Finding commands: PATH, the hash table, and what stands in the way of running a file. */
import { isErrno } from '#engine/linux/abi/errno'
import type { Shell } from '#engine/shell/state/shell'

export const standardPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/** All executables of the name along PATH. */
export function searchPath(shell: Shell, name: string, path?: string): string[] {
  const directories = (path ?? shell.vars.find('PATH')?.scalar() ?? '').split(':')
  const out: string[] = []
  for (const directory of directories) {
    const candidate = directory === '' ? `./${name}` : `${directory.replace(/\/+$/, '')}/${name}`
    if (isExecutable(shell, candidate)) out.push(candidate)
  }
  return out
}

export function isExecutable(shell: Shell, path: string): boolean {
  try {
    return shell.files.exists(path)?.type === 'file' && shell.files.access(path, { execute: true })
  } catch (error) {
    if (isErrno(error)) return false
    throw error
  }
}

/** The file to run; remembers it. */
export function findExecutable(shell: Shell, name: string, path?: string): string | undefined {
  if (name.includes('/')) return name
  const known = path === undefined ? shell.hashed.get(name) : undefined
  if (known && isExecutable(shell, known.path)) {
    known.hits++
    return known.path
  }
  const found = searchPath(shell, name, path)[0]
  if (found !== undefined && path === undefined && found.startsWith('/')) shell.hashed.set(name, { path: found, hits: 1 })
  return found
}

/** A file of the name along PATH that may not be run. */
export function findRefused(shell: Shell, name: string): string | undefined {
  const directories = (shell.vars.find('PATH')?.scalar() ?? '').split(':')
  if (name === '' || name.includes('/') || directories.join('') === '') return undefined
  return directories.map((directory) => `${directory || '.'}/${name}`).find((path) => shell.files.exists(path)?.type === 'file')
}

/** Why a file did not start, in bash's words, with its status. */
export function startFailure(shell: Shell, name: string, path: string, error: unknown): { message: string; status: number } {
  if (!isErrno(error)) throw error
  const stat = statOf(shell, path)
  if (stat === 'directory') return { message: `${name}: Is a directory`, status: 126 }
  if (error.code === 'ENOENT') return { message: stat === undefined ? `${name}: No such file or directory` : `${name}: cannot execute: required file not found`, status: 127 }
  if (error.code === 'ENOEXEC') return { message: `${name}: cannot execute binary file: Exec format error`, status: 126 }
  if (error.code === 'ENOTDIR') return { message: `${name}: Not a directory`, status: 126 }
  const interpreter = error.code === 'EACCES' ? interpreterOf(shell, path) : undefined
  return { message: `${name}: ${interpreter === undefined ? '' : `${interpreter}: bad interpreter: `}${error.message}`, status: 126 }
}

/** The program that a script's `#!` names, where the script itself may be run. */
function interpreterOf(shell: Shell, path: string): string | undefined {
  if (!isExecutable(shell, path)) return undefined
  const head = new TextDecoder().decode(shell.files.readFile(path).subarray(0, 128))
  return /^#![ \t]*([^ \t\n]+)/.exec(head)?.[1]
}

function statOf(shell: Shell, path: string): string | undefined {
  try {
    return shell.files.exists(path)?.type
  } catch (error) {
    if (isErrno(error)) return undefined
    throw error
  }
}

/** A file that is no program and no `#!` script: run as a shell script unless it looks binary. */
export function looksBinary(bytes: Uint8Array): boolean {
  if ([0x7f, 0x45, 0x4c, 0x46].every((byte, index) => bytes[index] === byte)) return true
  const end = bytes.indexOf(10)
  return bytes.subarray(0, Math.min(end < 0 ? bytes.length : end, 80)).includes(0)
}
