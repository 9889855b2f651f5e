import type { Random } from '#engine/base/random'

/** Growing pauses between attempts; `reset` after a success. */
export class Backoff {
  private next: number

  constructor(
    private readonly options: { readonly initialMs: number; readonly maxMs: number; readonly factor?: number; readonly jitter?: number },
    private readonly random?: Random,
  ) {
    this.next = options.initialMs
  }

  /** The pause to make now. */
  step(): number {
    const pause = this.next
    this.next = Math.min(this.options.maxMs, this.next * (this.options.factor ?? 2))
    const jitter = this.options.jitter ?? 0
    return jitter > 0 && this.random ? pause * (1 + jitter * this.random.next()) : pause
  }

  reset(): void {
    this.next = this.options.initialMs
  }
}
