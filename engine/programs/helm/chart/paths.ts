/** Paths and failures of file calls as Go words them. */
import { Errno, isErrno } from '#engine/linux/abi/errno'
import type { Files } from '#engine/linux/abi/files'

/** `open x.yaml: no such file or directory`. */
export function fileError(call: string, path: string, error: unknown): Error {
  return error instanceof Errno ? new Error(`${call} ${path}: ${error.message.charAt(0).toLowerCase()}${error.message.slice(1)}`) : (error as Error)
}

export function readBytes(files: Files, path: string): Uint8Array {
  try {
    return files.readFile(path)
  } catch (error) {
    throw fileError(isErrno(error, 'EISDIR') ? 'read' : 'open', path, error)
  }
}

/** filepath.Clean. */
export function cleanPath(path: string): string {
  const parts: string[] = []
  const rooted = path.startsWith('/')
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue
    if (part !== '..') parts.push(part)
    else if (parts.length > 0 && parts[parts.length - 1] !== '..') parts.pop()
    else if (!rooted) parts.push('..')
  }
  return (rooted ? '/' : '') + parts.join('/') || '.'
}

export function joinPath(...parts: readonly string[]): string {
  const given = parts.filter((part) => part !== '')
  return given.length === 0 ? '' : cleanPath(given.join('/'))
}

export function basePath(path: string): string {
  if (path === '') return '.'
  const trimmed = path.replace(/\/+$/, '')
  return trimmed === '' ? '/' : (trimmed.split('/').pop() as string)
}

export function directoryOf(path: string): string {
  const at = path.lastIndexOf('/')
  return at < 0 ? '.' : cleanPath(path.slice(0, at + 1))
}

export function extensionOf(path: string): string {
  const base = path.slice(path.lastIndexOf('/') + 1)
  const at = base.lastIndexOf('.')
  return at < 0 ? '' : base.slice(at)
}
