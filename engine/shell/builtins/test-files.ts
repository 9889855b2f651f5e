/** File tests of test, `[` and `[[`. */
import { isErrno } from '#engine/linux/abi/errno'
import type { Stat } from '#engine/linux/abi/files'
import type { Process } from '#engine/linux/abi/process'

export function isFileTest(operator: string): boolean {
  return /^-[abcdefghkprstuwxGLNOS]$/.test(operator)
}

function statOf(process: Process, path: string, link: boolean): Stat | undefined {
  try {
    return link ? process.files.lstat(path) : process.files.stat(path)
  } catch (error) {
    if (isErrno(error)) return undefined
    throw error
  }
}

export function fileTest(process: Process, operator: string, path: string): boolean {
  if (operator === '-t') return /^\d+$/.test(path) && process.descriptors().get(Number(path))?.kind === 'tty'
  if (operator === '-r' || operator === '-w' || operator === '-x') return accessible(process, operator, path)
  const stat = path === '' ? undefined : statOf(process, path, operator === '-L' || operator === '-h')
  if (!stat) return false
  switch (operator) {
    case '-b': return stat.type === 'block'
    case '-c': return stat.type === 'character'
    case '-d': return stat.type === 'directory'
    case '-f': return stat.type === 'file'
    case '-g': return (stat.mode & 0o2000) !== 0
    case '-h': case '-L': return stat.type === 'symlink'
    case '-k': return (stat.mode & 0o1000) !== 0
    case '-p': return stat.type === 'fifo'
    case '-s': return stat.size > 0 || stat.type === 'directory'
    case '-u': return (stat.mode & 0o4000) !== 0
    case '-G': return stat.gid === process.credentials.egid
    case '-O': return stat.uid === process.credentials.euid
    case '-N': return stat.mtimeMs > stat.atimeMs
    case '-S': return stat.type === 'socket'
    default: return true
  }
}

function accessible(process: Process, operator: string, path: string): boolean {
  if (path === '') return false
  try {
    return process.files.access(path, operator === '-r' ? { read: true } : operator === '-w' ? { write: true } : { execute: true })
  } catch (error) {
    if (isErrno(error)) return false
    throw error
  }
}

export function compareFiles(process: Process, operator: string, left: string, right: string): boolean {
  const a = statOf(process, left, false)
  const b = statOf(process, right, false)
  if (operator === '-ef') return a !== undefined && b !== undefined && a.dev === b.dev && a.ino === b.ino
  if (operator === '-nt') return a !== undefined && (b === undefined || a.mtimeMs > b.mtimeMs)
  return b !== undefined && (a === undefined || a.mtimeMs < b.mtimeMs)
}
