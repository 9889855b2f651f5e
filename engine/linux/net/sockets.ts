/** The sockets of one process in its namespace: what `process.net` is. */
import type { HttpHandler, HttpRequest, HttpResponse } from '#engine/base/http'
import { Errno, isErrno } from '#engine/linux/abi/errno'
import type { TlsError} from '#engine/linux/abi/net';
import { type Connection, type DatagramSocket, type DialOptions, type DialTarget, type Listener, type ListenOptions, LookupError, type ServeOptions, type SocketAddress, type Sockets, type TlsSession } from '#engine/linux/abi/net'
import type { Process } from '#engine/linux/abi/process'
import { parseV4, plainAddress } from '#engine/linux/net/address'
import { lookup } from '#engine/linux/net/dns/resolver'
import type { IncomingPeer, ServiceEndpoint } from '#engine/linux/net/endpoint'
import { HttpClient, type HttpDial, notTls } from '#engine/linux/net/http/client'
import { HttpService } from '#engine/linux/net/http/server'
import { StreamListener } from '#engine/linux/net/listener'
import type { NetNamespace } from '#engine/linux/net/namespace'
import { SocketOwner } from '#engine/linux/net/owner'
import type { StreamEnd} from '#engine/linux/net/stream';
import { streamPair } from '#engine/linux/net/stream'
import { reach } from '#engine/linux/net/tcp'
import { handshake } from '#engine/linux/net/tls/handshake'
import { UdpSocket } from '#engine/linux/net/udp'
import type { UnixSockets } from '#engine/linux/net/unix'

/** A way to a service, over the network or a unix socket. */
interface Reached {
  readonly endpoint: ServiceEndpoint
  readonly namespace: NetNamespace
  readonly serverOwner: SocketOwner
  readonly client: { readonly local: SocketAddress; readonly remote: SocketAddress }
  readonly server: { readonly local: SocketAddress; readonly remote: SocketAddress }
  readonly host: string
}

const systemRoots = '/etc/ssl/certs/ca-certificates.crt'

export class ProcessSockets implements Sockets {
  private readonly owner: SocketOwner
  private readonly http: HttpClient

  constructor(
    private readonly process: Process,
    private readonly namespace: NetNamespace,
    private readonly unixSockets: UnixSockets,
  ) {
    this.owner = new SocketOwner(process)
    this.http = new HttpClient({ dial: (target, options) => this.dialHttp(target, options) }, process.clock)
    this.owner.onDeath(() => this.http.close())
  }

  async connect(target: DialTarget, options: DialOptions = {}): Promise<Connection> {
    const reached = await this.reachTarget(target, options)
    return this.openStream(reached, this.agree(reached, options))
  }

  listen(at: SocketAddress | { readonly unix: string }, options: ListenOptions = {}): Listener {
    const backlog = options.backlog ?? 4096
    const listener = new StreamListener(this.owner, 'unix' in at ? { address: at.unix, port: 0 } : at, backlog, options.tls)
    return this.bind(at, listener, backlog, (local, unbind) => {
      listener.local = local
      listener.onClose = unbind
      return listener
    })
  }

  serveHttp(at: SocketAddress | { readonly unix: string }, handler: HttpHandler, options: ServeOptions = {}): Listener {
    const { process } = this
    const host = { owner: this.owner, now: () => process.clock.now(), complain: (line: string) => void process.stderr.write(`${line}\n`).catch(() => undefined) }
    const service = new HttpService(host, handler, options)
    return this.bind(at, service, options.backlog ?? 4096, (local, unbind) => {
      const forget = this.owner.onDeath(() => service.close())
      service.onClose = () => {
        forget()
        unbind()
      }
      return { local, accept: () => Promise.reject(new Errno('EINVAL')), close: () => service.close() }
    })
  }

  private bind(at: SocketAddress | { readonly unix: string }, endpoint: ServiceEndpoint, backlog: number, made: (local: SocketAddress, unbind: () => void) => Listener): Listener {
    if ('unix' in at) {
      const unbind = this.unixSockets.bind(this.process, at.unix, endpoint, this.owner)
      return made({ address: at.unix, port: 0 }, unbind)
    }
    this.checkPort(at.port)
    const bound = this.namespace.sockets.bindTcp(at.address, at.port, this.owner, endpoint, backlog)
    return made({ address: at.address, port: bound.port }, () => this.namespace.sockets.unbindTcp(bound))
  }

