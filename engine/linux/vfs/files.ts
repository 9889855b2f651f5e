/** The path calls of a process. */
import { decodeUtf8 } from '#engine/base/bytes'
import type { DirectoryEntry, Files, FileSystemUsage, FileWatch, LazyContent, MountRequest, OpenFile, OpenFlags, Stat } from '#engine/linux/abi/files'
import { Errno, isErrno } from '#engine/linux/abi/errno'
import type { FilesContext } from '#engine/linux/vfs/context'
import type { Attributes, FileBody, NewNode } from '#engine/linux/vfs/filesystem'
import { InodeWatch } from '#engine/linux/vfs/inodewatch'
import { pathOf, type Place } from '#engine/linux/vfs/mount'
import { mountAt, unmountAt } from '#engine/linux/vfs/mounting'
import { DirectoryFile, emitChange, RegularFile, statOf, writeWhole } from '#engine/linux/vfs/openfile'
import { isPermitted, mayChangeOwner, mayExecute, mayRead, mayRemove, mayWrite, ownsFile } from '#engine/linux/vfs/permission'
import { withSubject } from '#engine/linux/vfs/subject'
import { attributesOf, type Entry, tryWalk, walk, walkFar, walkToEntry } from '#engine/linux/vfs/walk'

export class ProcessFiles implements Files {
  constructor(private readonly context: FilesContext) {}

  open(path: string, flags: OpenFlags, mode = 0o666): OpenFile {
    this.context.enter()
    return this.context.bind(this.openPlace(path, flags, mode))
  }

  stat(path: string): Stat {
    return this.statPlace(this.place(path))
  }

  lstat(path: string): Stat {
    return this.statPlace(this.place(path, false))
  }

  exists(path: string): Stat | undefined {
    this.context.enter()
    const found = tryWalk(this.context, path)
    if (typeof found !== 'string') {
      const attributes = found.mount.fs.attributes(found.ino)
      return attributes && statOf(found.mount.fs, found.ino, attributes)
    }
    if (found === 'EINVAL') throw new Errno(found, path)
    return undefined
  }

  readFile(path: string): Uint8Array {
    const body = this.readable(path)
    return body instanceof Uint8Array ? body : body.readAll()
  }

  readText(path: string): string {
    const body = this.readable(path)
    return body instanceof Uint8Array ? decodeUtf8(body) : (body.readText?.() ?? decodeUtf8(body.readAll()))
  }

  /** A regular file's body, or what a special one says. */
  private readable(path: string): FileBody | Uint8Array {
    const place = this.place(path)
    const attributes = attributesOf(place)
    if (attributes.type === 'directory') throw new Errno('EISDIR', path)
    if (attributes.type !== 'file') return this.readSpecial(place, attributes, path)
    this.demand(attributes, mayRead, path)
    return place.mount.fs.open(place.ino)
  }

  writeFile(path: string, content: Uint8Array | string, mode = 0o666): void {
    this.context.enter()
    writeWhole(this.openPlace(path, { write: true, create: true, truncate: true }, mode), content)
  }

  appendFile(path: string, content: Uint8Array | string): void {
    this.context.enter()
    writeWhole(this.openPlace(path, { write: true, create: true, append: true }, 0o666), content)
  }

  replaceFile(path: string, content: Uint8Array | string, mode = 0o666): void {
    const slash = path.lastIndexOf('/') + 1
    const beside = `${path.slice(0, slash)}.${path.slice(slash)}.tmp`
    const previous = this.exists(beside)
    if (previous) this.unlink(beside)
    this.writeFile(beside, content, mode)
    this.rename(beside, path)
  }

  writeLazy(path: string, content: LazyContent, mode = 0o666): void {
    this.context.enter()
    const { place } = this.openPlace(path, { write: true, create: true }, mode) as RegularFile
    if (place.mount.fs.setLazy) place.mount.fs.setLazy(place.ino, content)
    else place.mount.fs.open(place.ino).write(0, content.bytes())
    emitChange(place, 'modify')
  }

