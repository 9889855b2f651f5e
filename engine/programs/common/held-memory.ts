/** Books with the kernel what a program holds of its input, so that limits of memory count for it. */
import { Errno } from '#engine/linux/abi/errno'
import type { Process } from '#engine/linux/abi/process'

const stepBytes = 1024 * 1024
/** More than this the simulation does not hold for one input: a machine would have run out of memory, too. */
const mostBytes = 512 * 1024 * 1024

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
    if (this.bytes > mostBytes) throw new Errno('ENOMEM')
    this.process.setMemory(this.before() + this.bytes)
    this.booked = this.bytes
  }

  release(): void {
    if (this.booked > 0) this.process.setMemory(this.before())
    this.booked = 0
  }
}
