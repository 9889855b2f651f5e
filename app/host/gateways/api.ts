/**
 * HTTPS on loopback in front of the simulated kube-apiserver, for a real kubectl, helm or browser. It carries requests,
 * streams and WebSocket messages across and proves client certificates; every answer comes from the engine.
 */
import { STATUS_CODES, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer, type Server } from 'node:https'
import type { Duplex } from 'node:stream'
import type { TLSSocket } from 'node:tls'
import type { AddressInfo } from 'node:net'
import { WebSocketServer, type WebSocket } from 'ws'
import { bytesBody, type HttpBody, type HttpRequest, type HttpResponse, type MessageChannel } from '#engine/base/http'
import type { ClusterAccess, OutsidePeer } from '#engine/cluster/index'
import { listenOnLoopback } from '../ports'
import { asWebSocket, bridgeSpdy, isSpdy } from './spdy'

export interface ApiGatewayOptions {
  readonly cluster: ClusterAccess
  /** PEM of the gateway's own serving certificate and key. */
  readonly certificate: string
  readonly key: string
  /** 0 for any free port. */
  readonly port: number
  /** Called before each request enters, so that virtual time is now. */
  readonly enter: () => void
}

/** Requests past this size are refused before they are read whole; the API server's own limit (3 MiB) is below. */
const largestBody = 16 * 1024 * 1024

export class ApiGateway {
  private readonly server: Server
  private readonly agreed = new WeakMap<IncomingMessage, string>()
  private readonly sockets = new WebSocketServer({ noServer: true, maxPayload: largestBody, perMessageDeflate: false })

  constructor(private readonly options: ApiGatewayOptions) {
    this.server = createServer({ cert: options.certificate, key: options.key, requestCert: true, rejectUnauthorized: false, ALPNProtocols: ['http/1.1'] })
    this.server.on('request', (request, response) => void this.serve(request, response))
    this.sockets.on('headers', (lines, request) => {
      const protocol = this.agreed.get(request)
      if (protocol) lines.push(`Sec-WebSocket-Protocol: ${protocol}`)
    })
    this.server.on('upgrade', (request, socket, head) => void this.upgrade(request, socket, head))
    this.server.on('tlsClientError', (_error, socket) => socket.destroy())
  }

  /** Resolves with the port once it listens on 127.0.0.1. */
  async listen(): Promise<number> {
    await listenOnLoopback(this.server, this.options.port)
    return (this.server.address() as AddressInfo).port
  }

  close(): void {
    this.server.close()
    this.server.closeAllConnections()
  }

  private async serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const gone = new AbortController()
    outgoing.on('close', () => gone.abort(new Error('the client went away')))
    try {
      const body = await readBody(incoming)
      if (!body) return void outgoing.writeHead(413, { 'content-type': 'text/plain' }).end('request body too large\n')
      this.options.enter()
      const response = await this.options.cluster.apiRequest(toRequest(incoming, body, gone.signal), peerOf(incoming))
      await writeResponse(response, outgoing)
    } catch {
      // As when a port forwards to a server that is down: the connection closes without an answer.
      outgoing.destroy()
    }
  }

  private async upgrade(incoming: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const gone = new AbortController()
    socket.on('error', () => gone.abort(new Error('the client went away')))
    socket.on('close', () => gone.abort(new Error('the client went away')))
    try {
      this.options.enter()
      const request = toRequest(incoming, bytesBody(new Uint8Array(0)), gone.signal)
      const response = await this.options.cluster.apiRequest(isSpdy(incoming) ? asWebSocket(request) : request, peerOf(incoming))
      const channel = response.upgraded
      if (!channel) return await refuseUpgrade(response, socket)
      if (isSpdy(incoming)) return bridgeSpdy(incoming, socket, head, response, this.options.enter)
      // `SPDY/3.1+portforward.k8s.io` is no token in the eyes of ws: the agreed name goes past it.
      this.agreed.set(incoming, response.headers['sec-websocket-protocol'] ?? '')
      delete incoming.headers['sec-websocket-protocol']
      this.sockets.handleUpgrade(incoming, socket, head, (client) => bridge(client, socket, channel, this.options.enter))
    } catch {
      socket.destroy()
    }
  }
}

