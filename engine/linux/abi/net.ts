/**
 * Sockets as a process sees them, in its own network namespace. Names are resolved as libc does it: /etc/hosts, then the
 * servers of /etc/resolv.conf. A connection succeeds, is refused (ECONNREFUSED), times out (ETIMEDOUT) or has no way
 * (ENETUNREACH, EHOSTUNREACH) for the true reason: routes, netfilter tables, the listener.
 */
import type { HttpHandler, HttpRequest, HttpResponse } from '#engine/base/http'
import { PlainError } from '#engine/linux/abi/errno'
import type { OpenFile } from '#engine/linux/abi/files'

export interface SocketAddress {
  readonly address: string
  readonly port: number
}

/** A stream socket: also an open file, so it can be any process's descriptor. */
export interface Connection extends OpenFile {
  readonly kind: 'socket'
  readonly local: SocketAddress
  readonly remote: SocketAddress
  /** What was agreed, on a connection with TLS. */
  readonly tls?: TlsSession
  /** No more will be written; the peer reads the end. */
  shutdownWrite(): void
  close(): void
}

export interface Listener {
  readonly local: SocketAddress
  /** Waits for the next connection. */
  accept(): Promise<Connection>
  close(): void
}

export interface Datagram {
  readonly from: SocketAddress
  readonly data: Uint8Array
}

export interface DatagramSocket {
  readonly local: SocketAddress
  send(to: SocketAddress, data: Uint8Array): void
  receive(timeoutMs?: number): Promise<Datagram>
  close(): void
}

/** The outcome of a handshake. */
export interface TlsSession {
  readonly serverName: string
  /** DER, leaf first, as the server sent them. */
  readonly serverCertificates: readonly Uint8Array[]
  /** DER, leaf first; empty where the client had none or was not asked. */
  readonly clientCertificates: readonly Uint8Array[]
  readonly version: 'TLSv1.3'
  readonly cipher: string
  /** The protocol agreed by ALPN. */
  readonly protocol?: string
}

export interface TlsClient {
  /** Checked against the certificate's names; default: the host that was dialled. */
  readonly serverName?: string
  /** PEM of the trusted roots; default: the machine's /etc/ssl/certs/ca-certificates.crt. */
  readonly roots?: string
  readonly insecureSkipVerify?: boolean
  readonly certificate?: string
  readonly key?: string
  /** DER of a chain, leaf first, whose key somebody outside has already proven to hold (a gateway): presented instead. */
  readonly vouched?: readonly Uint8Array[]
  /** Protocols offered by ALPN. */
  readonly alpn?: readonly string[]
}

export interface TlsServer {
  /** Asked at every handshake, so that a rotated file counts at once. PEM. */
  identity(): { readonly certificate: string; readonly key: string }
  /** `request` takes any client certificate and leaves trust to the handler, as Go's RequestClientCert. */
  readonly clientCertificates?: 'none' | 'request' | 'require'
  /** PEM; asked at every handshake; with it a given client certificate must chain to it. */
  clientRoots?(): string
  /** Protocols accepted by ALPN; default for HTTP `h2` and `http/1.1`. */
  readonly alpn?: readonly string[]
}

/** A failed handshake, in Go's words (`x509: certificate signed by unknown authority`). Programs word it their way by `reason`. */
export class TlsError extends Error {
  override readonly name = 'TlsError'

  constructor(
    readonly reason: 'unknown-authority' | 'name-mismatch' | 'expired' | 'not-yet-valid' | 'bad-certificate' | 'certificate-required' | 'not-tls' | 'key-mismatch' | 'unknown-client-authority',
    message: string,
  ) {
    super(message)
  }
}

/** Where a client dials: a host (a name or an address) and a port, or a unix socket. */
export type DialTarget = { readonly host: string; readonly port: number } | { readonly unix: string }

export interface DialOptions {
  /** Gives up after this long; default 127 s for TCP as Linux does. */
  readonly timeoutMs?: number
  readonly signal?: AbortSignal
  readonly tls?: TlsClient
}

export interface ListenOptions {
  /** Connections that are accepted have done their handshake; those that fail it never show. */
  readonly tls?: TlsServer
  readonly backlog?: number
}

export interface ServeOptions extends ListenOptions {
  /** Spelling of header names where it is not `Content-Type`'s: `{ etag: 'ETag' }`. Seen by clients that read bytes. */
  readonly headerNames?: Readonly<Record<string, string>>
  /** Told of each handshake that failed: `remote error: tls: bad certificate`. */
  onHandshakeError?(remote: SocketAddress, message: string): void
}

/** Failure of a name lookup, with getaddrinfo's meaning. */
export class LookupError extends PlainError {
  override readonly name = 'LookupError'

  constructor(
    readonly host: string,
    readonly reason: 'not-found' | 'no-server' | 'server-failure' | 'timeout',
    /** The server that was asked, `ADDRESS:PORT`, where one was. */
    readonly server?: string,
  ) {
    super(`lookup ${host}: ${reason}`)
  }
}

export interface Sockets {
  /** A byte stream; with `tls` the handshake has been done and bytes are those inside. */
  connect(target: DialTarget, options?: DialOptions): Promise<Connection>
  /** EADDRINUSE, EADDRNOTAVAIL, EACCES below port 1024 without the right. */
  listen(at: SocketAddress | { readonly unix: string }, options?: ListenOptions): Listener
  udp(at?: SocketAddress): DatagramSocket
  /** Addresses of a name, in order of preference. Throws LookupError. */
  lookup(host: string): Promise<string[]>
  /** One HTTP exchange over a connection of its own or a kept one. `Host` and the connection's headers are set here. */
  request(target: DialTarget, request: HttpRequest, options?: DialOptions): Promise<HttpResponse>
  /** Serves HTTP until closed or the process ends; clients that send bytes are parsed, objects are passed on. */
  serveHttp(at: SocketAddress | { readonly unix: string }, handler: HttpHandler, options?: ServeOptions): Listener
  /** For pid 1: `wake` is called when somebody connects to a unix socket's file that nobody listens on; that one waits for a listener. */
  activate(path: string, wake: () => void): () => void
}

/** A network namespace, as the kernel hands it from process to process. Its administration is linux/net's. */
export interface NetworkNamespace {
  readonly inode: number
}