  readDirectory(path: string): DirectoryEntry[] {
    const place = this.place(path)
    const attributes = attributesOf(place)
    if (attributes.type !== 'directory') throw new Errno('ENOTDIR', path)
    this.demand(attributes, mayRead, path)
    return place.mount.fs.list(place.ino)
  }

  mkdir(path: string, mode = 0o777): void {
    this.create(path, this.entry(path), { type: 'directory', mode })
  }

  mkdirAll(path: string, mode = 0o777): void {
    this.context.enter()
    const { at, missing, why } = walkFar(this.context, path)
    if (missing.length === 0 && why) throw new Errno(why === 'ENOTDIR' ? 'EEXIST' : why, path)
    if (why === 'ENOTDIR') throw new Errno(why, path)
    if (why && why !== 'ENOENT') throw new Errno(why, withoutLast(path, missing.length - 1))
    let directory = at
    let left = missing.length
    for (const name of missing) {
      const ino = this.create(withoutLast(path, --left), { directory, name, trailingSlash: false }, { type: 'directory', mode })
      directory = { mount: directory.mount, ino, parent: directory, name }
    }
  }

  rmdir(path: string): void {
    const { entry, ino, attributes } = this.existing(path)
    if (entry.name === '.') throw new Errno('EINVAL', path)
    if (entry.name === '..') throw new Errno('ENOTEMPTY', path)
    if (attributes.type !== 'directory') throw new Errno('ENOTDIR', path)
    this.demandRemoval(entry, ino, attributes, path)
    withSubject(path, () => entry.directory.mount.fs.rmdir(entry.directory.ino, entry.name))
    entry.directory.mount.fs.watches.emit(entry.directory.ino, 'delete', entry.name)
    entry.directory.mount.fs.watches.emit(ino, 'delete', '')
  }

  unlink(path: string): void {
    const { entry, ino, attributes } = this.existing(path)
    if (attributes.type === 'directory') throw new Errno('EISDIR', path)
    if (entry.trailingSlash) throw new Errno('ENOTDIR', path)
    this.demandRemoval(entry, ino, attributes, path)
    withSubject(path, () => entry.directory.mount.fs.unlink(entry.directory.ino, entry.name))
    entry.directory.mount.fs.watches.emit(entry.directory.ino, 'delete', entry.name)
    entry.directory.mount.fs.watches.emit(ino, attributes.nlink > 1 ? 'attributes' : 'delete', '')
  }

  removeAll(path: string): void {
    let attributes: Stat
    try {
      attributes = this.lstat(path)
    } catch (error) {
      if (isErrno(error, 'ENOENT')) return
      throw error
    }
    if (attributes.type !== 'directory') return this.unlink(path)
    for (const entry of this.readDirectory(path)) this.removeAll(`${path}/${entry.name}`)
    this.rmdir(path)
  }

  rename(from: string, to: string): void {
    const source = this.existing(from)
    const target = this.entry(to)
    this.demandRename(source, target, from, to)
    const fs = target.directory.mount.fs
    const replaced = fs.lookup(target.directory.ino, target.name)
    const old = replaced === 0 ? undefined : fs.attributes(replaced)
    if (replaced === source.ino) return
    if (old) {
      if (source.attributes.type === 'directory' && old.type !== 'directory') throw new Errno('ENOTDIR', to)
      if (source.attributes.type !== 'directory' && old.type === 'directory') throw new Errno('EISDIR', to)
      this.demandRemoval(target, replaced, old, to)
    }
    withSubject(to, () => fs.rename(source.entry.directory.ino, source.entry.name, target.directory.ino, target.name))
    fs.watches.emit(source.entry.directory.ino, 'moved-from', source.entry.name)
    fs.watches.emit(target.directory.ino, 'moved-to', target.name)
    if (old) fs.watches.emit(replaced, 'delete', '')
  }

