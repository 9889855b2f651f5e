/** A listening HTTP service of a process: requests come as objects over links, or are parsed from byte streams. */
import { encodeUtf8 } from '#engine/base/bytes'
import { emptyBody, type HttpBody, type HttpHandler, type HttpRequest, type HttpResponse, streamBody } from '#engine/base/http'
import { Errno, ProcessKilled } from '#engine/linux/abi/errno'
import type { ServeOptions, SocketAddress, TlsServer } from '#engine/linux/abi/net'
import type { IncomingPeer, ServerLink, ServiceEndpoint } from '#engine/linux/net/endpoint'
import { guardedBody } from '#engine/linux/net/http/guard'
import { encodeChunk, encodeHead, httpDate, HttpReader, HttpWireError, lastChunk, statusTexts } from '#engine/linux/net/http/wire'
import type { SocketOwner } from '#engine/linux/net/owner'
import type { StreamEnd } from '#engine/linux/net/stream'

export interface HttpServiceHost {
  readonly owner: SocketOwner
  now(): number
  /** A line to the process's standard error. */
  complain(line: string): void
}

export class HttpService implements ServiceEndpoint {
  readonly pending = 0
  readonly tls?: TlsServer
  private readonly links = new Set<Link>()
  private readonly streams = new Set<StreamEnd>()
  closed = false
  /** Called once when the service is closed. */
  onClose: (() => void) | undefined

  constructor(
    private readonly host: HttpServiceHost,
    private readonly handler: HttpHandler,
    private readonly options: ServeOptions,
  ) {
    if (options.tls) this.tls = { alpn: ['h2', 'http/1.1'], ...bound(options.tls) }
  }

  handshakeFailed(remote: SocketAddress, message: string): void {
    this.options.onHandshakeError?.(remote, message)
  }

  link(peer: IncomingPeer): ServerLink {
    const link = new Link(peer, this.handler, (error) => this.failure(error, peer), () => this.links.delete(link))
    this.links.add(link)
    return link
  }

  accept(end: StreamEnd): void {
    this.streams.add(end)
    void this.converse(end).catch((error: unknown) => {
      if (!(error instanceof Errno) && !(error instanceof ProcessKilled)) this.host.complain(`http: ${String(error)}`)
    }).finally(() => {
      this.streams.delete(end)
      end.close()
    })
  }

  /** Refuses new connections; with `reset` also cuts those that stand. */
  close(): void {
    if (this.closed) return
    this.closed = true
    this.onClose?.()
    for (const link of [...this.links]) link.cut()
    for (const end of [...this.streams]) end.close()
  }

  private async answer(request: HttpRequest, peer: IncomingPeer): Promise<HttpResponse> {
    try {
      return await this.handler(request)
    } catch (error) {
      throw this.failure(error, peer)
    }
  }

  /** What a client sees of a handler that threw; a live server's log tells of it. */
  private failure(error: unknown, peer: IncomingPeer): Errno {
    if (!(error instanceof ProcessKilled) && !this.closed) this.host.complain(`http: panic serving ${peer.remote.address}:${peer.remote.port}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`)
    return new Errno('ECONNRESET')
  }

  private async converse(end: StreamEnd): Promise<void> {
    const reader = new HttpReader(end)
    if (this.tls && !end.tls) return this.refusePlain(end, reader)
    for (;;) {
      let more: boolean
      try {
        more = await this.oneExchange(end, reader)
      } catch (error) {
        if (!(error instanceof HttpWireError)) throw error
        const text = `${error.status} ${statusTexts[error.status] ?? 'Error'}`
        await end.write(encodeUtf8(`HTTP/1.1 ${text}\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n${text}`))
        return
      }
      if (!more) return
    }
  }

  /** What Go's server says to HTTP on its HTTPS port; others get an alert record. */
  private async refusePlain(end: StreamEnd, reader: HttpReader): Promise<void> {
    const first = await reader.peek()
    if (first.length === 0) return
    const verb = String.fromCharCode(...first.subarray(0, 8))
    if (/^(GET|POST|PUT|HEAD|DELETE|PATCH|OPTIONS|CONNECT) /.test(verb)) await end.write(encodeUtf8('HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n'))
    else await end.write(Uint8Array.of(0x15, 3, 1, 0, 2, 2, 70))
    this.handshakeFailed(end.remote, /^[A-Z]+ /.test(verb) ? 'client sent an HTTP request to an HTTPS server' : 'tls: first record does not look like a TLS handshake')
  }

