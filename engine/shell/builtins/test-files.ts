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

interface TestInput {
  readonly process: Process
  readonly stat: Stat
}

/** What a test asks of a file that is there. */
const kindTests: Readonly<Record<string, (input: TestInput) => boolean>> = {
  '-b': ({ stat }) => stat.type === 'block',
  '-c': ({ stat }) => stat.type === 'character',
  '-d': ({ stat }) => stat.type === 'directory',
  '-f': ({ stat }) => stat.type === 'file',
  '-g': ({ stat }) => (stat.mode & 0o2000) !== 0,
  '-h': ({ stat }) => stat.type === 'symlink',
  '-L': ({ stat }) => stat.type === 'symlink',
  '-k': ({ stat }) => (stat.mode & 0o1000) !== 0,
  '-p': ({ stat }) => stat.type === 'fifo',
  '-s': ({ stat }) => stat.size > 0 || stat.type === 'directory',
  '-u': ({ stat }) => (stat.mode & 0o4000) !== 0,
  '-G': ({ process, stat }) => stat.gid === process.credentials.egid,
  '-O': ({ process, stat }) => stat.uid === process.credentials.euid,
  '-N': ({ stat }) => stat.mtimeMs > stat.atimeMs,
  '-S': ({ stat }) => stat.type === 'socket',
}

export function fileTest(process: Process, operator: string, path: string): boolean {
  if (operator === '-t') return /^\d+$/.test(path) && process.descriptors().get(Number(path))?.kind === 'tty'
  if (operator === '-r' || operator === '-w' || operator === '-x') return accessible(process, operator, path)
  const stat = path === '' ? undefined : statOf(process, path, operator === '-L' || operator === '-h')
  if (!stat) return false
  const entry = Object.hasOwn(kindTests, operator) ? kindTests[operator] : undefined
  return entry ? entry({ process, stat }) : true
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
