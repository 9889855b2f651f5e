/**
 * The browser home: the renderer's files and one WebSocket on loopback. A one-time token opens it; Host and Origin are
 * checked on every request, so that no other page can talk to it.
 */
import { randomBytes, timingSafeEqual } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join, normalize, sep } from 'node:path'
import type { Duplex } from 'node:stream'
import { WebSocketServer, type WebSocket } from 'ws'
import { listenOnLoopback } from './ports'
import type { Port } from './rpc'

const types: Readonly<Record<string, string>> = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript; charset=utf-8', '.css': 'text/css; charset=utf-8', '.svg': 'image/svg+xml', '.woff2': 'font/woff2', '.map': 'application/json' }

const securityHeaders = {
  'content-security-policy': "default-src 'self'; style-src 'self' 'unsafe-inline'; connect-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cache-control': 'no-store',
}

export class WebHome {
  private readonly server: Server
  private readonly sockets = new WebSocketServer({ noServer: true, maxPayload: 4 * 1024 * 1024 })
  private oneTimeToken: string | undefined = randomBytes(24).toString('base64url')
  private readonly session = randomBytes(24).toString('base64url')
  private port = 0

  constructor(
    private readonly folder: string,
    private readonly onConnection: (port: Port) => void,
  ) {
    this.server = createServer((request, response) => this.serve(request, response))
    this.server.on('upgrade', (request, socket, head) => this.upgrade(request, socket, head))
  }

  /** Resolves with the address to open; it works once. */
  async listen(port: number): Promise<string> {
    await listenOnLoopback(this.server, port)
    this.port = (this.server.address() as AddressInfo).port
    return `http://127.0.0.1:${this.port}/?token=${this.oneTimeToken ?? ''}`
  }

  close(): void {
    for (const client of this.sockets.clients) client.terminate()
    this.server.close()
    this.server.closeAllConnections()
  }

  private serve(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1')
    if (!this.hostIsOurs(request)) return void response.writeHead(421).end('wrong host\n')
    const token = url.searchParams.get('token')
    if (token !== null && this.oneTimeToken !== undefined && equal(token, this.oneTimeToken)) {
      this.oneTimeToken = undefined
      return void response.writeHead(303, { location: '/', 'set-cookie': `seatrial=${this.session}; HttpOnly; SameSite=Strict; Path=/` }).end()
    }
    if (!this.hasSession(request)) return void response.writeHead(403, { 'content-type': 'text/plain' }).end('Open the address that Seatrial printed when it started; it works once.\n')
    this.file(url.pathname, response)
  }

  private file(pathname: string, response: ServerResponse): void {
    const path = normalize(join(this.folder, pathname === '/' ? 'index.html' : pathname))
    if (!path.startsWith(this.folder + sep) || !statSync(path, { throwIfNoEntry: false })?.isFile()) return void response.writeHead(404).end('not found\n')
    response.writeHead(200, { 'content-type': types[extname(path)] ?? 'application/octet-stream', ...securityHeaders }).end(readFileSync(path))
  }

  private upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const origin = request.headers.origin
    if (!this.hostIsOurs(request) || !this.hasSession(request) || origin !== `http://127.0.0.1:${this.port}`) return void socket.destroy()
    this.sockets.handleUpgrade(request, socket, head, (client) => this.onConnection(portOf(client)))
  }

  private hostIsOurs(request: IncomingMessage): boolean {
    return request.headers.host === `127.0.0.1:${this.port}`
  }

  private hasSession(request: IncomingMessage): boolean {
    const cookie = /(?:^|; )seatrial=([^;]+)/.exec(request.headers.cookie ?? '')?.[1]
    return cookie !== undefined && equal(cookie, this.session)
  }
}

function portOf(client: WebSocket): Port {
  // A page that sends too much or nonsense loses its connection, and nobody else anything; the close that follows tells the rest.
  client.on('error', () => client.terminate())
  return {
    send: (message) => client.send(JSON.stringify(message), () => undefined),
    onMessage: (receive) =>
      void client.on('message', (data: Buffer) => {
        try {
          receive(JSON.parse(data.toString('utf8')))
        } catch {
          client.close(1003, 'not JSON')
        }
      }),
    onClose: (closed) => void client.on('close', closed),
  }
}

function equal(a: string, b: string): boolean {
  const left = Buffer.from(a)
  const right = Buffer.from(b)
  return left.length === right.length && timingSafeEqual(left, right)
}
