/**
 * Files as a process sees them. Everything that never waits is synchronous; only what can block (pipes, terminals,
 * sockets) is asynchronous. Failures throw `Errno`.
 */
export type FileType = 'file' | 'directory' | 'symlink' | 'fifo' | 'socket' | 'character' | 'block'

export interface Stat {
  readonly type: FileType
  /** Permission bits with setuid, setgid and sticky: 0o7777 at most. */
  readonly mode: number
  readonly uid: number
  readonly gid: number
  readonly size: number
  readonly ino: number
  readonly dev: number
  readonly nlink: number
  /** Milliseconds since the epoch. */
  readonly atimeMs: number
  readonly mtimeMs: number
  readonly ctimeMs: number
  /** Devices only. */
  readonly rdev?: { readonly major: number; readonly minor: number }
}

export interface OpenFlags {
  readonly read?: boolean
  readonly write?: boolean
  readonly append?: boolean
  readonly create?: boolean
  readonly exclusive?: boolean
  readonly truncate?: boolean
  readonly directory?: boolean
  readonly noFollow?: boolean
}

/** An open file description: what descriptors, also of several processes, share. */
export interface OpenFile {
  readonly kind: 'file' | 'directory' | 'pipe' | 'tty' | 'socket' | 'device'
  /** What /proc/PID/fd shows: a path, `pipe:[4711]`, `socket:[4712]`, `/dev/pts/0`. */
  readonly description: string
  /** At most `max` bytes; null at the end. Waits where the kind can. */
  read(max?: number): Promise<Uint8Array | null>
  /** Writes all of it, waiting for room where the kind can. EPIPE when nobody reads any more. */
  write(bytes: Uint8Array): Promise<void>
  /** Bytes at once, or undefined where a read would wait. */
  readNow?(max?: number): Uint8Array | null | undefined
  /** As `readNow`, but nothing beyond the first such byte: for those who read lines from what others read too. */
  lineNow?(delimiter: number, max?: number): Uint8Array | null | undefined
  /** Writes what there is room for and tells how much; undefined where the kind has no such thing. */
  writeNow?(bytes: Uint8Array): number
  /** Calls `wake` once as soon as a read (a write) would not wait; the answer gives up waiting. Makes waits cancellable. */
  onReadable?(wake: () => void): () => void
  onWritable?(wake: () => void): () => void
  /** Moves the offset; returns it. ESPIPE where that has no meaning. */
  seek?(offset: number, from: 'start' | 'current' | 'end'): number
  truncate?(size: number): void
  /** flock(2): takes or changes an advisory lock, or gives it up; false where another open file's stands in the way. */
  lock?(kind: 'shared' | 'exclusive' | undefined): boolean
  lockWhenFree?(kind: 'shared' | 'exclusive'): Promise<void>
  /** Calls `wake` once as soon as somebody gives a lock up. */
  onLockGiven?(wake: () => void): () => void
  stat(): Stat
  /** Present on terminals. */
  readonly tty?: Terminal | undefined
  /** Called by the kernel when the first descriptor refers to it: it now lives as long as descriptors do. */
  adopt?(): void
  /** Called by the kernel when the last descriptor is gone. */
  release(): void
}

export interface TerminalMode {
  /** Line editing by the kernel; off is raw input. */
  canonical: boolean
  echo: boolean
  /** ^C, ^Z and ^\ send signals. */
  signals: boolean
  /** CR typed becomes NL. */
  crToNl: boolean
  /** NL written becomes CR NL. */
  nlToCrNl: boolean
}

/** A terminal, from the side of the programs on it. */
export interface Terminal {
  readonly name: string
  readonly columns: number
  readonly rows: number
  mode(): Readonly<TerminalMode>
  setMode(mode: Partial<TerminalMode>): void
  foreground(): number
  setForeground(processGroup: number): void
  /** Changes the window's size and tells the foreground group by SIGWINCH. */
  resize(columns: number, rows: number): void
}

export interface DirectoryEntry {
  readonly name: string
  readonly type: FileType
  readonly ino: number
}

export interface MountRequest {
  readonly source: string
  readonly target: string
  /** `tmpfs`, `overlay`, `proc`, `sysfs`, `bind`, `cgroup2`, `devpts`, `ext4` ... */
  readonly type: string
  /** As in mount(8): `ro`, `rbind`, `lowerdir=...,upperdir=...`, `size=64m`. */
  readonly options: readonly string[]
}

export interface FileEvent {
  readonly kind: 'create' | 'modify' | 'delete' | 'moved-from' | 'moved-to' | 'attributes'
  readonly name: string
}

export interface FileWatch {
  /** The next change; waits. */
  next(): Promise<FileEvent>
  close(): void
}

/** What a lazily encoded file holds at the time it is asked. It outlives the process that gave it. */
export interface LazyContent {
  bytes(): Uint8Array
}

/** Path calls. Paths are absolute or relative to the process's working directory; its root, mounts and user apply. */
export interface Files {
  open(path: string, flags: OpenFlags, mode?: number): OpenFile
  stat(path: string): Stat
  lstat(path: string): Stat
  /** Like stat, but undefined where there is no such file. */
  exists(path: string): Stat | undefined
  readFile(path: string): Uint8Array
  readText(path: string): string
  /** Creates or truncates. `mode` is for a new file; the umask applies. */
  writeFile(path: string, content: Uint8Array | string, mode?: number): void
  appendFile(path: string, content: Uint8Array | string): void
  /** Writes beside and renames over, so that a reader sees the old or the new. */
  replaceFile(path: string, content: Uint8Array | string, mode?: number): void
  /**
   * Gives a file content that is encoded only when somebody reads it, or when the disk is snapshot or forked: for data
   * bases that would otherwise encode themselves at every commit. Replaces what the file held; a later ordinary write
   * replaces this. Call again (cheap) after each change, so that the modification time and watchers follow.
   */
  writeLazy(path: string, content: LazyContent, mode?: number): void
  readDirectory(path: string): DirectoryEntry[]
  mkdir(path: string, mode?: number): void
  /** Also makes what is missing above; no error where the directory stands. */
  mkdirAll(path: string, mode?: number): void
  rmdir(path: string): void
  unlink(path: string): void
  /** Removes a tree; no error where nothing stands. Does not cross mounts: EBUSY. */
  removeAll(path: string): void
  rename(from: string, to: string): void
  link(existing: string, path: string): void
  symlink(target: string, path: string): void
  readlink(path: string): string
  realpath(path: string): string
  chmod(path: string, mode: number): void
  chown(path: string, uid: number, gid: number, options?: { noFollow?: boolean }): void
  utimes(path: string, atimeMs: number, mtimeMs: number, options?: { noFollow?: boolean }): void
  truncate(path: string, size: number): void
  mkfifo(path: string, mode?: number): void
  mknod(path: string, type: 'character' | 'block' | 'socket', major: number, minor: number, mode?: number): void
  access(path: string, want: { read?: boolean; write?: boolean; execute?: boolean }): boolean
  watch(path: string): FileWatch
  mount(request: MountRequest): void
  unmount(target: string, options?: { lazy?: boolean }): void
  /** Bytes and inodes of the file system that holds the path. */
  statfs(path: string): FileSystemUsage
}

export interface FileSystemUsage {
  readonly type: string
  readonly source: string
  readonly totalBytes: number
  readonly usedBytes: number
  readonly totalInodes: number
  readonly usedInodes: number
}
