/** HTTP requests of one process: over links to servers that take objects, else as bytes; connections are kept. */
import { encodeUtf8, toHex } from '#engine/base/bytes'
import type { Clock } from '#engine/base/clock'
import { type HttpBody, type HttpRequest, type HttpResponse, streamBody } from '#engine/base/http'
import { Errno } from '#engine/linux/abi/errno'
import { type Connection, type DialOptions, type DialTarget, type TlsClient, TlsError } from '#engine/linux/abi/net'
import type { ServerLink } from '#engine/linux/net/endpoint'
import { Pace } from '#engine/linux/net/http/pace'
import { encodeHead, HttpReader, HttpWireError } from '#engine/linux/net/http/wire'

/** What a dial for HTTP yields. */
export type HttpDial =
  | { readonly kind: 'link'; readonly link: ServerLink }
  | { readonly kind: 'bytes'; readonly connection: Connection }
  /** Plain HTTP was sent to a TLS port. */
  | { readonly kind: 'plain-to-tls' }

export interface HttpDialer {
  dial(target: DialTarget, options: DialOptions): Promise<HttpDial>
}

const poolLimit = 256

export class HttpClient {
  /** By target and what was presented at the handshake: a rotated certificate makes a new connection. */
  private readonly pool = new Map<string, ServerLink>()
  private readonly all = new Set<ServerLink>()
  /** Certificates and keys by a short number: comparing them whole at each request costs more than the request. */
  private readonly numbers = new Map<string, number>()
  private readonly chains = new WeakMap<readonly Uint8Array[], number>()

  /** Most processes ask one server again and again. */
  private last: { readonly target: DialTarget; readonly tls: TlsClient | undefined; readonly link: ServerLink } | undefined

  private readonly pace: Pace

  constructor(
    private readonly dialer: HttpDialer,
    clock: Clock,
  ) {
    this.pace = new Pace(clock)
  }

  request(target: DialTarget, request: HttpRequest, options: DialOptions = {}): Promise<HttpResponse> {
    const signal = request.signal ?? options.signal
    const prepared: HttpRequest = { method: request.method, path: request.path, body: request.body, headers: { host: hostHeader(target, options.tls !== undefined), ...request.headers }, ...(signal ? { signal } : {}) }
    const turn = this.pace.turn(prepared.signal)
    return turn ? turn.then(() => this.send(target, prepared, options)) : this.send(target, prepared, options)
  }

  private send(target: DialTarget, prepared: HttpRequest, options: DialOptions): Promise<HttpResponse> {
    const kept = isClosing(prepared) ? undefined : this.kept(target, options)
    return kept ? kept.exchange(prepared) : this.dialAndSend(target, prepared, options)
  }

  private async dialAndSend(target: DialTarget, prepared: HttpRequest, options: DialOptions): Promise<HttpResponse> {
    const dialled = await this.dialer.dial(target, options)
    if (dialled.kind === 'link') return this.over(dialled.link, target, prepared, options)
    if (dialled.kind === 'plain-to-tls') return plainToTls()
    return overBytes(dialled.connection, prepared)
  }

  /** The process is gone. */
  close(): void {
    for (const link of [...this.all]) link.close()
    this.all.clear()
    this.pool.clear()
    this.last = undefined
  }

  private async over(link: ServerLink, target: DialTarget, request: HttpRequest, options: DialOptions): Promise<HttpResponse> {
    if (isClosing(request) || this.all.size >= poolLimit) {
      this.all.add(link)
      const response = await link.exchange(request)
      if (response.upgraded === undefined && response.body.values === undefined && !response.body.streamed) {
        this.all.delete(link)
        link.close()
      }
      return response
    }
    const key = this.keyOf(target, options.tls)
    this.pool.set(key, link)
    this.all.add(link)
    link.onClosed = () => {
      this.all.delete(link)
      if (this.pool.get(key) === link) this.pool.delete(key)
    }
    return link.exchange(request)
  }

