/** From a path to a place: symbolic links, mounts, `..`, search permission, limits. */
import type { Credentials } from '#engine/linux/abi/process'
import { Errno } from '#engine/linux/abi/errno'
import type { Attributes } from '#engine/linux/vfs/filesystem'
import type { MountNamespace, Place } from '#engine/linux/vfs/mount'
import { isPermitted, mayExecute } from '#engine/linux/vfs/permission'

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
  return new Walker(context, path).toPlace(path, follow)
}

/** The directory and name of a path's last component; with `follow` a symbolic link there is followed to what it names. */
export function walkToEntry(context: WalkContext, path: string, follow = false): Entry {
  return new Walker(context, path).toEntry(path, follow)
}

export function attributesOf(place: Place): Attributes {
  const attributes = place.mount.fs.attributes(place.ino)
  if (!attributes) throw new Errno('ENOENT')
  return attributes
}

class Walker {
  private links = 0
  private at: Place
  /** Of `at`, where the step there has read them. */
  private known: Attributes | undefined

  constructor(
    private readonly context: WalkContext,
    private readonly subject: string,
  ) {
    this.at = context.cwdPlace
    if (subject.length > 4095) throw new Errno('ENAMETOOLONG', subject)
    if (subject === '') throw new Errno('ENOENT', subject)
    if (subject.includes('\0')) throw new Errno('EINVAL', subject)
  }

  toPlace(path: string, follow: boolean): Place {
    const parts = this.start(path)
    const needsDirectory = path.endsWith('/')
    for (let index = 0; index < parts.length; index++) {
      const last = index === parts.length - 1
      this.step(parts[index] as string, !last || follow || needsDirectory)
    }
    if (needsDirectory && attributesOf(this.at).type !== 'directory') throw new Errno('ENOTDIR', this.subject)
    return this.at
  }

  toEntry(path: string, follow: boolean): Entry {
    const parts = this.start(path)
    const name = parts.pop()
    for (const part of parts) this.step(part, true)
    this.requireDirectory()
    if (name === undefined) return { directory: this.at, name: '.', trailingSlash: true }
    if (name.length > 255) throw new Errno('ENAMETOOLONG', this.subject)
    const trailingSlash = path.endsWith('/')
    if (!follow) return { directory: this.at, name, trailingSlash }
    const ino = this.at.mount.fs.lookup(this.at.ino, name)
    if (ino === 0 || this.at.mount.fs.attributes(ino)?.type !== 'symlink' || this.at.mount.fs.magicLink?.(ino)) return { directory: this.at, name, trailingSlash }
    this.countLink()
    return this.toEntry(this.at.mount.fs.readlink(ino) + (trailingSlash ? '/' : ''), true)
  }

  private go(place: Place, attributes?: Attributes): void {
    this.at = place
    this.known = attributes
  }

  private start(path: string): string[] {
    if (path.startsWith('/')) this.go(this.context.root)
    const parts: string[] = []
    for (const part of path.split('/')) if (part !== '' && part !== '.') parts.push(part)
    return parts
  }

  private step(name: string, follow: boolean): void {
    this.requireDirectory()
    if (name === '..') return this.up()
    if (name.length > 255) throw new Errno('ENAMETOOLONG', this.subject)
    const { mount, ino: directory } = this.at
    const ino = mount.fs.lookup(directory, name)
    if (ino === 0) throw new Errno('ENOENT', this.subject)
    const over = this.context.namespace.over(mount, ino)
    if (over) return this.enter(over, name)
    const attributes = follow ? mount.fs.attributes(ino) : undefined
    if (attributes?.type === 'symlink') return this.followLink(ino)
    this.go({ mount, ino, parent: this.at, name }, attributes)
  }

  private enter(over: NonNullable<ReturnType<MountNamespace['over']>>, name: string): void {
    let top = over
    for (let next = this.context.namespace.over(top, top.rootInode); next; next = this.context.namespace.over(top, top.rootInode)) top = next
    this.go({ mount: top, ino: top.rootInode, parent: this.at, name })
  }

  private followLink(ino: number): void {
    this.countLink()
    const fs = this.at.mount.fs
    const magic = fs.magicLink?.(ino)
    if (magic) {
      this.go(magic as Place)
      return
    }
    for (const part of this.start(fs.readlink(ino))) this.step(part, true)
  }

  private countLink(): void {
    if (++this.links > maxLinks) throw new Errno('ELOOP', this.subject)
  }

  private up(): void {
    const { root } = this.context
    if (this.at.ino === root.ino && this.at.mount === root.mount) return
    if (this.at.parent) this.go(this.at.parent)
  }

  private requireDirectory(): void {
    const attributes = (this.known ??= this.at.mount.fs.attributes(this.at.ino))
    if (!attributes) throw new Errno('ENOENT', this.subject)
    if (attributes.type !== 'directory') throw new Errno('ENOTDIR', this.subject)
    if (!isPermitted(this.context.credentials, attributes, mayExecute)) throw new Errno('EACCES', this.subject)
  }
}
