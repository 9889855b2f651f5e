/** COPY and ADD: which sources are meant, where they go, and the digest that says whether they changed. */
import { concatBytes, decodeUtf8, encodeUtf8 } from '#engine/base/bytes'
import { isGzip } from '#engine/base/archive/gzip'
import type { Files, Stat } from '#engine/linux/abi/files'
import { digestOf } from '../images/content'
import { resolveUser } from '../containerd/user'
import { extractArchive } from '../archive/tree'
import { globSource, type Ignored } from './ignore'

export interface CopySource { readonly path: string; readonly name: string; readonly stat: Stat }

/** Where copies come from: a context or another stage's root. */
export interface CopyRoot { readonly files: Files; readonly root: string; readonly ignored?: Ignored }

/** Nothing is there; `pattern` as it was written, without a leading slash. */
export class MissingSource extends Error {
  override readonly name = 'MissingSource'

  constructor(
    readonly pattern: string,
    readonly wildcard: boolean,
  ) {
    super(pattern)
  }
}

export class OutsideSource extends Error {
  override readonly name = 'OutsideSource'
}

const wildcards = /[*?[\\]/

export function sourcesOf(from: CopyRoot, patterns: readonly string[]): CopySource[] {
  return patterns.flatMap((pattern) => matching(from, pattern))
}

function matching(from: CopyRoot, pattern: string): CopySource[] {
  const clean = normalized(pattern)
  if (clean === undefined) throw new OutsideSource(pattern)
  if (!wildcards.test(clean)) {
    const path = clean === '' ? from.root : `${from.root}/${clean}`
    const stat = from.files.exists(path)
    if (!stat || (clean !== '' && from.ignored?.(clean))) throw new MissingSource(clean, false)
    return [{ path, name: clean.slice(clean.lastIndexOf('/') + 1), stat }]
  }
  const expression = new RegExp(`^${globSource(clean)}$`)
  const depth = clean.split('/').length
  const found = walk(from, '', depth).filter((path) => expression.test(path) && !from.ignored?.(path))
  if (found.length === 0) throw new MissingSource(clean, true)
  return found.map((path) => ({ path: `${from.root}/${path}`, name: path.slice(path.lastIndexOf('/') + 1), stat: from.files.stat(`${from.root}/${path}`) }))
}

/** Undefined for what leads out of the root. */
function normalized(pattern: string): string | undefined {
  const out: string[] = []
  for (const part of pattern.split('/')) {
    if (part === '' || part === '.') continue
    if (part === '..') {
      if (out.length === 0) return undefined
      out.pop()
    } else out.push(part)
  }
  return out.join('/')
}

function walk(from: CopyRoot, prefix: string, depth: number): string[] {
  if (depth === 0) return []
  return from.files.readDirectory(prefix === '' ? from.root : `${from.root}/${prefix}`).flatMap(({ name, type }) => {
    const path = prefix === '' ? name : `${prefix}/${name}`
    return [path, ...(type === 'directory' ? walk(from, path, depth - 1) : [])]
  }).sort()
}

/** As docker's history tells sources: `file:HASH`, `dir:HASH`, `multi:HASH`. */
export function sourceHash(from: CopyRoot, sources: readonly CopySource[]): string {
  const hashes = sources.map((source) => digestOf(concatBytes(hashed(from, source.path, source.stat, source.stat.type === 'directory' ? '' : source.name))).slice(7))
  if (sources.length > 1) return `multi:${digestOf(hashes.join(',')).slice(7)}`
  return `${sources[0]?.stat.type === 'directory' ? 'dir' : 'file'}:${hashes[0] ?? ''}`
}

function hashed(from: CopyRoot, path: string, stat: Stat, name: string): Uint8Array[] {
  const head = encodeUtf8(`${name}\0${stat.type}\0${stat.mode.toString(8)}\0`)
  if (stat.type === 'symlink') return [head, encodeUtf8(from.files.readlink(path))]
  if (stat.type !== 'directory') return [head, from.files.readFile(path)]
  const children = from.files.readDirectory(path).map((entry) => entry.name).sort()
  return [head, ...children.flatMap((child) => {
    const inside = `${path}/${child}`
    return from.ignored?.(inside.slice(from.root.length + 1)) ? [] : hashed(from, inside, from.files.lstat(inside), name === '' ? child : `${name}/${child}`)
  })]
}

export interface CopyTarget {
  readonly files: Files
  /** The mounted root. */
  readonly root: string
  /** Absolute, as the container has it; a trailing slash means a directory. */
  readonly destination: string
  readonly chown: string | undefined
  readonly keepOwner: boolean
  readonly extract: boolean
}

export function copyInto(target: CopyTarget, from: CopyRoot, sources: readonly CopySource[]): void {
  const owner = ownerOf(target)
  const place = `${target.root}${resolveLinks(target.files, target.root, target.destination.replace(/\/+$/, ''))}`
  const isDirectory = target.destination.endsWith('/') || sources.length > 1 || target.files.exists(place)?.type === 'directory'
  for (const source of sources) {
    if (target.extract && source.stat.type === 'file' && isArchive(from.files.readFile(source.path))) {
      makeParents(target.files, place, owner)
      extractArchive(target.files, place, from.files.readFile(source.path))
    } else if (source.stat.type === 'directory') {
      makeParents(target.files, place, owner)
      copyChildren(target, from, source.path, place, owner)
    } else {
      const path = isDirectory ? `${place}/${source.name}` : place
      makeParents(target.files, path.slice(0, path.lastIndexOf('/')), owner)
      copyEntry(target, from, source.path, path, owner)
    }
  }
}

interface Owner { readonly uid: number; readonly gid: number; readonly keep: boolean }

function ownerOf(target: CopyTarget): Owner {
  if (target.chown === undefined) return { uid: 0, gid: 0, keep: target.keepOwner }
  const { uid, gid } = resolveUser({ passwd: textOf(target, '/etc/passwd'), group: textOf(target, '/etc/group') }, { image: target.chown, supplementalGroups: [], strict: false })
  return { uid, gid: target.chown.includes(':') ? gid : /^\d+$/.test(target.chown) ? uid : gid, keep: false }
}

function textOf(target: CopyTarget, path: string): string {
  return target.files.exists(`${target.root}${path}`) ? decodeUtf8(target.files.readFile(`${target.root}${path}`)) : ''
}

/** Links of the image's own root are followed inside it. */
function resolveLinks(files: Files, root: string, path: string): string {
  let at = ''
  const todo = path.split('/').filter((part) => part !== '')
  for (let links = 0; todo.length > 0; ) {
    const part = todo.shift() as string
    const next = `${at}/${part}`
    const isLink = files.exists(`${root}${at}`) !== undefined && files.readDirectory(`${root}${at === '' ? '/' : at}`).some((entry) => entry.name === part && entry.type === 'symlink')
    if (!isLink || ++links > 40) {
      at = next
      continue
    }
    const linked = files.readlink(`${root}${next}`)
    if (linked.startsWith('/')) at = ''
    todo.unshift(...linked.split('/').filter((piece) => piece !== '' && piece !== '.'))
  }
  return at
}

function makeParents(files: Files, directory: string, owner: Owner): void {
  if (files.exists(directory)) return
  makeParents(files, directory.slice(0, directory.lastIndexOf('/')), owner)
  files.mkdir(directory, 0o755)
  files.chmod(directory, 0o755)
  if (!owner.keep) files.chown(directory, owner.uid, owner.gid)
}

function copyChildren(target: CopyTarget, from: CopyRoot, directory: string, place: string, owner: Owner): void {
  for (const { name } of from.files.readDirectory(directory)) {
    const path = `${directory}/${name}`
    if (from.ignored?.(path.slice(from.root.length + 1))) continue
    copyEntry(target, from, path, `${place}/${name}`, owner)
  }
}

function copyEntry(target: CopyTarget, from: CopyRoot, path: string, place: string, owner: Owner): void {
  const { files } = target
  const stat = from.files.lstat(path)
  if (stat.type === 'directory') {
    if (!files.exists(place)) files.mkdir(place, stat.mode)
    copyChildren(target, from, path, place, owner)
    files.chmod(place, stat.mode)
  } else if (stat.type === 'symlink') {
    files.removeAll(place)
    files.symlink(from.files.readlink(path), place)
  } else {
    if (files.exists(place)?.type === 'directory') files.removeAll(place)
    files.writeFile(place, from.files.readFile(path), stat.mode)
    files.chmod(place, stat.mode)
  }
  files.chown(place, owner.keep ? stat.uid : owner.uid, owner.keep ? stat.gid : owner.gid, { noFollow: true })
  files.utimes(place, stat.mtimeMs, stat.mtimeMs, { noFollow: true })
}

function isArchive(bytes: Uint8Array): boolean {
  return isGzip(bytes) || decodeUtf8(bytes.subarray(257, 262)) === 'ustar'
}
