/** Growing pauses by key: doubled at each failure up to a limit, forgotten after twice the limit of quiet. */
export class BackoffTable {
  private readonly entries = new Map<string, { delayMs: number; lastMs: number }>()

  constructor(
    private readonly now: () => number,
    private readonly initialMs: number,
    private readonly maxMs: number,
  ) {}

  delay(key: string): number {
    return this.entries.get(key)?.delayMs ?? 0
  }

  /** Whether the pause since `atMs` is still running. */
  inBackoffSince(key: string, atMs: number): boolean {
    const entry = this.entries.get(key)
    if (!entry || this.expired(entry, atMs)) return false
    return this.now() - atMs < entry.delayMs
  }

  inBackoff(key: string): boolean {
    const entry = this.entries.get(key)
    if (!entry) return false
    return this.now() - entry.lastMs < entry.delayMs
  }

  /** When the pause that began at `atMs` ends. */
  endsAt(key: string, atMs: number): number {
    return atMs + this.delay(key)
  }

  next(key: string, atMs: number): void {
    const entry = this.entries.get(key)
    if (!entry || this.expired(entry, atMs)) this.entries.set(key, { delayMs: this.initialMs, lastMs: this.now() })
    else this.entries.set(key, { delayMs: Math.min(entry.delayMs * 2, this.maxMs), lastMs: this.now() })
  }

  lastUpdate(key: string): number {
    return this.entries.get(key)?.lastMs ?? 0
  }

  forget(prefix: string): void {
    for (const key of this.entries.keys()) if (key.startsWith(prefix)) this.entries.delete(key)
  }

  private expired(entry: { lastMs: number }, atMs: number): boolean {
    return atMs - entry.lastMs > this.maxMs * 2
  }
}
