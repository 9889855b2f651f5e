/** A channel that passes on what another one says; what is to be told in other words, a subclass changes on the way. */
import type { MessageChannel } from '#engine/base/http'

export abstract class RelayChannel implements MessageChannel {
  constructor(protected readonly inner: MessageChannel) {}

  abstract receive(): Promise<Uint8Array | null>

  get closed(): boolean {
    return this.inner.closed
  }

  send(message: Uint8Array): Promise<void> {
    return this.inner.send(message)
  }

  close(): void {
    this.inner.close()
  }
}
