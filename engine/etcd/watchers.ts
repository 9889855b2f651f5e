/** Watches: each consumer reads its own queue, filled as transactions commit; a slow consumer costs memory, bounded. */
import type { ResponseHeader, WatchEvent, WatchRequest, WatchResponse } from '#engine/etcd/api'

const queueLimit = 100_000

export class Watcher {
  private readonly queue: WatchResponse[] = []
  private wake: (() => void) | undefined
  private ended = false
  private queued = 0

  constructor(private readonly request: WatchRequest) {}

  get id(): string | undefined {
    return this.request.watchId
  }

  matches(key: string): boolean {
    const { key: from, rangeEnd } = this.request
    if (rangeEnd === undefined || rangeEnd === '') return key === from
    return key >= from && (rangeEnd === '\0' || key < rangeEnd)
  }

  offer(header: ResponseHeader, events: readonly WatchEvent[]): void {
    if (this.ended) return
    this.queued += events.length
    if (this.queued > queueLimit) return this.end()
    const shown = this.request.previous ? events : events.map(({ type, kv }) => ({ type, kv }))
    this.push({ header, events: shown })
  }

  push(response: WatchResponse): void {
    this.queue.push(response)
    this.wake?.()
  }

  end(): void {
    this.ended = true
    this.wake?.()
  }

  /** The next response, or undefined when the watch has ended and all was read. */
  async next(): Promise<WatchResponse | undefined> {
    while (this.queue.length === 0) {
      if (this.ended) return undefined
      await new Promise<void>((resolve) => (this.wake = resolve))
      this.wake = undefined
    }
    const response = this.queue.shift()
    this.queued -= response?.events.length ?? 0
    return response
  }
}
