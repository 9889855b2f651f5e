/** A writable tree of inodes: ext4 of the machines' disks, tmpfs, and all other file systems that merely hold files. */
import type { DirectoryEntry, FileSystemUsage, LazyContent } from '#engine/linux/abi/files'
import { Errno } from '#engine/linux/abi/errno'
import { Inode } from '#engine/linux/fs/cow/inode'
import { InodeTable } from '#engine/linux/fs/cow/table'
import { Content } from '#engine/linux/vfs/content'
import type { AttributeChange, Attributes, FileBody, FileSystem, NewNode } from '#engine/linux/vfs/filesystem'
import { directoryGone } from '#engine/linux/vfs/prefixes'
import { WatchHub } from '#engine/linux/vfs/watch'

export interface TreeOptions {
  readonly type: string
  readonly source?: string
  readonly totalBytes?: number
  readonly totalInodes?: number
  readonly rootMode?: number
}

/** The state of a tree at one moment; any number of trees can be opened on it. */
export interface TreeSnapshot {
  readonly options: TreeOptions
  readonly table: InodeTable
  readonly nextInode: number
  readonly usedBytes: number
  readonly usedInodes: number
}

const rootInode = 2
let nextDevice = 0x1000

export class TreeFileSystem implements FileSystem {
  readonly id = ++nextDevice
  readonly root = rootInode
  readonly watches = new WatchHub()
  readonly stable = true
  private epoch: object = {}
  private table: InodeTable
  private nextInode = rootInode + 1
  private usedBytes = 0
  private usedInodes = 1
  /** Files whose content is still to be asked for; asked at the latest when a snapshot is taken. */
  private readonly lazies = new Set<Inode>()

  constructor(
    private readonly now: () => number,
    public options: TreeOptions,
    from?: TreeSnapshot,
  ) {
    if (from) {
      this.table = from.table.split({}, this.epoch)
      this.nextInode = from.nextInode
      this.usedBytes = from.usedBytes
      this.usedInodes = from.usedInodes
      return
    }
    this.table = InodeTable.empty(this.epoch)
    const root = new Inode(rootInode, 'directory', this.epoch)
    root.mode = options.rootMode ?? 0o755
    root.nlink = 2
    root.entries = new Map()
    root.atimeMs = root.mtimeMs = root.ctimeMs = now()
    this.table.set(rootInode, root)
  }

  static open(now: () => number, snapshot: TreeSnapshot): TreeFileSystem {
    return new TreeFileSystem(now, snapshot.options, snapshot)
  }

  get type(): string {
    return this.options.type
  }

  /** Constant time; the tree goes on unaffected. */
  snapshot(): TreeSnapshot {
    for (const inode of this.lazies) void inode.content
    this.lazies.clear()
    this.epoch = {}
    const table = this.table.split(this.epoch, {})
    return { options: this.options, table, nextInode: this.nextInode, usedBytes: this.usedBytes, usedInodes: this.usedInodes }
  }

  attributes(ino: number): Inode | undefined {
    return this.table.get(ino)
  }

  lookup(directory: number, name: string): number {
    return this.table.get(directory)?.entries?.get(name) ?? 0
  }

  list(directory: number): DirectoryEntry[] {
    const entries = this.table.get(directory)?.entries
    if (!entries) throw new Errno('ENOTDIR')
    const out: DirectoryEntry[] = []
    for (const [name, ino] of entries) out.push({ name, ino, type: this.table.get(ino)?.type ?? 'file' })
    return out
  }

  readlink(ino: number): string {
    const target = this.table.get(ino)?.target
    if (target === undefined) throw new Errno('EINVAL')
    return target
  }

  open(ino: number): FileBody {
    const inode = this.table.get(ino)
    if (inode?.type !== 'file') throw new Errno('EINVAL')
    return new TreeFile(this, inode)
  }