  /** False where the connection is to be closed. */
  private async oneExchange(end: StreamEnd, reader: HttpReader): Promise<boolean> {
    const head = await reader.head()
    if (!head) return false
    const match = /^([A-Z]+) (\S+) HTTP\/(1\.[01])$/.exec(head.line)
    if (!match) throw new HttpWireError(400, `malformed HTTP request "${head.line}"`)
    const [, method = '', path = '', version] = match
    if (version === '1.1' && head.headers.host === undefined) throw new HttpWireError(400, 'missing required Host header')
    const abort = new AbortController()
    const gone = (): void => abort.abort(new Errno('ECONNRESET'))
    const cancel = watchForEnd(end, gone)
    if (/100-continue/i.test(head.headers.expect ?? '')) await end.write(encodeUtf8('HTTP/1.1 100 Continue\r\n\r\n'))
    const request: HttpRequest = {
      method, path: targetPath(path), headers: head.headers, signal: abort.signal, peer: peerOf(end, end.tls?.clientCertificates),
      body: hasBody(head.headers) ? streamBody(reader.body(head.headers, false)) : emptyBody,
    }
    try {
      const response = await this.answer(request, end)
      const keep = (version === '1.1' ? !/close/i.test(head.headers.connection ?? '') : /keep-alive/i.test(head.headers.connection ?? '')) && !/close/i.test(response.headers.connection ?? '')
      await this.write(end, response, method, version === '1.1', keep)
      if (response.upgraded) return false
      for await (const _rest of request.body === emptyBody ? [] : request.body.stream()) void _rest
      return keep
    } finally {
      cancel()
    }
  }

  private async write(end: StreamEnd, response: HttpResponse, method: string, chunked: boolean, keep: boolean): Promise<void> {
    const { status } = response
    const headers: Record<string, string> = { ...response.headers }
    headers.date ??= httpDate(this.host.now())
    if (!keep) headers.connection ??= 'close'
    const line = `HTTP/1.1 ${status} ${statusTexts[status] ?? `status code ${status}`}`
    const names = this.options.headerNames
    if (bodiless(method, status)) return end.write(encodeHead(line, headers, names))
    if (headers['content-length'] === undefined && isWhole(response.body)) headers['content-length'] = String((await response.body.bytes()).length)
    if (headers['content-length'] !== undefined) {
      await end.write(encodeHead(line, headers, names))
      for await (const part of response.body.stream()) await end.write(part)
      return
    }
    if (chunked) headers['transfer-encoding'] = 'chunked'
    await end.write(encodeHead(line, headers, names))
    for await (const part of response.body.stream()) if (part.length > 0) await end.write(chunked ? encodeChunk(part) : part)
    if (chunked) await end.write(lastChunk)
  }
}

/** Answers that end with their head. */
function bodiless(method: string, status: number): boolean {
  return method === 'HEAD' || status === 204 || status === 304 || status < 200
}

/** Methods of `TlsServer` may be a class's. */
function bound(server: TlsServer): TlsServer {
  return {
    identity: () => server.identity(),
    ...(server.clientCertificates ? { clientCertificates: server.clientCertificates } : {}),
    ...(server.clientRoots ? { clientRoots: () => server.clientRoots?.() ?? '' } : {}),
    ...(server.alpn ? { alpn: server.alpn } : {}),
  }
}

/** A body that is there as a whole, so that its length can be told: everything but streams. */
function isWhole(body: HttpBody): boolean {
  return body.values === undefined && !body.streamed
}

function hasBody(headers: HttpRequest['headers']): boolean {
  return headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined
}

/** Proxies' absolute form is reduced to the path. */
function targetPath(target: string): string {
  return target.replace(/^https?:\/\/[^/]*/, '') || '/'
}

function peerOf(peer: IncomingPeer, certificates: readonly Uint8Array[] | undefined, tls: boolean = certificates !== undefined): NonNullable<HttpRequest['peer']> {
  return { address: peer.remote.address, port: peer.remote.port, certificates: certificates ?? [], tls }
}

/** Calls `gone` when the client closes while its request is under way. */
function watchForEnd(end: StreamEnd, gone: () => void): () => void {
  return end.onReadable(() => {
    if (end.peerEnded) gone()
  })
}

