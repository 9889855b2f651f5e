/** From a path to a place: symbolic links, mounts, `..`, search permission, limits. */
import type { Credentials } from '#engine/linux/abi/process'
import { Errno, type ErrnoCode } from '#engine/linux/abi/errno'
import type { Attributes } from '#engine/linux/vfs/filesystem'
import type { MountNamespace, Place } from '#engine/linux/vfs/mount'
import { isPermitted, mayExecute } from '#engine/linux/vfs/permission'
import { Prefixes } from '#engine/linux/vfs/prefixes'

export interface WalkContext {
  readonly namespace: MountNamespace
  readonly root: Place
  readonly cwdPlace: Place
  readonly credentials: Credentials
}

/** The last step of a path, not yet taken: for calls that make, remove or rename an entry. */
export interface Entry {
  readonly directory: Place
  readonly name: string
  readonly trailingSlash: boolean
}

const maxLinks = 40

export function walk(context: WalkContext, path: string, follow = true): Place {
  const walker = new Walker(context)
  const failed = walker.toPlace(path, follow)
  if (failed) throw new Errno(failed, path)
  return walker.at
}

/** As `walk`, or why there is no way: for those who ask often for what is not there. */
export function tryWalk(context: WalkContext, path: string, follow = true): Place | ErrnoCode {
  const walker = new Walker(context)
  return walker.toPlace(path, follow) ?? walker.at
}

/** The directory and name of a path's last component; with `follow` a symbolic link there is followed to what it names. */
export function walkToEntry(context: WalkContext, path: string, follow = false): Entry {
  const walker = new Walker(context)
  const found = walker.toEntry(path, follow)
  if (typeof found === 'string') throw new Errno(found, path)
  return found
}

/** How far a path leads: the last directory there is, and the components that are missing from there on. */
export function walkFar(context: WalkContext, path: string): { readonly at: Place; readonly missing: readonly string[]; readonly why: ErrnoCode | undefined } {
  return new Walker(context).far(path)
}

export function attributesOf(place: Place): Attributes {
  const attributes = place.mount.fs.attributes(place.ino)
  if (!attributes) throw new Errno('ENOENT')
  return attributes
}

/** Components of paths that were walked lately: most are walked again and again. */
const knownParts = new Map<string, readonly string[]>()
const mostKnownParts = 4096

function partsOf(path: string): readonly string[] {
  const known = knownParts.get(path)
  if (known) return known
  const parts = splitPath(path)
  if (knownParts.size >= mostKnownParts) knownParts.clear()
  knownParts.set(path, parts)
  return parts
}

function splitPath(path: string): string[] {
  const parts: string[] = []
  for (let from = 0; from < path.length; ) {
    const slash = path.indexOf('/', from)
    const end = slash < 0 ? path.length : slash
    if (end - from > 1 || (end > from && path[from] !== '.')) parts.push(path.slice(from, end))
    from = end + 1
  }
  return parts
}

/** Methods that take a step say why they could not, and nothing where they could. */
class Walker {
  at: Place
  private links = 0
  /** Of `at`, where the step there has read them. */
  private known: Attributes | undefined
  /** The path up to its last component, where the directory there is to be kept once it is found. */
  private prefix: string | undefined

  constructor(private readonly context: WalkContext) {
    this.at = context.cwdPlace
  }

  toPlace(path: string, follow: boolean): ErrnoCode | undefined {
    const unfit = unfitness(path)
    if (unfit) return unfit
    const parts = this.start(path)
    const needsDirectory = path.endsWith('/')
    const last = parts.length - 1
    for (let index = 0; index <= last; index++) {
      if (index === last) this.keep()
      const failed = this.step(parts[index] as string, index < last || follow || needsDirectory)
      if (failed) return failed
    }
    return needsDirectory ? this.isDirectory() : undefined
  }

  toEntry(path: string, follow: boolean): Entry | ErrnoCode {
    const unfit = unfitness(path)
    if (unfit) return unfit
    const parts = this.start(path)
    const last = parts.length - 1
    for (let index = 0; index < last; index++) {
      const failed = this.step(parts[index] as string, true)
      if (failed) return failed
    }
    const failed = this.requireDirectory()
    if (failed) return failed
    this.keep()
    return this.entry(path, parts[last], follow)
  }

