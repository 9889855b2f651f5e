/** What a file system implements. Files are named by inode number; names and permissions are checked by the caller. */
import type { DirectoryEntry, FileType, FileSystemUsage, LazyContent } from '#engine/linux/abi/files'
import type { WatchHub } from '#engine/linux/vfs/watch'

export interface Attributes {
  readonly type: FileType
  readonly mode: number
  readonly uid: number
  readonly gid: number
  readonly nlink: number
  readonly size: number
  readonly atimeMs: number
  readonly mtimeMs: number
  readonly ctimeMs: number
  readonly rdev?: { readonly major: number; readonly minor: number } | undefined
  /** A directory of an overlay's upper layer that hides the lower ones. */
  readonly opaque?: boolean | undefined
}

export interface NewNode {
  readonly type: FileType
  readonly mode: number
  readonly uid: number
  readonly gid: number
  /** Of a symbolic link. */
  readonly target?: string | undefined
  readonly rdev?: { readonly major: number; readonly minor: number } | undefined
}

export interface AttributeChange {
  readonly mode?: number
  readonly uid?: number
  readonly gid?: number
  readonly atimeMs?: number
  readonly mtimeMs?: number
  readonly opaque?: boolean
}

export interface FileSystem {
  /** The device number in stat. */
  readonly id: number
  /** `ext4`, `tmpfs`, `overlay` ... */
  readonly type: string
  readonly root: number
  readonly watches: WatchHub
  /** Directories go only by rmdir and rename here, which tell (`directoryGone`). */
  readonly stable?: boolean
  /** Undefined when the inode is gone. */
  attributes(ino: number): Attributes | undefined
  /** 0 when there is no such entry. */
  lookup(directory: number, name: string): number
  list(directory: number): DirectoryEntry[]
  readlink(ino: number): string
  /** A magic link of /proc that leads to a place, not to a path. */
  magicLink?(ino: number): unknown
  open(ino: number): FileBody
  create(directory: number, name: string, node: NewNode): number
  link(directory: number, name: string, ino: number): void
  /** Removes an entry that is no directory. */
  unlink(directory: number, name: string): void
  /** Removes an empty directory: ENOTEMPTY. */
  rmdir(directory: number, name: string): void
  rename(from: number, name: string, to: number, newName: string): void
  change(ino: number, change: AttributeChange): void
  /** Where the file system can hold content that is encoded when it is first read. */
  setLazy?(ino: number, content: LazyContent): void
  usage(): FileSystemUsage
}

/** The content of one file, open. Lives on after the file's last name is gone. */
export interface FileBody {
  size(): number
  read(offset: number, max: number): Uint8Array
  /** All of it, without copying where that can be; not to be changed. */
  readAll(): Uint8Array
  /** All of it as UTF-8, where a file system can keep that. */
  readText?(): string
  write(offset: number, bytes: Uint8Array): void
  truncate(size: number): void
  attributes(): Attributes
}
