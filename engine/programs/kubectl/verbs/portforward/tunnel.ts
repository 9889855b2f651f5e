/** Connections into a pod over one channel: SPDY streams, a pair (error, data) for each. */
import { decodeUtf8 } from '#engine/base/bytes'
import type { MessageChannel } from '#engine/base/http'
import { SpdyReader, SpdyWriter } from '#engine/base/spdy/spdy'

interface StreamEnd {
  readonly data: (bytes: Uint8Array) => Promise<void>
  readonly end: () => void
}

export interface TunnelConnection {
  send(bytes: Uint8Array): Promise<void>
  /** No more will be sent. */
  finish(): Promise<void>
  /** Resolves when the far side has ended, with its complaint if it had one. */
  readonly ended: Promise<string>
}

export class Tunnel {
  private readonly reader = new SpdyReader()
  private readonly writer = new SpdyWriter()
  private readonly streams = new Map<number, StreamEnd>()
  private next = 1
  private requests = 0

  constructor(private readonly channel: MessageChannel) {}

  /** Carries what comes until the far side closes. */
  async run(): Promise<void> {
    for (let message = await this.channel.receive(); message; message = await this.channel.receive()) {
      for (const frame of this.reader.push(message)) {
        if (frame.kind === 'ping') await this.write(this.writer.ping(frame.id))
        else if (frame.kind === 'goaway') return
        else if (frame.kind === 'reset') this.endStream(frame.stream)
        else if (frame.kind === 'data') await this.receive(frame.stream, frame.data, frame.end)
      }
    }
  }

  close(): void {
    this.channel.close()
  }

  async connect(port: number, receive: (bytes: Uint8Array) => Promise<void>): Promise<TunnelConnection> {
    const headers = { port: String(port), requestid: String(this.requests++) }
    const complaint: Uint8Array[] = []
    const [error, data] = [this.stream(), this.stream()]
    const failed = new Promise<void>((resolve) => this.streams.set(error, { data: (bytes) => Promise.resolve(void complaint.push(bytes)), end: resolve }))
    const done = new Promise<void>((resolve) => this.streams.set(data, { data: receive, end: resolve }))
    await this.write(this.writer.open(error, { streamtype: 'error', ...headers }))
    await this.write(this.writer.data(error, new Uint8Array(0), true))
    await this.write(this.writer.open(data, { streamtype: 'data', ...headers }))
    return {
      send: (bytes) => this.write(this.writer.data(data, bytes, false)),
      finish: () => this.write(this.writer.data(data, new Uint8Array(0), true)),
      ended: Promise.all([failed, done]).then(() => complaint.map(decodeUtf8).join('')),
    }
  }

  private stream(): number {
    const id = this.next
    this.next += 2
    return id
  }

  private async receive(id: number, bytes: Uint8Array, end: boolean): Promise<void> {
    if (bytes.length > 0) await this.streams.get(id)?.data(bytes)
    if (end) this.endStream(id)
  }

  private endStream(id: number): void {
    this.streams.get(id)?.end()
    this.streams.delete(id)
  }

  private async write(bytes: Uint8Array): Promise<void> {
    if (!this.channel.closed) await this.channel.send(bytes)
  }
}
