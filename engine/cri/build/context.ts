/** What a client sends along with a build: the directory without what .dockerignore names, as an archive. */
import type { TarEntry } from '#engine/base/archive/ustar'
import type { Files } from '#engine/linux/abi/files'
import { archiveOf, treeEntries } from '../archive/tree'
import { type Ignored, ignoreRules } from './ignore'

/** A context cannot be made; the message is docker's. */
export class ContextProblem extends Error {
  override readonly name = 'ContextProblem'
}

export interface PackedContext {
  readonly tar: Uint8Array
  /** Path of the Dockerfile in the archive. */
  readonly dockerfile: string
}

/** `dockerfile` is a path from the working directory, or empty for the one in the context. */
export function packContext(files: Files, directory: string, dockerfile: string): PackedContext {
  if (files.exists(directory)?.type !== 'directory') throw new ContextProblem(`unable to prepare context: path "${directory}" not found`)
  const root = files.realpath(directory)
  const path = dockerfile === '' ? defaultFile(files, root) : realFile(files, dockerfile)
  const inside = path.startsWith(`${root}/`) ? path.slice(root.length + 1) : undefined
  const ignored = ignoreFile(files, root)
  const entries = treeEntries(files, root).filter((entry) => isSent(entry, ignored, inside))
  if (inside !== undefined) return { tar: archiveOf(entries), dockerfile: inside }
  const outside = '.dockerfile.outside'
  return { tar: archiveOf([...entries, { name: outside, type: 'file', mode: 0o600, uid: 0, gid: 0, user: '', group: '', mtimeMs: 0, target: '', content: files.readFile(path) }]), dockerfile: outside }
}

function isSent(entry: TarEntry, ignored: Ignored, dockerfile: string | undefined): boolean {
  const name = entry.name.replace(/\/$/, '')
  return name === dockerfile || name === '.dockerignore' || !ignored(name)
}

function defaultFile(files: Files, root: string): string {
  for (const name of ['Dockerfile', 'dockerfile']) if (files.exists(`${root}/${name}`)) return `${root}/${name}`
  throw new ContextProblem(`unable to prepare context: unable to evaluate symlinks in Dockerfile path: lstat ${root}/Dockerfile: no such file or directory`)
}

function realFile(files: Files, path: string): string {
  if (files.exists(path)) return files.realpath(path)
  const at = path.lastIndexOf('/')
  const parent = at < 0 ? '.' : path.slice(0, at)
  const full = files.exists(parent) ? `${files.realpath(parent)}/${path.slice(at + 1)}` : path
  throw new ContextProblem(`unable to prepare context: unable to evaluate symlinks in Dockerfile path: lstat ${full}: no such file or directory`)
}

export function ignoreFile(files: Files, root: string, names: readonly string[] = ['.dockerignore']): ReturnType<typeof ignoreRules> {
  const found = names.map((name) => `${root}/${name}`).find((path) => files.exists(path))
  return ignoreRules(found === undefined ? '' : files.readText(found))
}
