/** A directory as a tar archive and back. In a layer a removed file is an empty one named `.wh.NAME`. */
import { gunzip, isGzip } from '#engine/base/archive/gzip'
import { encodeEntry, readEntries, type TarEntry, TarProblem, trailer } from '#engine/base/archive/ustar'
import { concatBytes } from '#engine/base/bytes'
import type { Files, Stat } from '#engine/linux/abi/files'
import { ArchiveProblem } from './scope'

const whiteout = '.wh.'

/** The whole tree below `root`, or the named children of it. */
export function treeArchive(files: Files, root: string, names?: readonly string[]): Uint8Array {
  return archiveOf(treeEntries(files, root, names))
}

export function treeEntries(files: Files, root: string, names?: readonly string[]): TarEntry[] {
  const out: TarEntry[] = []
  const chosen = names ?? files.readDirectory(root).map((entry) => entry.name).sort()
  for (const name of chosen) collect(files, `${root}/${name}`, name, out)
  return out
}

export function archiveOf(entries: readonly TarEntry[]): Uint8Array {
  const all = concatBytes(entries.map(encodeEntry))
  return concatBytes([all, trailer(all.length).subarray(0, 1024)])
}

export function plainEntry(name: string, content: Uint8Array, mtimeMs: number, type: 'file' | 'directory' = 'file'): TarEntry {
  return { name, type, mode: type === 'file' ? 0o644 : 0o755, uid: 0, gid: 0, user: '', group: '', mtimeMs, target: '', content }
}

function collect(files: Files, path: string, name: string, out: TarEntry[]): void {
  const stat = files.lstat(path)
  if (stat.type === 'socket') return
  out.push(entryOf(files, path, name, stat))
  if (stat.type !== 'directory') return
  for (const child of files.readDirectory(path).map((entry) => entry.name).sort()) collect(files, `${path}/${child}`, `${name}/${child}`, out)
}

function entryOf(files: Files, path: string, name: string, stat: Stat): TarEntry {
  const removed = isWhiteout(stat)
  const type = removed ? 'file' : stat.type === 'socket' ? 'file' : stat.type
  return {
    name: removed ? `${name.slice(0, name.lastIndexOf('/') + 1)}${whiteout}${name.slice(name.lastIndexOf('/') + 1)}` : `${name}${type === 'directory' ? '/' : ''}`,
    type, mode: stat.mode, uid: stat.uid, gid: stat.gid, user: '', group: '', mtimeMs: stat.mtimeMs,
    target: type === 'symlink' ? files.readlink(path) : '',
    content: type === 'file' && !removed ? files.readFile(path) : new Uint8Array(0),
  }
}

function isWhiteout(stat: Stat): boolean {
  return stat.type === 'character' && (stat.rdev?.major ?? 0) === 0 && (stat.rdev?.minor ?? 0) === 0
}

/** Entries of an archive, compressed or not, with names that have neither a leading nor a trailing slash. */
export function entriesOf(bytes: Uint8Array): TarEntry[] {
  try {
    return [...readEntries(isGzip(bytes) ? gunzip(bytes) : bytes)].map((entry) => ({ ...entry, name: entry.name.replace(/^(?:\.?\/)+/, '').replace(/\/+$/, '') })).filter((entry) => entry.name !== '' && entry.name !== '.')
  } catch (error) {
    if (error instanceof TarProblem) throw new ArchiveProblem('archive/tar: invalid tar header')
    throw error
  }
}

/** Lays an archive into a directory. In a layer's tree what is removed becomes the kernel's whiteout. */
export function extractArchive(files: Files, directory: string, bytes: Uint8Array, layer = false): void {
  const folders: TarEntry[] = []
  for (const entry of entriesOf(bytes)) {
    const path = `${directory}/${entry.name}`
    const parent = path.slice(0, path.lastIndexOf('/'))
    if (!files.exists(parent)) files.mkdirAll(parent, 0o755)
    const base = path.slice(parent.length + 1)
    if (layer && base.startsWith(`${whiteout}${whiteout}`)) continue
    if (layer && base.startsWith(whiteout)) files.mknod(`${parent}/${base.slice(whiteout.length)}`, 'character', 0, 0, 0)
    else lay(files, directory, path, entry)
    if (entry.type === 'directory') folders.push(entry)
  }
  for (const entry of folders.reverse()) files.utimes(`${directory}/${entry.name}`, entry.mtimeMs, entry.mtimeMs)
}

function lay(files: Files, directory: string, path: string, entry: TarEntry): void {
  const there = statOf(files, path)
  if (there && (there.type !== 'directory' || entry.type !== 'directory')) files.removeAll(path)
  if (entry.type === 'directory') files.mkdirAll(path, 0o755)
  else if (entry.type === 'symlink') files.symlink(entry.target, path)
  else if (entry.type === 'link') return files.link(`${directory}/${entry.target.replace(/^\.?\/+/, '')}`, path)
  else if (entry.type === 'fifo') files.mkfifo(path)
  else if (entry.type === 'file') files.writeFile(path, entry.content.slice(), 0o644)
  else return
  files.chown(path, entry.uid, entry.gid, { noFollow: true })
  if (entry.type !== 'symlink') files.chmod(path, entry.mode)
  files.utimes(path, entry.mtimeMs, entry.mtimeMs, { noFollow: true })
}

function statOf(files: Files, path: string): Stat | undefined {
  try {
    return files.lstat(path)
  } catch {
    return undefined
  }
}
