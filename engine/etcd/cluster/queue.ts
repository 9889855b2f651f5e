/** Messages for one reader, who waits for them. */
export class MessageQueue<T> {
  private readonly messages: T[] = []
  private wake: (() => void) | undefined
  private ended = false

  push(message: T): void {
    this.messages.push(message)
    this.wake?.()
  }

  end(): void {
    this.ended = true
    this.wake?.()
  }

  /** Undefined once it has ended and all was read. */
  async next(): Promise<T | undefined> {
    while (this.messages.length === 0 && !this.ended) {
      await new Promise<void>((resolve) => (this.wake = resolve))
      this.wake = undefined
    }
    return this.messages.shift()
  }
}
