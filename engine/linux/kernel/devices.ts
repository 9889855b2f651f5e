/** What opening a device, a FIFO or a socket file gives. */
import { encodeUtf8 } from '#engine/base/bytes'
import { Errno } from '#engine/linux/abi/errno'
import type { OpenFile, OpenFlags, Stat } from '#engine/linux/abi/files'
import type { Kernel } from '#engine/linux/kernel/kernel'
import { Pipe, PipeEnd } from '#engine/linux/kernel/pipe'
import type { Task } from '#engine/linux/kernel/task'
import { TtySlave } from '#engine/linux/tty/tty'
import { zeroBytes } from '#engine/linux/vfs/content'
import type { Attributes } from '#engine/linux/vfs/filesystem'
import { pathOf, type Place } from '#engine/linux/vfs/mount'
import { statOf } from '#engine/linux/vfs/openfile'

/** One read of /dev/zero gives what is asked for, up to this. */
const longestZeros = 64 * 1024 * 1024

export class Devices {
  private readonly fifos = new Map<string, Pipe>()

  constructor(private readonly kernel: Kernel) {}

  open(task: Task, place: Place, attributes: Attributes, flags: OpenFlags): OpenFile {
    const already = this.kernel.fileSystems.openedByProc(place)
    if (already) return already
    if (attributes.type === 'fifo') return this.openFifo(place, attributes, flags)
    if (attributes.type !== 'character' || !attributes.rdev) throw new Errno('ENXIO')
    const stat = (): Stat => statOf(place.mount.fs, place.ino, attributes)
    return this.byNumber(task, attributes.rdev, pathOf(place, task.root), stat)
  }

  private byNumber(task: Task, { major, minor }: { readonly major: number; readonly minor: number }, path: string, stat: () => Stat): OpenFile {
    if (major === 1) return this.memoryDevice(minor, path, stat)
    if (major === 5 && minor === 0) return this.controllingTerminal(task)
    if (major === 5 && minor === 2) return this.kernel.ttys.open({ columns: 80, rows: 24 }).master
    if (major === 136) return this.slave(minor)
    if (major === 5 && minor === 1) return new MemoryDevice('/dev/console', stat, () => null, (bytes) => this.kernel.log.print(bytes))
    throw new Errno('ENXIO')
  }

  private memoryDevice(minor: number, path: string, stat: () => Stat): OpenFile {
    const random = (max: number): Uint8Array => this.kernel.random.bytes(Math.min(max, 65536))
    switch (minor) {
      case 3:
        return new MemoryDevice(path, stat, () => null, accept)
      case 5:
        return new MemoryDevice(path, stat, (max) => zeroBytes(Math.min(max, longestZeros)), accept)
      case 7:
        return new MemoryDevice(path, stat, (max) => zeroBytes(Math.min(max, 65536)), () => {
          throw new Errno('ENOSPC')
        })
      case 8:
      case 9:
        return new MemoryDevice(path, stat, random, accept)
      case 11:
        return new MemoryDevice(path, stat, once(() => encodeUtf8(this.kernel.log.text())), (bytes) => this.kernel.log.print(bytes))
      default:
        throw new Errno('ENXIO')
    }
  }

  private controllingTerminal(task: Task): OpenFile {
    const tty = task.sessionPid.terminal
    if (!tty || tty.hungUp) throw new Errno('ENXIO')
    return new TtySlave(tty)
  }

  private slave(index: number): OpenFile {
    const tty = this.kernel.ttys.byIndex.get(index)
    if (!tty) throw new Errno('ENXIO')
    return new TtySlave(tty)
  }

  private openFifo(place: Place, attributes: Attributes, flags: OpenFlags): OpenFile {
    const key = `${place.mount.fs.id}:${place.ino}`
    let pipe = this.fifos.get(key)
    if (!pipe || (pipe.readers === 0 && pipe.writers === 0)) this.fifos.set(key, (pipe = new Pipe(place.ino)))
    const writes = flags.write === true || flags.append === true
    const reads = flags.read === true || !writes
    return new PipeEnd(pipe, reads, writes, pathOf(place), () => statOf(place.mount.fs, place.ino, place.mount.fs.attributes(place.ino) ?? attributes))
  }
}

class MemoryDevice implements OpenFile {
  readonly kind = 'device'

  constructor(
    readonly description: string,
    readonly stat: () => Stat,
    private readonly take: (max: number) => Uint8Array | null,
    private readonly give: (bytes: Uint8Array) => void,
  ) {}

  readNow(max = 65536): Uint8Array | null {
    return this.take(max)
  }

  writeNow(bytes: Uint8Array): number {
    this.give(bytes)
    return bytes.length
  }

  read(max?: number): Promise<Uint8Array | null> {
    return Promise.resolve(this.readNow(max))
  }

  write(bytes: Uint8Array): Promise<void> {
    this.writeNow(bytes)
    return Promise.resolve()
  }

  seek(): number {
    return 0
  }

  truncate(): void {
    // A device has no length.
  }

  release(): void {
    // Nothing is held.
  }
}

function accept(): void {
  // Gone without trace.
}

function once(text: () => Uint8Array): () => Uint8Array | null {
  let given = false
  return () => {
    if (given) return null
    given = true
    return text()
  }
}