function toRequest(incoming: IncomingMessage, body: HttpBody, signal: AbortSignal): HttpRequest {
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(incoming.headers)) if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : value
  return { method: incoming.method ?? 'GET', path: incoming.url ?? '/', headers, body, signal }
}

const peers = new WeakMap<TLSSocket, OutsidePeer>()

/** Who is at the other end: asked once a connection, for reading certificates takes longer than many an answer. */
function peerOf(incoming: IncomingMessage): OutsidePeer {
  const socket = incoming.socket as TLSSocket
  const known = peers.get(socket)
  if (known) return known
  const peer = { certificates: chainOf(socket) }
  peers.set(socket, peer)
  return peer
}

function chainOf(socket: TLSSocket): Uint8Array[] {
  const certificate = socket.getPeerCertificate(true)
  const certificates: Uint8Array[] = []
  const seen = new Set<string>()
  for (let at = certificate; at?.raw && !seen.has(at.fingerprint256); at = at.issuerCertificate) {
    seen.add(at.fingerprint256)
    certificates.push(new Uint8Array(at.raw))
  }
  return certificates
}

async function readBody(incoming: IncomingMessage): Promise<HttpBody | undefined> {
  const parts: Buffer[] = []
  let size = 0
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > largestBody) return undefined
    parts.push(chunk)
  }
  return bytesBody(new Uint8Array(Buffer.concat(parts)))
}

async function writeResponse(response: HttpResponse, outgoing: ServerResponse): Promise<void> {
  const headers: Record<string, string | string[]> = {}
  for (const [name, value] of Object.entries(response.headers)) headers[name] = name === 'warning' ? splitWarnings(value) : value
  outgoing.writeHead(response.status, headers)
  if (!response.body.streamed) {
    outgoing.end(await response.body.bytes())
    return
  }
  outgoing.flushHeaders()
  await writeStream(response.body.stream(), outgoing)
  outgoing.end()
}

/** What comes within one turn of the event loop goes out in one piece: a watch of a busy resource is many small events. */
async function writeStream(chunks: AsyncIterable<Uint8Array>, outgoing: ServerResponse): Promise<void> {
  let waiting: Uint8Array[] = []
  const flush = (): void => {
    if (waiting.length > 0 && !outgoing.destroyed) outgoing.write(waiting.length === 1 ? waiting[0] : Buffer.concat(waiting))
    waiting = []
  }
  for await (const chunk of chunks) {
    if (outgoing.destroyed) return
    if (waiting.push(chunk) === 1) setImmediate(flush)
    if (outgoing.writableNeedDrain) await drained(outgoing)
  }
  flush()
}

/** Resolves when there is room again, or nobody any more to write for. */
function drained(outgoing: ServerResponse | Duplex): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      outgoing.off('drain', done).off('close', done)
      resolve()
    }
    outgoing.once('drain', done).once('close', done)
  })
}

/** Several warnings come joined in one value; HTTP clients want them one a header. */
function splitWarnings(joined: string): string[] {
  return joined.split(/, (?=299 )/)
}

async function refuseUpgrade(response: HttpResponse, socket: Duplex): Promise<void> {
  const body = Buffer.from(await response.body.bytes())
  const headers = Object.entries({ ...response.headers, 'content-length': String(body.length), connection: 'close' })
  socket.write(`HTTP/1.1 ${response.status} ${STATUS_CODES[response.status] ?? ''}\r\n${headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`)
  socket.end(body)
}

/** Bytes that may wait for a client that is slow to read. */
const mostBuffered = 4 * 1024 * 1024

function bridge(client: WebSocket, socket: Duplex, channel: MessageChannel, enter: () => void): void {
  client.on('message', (data: Buffer) => {
    enter()
    channel.send(new Uint8Array(data)).catch(() => client.close())
  })
  client.on('close', () => channel.close())
  client.on('error', () => channel.close())
  void pump(client, socket, channel)
}

async function pump(client: WebSocket, socket: Duplex, channel: MessageChannel): Promise<void> {
  for (;;) {
    const message = await channel.receive().catch(() => null)
    if (message === null) break
    client.send(message)
    // A WebSocket tells of no room: its socket does.
    if (client.bufferedAmount > mostBuffered && !socket.destroyed) await drained(socket)
  }
  client.close(1000)
}

