/** Books with the kernel what a program holds of its input, so that limits of memory count for it. */
import { encodeUtf8 } from '#engine/base/bytes'
import type { Process } from '#engine/linux/abi/process'

const stepBytes = 1024 * 1024
/** More than this the simulation does not hold for one input: a machine would have run out of memory, too. */
const mostBytes = 128 * 1024 * 1024

export class HeldMemory {
  private bytes = 0
  private booked = 0
  private readonly before: () => number

  constructor(private readonly process: Process) {
    let own: number | undefined
    this.before = () => (own ??= process.processes().find((entry) => entry.pid === process.pid)?.memoryBytes ?? 0)
  }

  /** Past the limit of its control group the process is killed here. */
  grow(bytes: number): void {
    this.bytes += bytes
    if (this.bytes - this.booked < stepBytes) return
    if (this.bytes > mostBytes) this.exhausted()
    this.process.setMemory(this.before() + this.bytes)
    this.booked = this.bytes
  }

  /** gnulib's xalloc_die: the name, two words, and the end. */
  private exhausted(): never {
    const name = this.process.argv[0] ?? ''
    this.process.descriptors().get(2)?.writeNow?.(encodeUtf8(`${name}: memory exhausted\n`))
    this.process.exit(/^(?:.*\/)?(?:sort|grep|egrep|fgrep|diff|cmp)$/.test(name) ? 2 : 1)
  }

  release(): void {
    if (this.booked > 0) this.process.setMemory(this.before())
    this.booked = 0
    this.bytes = 0
  }
}
