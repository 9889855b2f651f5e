/** flock(2): advisory locks on files, held by open files; gone when the last descriptor of such a file is. */
import type { FileSystem } from '#engine/linux/vfs/filesystem'

export type LockKind = 'shared' | 'exclusive'

class FileLocks {
  private readonly holders = new Map<object, LockKind>()
  private waiting = new Set<() => void>()

  take(holder: object, kind: LockKind): boolean {
    for (const [other, held] of this.holders) if (other !== holder && (kind === 'exclusive' || held === 'exclusive')) return false
    const before = this.holders.get(holder)
    this.holders.set(holder, kind)
    if (before === 'exclusive' && kind === 'shared') this.wake()
    return true
  }

  give(holder: object): void {
    if (this.holders.delete(holder)) this.wake()
  }

  onFree(wake: () => void): () => void {
    this.waiting.add(wake)
    return () => this.waiting.delete(wake)
  }

  get unused(): boolean {
    return this.holders.size === 0 && this.waiting.size === 0
  }

  private wake(): void {
    const waiting = this.waiting
    this.waiting = new Set()
    for (const wake of waiting) wake()
  }
}

const tables = new WeakMap<FileSystem, Map<number, FileLocks>>()

function locksOf(fs: FileSystem, ino: number): FileLocks {
  let table = tables.get(fs)
  if (!table) tables.set(fs, (table = new Map()))
  let locks = table.get(ino)
  if (!locks) table.set(ino, (locks = new FileLocks()))
  return locks
}

export function giveLock(fs: FileSystem, ino: number, holder: object): void {
  const table = tables.get(fs)
  const locks = table?.get(ino)
  locks?.give(holder)
  if (locks?.unused) table?.delete(ino)
}

/** Takes a lock, or gives it back where no kind is named; false where another open file's lock stands in the way. */
export function changeLock(fs: FileSystem, ino: number, holder: object, kind: LockKind | undefined): boolean {
  if (kind !== undefined) return locksOf(fs, ino).take(holder, kind)
  giveLock(fs, ino, holder)
  return true
}

/** Calls `wake` once as soon as a lock is given up; the answer gives up waiting. */
export function whenLockGiven(fs: FileSystem, ino: number, wake: () => void): () => void {
  return locksOf(fs, ino).onFree(wake)
}
