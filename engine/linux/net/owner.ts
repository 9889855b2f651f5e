/** The process behind a socket: who is shown by ss, whose death ends waits and closes what nobody else holds. */
import { ProcessKilled } from '#engine/linux/abi/errno'
import type { Process } from '#engine/linux/abi/process'

/** What the kernel's own processes know of themselves. */
interface Numbered {
  readonly command: string
  readonly pids: { in(namespace: unknown): number }
  readonly namespaces: { readonly pid: unknown }
}

const numbered = (process: Process): Numbered => process as unknown as Numbered

export class SocketOwner {
  readonly pid: number
  private readonly mourners = new Set<() => void>()

  constructor(private readonly process: Process) {
    this.pid = process.pid
    process.dying.addEventListener('abort', () => this.died(), { once: true })
  }

  /** The short name, as the kernel has it. */
  get command(): string {
    return numbered(this.process).command
  }

  /** What the process calls itself. */
  get title(): string {
    const [name = ''] = this.process.argv
    return name.startsWith('/') ? (name.split('/').pop() ?? '') : name
  }

  /** The owner's number as the viewer's process table has it; undefined where the viewer does not see it. */
  pidFor(viewer: Process): number | undefined {
    const pid = numbered(this.process).pids.in(numbered(viewer).namespaces.pid)
    return pid === 0 ? undefined : pid
  }

  get uid(): number {
    return this.process.credentials.euid
  }

  get dead(): boolean {
    return this.process.dying.aborted
  }

  /** Calls `run` at the death of the process; the answer forgets it. One listener on the process serves all sockets. */
  onDeath(run: () => void): () => void {
    this.mourners.add(run)
    return () => this.mourners.delete(run)
  }

  private died(): void {
    const told = [...this.mourners]
    this.mourners.clear()
    for (const run of told) run()
  }
}

/** Waits for a wake-up; rejects as soon as the owner dies. `register` gives back how to stop waiting. */
export function waitFor(owner: SocketOwner, register: (wake: () => void) => () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    if (owner.dead) return reject(new ProcessKilled())
    const forget = owner.onDeath(() => {
      cancel()
      reject(new ProcessKilled())
    })
    const cancel = register(() => {
      forget()
      resolve()
    })
  })
}
