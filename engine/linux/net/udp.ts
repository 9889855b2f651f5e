/** Datagrams. Each walks the tables; the answer to one finds its way back to the socket that sent it. */
import { Errno, ProcessKilled } from '#engine/linux/abi/errno'
import type { Datagram, DatagramSocket, SocketAddress } from '#engine/linux/abi/net'
import { isAny, parseV4, plainAddress, printV4 } from '#engine/linux/net/address'
import type { NetNamespace } from '#engine/linux/net/namespace'
import type { SocketOwner } from '#engine/linux/net/owner'
import type { Tuple } from '#engine/linux/net/packet'
import { answerReturns, newPacket, send } from '#engine/linux/net/path'
import { rejectCode, track } from '#engine/linux/net/tcp'

const queueLimit = 1024
const flowLimit = 1024
const flowLifeMs = 30_000

/** How the answer to a datagram gets back. */
interface ReturnFlow {
  readonly socket: UdpSocket
  /** Whom the first sender thinks it is talking to. */
  readonly apparent: SocketAddress
}

/** Where a flow's first datagram went: DNAT's choice holds for the ones after it. */
interface Pinned {
  readonly address: number
  readonly port: number
  expiresAt: number
}

export class UdpSocket implements DatagramSocket {
  private readonly queue: (Datagram | Errno)[] = []
  private waiting: { resolve: (datagram: Datagram) => void; reject: (error: unknown) => void } | undefined
  private readonly returns = new Map<string, ReturnFlow>()
  private readonly pinned = new Map<string, Pinned>()
  private readonly forget: () => void
  closed = false

  constructor(
    readonly namespace: NetNamespace,
    readonly owner: SocketOwner,
    readonly local: SocketAddress,
    readonly inode: number,
  ) {
    this.forget = owner.onDeath(() => this.close())
  }

  /** Errors of delivery come with a later receive, as ECONNREFUSED does in Linux. ENETUNREACH comes at once. */
  send(to: SocketAddress, data: Uint8Array): void {
    if (this.closed) throw new Errno('EBADF')
    if (data.length > 65507) throw new Errno('EMSGSIZE')
    const flow = this.returns.get(keyOf(to))
    if (flow) return flow.socket.deliver({ from: flow.apparent, data })
    const destination = parseV4(plainAddress(to.address))
    if (destination === undefined) throw new Errno('ENETUNREACH', to.address)
    this.transmit(to, destination, data)
  }

  private transmit(to: SocketAddress, destination: number, data: Uint8Array): void {
    const known = this.pinnedTo(to)
    const packet = newPacket('udp', { source: this.ownAddress(), sourcePort: this.local.port }, { destination, destinationPort: to.port }, { uid: this.owner.uid, bytes: data.length + 28 })
    if (known) {
      packet.destination = known.address
      packet.destinationPort = known.port
    }
    const delivery = send(this.namespace, packet)
    if (delivery.kind === 'unreachable' && delivery.local && delivery.code === 'net') throw new Errno('ENETUNREACH', to.address)
    if (delivery.kind === 'rejected') return this.fail(new Errno(rejectCode(delivery.with)))
    if (delivery.kind !== 'delivered') return
    if (!answerReturns(delivery, this.namespace)) return
    const socket = delivery.namespace.sockets.findUdp(packet.destination, packet.destinationPort)
    if (!socket) return this.fail(new Errno('ECONNREFUSED'))
    if (!known) {
      track(packet, { destination, port: to.port, sourcePort: this.local.port })
      if (packet.destination !== destination || packet.destinationPort !== to.port) this.pin(to, packet)
    }
    const from = { address: printV4(packet.source), port: packet.sourcePort }
    socket.remember(from, { socket: this, apparent: to })
    socket.deliver({ from, data })
  }

  private ownAddress(): number {
    return isAny(this.local.address) ? 0 : (parseV4(plainAddress(this.local.address)) ?? 0)
  }

  private pinnedTo(to: SocketAddress): Pinned | undefined {
    const found = this.pinned.get(keyOf(to))
    const now = this.namespace.fabric.clock.now()
    if (!found || found.expiresAt <= now) return undefined
    found.expiresAt = now + flowLifeMs
    return found
  }

  private pin(to: SocketAddress, packet: Pick<Tuple, 'destination' | 'destinationPort'>): void {
    bounded(this.pinned, keyOf(to), { address: packet.destination, port: packet.destinationPort, expiresAt: this.namespace.fabric.clock.now() + flowLifeMs })
  }

  private remember(from: SocketAddress, flow: ReturnFlow): void {
    bounded(this.returns, keyOf(from), flow)
  }

  private fail(error: Errno): void {
    this.put(error)
  }

  private deliver(datagram: Datagram): void {
    if (!this.closed) this.put(datagram)
  }

  private put(item: Datagram | Errno): void {
    const waiting = this.waiting
    if (!waiting) {
      if (this.queue.length < queueLimit) this.queue.push(item)
      return
    }
    this.waiting = undefined
    if (item instanceof Errno) waiting.reject(item)
    else waiting.resolve(item)
  }

  /** The next datagram. EAGAIN after the timeout, EBADF once closed. */
  receive(timeoutMs?: number): Promise<Datagram> {
    const next = this.queue.shift()
    if (next instanceof Errno) return Promise.reject(next)
    if (next) return Promise.resolve(next)
    if (this.owner.dead) return Promise.reject(new ProcessKilled())
    if (this.closed) return Promise.reject(new Errno('EBADF'))
    return new Promise((resolve, reject) => {
      const timer = timeoutMs === undefined ? undefined : this.namespace.fabric.clock.after(timeoutMs, () => {
        this.waiting = undefined
        reject(new Errno('EAGAIN'))
      })
      this.waiting = {
        resolve: (datagram) => { timer?.cancel(); resolve(datagram) },
        reject: (error) => { timer?.cancel(); reject(error as Error) },
      }
    })
  }

  close(): void {
    if (this.closed) return
    this.closed = true
    this.forget()
    this.namespace.sockets.unbindUdp(this)
    this.waiting?.reject(this.owner.dead ? new ProcessKilled() : new Errno('EBADF'))
    this.waiting = undefined
    this.returns.clear()
  }
}

function keyOf(address: SocketAddress): string {
  return `${address.address}:${address.port}`
}

/** The oldest flow makes room for a new one. */
function bounded<T>(map: Map<string, T>, key: string, value: T): void {
  map.delete(key)
  map.set(key, value)
  if (map.size > flowLimit) map.delete(map.keys().next().value as string)
}
