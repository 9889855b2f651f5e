/** One direction of a stream: bytes under way, with room for so many. */
import { Errno, type ErrnoCode } from '#engine/linux/abi/errno'

export const channelCapacity = 65536

export class ByteChannel {
  private chunks: Uint8Array[] = []
  size = 0
  private ended = false
  /** Nobody will read what is written from now on. */
  private deaf = false
  private failure: ErrnoCode | undefined
  private readers = new Set<() => void>()
  private writers = new Set<() => void>()

  /** What there was room for. EPIPE where nobody reads, or the error the stream broke with. */
  push(bytes: Uint8Array): number {
    if (this.failure) throw new Errno(this.failure)
    if (this.deaf || this.ended) throw new Errno('EPIPE')
    const room = channelCapacity - this.size
    if (room <= 0) return 0
    const part = bytes.length <= room ? bytes : bytes.subarray(0, room)
    if (part.length > 0) {
      this.chunks.push(part.slice())
      this.size += part.length
      wakeAll(this.readers)
    }
    return part.length
  }

  /** Bytes, null at the end, undefined where one has to wait. */
  pull(max = channelCapacity): Uint8Array | null | undefined {
    const first = this.chunks[0]
    if (!first) {
      if (this.failure) throw new Errno(this.failure)
      return this.ended ? null : undefined
    }
    const part = first.length <= max ? first : first.subarray(0, max)
    if (part === first) this.chunks.shift()
    else this.chunks[0] = first.subarray(max)
    this.size -= part.length
    wakeAll(this.writers)
    return part
  }

  end(): void {
    this.ended = true
    wakeAll(this.readers)
  }

  /** The reader has gone; false where it left bytes unread. */
  abandon(): boolean {
    const clean = this.size === 0
    this.deaf = true
    this.chunks = []
    this.size = 0
    wakeAll(this.writers)
    return clean
  }

  break(code: ErrnoCode): void {
    if (this.failure) return
    this.failure = code
    this.chunks = []
    this.size = 0
    wakeAll(this.readers)
    wakeAll(this.writers)
  }

  get readable(): boolean {
    return this.size > 0 || this.ended || this.failure !== undefined
  }

  get writable(): boolean {
    return this.size < channelCapacity || this.deaf || this.ended || this.failure !== undefined
  }

  get finished(): boolean {
    return this.ended
  }

  onReadable(wake: () => void): () => void {
    return waitOn(this.readers, this.readable, wake)
  }

  onWritable(wake: () => void): () => void {
    return waitOn(this.writers, this.writable, wake)
  }
}

function waitOn(waiters: Set<() => void>, already: boolean, wake: () => void): () => void {
  if (already) {
    queueMicrotask(wake)
    return () => undefined
  }
  waiters.add(wake)
  return () => waiters.delete(wake)
}

function wakeAll(waiters: Set<() => void>): void {
  if (waiters.size === 0) return
  const woken = [...waiters]
  waiters.clear()
  for (const wake of woken) wake()
}
