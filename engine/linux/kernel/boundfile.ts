/** An open file in the hands of one process: its waits end with the process, stop with it, and cost it time. */
import type { OpenFile, Stat, Terminal } from '#engine/linux/abi/files'
import { Errno, isErrno } from '#engine/linux/abi/errno'
import type { Task } from '#engine/linux/kernel/task'
import { mayReadTerminal } from '#engine/linux/kernel/jobreads'
import { TerminalView, TtyMaster, TtySlave } from '#engine/linux/tty/tty'

export class BoundFile implements OpenFile {
  constructor(
    readonly inner: OpenFile,
    private readonly task: Task,
  ) {}

  get kind(): OpenFile['kind'] {
    return this.inner.kind
  }

  get description(): string {
    return this.inner.description
  }

  get tty(): Terminal | undefined {
    const { inner } = this
    return inner instanceof TtySlave || inner instanceof TtyMaster ? new TerminalView(inner.device, this.task.namespaces.pid) : inner.tty
  }

  async read(max?: number): Promise<Uint8Array | null> {
    const due = this.task.waits.due()
    if (due) await due
    const { inner } = this
    if (!inner.readNow) return this.task.waits.guard(inner.read(max))
    if (!inner.onReadable) return inner.readNow(max) ?? null
    for (;;) {
      if (inner instanceof TtySlave) await mayReadTerminal(this.task, inner)
      const bytes = inner.readNow?.(max)
      if (bytes !== undefined) return bytes
      await this.task.waits.block<void>((done) => inner.onReadable?.(done) ?? noop)
    }
  }

  async write(bytes: Uint8Array): Promise<void> {
    const due = this.task.waits.due()
    if (due) await due
    const { inner } = this
    try {
      if (!inner.writeNow) return await this.task.waits.guard(inner.write(bytes))
      for (let done = 0; done < bytes.length; ) {
        this.task.kernel.current = this.task
        const count = inner.writeNow(done === 0 ? bytes : bytes.subarray(done))
        done += count
        if (done >= bytes.length) return
        if (count === 0) await this.task.waits.block<void>((wake) => inner.onWritable?.(wake) ?? noop)
        else await this.task.waits.pay()
      }
    } catch (error) {
      if (isErrno(error, 'EPIPE')) this.task.signalSelf('SIGPIPE')
      throw error
    }
  }

  readNow(max?: number): Uint8Array | null | undefined {
    this.task.enter()
    return this.inner.readNow?.(max)
  }

  /** One byte at a time where the kind knows no better. */
  lineNow(delimiter: number, max?: number): Uint8Array | null | undefined {
    this.task.enter()
    return this.inner.lineNow ? this.inner.lineNow(delimiter, max) : this.inner.readNow?.(1)
  }

  writeNow(bytes: Uint8Array): number {
    this.task.enter()
    if (!this.inner.writeNow) throw new Errno('EOPNOTSUPP')
    return this.inner.writeNow(bytes)
  }

  onReadable(wake: () => void): () => void {
    return this.inner.onReadable?.(wake) ?? noop
  }

  onWritable(wake: () => void): () => void {
    return this.inner.onWritable?.(wake) ?? noop
  }

  seek(offset: number, from: 'start' | 'current' | 'end'): number {
    this.task.enter()
    if (!this.inner.seek) throw new Errno('ESPIPE')
    return this.inner.seek(offset, from)
  }

  truncate(size: number): void {
    this.task.enter()
    if (!this.inner.truncate) throw new Errno('EINVAL')
    this.inner.truncate(size)
  }

  lock(kind: 'shared' | 'exclusive' | undefined): boolean {
    this.task.enter()
    if (!this.inner.lock) throw new Errno('EBADF')
    return this.inner.lock(kind)
  }

  async lockWhenFree(kind: 'shared' | 'exclusive'): Promise<void> {
    while (!this.lock(kind)) await this.task.waits.block<void>((done) => this.inner.onLockGiven?.(done) ?? noop)
  }

  stat(): Stat {
    return this.inner.stat()
  }

  release(): void {
    this.task.kernel.releaseUninstalled(this.inner)
  }
}

/** The open file itself, whoever holds it. */
export function unbound(file: OpenFile): OpenFile {
  return file instanceof BoundFile ? file.inner : file
}

function noop(): void {
  // Nothing to give up.
}