  private kept(target: DialTarget, { tls }: DialOptions): ServerLink | undefined {
    const { last } = this
    if (last && !last.link.closed && sameTarget(last.target, target) && sameTls(last.tls, tls)) return last.link
    const link = this.pool.get(this.keyOf(target, tls))
    if (!link || link.closed) return undefined
    this.last = { target, tls, link }
    return link
  }

  private keyOf(target: DialTarget, tls: TlsClient | undefined): string {
    const where = 'unix' in target ? `unix:${target.unix}` : `${target.host}:${target.port}`
    if (!tls) return where
    const { roots = '', certificate = '', key = '', vouched, serverName = '', insecureSkipVerify } = tls
    return `${where} ${serverName} ${insecureSkipVerify ? 'k' : ''} ${this.numberOf(roots)} ${this.numberOf(certificate)} ${this.numberOf(key)} ${vouched ? this.chainNumber(vouched) : ''}`
  }

  private chainNumber(chain: readonly Uint8Array[]): number {
    const known = this.chains.get(chain)
    if (known !== undefined) return known
    const number = this.numberOf(chain.map((der) => toHex(der)).join(' '))
    this.chains.set(chain, number)
    return number
  }

  private numberOf(text: string): number {
    const known = this.numbers.get(text)
    if (known !== undefined) return known
    this.numbers.set(text, this.numbers.size)
    return this.numbers.size - 1
  }

  /** Forgets kept connections, so that the next request dials anew. */
  closeIdle(): void {
    this.close()
  }
}

function isClosing({ headers: { connection } }: HttpRequest): boolean {
  return connection !== undefined && /close/i.test(connection)
}

function sameTarget(a: DialTarget, b: DialTarget): boolean {
  if ('unix' in a) return 'unix' in b && a.unix === b.unix
  return !('unix' in b) && a.port === b.port && a.host === b.host
}

function sameTls(a: TlsClient | undefined, b: TlsClient | undefined): boolean {
  if (!a || !b) return a === b
  return a.certificate === b.certificate && a.key === b.key && a.roots === b.roots && a.serverName === b.serverName && a.insecureSkipVerify === b.insecureSkipVerify && a.vouched === b.vouched
}

function hostHeader(target: DialTarget, tls: boolean): string {
  if ('unix' in target) return 'localhost'
  const host = target.host.includes(':') ? `[${target.host}]` : target.host
  return target.port === (tls ? 443 : 80) ? host : `${host}:${target.port}`
}

function plainToTls(): HttpResponse {
  return { status: 400, headers: {}, body: streamBody(one(encodeUtf8('Client sent an HTTP request to an HTTPS server.\n'))) }
}

async function* one(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  await Promise.resolve()
  yield bytes
}

/** To a listener that speaks bytes. */
async function overBytes(connection: Connection, request: HttpRequest): Promise<HttpResponse> {
  try {
    const body = await request.body.bytes()
    const headers = body.length > 0 || !/^(GET|HEAD|DELETE)$/.test(request.method) ? { ...request.headers, 'content-length': String(body.length) } : request.headers
    await connection.write(encodeHead(`${request.method} ${request.path} HTTP/1.1`, headers))
    if (body.length > 0) await connection.write(body)
    const reader = new HttpReader(connection)
    const head = await reader.head()
    if (!head) throw new Errno('ECONNRESET')
    const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(head.line)?.[1])
    if (Number.isNaN(status)) throw new HttpWireError(400, `malformed HTTP response "${head.line}"`)
    return { status, headers: head.headers, body: closing(reader.body(head.headers, true), connection) }
  } catch (error) {
    connection.close()
    throw error
  }
}

function closing(parts: AsyncIterable<Uint8Array>, connection: Connection): HttpBody {
  return streamBody(thenClose(parts, connection))
}

async function* thenClose(parts: AsyncIterable<Uint8Array>, connection: Connection): AsyncGenerator<Uint8Array> {
  try {
    yield* parts
  } finally {
    connection.close()
  }
}

export function notTls(toHttpServer: boolean): TlsError {
  return new TlsError('not-tls', toHttpServer ? 'http: server gave HTTP response to HTTPS client' : 'tls: first record does not look like a TLS handshake')
}
