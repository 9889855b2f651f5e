/** A listening socket that takes byte streams. */
import { Errno } from '#engine/linux/abi/errno'
import type { Connection, Listener, SocketAddress, TlsServer } from '#engine/linux/abi/net'
import type { ServiceEndpoint } from '#engine/linux/net/endpoint'
import { type SocketOwner, waitFor } from '#engine/linux/net/owner'
import type { StreamEnd } from '#engine/linux/net/stream'

export class StreamListener implements Listener, ServiceEndpoint {
  private readonly queue: StreamEnd[] = []
  private readonly waiters = new Set<() => void>()
  local: SocketAddress
  closed = false
  onClose: (() => void) | undefined

  constructor(
    private readonly owner: SocketOwner,
    local: SocketAddress,
    readonly backlog: number,
    readonly tls?: TlsServer,
  ) {
    this.local = local
    owner.onDeath(() => this.close())
  }

  get pending(): number {
    return this.queue.length
  }

  accept(): Promise<Connection>
  accept(end: StreamEnd): void
  accept(end?: StreamEnd): Promise<Connection> | void {
    if (!end) return this.next()
    this.queue.push(end)
    const woken = [...this.waiters]
    this.waiters.clear()
    for (const wake of woken) wake()
  }

  private async next(): Promise<Connection> {
    for (;;) {
      const end = this.queue.shift()
      if (end) return end
      if (this.closed) throw new Errno('EINVAL')
      await waitFor(this.owner, (wake) => {
        this.waiters.add(wake)
        return () => this.waiters.delete(wake)
      })
    }
  }

  close(): void {
    if (this.closed) return
    this.closed = true
    this.onClose?.()
    for (const end of this.queue.splice(0)) end.reset()
    const woken = [...this.waiters]
    this.waiters.clear()
    for (const wake of woken) wake()
  }
}