  create(directory: number, name: string, node: NewNode): number {
    if (this.usedInodes >= (this.options.totalInodes ?? Infinity)) throw new Errno('ENOSPC')
    const parent = this.writableDirectory(directory)
    if (parent.entries.has(name)) throw new Errno('EEXIST')
    const inode = new Inode(this.nextInode++, node.type, this.epoch)
    inode.mode = node.mode
    inode.uid = node.uid
    inode.gid = node.gid
    inode.atimeMs = inode.mtimeMs = inode.ctimeMs = this.now()
    inode.target = node.target
    inode.rdev = node.rdev
    if (node.type === 'file') inode.content = Content.empty(this.epoch)
    if (node.type === 'directory') {
      inode.entries = new Map()
      inode.nlink = 2
      parent.nlink++
    }
    this.table.set(inode.ino, inode)
    parent.entries.set(name, inode.ino)
    parent.mtimeMs = parent.ctimeMs = inode.mtimeMs
    this.usedInodes++
    return inode.ino
  }

  link(directory: number, name: string, ino: number): void {
    const parent = this.writableDirectory(directory)
    if (parent.entries.has(name)) throw new Errno('EEXIST')
    const inode = this.writable(ino)
    if (inode.nlink >= 65000) throw new Errno('EMLINK')
    inode.nlink++
    inode.ctimeMs = this.now()
    parent.entries.set(name, ino)
    parent.mtimeMs = parent.ctimeMs = inode.ctimeMs
  }

  unlink(directory: number, name: string): void {
    const parent = this.writableDirectory(directory)
    const ino = parent.entries.get(name)
    if (ino === undefined) throw new Errno('ENOENT')
    parent.entries.delete(name)
    parent.mtimeMs = parent.ctimeMs = this.now()
    const inode = this.writable(ino)
    inode.ctimeMs = parent.ctimeMs
    if (--inode.nlink <= 0) this.free(inode)
  }

  rmdir(directory: number, name: string): void {
    const parent = this.writableDirectory(directory)
    const ino = parent.entries.get(name)
    const inode = ino === undefined ? undefined : this.table.get(ino)
    if (!inode) throw new Errno('ENOENT')
    if (!inode.entries) throw new Errno('ENOTDIR')
    if (inode.entries.size > 0) throw new Errno('ENOTEMPTY')
    parent.entries.delete(name)
    parent.nlink--
    parent.mtimeMs = parent.ctimeMs = this.now()
    this.free(inode)
    directoryGone()
  }

  rename(from: number, name: string, to: number, newName: string): void {
    const source = this.writableDirectory(from)
    const ino = source.entries.get(name)
    if (ino === undefined) throw new Errno('ENOENT')
    const target = this.writableDirectory(to)
    const existing = target.entries.get(newName)
    if (existing === ino) return
    const moved = this.table.get(ino) as Inode
    if (existing !== undefined) this.replace(to, newName, moved, existing)
    source.entries.delete(name)
    target.entries.set(newName, ino)
    if (moved.entries) directoryGone()
    if (moved.entries && from !== to) {
      source.nlink--
      target.nlink++
    }
    const now = this.now()
    source.mtimeMs = source.ctimeMs = target.mtimeMs = target.ctimeMs = now
    this.writable(ino).ctimeMs = now
  }

  change(ino: number, change: AttributeChange): void {
    const inode = this.writable(ino)
    if (change.mode !== undefined) inode.mode = change.mode
    if (change.uid !== undefined) inode.uid = change.uid
    if (change.gid !== undefined) inode.gid = change.gid
    if (change.atimeMs !== undefined) inode.atimeMs = change.atimeMs
    if (change.mtimeMs !== undefined) inode.mtimeMs = change.mtimeMs
    if (change.opaque !== undefined) inode.opaque = change.opaque
    inode.ctimeMs = this.now()
  }

  usage(): FileSystemUsage {
    return {
      type: this.options.type,
      source: this.options.source ?? this.options.type,
      totalBytes: this.options.totalBytes ?? 0,
      usedBytes: this.usedBytes,
      totalInodes: this.options.totalInodes ?? 0,
      usedInodes: this.usedInodes,
    }
  }