  private checkPort(port: number): void {
    const first = Number(this.namespace.sysctls.get('ipv4.ip_unprivileged_port_start') ?? 1024)
    const { euid, capabilities } = this.process.credentials
    if (port > 0 && port < first && euid !== 0 && !capabilities.has('NET_BIND_SERVICE')) throw new Errno('EACCES')
  }

  activate(path: string, wake: () => void): () => void {
    return this.unixSockets.activate(path, wake)
  }

  udp(at: SocketAddress = { address: '0.0.0.0', port: 0 }): DatagramSocket {
    if (at.port > 0) this.checkPort(at.port)
    const { sockets, fabric } = this.namespace
    return sockets.bindUdp(at.address, at.port, (port) => new UdpSocket(this.namespace, this.owner, { address: at.address, port }, fabric.nextSocket()))
  }

  lookup(host: string): Promise<string[]> {
    return lookup({ files: this.process.files, random: this.process.random, udp: () => this.udp() }, host)
  }

  request(target: DialTarget, request: HttpRequest, options?: DialOptions): Promise<HttpResponse> {
    return this.http.request(target, request, options)
  }

  private async reachTarget(target: DialTarget, options: DialOptions): Promise<Reached> {
    if ('unix' in target) {
      const { expected } = this.unixSockets
      const summoned = this.unixSockets.summon(this.process, target.unix)
      if (summoned !== undefined) await expected.wait(summoned, this.owner, options.signal)
      if (expected.has(target.unix)) await expected.wait(target.unix, this.owner, options.signal)
      return this.unixSockets.reach(this.process, target.unix, this.namespace)
    }
    const addresses = await this.lookup(target.host)
    let last: unknown
    for (const address of addresses) {
      const number = parseV4(plainAddress(address))
      if (number === undefined) {
        last = new Errno('ENETUNREACH', `[${address}]:${target.port}`)
        continue
      }
      try {
        const way = await reach(this.namespace, this.owner, number, target.port, { timeoutMs: options.timeoutMs, signal: options.signal })
        return { endpoint: way.listener.endpoint, namespace: way.namespace, serverOwner: way.listener.owner, client: way.client, server: way.server, host: target.host }
      } catch (error) {
        if (!isErrno(error)) throw error
        last = error
      }
    }
    throw last ?? new LookupError(target.host, 'not-found')
  }

  /** The handshake, where the client asks for one. Throws TlsError. */
  private agree(reached: Reached, options: DialOptions): TlsSession | undefined {
    if (!options.tls) return undefined
    const { endpoint } = reached
    if (!endpoint.tls) {
      if (endpoint.link) throw notTls(true)
      throw this.helloToPlain(reached)
    }
    const roots = (): string => (this.process.files.exists(systemRoots) ? this.process.files.readText(systemRoots) : '')
    const result = handshake(options.tls, endpoint.tls, reached.host, this.process.clock.now(), roots)
    if (result.serverError !== undefined) endpoint.handshakeFailed?.(reached.server.remote, result.serverError)
    if (result.clientError) throw result.clientError
    return result.session
  }

  /** A server that speaks no TLS gets the first record of a handshake and makes of it what it will. */
  private helloToPlain(reached: Reached): TlsError {
    const end = this.openStream(reached, undefined)
    void end.write(Uint8Array.of(0x16, 3, 1, 0, 5, 1, 0, 0, 1, 0)).catch(() => undefined).finally(() => end.close())
    return notTls(false)
  }

  private openStream(reached: Reached, session: TlsSession | undefined): StreamEnd {
    const { namespace } = reached
    const { fabric } = this.namespace
    const [client, server] = streamPair(
      { ...reached.client, owner: this.owner, inode: fabric.nextSocket(), tls: session, onClose: (end) => this.namespace.sockets.connections.delete(end) },
      { ...reached.server, owner: reached.serverOwner, inode: fabric.nextSocket(), tls: session, onClose: (end) => namespace.sockets.connections.delete(end) },
    )
    if (reached.client.remote.port > 0) {
      this.namespace.sockets.connect(client)
      namespace.sockets.connect(server)
    }
    reached.endpoint.accept(server)
    return client
  }

  private async dialHttp(target: DialTarget, options: DialOptions): Promise<HttpDial> {
    const reached = await this.reachTarget(target, options)
    const { endpoint } = reached
    if (!options.tls && endpoint.tls) return { kind: 'plain-to-tls' }
    const session = this.agree(reached, options)
    if (!endpoint.link) return { kind: 'bytes', connection: this.openStream(reached, session) }
    const peer: IncomingPeer = { ...reached.server, session }
    return { kind: 'link', link: endpoint.link(peer) }
  }
}