  far(path: string): ReturnType<typeof walkFar> {
    const unfit = unfitness(path)
    if (unfit) return { at: this.at, missing: [], why: unfit }
    const parts = this.start(path)
    for (let index = 0; index < parts.length; index++) {
      const before = this.at
      const failed = this.step(parts[index] as string, true)
      if (failed) return { at: before, missing: parts.slice(index), why: failed }
    }
    const why = this.isDirectory()
    return { at: this.at, missing: [], why }
  }

  private entry(path: string, name: string | undefined, follow: boolean): Entry | ErrnoCode {
    if (name === undefined) return { directory: this.at, name: '.', trailingSlash: true }
    if (name.length > 255) return 'ENAMETOOLONG'
    const trailingSlash = path.endsWith('/')
    if (!follow) return { directory: this.at, name, trailingSlash }
    const { fs } = this.at.mount
    const ino = fs.lookup(this.at.ino, name)
    if (ino === 0 || fs.attributes(ino)?.type !== 'symlink' || fs.magicLink?.(ino)) return { directory: this.at, name, trailingSlash }
    if (++this.links > maxLinks) return 'ELOOP'
    return this.toEntry(fs.readlink(ino) + (trailingSlash ? '/' : ''), true)
  }

  private go(place: Place, attributes?: Attributes): void {
    this.at = place
    this.known = attributes
  }

  /** Goes to where a path begins, or to the directory of its last component where that is known; what is left to walk. */
  private start(path: string): readonly string[] {
    if (!path.startsWith('/')) return partsOf(path)
    const { root, namespace, credentials } = this.context
    const prefix = this.links === 0 && credentials.capabilities.has('DAC_OVERRIDE') ? Prefixes.of(path) : undefined
    const known = prefix === undefined ? undefined : namespace.prefixes.get(prefix, root)
    this.go(known ?? root)
    if (known) return [path.slice((prefix as string).length + 1)]
    this.prefix = prefix
    return partsOf(path)
  }

  private keep(): void {
    if (this.prefix === undefined || this.links > 0 || this.prefix.includes('/.') || this.isDirectory()) return
    this.context.namespace.prefixes.keep(this.prefix, this.at, this.context.root)
    this.prefix = undefined
  }

  private step(name: string, follow: boolean): ErrnoCode | undefined {
    const failed = this.requireDirectory()
    if (failed) return failed
    if (name === '..') return this.up()
    if (name.length > 255) return 'ENAMETOOLONG'
    const { mount, ino: directory } = this.at
    const ino = mount.fs.lookup(directory, name)
    if (ino === 0) return 'ENOENT'
    const over = this.context.namespace.over(mount, ino)
    if (over) return this.enter(over, name)
    const attributes = follow ? mount.fs.attributes(ino) : undefined
    if (attributes?.type === 'symlink') return this.followLink(ino)
    this.go({ mount, ino, parent: this.at, name }, attributes)
    return undefined
  }

  private enter(over: NonNullable<ReturnType<MountNamespace['over']>>, name: string): undefined {
    let top = over
    for (let next = this.context.namespace.over(top, top.rootInode); next; next = this.context.namespace.over(top, top.rootInode)) top = next
    this.go({ mount: top, ino: top.rootInode, parent: this.at, name })
  }

  private followLink(ino: number): ErrnoCode | undefined {
    if (++this.links > maxLinks) return 'ELOOP'
    const { fs } = this.at.mount
    const magic = fs.magicLink?.(ino)
    if (magic) {
      this.go(magic as Place)
      return undefined
    }
    for (const part of this.start(fs.readlink(ino))) {
      const failed = this.step(part, true)
      if (failed) return failed
    }
    return undefined
  }

  private up(): undefined {
    const { root } = this.context
    if (this.at.ino === root.ino && this.at.mount === root.mount) return
    if (this.at.parent) this.go(this.at.parent)
  }

  private isDirectory(): ErrnoCode | undefined {
    const attributes = (this.known ??= this.at.mount.fs.attributes(this.at.ino))
    if (!attributes) return 'ENOENT'
    return attributes.type === 'directory' ? undefined : 'ENOTDIR'
  }

  private requireDirectory(): ErrnoCode | undefined {
    const attributes = (this.known ??= this.at.mount.fs.attributes(this.at.ino))
    if (!attributes) return 'ENOENT'
    if (attributes.type !== 'directory') return 'ENOTDIR'
    return isPermitted(this.context.credentials, attributes, mayExecute) ? undefined : 'EACCES'
  }
}

function unfitness(path: string): ErrnoCode | undefined {
  if (path === '') return 'ENOENT'
  if (path.length > 4095) return 'ENAMETOOLONG'
  return path.includes('\0') ? 'EINVAL' : undefined
}