  /** Sets a file's whole content to bytes that nobody changes any more; zeros follow up to `size`. */
  setContent(ino: number, bytes: Uint8Array, size = bytes.length): void {
    const inode = this.writable(ino)
    this.charge(inode, size)
    inode.content = Content.of(bytes, this.epoch, size)
    inode.mtimeMs = inode.ctimeMs = this.now()
  }

  setLazy(ino: number, content: LazyContent): void {
    const inode = this.writable(ino)
    inode.lazy = content
    this.lazies.add(inode)
    inode.mtimeMs = inode.ctimeMs = this.now()
  }

  /** For image writers: every inode, in order of number. */
  inodes(): Iterable<Inode> {
    return this.table
  }

  writable(ino: number): Inode {
    const inode = this.table.get(ino)
    if (!inode) throw new Errno('ENOENT')
    if (inode.owner === this.epoch) return inode
    const copy = inode.copyFor(this.epoch)
    this.table.set(ino, copy)
    return copy
  }

  /** Accounts a file's new size: ENOSPC where it does not fit. */
  charge(inode: Inode, size: number): void {
    const bytes = size - inode.accountedBytes
    if (bytes > 0 && this.usedBytes + bytes > (this.options.totalBytes ?? Infinity)) throw new Errno('ENOSPC')
    this.usedBytes += bytes
    inode.accountedBytes = size
  }

  currentTime(): number {
    return this.now()
  }

  private replace(directory: number, name: string, moved: Inode, existing: number): void {
    const old = this.table.get(existing) as Inode
    if (old.entries && !moved.entries) throw new Errno('EISDIR')
    if (!old.entries && moved.entries) throw new Errno('ENOTDIR')
    if (old.entries) this.rmdir(directory, name)
    else this.unlink(directory, name)
  }

  private writableDirectory(ino: number): Inode & { entries: Map<string, number> } {
    if (!this.table.get(ino)?.entries) throw new Errno(this.table.get(ino) ? 'ENOTDIR' : 'ENOENT')
    return this.writable(ino) as Inode & { entries: Map<string, number> }
  }

  private free(inode: Inode): void {
    this.usedBytes -= inode.accountedBytes
    this.lazies.delete(inode)
    this.usedInodes--
    this.table.set(inode.ino, undefined)
  }
}

/** An open file of a tree; keeps the last inode it saw, so that it lives on after its last name is gone. */
class TreeFile implements FileBody {
  constructor(
    private readonly fs: TreeFileSystem,
    private last: Inode,
  ) {}

  size(): number {
    return this.current().size
  }

  read(offset: number, max: number): Uint8Array {
    return (this.current().content as Content).read(offset, max)
  }

  readAll(): Uint8Array {
    return (this.current().content as Content).readAll()
  }

  readText(): string {
    return (this.current().content as Content).readText()
  }

  write(offset: number, bytes: Uint8Array): void {
    const inode = this.forWriting()
    const content = inode.content as Content
    const end = offset + bytes.length
    if (end > content.size && inode.nlink > 0) this.fs.charge(inode, end)
    content.write(offset, bytes)
    inode.mtimeMs = inode.ctimeMs = this.fs.currentTime()
  }

  truncate(size: number): void {
    const inode = this.forWriting()
    const content = inode.content as Content
    if (inode.nlink > 0) this.fs.charge(inode, size)
    content.truncate(size)
    inode.mtimeMs = inode.ctimeMs = this.fs.currentTime()
  }

  attributes(): Attributes {
    return this.current()
  }

  private current(): Inode {
    return (this.last = this.fs.attributes(this.last.ino) ?? this.last)
  }

  private forWriting(): Inode {
    return (this.last = this.fs.attributes(this.last.ino) ? this.fs.writable(this.last.ino) : this.last)
  }
}
