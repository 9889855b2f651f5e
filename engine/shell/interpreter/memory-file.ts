/** A here-document or here-string as an open file: bash writes it to a temporary file that has no name any more. */
import { Errno } from '#engine/linux/abi/errno'
import type { OpenFile, Stat } from '#engine/linux/abi/files'

export class MemoryFile implements OpenFile {
  readonly kind = 'file'
  readonly description = '/tmp/sh-thd (deleted)'
  private offset = 0

  constructor(
    private readonly content: Uint8Array,
    private readonly openedMs: number,
  ) {}

  read(max?: number): Promise<Uint8Array | null> {
    return Promise.resolve(this.readNow(max))
  }

  readNow(max = 65536): Uint8Array | null {
    if (this.offset >= this.content.length) return null
    const piece = this.content.subarray(this.offset, this.offset + max)
    this.offset += piece.length
    return piece
  }

  write(): Promise<void> {
    return Promise.reject(new Errno('EBADF'))
  }

  seek(offset: number, from: 'start' | 'current' | 'end'): number {
    const base = from === 'start' ? 0 : from === 'current' ? this.offset : this.content.length
    if (base + offset < 0) throw new Errno('EINVAL')
    return (this.offset = base + offset)
  }

  stat(): Stat {
    return { type: 'file', mode: 0o600, uid: 0, gid: 0, size: this.content.length, ino: 1, dev: 1, nlink: 0, atimeMs: this.openedMs, mtimeMs: this.openedMs, ctimeMs: this.openedMs }
  }

  release(): void {
    this.offset = this.content.length
  }
}
