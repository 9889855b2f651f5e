/** Stream sockets: two ends over two channels. An end is what a process holds, and may be any process's descriptor. */
import type { Connection, SocketAddress, TlsSession } from '#engine/linux/abi/net'
import type { Stat } from '#engine/linux/abi/files'
import { ByteChannel } from '#engine/linux/net/channel'
import { type SocketOwner, waitFor } from '#engine/linux/net/owner'

export interface StreamEndOptions {
  readonly local: SocketAddress
  readonly remote: SocketAddress
  readonly owner: SocketOwner
  readonly inode: number
  readonly tls?: TlsSession | undefined
  /** Called once, when this end is closed. */
  onClose?(end: StreamEnd): void
}

export class StreamEnd implements Connection {
  readonly kind = 'socket' as const
  readonly local: SocketAddress
  readonly remote: SocketAddress
  readonly inode: number
  readonly tls?: TlsSession
  owner: SocketOwner
  closed = false
  /** Held by a descriptor: it outlives the process that opened it. */
  private adopted = false
  private readonly forget: () => void

  constructor(
    private readonly incoming: ByteChannel,
    private readonly outgoing: ByteChannel,
    private readonly options: StreamEndOptions,
  ) {
    this.local = options.local
    this.remote = options.remote
    this.inode = options.inode
    this.owner = options.owner
    if (options.tls) this.tls = options.tls
    this.forget = this.owner.onDeath(() => { if (!this.adopted) this.close() })
    if (this.owner.dead) this.close()
  }

  get description(): string {
    return `socket:[${this.inode}]`
  }

  /** Whether the peer has ended its side, for ss. */
  get state(): string {
    if (this.outgoing.finished) return this.incoming.finished ? 'LAST-ACK' : 'FIN-WAIT-2'
    return this.incoming.finished ? 'CLOSE-WAIT' : 'ESTAB'
  }

  /** The peer writes no more. */
  get peerEnded(): boolean {
    return this.incoming.finished
  }

  get queued(): { readonly receive: number; readonly send: number } {
    return { receive: this.incoming.size, send: this.outgoing.size }
  }

  async read(max?: number): Promise<Uint8Array | null> {
    for (;;) {
      const part = this.readNow(max)
      if (part !== undefined) return part
      await waitFor(this.owner, (wake) => this.incoming.onReadable(wake))
    }
  }

  readNow(max?: number): Uint8Array | null | undefined {
    return this.incoming.pull(max)
  }

  async write(bytes: Uint8Array): Promise<void> {
    let rest = bytes
    while (rest.length > 0) {
      const written = this.writeNow(rest)
      rest = rest.subarray(written)
      if (rest.length > 0) await waitFor(this.owner, (wake) => this.outgoing.onWritable(wake))
    }
  }

  writeNow(bytes: Uint8Array): number {
    return this.outgoing.push(bytes)
  }

  onReadable(wake: () => void): () => void {
    return this.incoming.onReadable(wake)
  }

  onWritable(wake: () => void): () => void {
    return this.outgoing.onWritable(wake)
  }

  stat(): Stat {
    return { type: 'socket', mode: 0o777, uid: this.owner.uid, gid: 0, size: 0, ino: this.inode, dev: 8, nlink: 1, atimeMs: 0, mtimeMs: 0, ctimeMs: 0 }
  }

  shutdownWrite(): void {
    this.outgoing.end()
  }

  /** Unread bytes make it a reset, as in Linux; else the peer reads the end. */
  close(): void {
    if (this.closed) return
    this.closed = true
    this.forget()
    if (this.incoming.abandon()) this.outgoing.end()
    else this.outgoing.break('ECONNRESET')
    this.options.onClose?.(this)
  }

  /** Both sides see a reset: the wire was cut. */
  reset(): void {
    this.incoming.break('ECONNRESET')
    this.outgoing.break('ECONNRESET')
    this.close()
  }

  /** The kernel gives it a descriptor. */
  adopt(): void {
    this.adopted = true
  }

  release(): void {
    this.close()
  }
}

/** Both ends of a new stream. */
export function streamPair(client: StreamEndOptions, server: StreamEndOptions): [StreamEnd, StreamEnd] {
  const [forth, back] = [new ByteChannel(), new ByteChannel()]
  return [new StreamEnd(back, forth, client), new StreamEnd(forth, back, server)]
}