  link(existing: string, path: string): void {
    const place = this.place(existing, false)
    if (attributesOf(place).type === 'directory') throw new Errno('EPERM', path)
    const entry = this.entry(path)
    if (entry.directory.mount.fs !== place.mount.fs) throw new Errno('EXDEV', path)
    this.demandCreation(entry, path)
    withSubject(path, () => place.mount.fs.link(entry.directory.ino, entry.name, place.ino))
    place.mount.fs.watches.emit(entry.directory.ino, 'create', entry.name)
  }

  symlink(target: string, path: string): void {
    if (target === '') throw new Errno('ENOENT', path)
    this.create(path, this.entry(path), { type: 'symlink', mode: 0o777, target })
  }

  readlink(path: string): string {
    const place = this.place(path, false)
    if (attributesOf(place).type !== 'symlink') throw new Errno('EINVAL', path)
    return withSubject(path, () => place.mount.fs.readlink(place.ino))
  }

  realpath(path: string): string {
    return pathOf(this.place(path), this.context.root)
  }

  chmod(path: string, mode: number): void {
    const place = this.place(path)
    const attributes = attributesOf(place)
    if (!ownsFile(this.context.credentials, attributes)) throw new Errno('EPERM', path)
    this.demandWritable(place, path)
    place.mount.fs.change(place.ino, { mode: mode & 0o7777 })
    emitChange(place, 'attributes')
  }

  chown(path: string, uid: number, gid: number, options?: { noFollow?: boolean }): void {
    const place = this.place(path, options?.noFollow !== true)
    const attributes = attributesOf(place)
    if (!mayChangeOwner(this.context.credentials, attributes, uid, gid)) throw new Errno('EPERM', path)
    this.demandWritable(place, path)
    const mode = attributes.type === 'file' && (attributes.mode & 0o111) !== 0 ? attributes.mode & 0o1777 : attributes.mode
    place.mount.fs.change(place.ino, { mode, ...(uid >= 0 ? { uid } : {}), ...(gid >= 0 ? { gid } : {}) })
    emitChange(place, 'attributes')
  }

  utimes(path: string, atimeMs: number, mtimeMs: number, options?: { noFollow?: boolean }): void {
    const place = this.place(path, options?.noFollow !== true)
    const attributes = attributesOf(place)
    if (!ownsFile(this.context.credentials, attributes) && !isPermitted(this.context.credentials, attributes, mayWrite)) throw new Errno('EACCES', path)
    this.demandWritable(place, path)
    place.mount.fs.change(place.ino, { atimeMs, mtimeMs })
    emitChange(place, 'attributes')
  }

  truncate(path: string, size: number): void {
    this.context.enter()
    this.openPlace(path, { write: true }, 0).truncate?.(size)
  }

  mkfifo(path: string, mode = 0o666): void {
    this.create(path, this.entry(path), { type: 'fifo', mode })
  }

  mknod(path: string, type: 'character' | 'block' | 'socket', major: number, minor: number, mode = 0o666): void {
    if (type !== 'socket' && !this.context.credentials.capabilities.has('MKNOD')) throw new Errno('EPERM', path)
    this.create(path, this.entry(path), { type, mode, ...(type === 'socket' ? {} : { rdev: { major, minor } }) })
  }

  access(path: string, want: { read?: boolean; write?: boolean; execute?: boolean }): boolean {
    try {
      const place = this.place(path)
      const bits = (want.read ? mayRead : 0) | (want.write ? mayWrite : 0) | (want.execute ? mayExecute : 0)
      if (want.write && place.mount.readOnly && ['file', 'directory', 'symlink'].includes(attributesOf(place).type)) return false
      return isPermitted(this.context.credentials, attributesOf(place), bits)
    } catch (error) {
      if (error instanceof Errno) return false
      throw error
    }
  }

