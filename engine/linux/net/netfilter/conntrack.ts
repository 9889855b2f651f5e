/** Tracked connections, for `conntrack -L` and /proc: the last ones of a namespace, each until its timeout. */
import type { Protocol, Tuple } from '#engine/linux/net/packet'

export interface TrackedConnection {
  readonly protocol: Protocol
  readonly original: Tuple
  readonly reply: Tuple
  state: string
  expiresAt: number
  readonly mark: number
}

const limit = 2048

export class Conntrack {
  private readonly entries = new Set<TrackedConnection>()

  add(entry: TrackedConnection): void {
    this.entries.add(entry)
    if (this.entries.size <= limit) return
    const oldest = this.entries.values().next().value
    if (oldest) this.entries.delete(oldest)
  }

  /** Those still alive; forgets the others. */
  list(now: number): TrackedConnection[] {
    for (const entry of this.entries) if (entry.expiresAt <= now) this.entries.delete(entry)
    return [...this.entries]
  }

  remove(matches: (entry: TrackedConnection) => boolean): number {
    let count = 0
    for (const entry of this.entries) {
      if (!matches(entry)) continue
      this.entries.delete(entry)
      count++
    }
    return count
  }
}
