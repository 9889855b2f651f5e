/** What stands behind a listening address: takes byte streams, and where it speaks HTTP, also requests as objects. */
import type { HttpRequest, HttpResponse } from '#engine/base/http'
import type { SocketAddress, TlsServer, TlsSession } from '#engine/linux/abi/net'
import type { StreamEnd } from '#engine/linux/net/stream'

/** A connection as the server's side sees it. */
export interface IncomingPeer {
  readonly local: SocketAddress
  readonly remote: SocketAddress
  /** Absent on a connection without TLS. */
  readonly session?: TlsSession | undefined
}

export interface ServiceEndpoint {
  readonly tls?: TlsServer | undefined
  /** Takes the server's end of a byte stream. */
  accept(end: StreamEnd): void
  /** Only for HTTP: opens a link on which requests pass as objects. */
  link?(peer: IncomingPeer): ServerLink
  /** Waiting to be accepted, for ss. */
  readonly pending: number
  /** Tells of a handshake that failed, for the server's log. */
  handshakeFailed?(remote: SocketAddress, message: string): void
  close(): void
}

/** The server's side of a kept HTTP connection. */
export interface ServerLink {
  exchange(request: HttpRequest): Promise<HttpResponse>
  /** The client has gone: what is under way is aborted. */
  close(): void
  /** Called when the server ends the connection. */
  onClosed: (() => void) | undefined
  readonly closed: boolean
}