  watch(path: string): FileWatch {
    const place = this.place(path)
    this.demand(attributesOf(place), mayRead, path)
    return new InodeWatch(this.context, place)
  }

  mount(request: MountRequest): void {
    this.context.enter()
    mountAt(this.context, request)
  }

  unmount(target: string, options?: { lazy?: boolean }): void {
    this.context.enter()
    unmountAt(this.context, target, options?.lazy === true)
  }

  statfs(path: string): FileSystemUsage {
    const { mount } = this.place(path)
    return { ...mount.fs.usage(), source: mount.source, type: mount.type }
  }

  private place(path: string, follow = true): Place {
    this.context.enter()
    return walk(this.context, path, follow)
  }

  private entry(path: string, follow = false): Entry {
    this.context.enter()
    return walkToEntry(this.context, path, follow)
  }

  private statPlace(place: Place): Stat {
    return statOf(place.mount.fs, place.ino, attributesOf(place))
  }

  private existing(path: string): { entry: Entry; ino: number; attributes: Attributes } {
    const entry = this.entry(path)
    const { mount, ino: directory } = entry.directory
    if (entry.name === '.' || entry.name === '..') return { entry, ino: directory, attributes: attributesOf(entry.directory) }
    const ino = mount.fs.lookup(directory, entry.name)
    const attributes = ino === 0 ? undefined : mount.fs.attributes(ino)
    if (!attributes) throw new Errno('ENOENT', path)
    return { entry, ino, attributes }
  }

  private openPlace(path: string, flags: OpenFlags, mode: number): OpenFile {
    const place: Place & { isNew?: boolean } = flags.create ? this.findOrCreate(path, flags, mode) : walk(this.context, path, flags.noFollow !== true)
    const attributes = attributesOf(place)
    if (attributes.type === 'symlink') throw new Errno('ELOOP', path)
    if (flags.directory && attributes.type !== 'directory') throw new Errno('ENOTDIR', path)
    const writing = flags.write === true || flags.append === true
    if (attributes.type === 'directory') return this.openDirectory(place, attributes, writing || flags.create === true, path)
    if (!place.isNew) this.demand(attributes, wantedBits(flags, writing), path)
    if (attributes.type !== 'file') return withSubject(path, () => this.context.openSpecial(place, attributes, flags))
    return this.openRegular(place, flags, writing, path)
  }

  private openDirectory(place: Place, attributes: Attributes, writing: boolean, path: string): OpenFile {
    if (writing) throw new Errno('EISDIR', path)
    this.demand(attributes, mayRead, path)
    return new DirectoryFile(place)
  }

  private openRegular(place: Place & { isNew?: boolean }, flags: OpenFlags, writing: boolean, path: string): OpenFile {
    if (writing) this.demandWritable(place, path)
    const body = withSubject(path, () => place.mount.fs.open(place.ino))
    if (flags.truncate && writing && !place.isNew && body.size() > 0) {
      body.truncate(0)
      emitChange(place, 'modify')
    }
    return new RegularFile(place, body, { read: flags.read === true || !writing, write: writing, append: flags.append === true })
  }

  private findOrCreate(path: string, flags: OpenFlags, mode: number): Place & { isNew?: boolean } {
    const entry = this.entry(path, flags.exclusive !== true && flags.noFollow !== true)
    const { mount, ino: directory } = entry.directory
    if (entry.name === '.' || entry.name === '..') return entry.directory
    const ino = mount.fs.lookup(directory, entry.name)
    if (ino !== 0) {
      if (flags.exclusive) throw new Errno('EEXIST', path)
      const over = this.context.namespace.over(mount, ino)
      if (over || (flags.noFollow !== true && mount.fs.magicLink?.(ino))) return walk(this.context, path, flags.noFollow !== true)
      return { mount, ino, parent: entry.directory, name: entry.name }
    }
    if (entry.trailingSlash) throw new Errno('EISDIR', path)
    return { mount, ino: this.create(path, entry, { type: 'file', mode }), parent: entry.directory, name: entry.name, isNew: true }
  }

