/** Pipes and FIFOs: 64 KiB between those who write and those who read. */
import type { OpenFile, Stat } from '#engine/linux/abi/files'
import { Errno } from '#engine/linux/abi/errno'
import { readWhenReady, writeAll } from '#engine/linux/kernel/blocking'

export const pipeCapacity = 65536

/** Wakes everybody who waits; each looks again for itself. */
export class WaitList {
  private waiting: Set<() => void> | undefined

  add(wake: () => void): () => void {
    const set = (this.waiting ??= new Set())
    set.add(wake)
    return () => set.delete(wake)
  }

  wakeAll(): void {
    const set = this.waiting
    if (!set || set.size === 0) return
    this.waiting = undefined
    for (const wake of set) wake()
  }
}

export class Pipe {
  private chunks: Uint8Array[] = []
  private size = 0
  readers = 0
  writers = 0
  /** A FIFO's reader sees no end before the first writer came, its writer no broken pipe before the first reader. */
  hadReader = false
  hadWriter = false
  readonly readable = new WaitList()
  readonly writable = new WaitList()

  constructor(
    readonly inode: number,
    readonly capacity = pipeCapacity,
  ) {}

  read(max: number): Uint8Array | null | undefined {
    const first = this.chunks[0]
    if (!first) return this.writers === 0 && this.hadWriter ? null : undefined
    if (first.length > max) {
      this.chunks[0] = first.subarray(max)
      this.size -= max
      this.writable.wakeAll()
      return first.subarray(0, max)
    }
    const out = this.chunks.length === 1 ? first : this.gather(max)
    if (out === first) this.chunks = []
    this.size -= out.length
    this.writable.wakeAll()
    return out
  }

  readLine(delimiter: number, max: number): Uint8Array | null | undefined {
    const at = this.chunks[0]?.indexOf(delimiter) ?? -1
    return this.read(Math.min(max, at >= 0 ? at + 1 : (this.chunks[0]?.length ?? max)))
  }

  write(bytes: Uint8Array): number {
    if (this.readers === 0) {
      if (this.hadReader) throw new Errno('EPIPE')
      return 0
    }
    const room = this.capacity - this.size
    if (room <= 0 || (bytes.length <= 4096 && bytes.length > room)) return 0
    const part = bytes.slice(0, room)
    this.chunks.push(part)
    this.size += part.length
    this.readable.wakeAll()
    return part.length
  }

  get length(): number {
    return this.size
  }

  private gather(max: number): Uint8Array {
    let length = 0
    let count = 0
    for (const chunk of this.chunks) {
      if (length + chunk.length > max) break
      length += chunk.length
      count++
    }
    const out = new Uint8Array(length)
    let offset = 0
    for (const chunk of this.chunks.splice(0, count)) {
      out.set(chunk, offset)
      offset += chunk.length
    }
    return out
  }
}

/** One end, or both of a FIFO opened for reading and writing. */
export class PipeEnd implements OpenFile {
  readonly kind = 'pipe'
  private open = true

  constructor(
    readonly pipe: Pipe,
    private readonly reads: boolean,
    private readonly writes: boolean,
    readonly description: string,
    private readonly status: () => Stat,
  ) {
    if (reads) {
      pipe.readers++
      pipe.hadReader = true
      pipe.writable.wakeAll()
    }
    if (writes) {
      pipe.writers++
      pipe.hadWriter = true
    }
  }

  readNow(max = pipeCapacity): Uint8Array | null | undefined {
    if (!this.reads) throw new Errno('EBADF')
    return this.pipe.read(max)
  }

  lineNow(delimiter: number, max = pipeCapacity): Uint8Array | null | undefined {
    if (!this.reads) throw new Errno('EBADF')
    return this.pipe.readLine(delimiter, max)
  }

  writeNow(bytes: Uint8Array): number {
    if (!this.writes) throw new Errno('EBADF')
    return this.pipe.write(bytes)
  }

  onReadable(wake: () => void): () => void {
    return this.pipe.readable.add(wake)
  }

  onWritable(wake: () => void): () => void {
    return this.pipe.writable.add(wake)
  }

  read(max?: number): Promise<Uint8Array | null> {
    return readWhenReady(this, max)
  }

  write(bytes: Uint8Array): Promise<void> {
    return writeAll(this, bytes)
  }

  stat(): Stat {
    return this.status()
  }

  release(): void {
    if (!this.open) return
    this.open = false
    if (this.reads && --this.pipe.readers === 0) this.pipe.writable.wakeAll()
    if (this.writes && --this.pipe.writers === 0) this.pipe.readable.wakeAll()
  }
}

export function pipeStat(inode: number, now: number): Stat {
  return { type: 'fifo', mode: 0o600, uid: 0, gid: 0, size: 0, ino: inode, dev: 14, nlink: 1, atimeMs: now, mtimeMs: now, ctimeMs: now }
}
