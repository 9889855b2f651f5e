/** Open regular files and directories. */
import { encodeUtf8 } from '#engine/base/bytes'
import type { OpenFile, Stat } from '#engine/linux/abi/files'
import { Errno } from '#engine/linux/abi/errno'
import type { Attributes, FileBody, FileSystem } from '#engine/linux/vfs/filesystem'
import { changeLock, giveLock, type LockKind, whenLockGiven } from '#engine/linux/vfs/locks'
import { pathOf, type Place } from '#engine/linux/vfs/mount'

export function statOf(fs: FileSystem, ino: number, attributes: Attributes): Stat {
  return {
    type: attributes.type,
    mode: attributes.mode,
    uid: attributes.uid,
    gid: attributes.gid,
    size: attributes.size,
    ino,
    dev: fs.id,
    nlink: attributes.nlink,
    atimeMs: attributes.atimeMs,
    mtimeMs: attributes.mtimeMs,
    ctimeMs: attributes.ctimeMs,
    ...(attributes.rdev ? { rdev: attributes.rdev } : {}),
  }
}

export interface RegularFileOptions {
  readonly read: boolean
  readonly write: boolean
  readonly append: boolean
}

const maxFileSize = 64 * 1024 ** 3

export class RegularFile implements OpenFile {
  readonly kind = 'file'
  offset = 0

  constructor(
    readonly place: Place,
    private readonly body: FileBody,
    private readonly options: RegularFileOptions,
  ) {}

  get description(): string {
    return pathOf(this.place)
  }

  read(max = 65536): Promise<Uint8Array | null> {
    return Promise.resolve(this.readNow(max))
  }

  readNow(max = 65536): Uint8Array | null {
    if (!this.options.read) throw new Errno('EBADF')
    const bytes = this.body.read(this.offset, max)
    this.offset += bytes.length
    return bytes.length === 0 ? null : bytes
  }

  write(bytes: Uint8Array): Promise<void> {
    this.writeNow(bytes)
    return Promise.resolve()
  }

  writeNow(bytes: Uint8Array): number {
    if (!this.options.write) throw new Errno('EBADF')
    if (this.options.append) this.offset = this.body.size()
    if (this.offset + bytes.length > maxFileSize) throw new Errno('EFBIG')
    this.body.write(this.offset, bytes)
    this.offset += bytes.length
    emitChange(this.place, 'modify')
    return bytes.length
  }

  seek(offset: number, from: 'start' | 'current' | 'end'): number {
    const base = from === 'start' ? 0 : from === 'current' ? this.offset : this.body.size()
    if (base + offset < 0) throw new Errno('EINVAL')
    return (this.offset = base + offset)
  }

  truncate(size: number): void {
    if (!this.options.write || size < 0) throw new Errno('EINVAL')
    if (size > maxFileSize) throw new Errno('EFBIG')
    this.body.truncate(size)
    emitChange(this.place, 'modify')
  }

  stat(): Stat {
    return statOf(this.place.mount.fs, this.place.ino, this.body.attributes())
  }

  lock(kind: LockKind | undefined): boolean {
    return changeLock(this.place.mount.fs, this.place.ino, this, kind)
  }

  onLockGiven(wake: () => void): () => void {
    return whenLockGiven(this.place.mount.fs, this.place.ino, wake)
  }

  release(): void {
    giveLock(this.place.mount.fs, this.place.ino, this)
  }
}

export class DirectoryFile implements OpenFile {
  readonly kind = 'directory'

  constructor(readonly place: Place) {}

  get description(): string {
    return pathOf(this.place)
  }

  read(): Promise<Uint8Array | null> {
    return Promise.reject(new Errno('EISDIR'))
  }

  readNow(): never {
    throw new Errno('EISDIR')
  }

  write(): Promise<void> {
    return Promise.reject(new Errno('EBADF'))
  }

  lock(kind: LockKind | undefined): boolean {
    return changeLock(this.place.mount.fs, this.place.ino, this, kind)
  }

  onLockGiven(wake: () => void): () => void {
    return whenLockGiven(this.place.mount.fs, this.place.ino, wake)
  }

  stat(): Stat {
    const attributes = this.place.mount.fs.attributes(this.place.ino)
    if (!attributes) throw new Errno('ENOENT')
    return statOf(this.place.mount.fs, this.place.ino, attributes)
  }

  release(): void {
    giveLock(this.place.mount.fs, this.place.ino, this)
  }
}

/** Tells those who watch the file, and those who watch the directory it was reached through. */
export function emitChange(place: Place, kind: 'modify' | 'attributes'): void {
  place.mount.fs.watches.emit(place.ino, kind, '')
  if (place.parent?.mount === place.mount) place.mount.fs.watches.emit(place.parent.ino, kind, place.name)
}

/** Everything at once, into a file that was just opened for it. */
export function writeWhole(file: OpenFile, content: Uint8Array | string): void {
  const bytes = typeof content === 'string' ? encodeUtf8(content) : content
  if (bytes.length === 0) return
  if (file.writeNow) file.writeNow(bytes)
  else throw new Errno('EINVAL')
}