  private create(path: string, entry: Entry, node: Pick<NewNode, 'type' | 'mode' | 'target' | 'rdev'>): number {
    this.demandCreation(entry, path)
    const { mount, ino: directory } = entry.directory
    const parent = attributesOf(entry.directory)
    const inherits = (parent.mode & 0o2000) !== 0
    const { credentials, umaskBits: umask } = this.context
    const masked = node.type === 'symlink' ? 0o777 : node.mode & ~umask & 0o7777
    const mode = inherits && node.type === 'directory' ? masked | 0o2000 : masked
    const made: NewNode = { type: node.type, mode, uid: credentials.euid, gid: inherits ? parent.gid : credentials.egid, target: node.target, rdev: node.rdev }
    const ino = withSubject(path, () => mount.fs.create(directory, entry.name, made))
    mount.fs.watches.emit(directory, 'create', entry.name)
    return ino
  }

  private demandCreation(entry: Entry, path: string): void {
    const { mount, ino } = entry.directory
    if (entry.name === '.' || entry.name === '..' || mount.fs.lookup(ino, entry.name) !== 0) throw new Errno('EEXIST', path)
    const directory = attributesOf(entry.directory)
    this.demand(directory, mayWrite | mayExecute, path)
    this.demandWritable(entry.directory, path)
  }

  private demandRemoval(entry: Entry, ino: number, attributes: Attributes, path: string): void {
    const directory = attributesOf(entry.directory)
    this.demand(directory, mayWrite | mayExecute, path)
    if (!mayRemove(this.context.credentials, directory, attributes)) throw new Errno('EPERM', path)
    this.demandWritable(entry.directory, path)
    if (this.context.namespace.over(entry.directory.mount, ino)) throw new Errno('EBUSY', path)
  }

  private demandRename(source: { entry: Entry; ino: number; attributes: Attributes }, target: Entry, from: string, to: string): void {
    if (['.', '..'].includes(source.entry.name) || ['.', '..'].includes(target.name)) throw new Errno('EBUSY', from)
    if (source.entry.directory.mount !== target.directory.mount) throw new Errno('EXDEV', to)
    if (source.attributes.type !== 'directory' && target.trailingSlash) throw new Errno('ENOTDIR', to)
    this.demandRemoval(source.entry, source.ino, source.attributes, from)
    this.demand(attributesOf(target.directory), mayWrite | mayExecute, to)
    if (source.attributes.type !== 'directory') return
    for (let at: Place | undefined = target.directory; at; at = at.parent)
      if (at.ino === source.ino && at.mount === target.directory.mount) throw new Errno('EINVAL', to)
  }

  private demand(attributes: Attributes, want: number, path: string): void {
    if (!isPermitted(this.context.credentials, attributes, want)) throw new Errno('EACCES', path)
  }

  private demandWritable(place: Place, path: string): void {
    if (place.mount.readOnly) throw new Errno('EROFS', path)
  }

  private readSpecial(place: Place, attributes: Attributes, path: string): Uint8Array {
    this.demand(attributes, mayRead, path)
    const file = this.context.openSpecial(place, attributes, { read: true })
    return file.readNow?.() ?? new Uint8Array(0)
  }
}

function wantedBits(flags: OpenFlags, writing: boolean): number {
  return (flags.read === true || !writing ? mayRead : 0) | (writing ? mayWrite : 0)
}

/** A path without its last components: what an error of a directory on the way to it names. */
function withoutLast(path: string, count: number): string {
  if (count === 0) return path
  const parts = path.split('/').filter(Boolean)
  return `${path.startsWith('/') ? '/' : ''}${parts.slice(0, parts.length - count).join('/')}`
}