/** A request on its way, as its handler sees it. Its end is a signal only for handlers that look: most are done before anybody leaves, and signals are dear. */
class LinkRequest implements HttpRequest {
  readonly method: string
  readonly path: string
  readonly headers: HttpRequest['headers']
  readonly body: HttpBody
  /** Set while the client waits for the answer. */
  broken: ((error: unknown) => void) | undefined
  /** Its neighbours among the requests of its link. */
  before: LinkRequest | undefined
  after: LinkRequest | undefined
  private controller: AbortController | undefined
  private over: { readonly reason: unknown } | undefined
  private leaving: Set<() => void> | undefined

  constructor(request: HttpRequest, readonly peer: NonNullable<HttpRequest['peer']>) {
    this.method = request.method
    this.path = request.path
    this.headers = request.headers
    this.body = request.body
  }

  get signal(): AbortSignal {
    if (!this.controller) {
      this.controller = new AbortController()
      if (this.over) this.controller.abort(this.over.reason)
    }
    return this.controller.signal
  }

  onGone(leave: () => void): () => void {
    if (this.over) leave()
    else (this.leaving ??= new Set()).add(leave)
    return () => void this.leaving?.delete(leave)
  }

  abort(reason: unknown): void {
    this.over ??= { reason }
    this.controller?.abort(reason)
    for (const leave of this.leaving ?? []) leave()
    this.leaving = undefined
  }
}

class Link implements ServerLink {
  closed = false
  onClosed: (() => void) | undefined
  /** The requests under way, oldest first: a set for the one or two there are would be made anew again and again. */
  private first: LinkRequest | undefined
  private last: LinkRequest | undefined
  private readonly seen: NonNullable<HttpRequest['peer']>
  /** Of answers that are still read. */
  private readonly breakers = new Set<(error: Errno) => void>()

  constructor(
    peer: IncomingPeer,
    private readonly handler: HttpHandler,
    private readonly failure: (error: unknown) => Errno,
    private readonly forget: () => void,
  ) {
    this.seen = peerOf(peer, peer.session?.clientCertificates, peer.session !== undefined)
  }

  /** Rejects with ECONNRESET where the server goes before it has answered. */
  exchange(request: HttpRequest): Promise<HttpResponse> {
    if (this.closed) return Promise.reject(new Errno('ECONNRESET'))
    const mine = new LinkRequest(request, this.seen)
    this.add(mine)
    return new Promise((resolve, reject) => {
      const done = this.untilDone(mine, request.signal)
      mine.broken = (error) => {
        done()
        reject(error as Error)
      }
      this.handler(mine).then((response) => {
        mine.broken = undefined
        if (response.body.values !== undefined || response.body.streamed) return resolve({ ...response, body: guardedBody(response.body, { breakers: this.breakers, stop: () => this.finish(mine, new Errno('ECONNRESET')), done }) })
        done()
        resolve(response)
      }, (error: unknown) => {
        done()
        reject(this.failure(error))
      })
    })
  }

  /** Hears of a client that gives up; what is returned is called once all is over. */
  private untilDone(mine: LinkRequest, signal: AbortSignal | undefined): () => void {
    if (!signal) return () => this.remove(mine)
    const onAbort = (): void => this.finish(mine, signal.reason)
    if (signal.aborted) onAbort()
    else signal.addEventListener('abort', onAbort, { once: true })
    return () => {
      signal.removeEventListener('abort', onAbort)
      this.remove(mine)
    }
  }

  private add(mine: LinkRequest): void {
    mine.before = this.last
    if (this.last) this.last.after = mine
    else this.first = mine
    this.last = mine
  }

  private remove(mine: LinkRequest): void {
    const { before, after } = mine
    if (!before && this.first !== mine) return
    if (before) before.after = after
    else this.first = after
    if (after) after.before = before
    else this.last = before
    mine.before = mine.after = undefined
  }

  private active(): LinkRequest[] {
    const out: LinkRequest[] = []
    for (let at = this.first; at; at = at.after) out.push(at)
    return out
  }

  private finish(mine: LinkRequest, reason: unknown): void {
    mine.abort(reason ?? new Errno('ECONNRESET'))
  }

  close(): void {
    if (this.closed) return
    this.closed = true
    this.forget()
    for (const mine of this.active()) this.finish(mine, new Errno('ECONNRESET'))
  }

  /** The server is gone. */
  cut(): void {
    if (this.closed) return
    this.close()
    for (const { broken } of this.active()) broken?.(new Errno('ECONNRESET'))
    for (const broken of [...this.breakers]) broken(new Errno('ECONNRESET'))
    this.breakers.clear()
    this.onClosed?.()
  }
}

