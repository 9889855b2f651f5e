/** A queue between one or several producers and one reader that waits. */
export class EventQueue<T> {
  private readonly items: T[] = []
  private wake: (() => void) | undefined
  private ended = false

  constructor(private readonly limit = 65_536) {}

  /** False when the queue is closed or full: the reader has fallen too far behind. */
  push(item: T): boolean {
    if (this.ended || this.items.length >= this.limit) return false
    this.items.push(item)
    this.wake?.()
    return true
  }

  close(): void {
    this.ended = true
    this.wake?.()
  }

  /** The next item; undefined once the queue is closed and empty, or the signal is aborted. */
  async next(signal?: AbortSignal): Promise<T | undefined> {
    const stop = this.stopOn(signal)
    try {
      return await this.take(signal)
    } finally {
      stop()
    }
  }

  async *iterate(signal?: AbortSignal): AsyncGenerator<T> {
    const stop = this.stopOn(signal)
    try {
      for (let item = await this.take(signal); item !== undefined; item = await this.take(signal)) yield item
    } finally {
      stop()
    }
  }

  private async take(signal: AbortSignal | undefined): Promise<T | undefined> {
    while (this.items.length === 0 && !this.ended && !signal?.aborted) {
      await new Promise<void>((resolve) => {
        this.wake = resolve
      })
      this.wake = undefined
    }
    return signal?.aborted ? undefined : this.items.shift()
  }

  private stopOn(signal: AbortSignal | undefined): () => void {
    if (!signal) return () => undefined
    const stop = (): void => this.wake?.()
    signal.addEventListener('abort', stop, { once: true })
    return () => signal.removeEventListener('abort', stop)
  }
}

/** Copies of each event to all who listen now. */
export class Broadcast<T> {
  private readonly readers = new Set<EventQueue<T>>()

  publish(item: T): void {
    for (const reader of this.readers) if (!reader.push(item)) this.readers.delete(reader)
  }

  async *subscribe(signal?: AbortSignal): AsyncGenerator<T> {
    const queue = new EventQueue<T>()
    this.readers.add(queue)
    try {
      yield* queue.iterate(signal)
    } finally {
      this.readers.delete(queue)
    }
  }

  close(): void {
    for (const reader of this.readers) reader.close()
    this.readers.clear()
  }
}
