/**
 * Clients before kubectl 1.31 stream over SPDY/3.1 instead of WebSockets: exec and attach are translated to the messages of
 * v5.channel.k8s.io, a port forward's frames go through as they are.
 */
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { concatBytes } from '#engine/base/bytes'
import type { HttpRequest, HttpResponse, MessageChannel } from '#engine/base/http'
import { SpdyError, type SpdyFrame, SpdyReader, SpdyWriter } from '#engine/base/spdy/spdy'

const stdin = 0
const error = 3
const resize = 4
const channels: Readonly<Record<string, number>> = { stdin, stdout: 1, stderr: 2, error, resize }
const closeChannel = 255
const version = 'v4.channel.k8s.io'

export function isSpdy(incoming: IncomingMessage): boolean {
  return /^spdy\/3\.1$/i.test(incoming.headers.upgrade ?? '')
}

/** The same request as one for a WebSocket, which is what the engine knows. */
export function asWebSocket(request: HttpRequest): HttpRequest {
  const protocol = isForward(request.path) ? 'SPDY/3.1+portforward.k8s.io' : 'v5.channel.k8s.io'
  return { ...request, headers: { ...request.headers, upgrade: 'websocket', 'sec-websocket-version': '13', 'sec-websocket-protocol': protocol } }
}

function isForward(path: string): boolean {
  return (path.split('?')[0] ?? '').endsWith('/portforward')
}

export function bridgeSpdy(incoming: IncomingMessage, socket: Duplex, head: Buffer, response: HttpResponse, enter: () => void): void {
  const channel = response.upgraded as MessageChannel
  const forward = isForward(incoming.url ?? '')
  socket.write(`HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\nX-Stream-Protocol-Version: ${forward ? 'portforward.k8s.io' : version}\r\n\r\n`)
  const receive = forward ? (bytes: Uint8Array): Promise<void> => channel.send(bytes) : new Remote(socket, channel, expectedStreams(incoming.url ?? '')).start()
  let last: Promise<void> = Promise.resolve()
  const take = (bytes: Buffer): void => {
    enter()
    last = last.then(() => receive(new Uint8Array(bytes))).catch(() => void socket.destroy())
  }
  if (head.length > 0) take(head)
  socket.on('data', take)
  socket.on('close', () => channel.close())
  if (forward) void passOn(channel, socket)
}

async function passOn(channel: MessageChannel, socket: Duplex): Promise<void> {
  for (let message = await next(channel); message; message = await next(channel)) if (!socket.destroyed) socket.write(message)
  socket.end()
}

function next(channel: MessageChannel): Promise<Uint8Array | null> {
  return channel.receive().catch(() => null)
}

/** The error stream, and those the query asks for. */
function expectedStreams(url: string): number {
  const query = new URL(url, 'https://localhost').searchParams
  const on = (name: string): boolean => ['true', '1'].includes(query.get(name) ?? '')
  return 1 + ['stdin', 'stdout', 'stderr', 'tty'].filter(on).length - (on('tty') && on('stderr') ? 1 : 0)
}

/** Streams of one remote command; nothing is answered before the client has opened them all. */
class Remote {
  private readonly reader = new SpdyReader()
  private readonly writer = new SpdyWriter()
  private readonly streams = new Map<number, number>()
  private allOpen: () => void = () => undefined
  private readonly opened = new Promise<void>((resolve) => void (this.allOpen = resolve))

  constructor(private readonly socket: Duplex, private readonly channel: MessageChannel, private readonly expected: number) {}

  start(): (bytes: Uint8Array) => Promise<void> {
    void this.answer()
    return async (bytes) => {
      for (const frame of this.frames(bytes)) await this.handle(frame)
    }
  }

  private frames(bytes: Uint8Array): SpdyFrame[] {
    try {
      return this.reader.push(bytes)
    } catch (problem) {
      if (problem instanceof SpdyError) this.socket.destroy()
      return []
    }
  }

  private async handle(frame: SpdyFrame): Promise<void> {
    if (frame.kind === 'ping') this.write(this.writer.ping(frame.id))
    else if (frame.kind === 'open') this.open(frame.stream, frame.headers.get('streamtype') ?? '')
    else if (frame.kind === 'data') await this.data(frame.stream, frame.data, frame.end)
  }

  private open(stream: number, type: string): void {
    const id = channels[type]
    if (id === undefined) return this.write(this.writer.reset(stream))
    this.streams.set(id, stream)
    this.write(this.writer.reply(stream))
    if (this.streams.size >= this.expected) this.allOpen()
  }

  private async data(stream: number, bytes: Uint8Array, end: boolean): Promise<void> {
    const id = [...this.streams].find(([, known]) => known === stream)?.[0]
    if (id !== stdin && id !== resize) return
    if (bytes.length > 0) await this.channel.send(concatBytes([Uint8Array.of(id), bytes]))
    if (end && id === stdin) await this.channel.send(Uint8Array.of(closeChannel, id))
  }

  private async answer(): Promise<void> {
    await this.opened
    for (let message = await next(this.channel); message; message = await next(this.channel)) {
      const id = message[0] ?? 0
      const bytes = message.subarray(1)
      const stream = this.streams.get(id)
      if (bytes.length === 0) continue
      if (stream !== undefined) this.write(this.writer.data(stream, bytes, false))
      if (id === error) break
    }
    for (const stream of this.streams.values()) this.write(this.writer.data(stream, new Uint8Array(0), true))
    this.channel.close()
    this.socket.end()
  }

  private write(bytes: Uint8Array): void {
    if (!this.socket.destroyed) this.socket.write(bytes)
  }
}
