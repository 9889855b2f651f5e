/** The far end of a port-forward: SPDY streams of a client, each pair (error, data) a connection inside the sandbox. */
import type { MessageChannel } from '#engine/base/http'
import { isErrno } from '#engine/linux/abi/errno'
import type { Connection } from '#engine/linux/abi/net'
import type { Process } from '#engine/linux/abi/process'
import { errorText, SpdyError, type SpdyFrame, SpdyReader, SpdyWriter } from '#engine/base/spdy/spdy'

const maxStreams = 1000

/** Runs in a child that stands in the sandbox's network namespace, where localhost is the pod's. */
export async function servePortForward(process: Process, peer: MessageChannel, sandbox: { readonly id: string; readonly pid: number; readonly netns: string }): Promise<void> {
  const child = process.fork((inside) => new Forwarder(inside, peer, sandbox).run(), { namespaces: { network: { ofPid: sandbox.pid } } })
  await child.wait()
  peer.close()
}

interface Pair { port: number; error?: number; data?: number; connection?: Connection | undefined; early: Uint8Array[]; ended: boolean }

class Forwarder {
  private readonly reader = new SpdyReader()
  private readonly writer = new SpdyWriter()
  private readonly pairs = new Map<string, Pair>()
  private readonly byStream = new Map<number, Pair>()

  constructor(
    private readonly process: Process,
    private readonly peer: MessageChannel,
    private readonly sandbox: { readonly id: string; readonly netns: string },
  ) {}

  async run(): Promise<number> {
    try {
      for (let message = await this.peer.receive(); message; message = await this.peer.receive()) {
        for (const frame of this.reader.push(message)) await this.handle(frame)
      }
    } catch (error) {
      if (!(error instanceof SpdyError)) throw error
    }
    for (const pair of this.pairs.values()) pair.connection?.close()
    return 0
  }

  private async handle(frame: SpdyFrame): Promise<void> {
    if (frame.kind === 'open') return this.open(frame.stream, frame.headers)
    if (frame.kind === 'ping') return this.send(this.writer.ping(frame.id))
    if (frame.kind === 'reset') return void this.byStream.get(frame.stream)?.connection?.close()
    if (frame.kind === 'data') return this.data(frame.stream, frame.data, frame.end)
  }

  private async open(stream: number, headers: ReadonlyMap<string, string>): Promise<void> {
    const kind = headers.get('streamtype')
    const port = Number(headers.get('port'))
    if (this.byStream.size >= maxStreams || (kind !== 'error' && kind !== 'data') || !(port > 0 && port < 65_536)) return this.send(this.writer.reset(stream))
    const id = headers.get('requestid') ?? `${port}/${stream - (kind === 'data' ? 2 : 0)}`
    const pair: Pair = this.pairs.get(id) ?? { port, early: [], ended: false }
    this.pairs.set(id, pair)
    this.byStream.set(stream, pair)
    pair[kind] = stream
    await this.send(this.writer.reply(stream))
    if (kind === 'data') this.process.background(() => this.forward(id, pair))
  }

  private async data(stream: number, data: Uint8Array, end: boolean): Promise<void> {
    const pair = this.byStream.get(stream)
    if (!pair || pair.data !== stream) return
    if (data.length > 0) {
      if (pair.connection) await this.write(pair.connection, data)
      else pair.early.push(data)
    }
    if (!end) return
    pair.ended = true
    pair.connection?.shutdownWrite()
  }

  private async forward(id: string, pair: Pair): Promise<void> {
    const { data = 0, error = 0 } = pair
    try {
      const connection = await this.process.net.connect({ host: '127.0.0.1', port: pair.port })
      for (const chunk of pair.early.splice(0)) await this.write(connection, chunk)
      pair.connection = connection
      if (pair.ended) connection.shutdownWrite()
      for (let chunk = await connection.read(32_768); chunk; chunk = await connection.read(32_768)) await this.send(this.writer.data(data, chunk, false))
      connection.close()
    } catch (failure) {
      if (!isErrno(failure)) throw failure
      const why = failure.code === 'ECONNREFUSED' ? 'connect: connection refused' : failure.message.toLowerCase()
      const where = this.sandbox.netns === '' ? '' : `failed to execute portforward in network namespace ${JSON.stringify(this.sandbox.netns)}: `
      const inside = this.sandbox.netns === '' ? '' : ` inside namespace ${JSON.stringify(this.sandbox.id)}`
      await this.send(this.writer.data(error, errorText(`error forwarding port ${pair.port} to pod ${this.sandbox.id}, uid : ${where}failed to connect to localhost:${pair.port}${inside}, IPv4: dial tcp4 127.0.0.1:${pair.port}: ${why} IPv6 dial tcp6: address localhost: no suitable address found `), false))
    }
    await this.send(this.writer.data(data, new Uint8Array(0), true))
    await this.send(this.writer.data(error, new Uint8Array(0), true))
    this.pairs.delete(id)
    this.byStream.delete(data)
    this.byStream.delete(error)
  }

  private async write(connection: Connection, data: Uint8Array): Promise<void> {
    try {
      await connection.write(data)
    } catch (error) {
      if (!isErrno(error)) throw error
    }
  }

  private async send(bytes: Uint8Array): Promise<void> {
    if (this.peer.closed) return
    try {
      await this.peer.send(bytes)
    } catch {
      // The client has gone; what was on its way is lost, as on a closed connection.
    }
  }
}
