/**
 * Creations and deletions a controller has asked for and not yet seen in its cache. While some are open its cache is behind,
 * and counting would create too many. They lapse after five minutes, as in kube-controller-manager.
 */
import type { Clock } from '#engine/base/clock'

const lapseMs = 5 * 60_000

interface Expected {
  creations: number
  deletions: Set<string>
  setAt: number
}

export class Expectations {
  private readonly byKey = new Map<string, Expected>()

  constructor(private readonly clock: Clock) {}

  expectCreations(key: string, count: number): void {
    this.byKey.set(key, { creations: count, deletions: new Set(), setAt: this.clock.now() })
  }

  /** `deletions` are keys of objects, so that a deletion seen twice counts once. */
  expectDeletions(key: string, deletions: readonly string[]): void {
    this.byKey.set(key, { creations: 0, deletions: new Set(deletions), setAt: this.clock.now() })
  }

  set(key: string, creations: number, deletions: readonly string[]): void {
    this.byKey.set(key, { creations, deletions: new Set(deletions), setAt: this.clock.now() })
  }

  creationObserved(key: string): void {
    const expected = this.byKey.get(key)
    if (expected && expected.creations > 0) expected.creations--
  }

  deletionObserved(key: string, object: string): void {
    this.byKey.get(key)?.deletions.delete(object)
  }

  satisfied(key: string): boolean {
    const expected = this.byKey.get(key)
    if (!expected) return true
    return (expected.creations <= 0 && expected.deletions.size === 0) || this.clock.now() - expected.setAt > lapseMs
  }

  forget(key: string): void {
    this.byKey.delete(key)
  }
}
