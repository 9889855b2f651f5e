/** A process's table of descriptors, and the count of descriptors per open file over all processes. */
import type { OpenFile } from '#engine/linux/abi/files'
import { Errno } from '#engine/linux/abi/errno'

const maxDescriptors = 65536

/** How many descriptors name each open file; it is released with the last. */
export class OpenFileCounts {
  private readonly counts = new Map<OpenFile, number>()

  retain(file: OpenFile): void {
    const count = this.counts.get(file) ?? 0
    if (count === 0) file.adopt?.()
    this.counts.set(file, count + 1)
  }

  drop(file: OpenFile): void {
    const count = this.counts.get(file)
    if (count === undefined) return
    if (count > 1) {
      this.counts.set(file, count - 1)
      return
    }
    this.counts.delete(file)
    file.release()
  }

  has(file: OpenFile): boolean {
    return this.counts.has(file)
  }
}

export class DescriptorTable {
  readonly files = new Map<number, OpenFile>()

  constructor(private readonly counts: OpenFileCounts) {}

  get(fd: number): OpenFile {
    const file = this.files.get(fd)
    if (!file) throw new Errno('EBADF')
    return file
  }

  install(file: OpenFile, fd = this.lowestFree()): number {
    if (!Number.isInteger(fd) || fd < 0 || fd >= maxDescriptors) throw new Errno('EBADF')
    if (this.files.size >= maxDescriptors) throw new Errno('EMFILE')
    const previous = this.files.get(fd)
    if (previous === file) return fd
    this.counts.retain(file)
    this.files.set(fd, file)
    if (previous) this.counts.drop(previous)
    return fd
  }

  close(fd: number): void {
    const file = this.get(fd)
    this.files.delete(fd)
    this.counts.drop(file)
  }

  closeAll(): void {
    const files = [...this.files.values()]
    this.files.clear()
    for (const file of files) this.counts.drop(file)
  }

  private lowestFree(): number {
    let fd = 0
    while (this.files.has(fd)) fd++
    return fd
  }
}
