/** A bounded queue between the watch cache and one consumer. */
export class Channel<T> implements AsyncIterable<T> {
  private readonly items: T[] = []
  private head = 0
  private waiting: ((result: IteratorResult<T>) => void) | undefined
  private closed = false
  /** Called once, when the consumer stops or the channel is closed. */
  onClose: (() => void) | undefined

  constructor(private readonly limit: number) {}

  /** False when the consumer is too slow: the channel is closed then. */
  push(item: T): boolean {
    if (this.closed) return false
    if (this.waiting) {
      const wake = this.waiting
      this.waiting = undefined
      wake({ value: item, done: false })
      return true
    }
    if (this.items.length - this.head >= this.limit) {
      this.close()
      return false
    }
    this.items.push(item)
    return true
  }

  close(): void {
    if (this.closed) return
    this.closed = true
    this.waiting?.({ value: undefined, done: true })
    this.waiting = undefined
    this.onClose?.()
  }

  [Symbol.asyncIterator](): AsyncIterator<T> {
    return {
      next: () => this.next(),
      return: () => {
        this.head = this.items.length
        this.close()
        return Promise.resolve({ value: undefined, done: true })
      },
    }
  }

  private next(): Promise<IteratorResult<T>> {
    if (this.head < this.items.length) {
      const value = this.items[this.head++] as T
      if (this.head > 256 && this.head * 2 > this.items.length) {
        this.items.splice(0, this.head)
        this.head = 0
      }
      return Promise.resolve({ value, done: false })
    }
    if (this.closed) return Promise.resolve({ value: undefined, done: true })
    return new Promise((resolve) => (this.waiting = resolve))
  }
}
