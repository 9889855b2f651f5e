/**
 * Listeners that a snapshot saw. No process is in a snapshot: each opens its port again as it comes back. Until then who
 * connects waits, as in the backlog of a socket that never closed; what does not come back in time refuses.
 */
import { ProcessKilled } from '#engine/linux/abi/errno'
import type { Clock } from '#engine/base/clock'
import type { SocketOwner } from '#engine/linux/net/owner'

/** Of virtual time: a program that has not opened its port by then will not. */
const graceMs = 3000

export class ExpectedListeners {
  private readonly waiting = new Map<string, Set<() => void>>()

  constructor(private readonly clock: Clock) {}

  get names(): readonly string[] {
    return [...this.waiting.keys()]
  }

  expect(names: readonly string[]): void {
    if (names.length === 0) return
    for (const name of names) this.waiting.set(name, new Set())
    this.clock.after(graceMs, () => {
      for (const name of names) this.came(name)
    })
  }

  has(name: string): boolean {
    return this.waiting.has(name)
  }

  /** It listens again, or never will. */
  came(name: string): void {
    const waiters = this.waiting.get(name)
    if (!waiters) return
    this.waiting.delete(name)
    for (const wake of waiters) wake()
  }

  /** Resolves when it listens or is given up; rejects with the signal's reason, or when the waiting process dies. */
  wait(name: string, owner: SocketOwner, signal: AbortSignal | undefined): Promise<void> {
    const waiters = this.waiting.get(name)
    if (!waiters) return Promise.resolve()
    return new Promise((resolve, reject) => {
      const end = (settle: () => void): void => {
        waiters.delete(wake)
        forget()
        signal?.removeEventListener('abort', onAbort)
        settle()
      }
      const wake = (): void => end(resolve)
      const onAbort = (): void => end(() => reject(signal?.reason as Error))
      const forget = owner.onDeath(() => end(() => reject(new ProcessKilled())))
      waiters.add(wake)
      signal?.addEventListener('abort', onAbort, { once: true })
    })
  }
}
