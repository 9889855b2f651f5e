/** Sockets of one namespace: who listens where, what is connected, which ports are free. */
import { Errno } from '#engine/linux/abi/errno'
import { ExpectedListeners } from '#engine/linux/net/expected'
import { isAny, parseV4, plainAddress, printV4 } from '#engine/linux/net/address'
import type { NetNamespace } from '#engine/linux/net/namespace'
import type { SocketOwner } from '#engine/linux/net/owner'
import type { StreamEnd } from '#engine/linux/net/stream'
import type { ServiceEndpoint } from '#engine/linux/net/endpoint'
import type { UdpSocket } from '#engine/linux/net/udp'

export interface BoundListener {
  /** As given: `0.0.0.0`, `::`, `10.0.0.1`. */
  readonly address: string
  readonly port: number
  readonly owner: SocketOwner
  readonly endpoint: ServiceEndpoint
  readonly inode: number
  readonly backlog: number
}

const connectionLimit = 65536

export class SocketTable {
  private readonly tcp = new Map<number, BoundListener[]>()
  private readonly udpByPort = new Map<number, UdpSocket[]>()
  readonly connections = new Set<StreamEnd>()
  /** By port. */
  readonly expected: ExpectedListeners
  private nextPort: number
  private destroyed = false

  constructor(private readonly namespace: NetNamespace) {
    this.expected = new ExpectedListeners(namespace.fabric.clock)
    this.nextPort = 32768 + namespace.fabric.random.integer(20000)
  }

  listeners(): BoundListener[] {
    return [...this.tcp.values()].flat()
  }

  udpSockets(): UdpSocket[] {
    return [...this.udpByPort.values()].flat()
  }

  /** EADDRINUSE, EADDRNOTAVAIL. Port 0 is chosen. */
  bindTcp(address: string, port: number, owner: SocketOwner, endpoint: ServiceEndpoint, backlog: number): BoundListener {
    this.checkAddress(address)
    const chosen = port === 0 ? this.ephemeral((candidate) => !this.tcp.has(candidate)) : port
    const taken = this.tcp.get(chosen) ?? []
    if (taken.some((each) => overlaps(each.address, address))) throw new Errno('EADDRINUSE', `${address}:${chosen}`)
    const bound: BoundListener = { address, port: chosen, owner, endpoint, inode: this.namespace.fabric.nextSocket(), backlog }
    this.tcp.set(chosen, [...taken, bound])
    this.expected.came(String(chosen))
    return bound
  }

  unbindTcp(bound: BoundListener): void {
    const rest = (this.tcp.get(bound.port) ?? []).filter((each) => each !== bound)
    if (rest.length > 0) this.tcp.set(bound.port, rest)
    else this.tcp.delete(bound.port)
  }

  findTcp(address: number, port: number): BoundListener | undefined {
    const bound = this.tcp.get(port)
    if (!bound) return undefined
    const exact = printV4(address)
    return bound.find((each) => each.address === exact) ?? bound.find((each) => plainAddress(each.address) === exact) ?? bound.find((each) => isAny(each.address))
  }

  bindUdp(address: string, port: number, socket: (port: number) => UdpSocket): UdpSocket {
    this.checkAddress(address)
    const chosen = port === 0 ? this.ephemeral((candidate) => !this.udpByPort.has(candidate)) : port
    const taken = this.udpByPort.get(chosen) ?? []
    if (taken.some((each) => overlaps(each.local.address, address))) throw new Errno('EADDRINUSE', `${address}:${chosen}`)
    const made = socket(chosen)
    this.udpByPort.set(chosen, [...taken, made])
    return made
  }

  unbindUdp(socket: UdpSocket): void {
    const rest = (this.udpByPort.get(socket.local.port) ?? []).filter((each) => each !== socket)
    if (rest.length > 0) this.udpByPort.set(socket.local.port, rest)
    else this.udpByPort.delete(socket.local.port)
  }

  findUdp(address: number, port: number): UdpSocket | undefined {
    const bound = this.udpByPort.get(port)
    if (!bound) return undefined
    const exact = printV4(address)
    return bound.find((each) => plainAddress(each.local.address) === exact) ?? bound.find((each) => isAny(each.local.address))
  }

  connect(end: StreamEnd): void {
    if (this.destroyed) return end.reset()
    if (this.connections.size >= connectionLimit) throw new Errno('EMFILE')
    this.connections.add(end)
  }

  /** A free local port for an outgoing connection. */
  clientPort(): number {
    return this.ephemeral((candidate) => !this.tcp.has(candidate))
  }

  private ephemeral(free: (port: number) => boolean): number {
    for (let tries = 0; tries < 28232; tries++) {
      this.nextPort = this.nextPort >= 60999 ? 32768 : this.nextPort + 1
      if (free(this.nextPort)) return this.nextPort
    }
    throw new Errno('EADDRNOTAVAIL')
  }

  private checkAddress(address: string): void {
    if (isAny(address)) return
    const plain = parseV4(plainAddress(address))
    if (plain === undefined || !this.namespace.isLocal(plain)) throw new Errno('EADDRNOTAVAIL', address)
  }

  destroy(): void {
    this.destroyed = true
    for (const end of [...this.connections]) end.reset()
    for (const bound of this.listeners()) bound.endpoint.close()
    for (const socket of this.udpSockets()) socket.close()
  }
}

/** `::` takes IPv4 too, as Linux does unless told otherwise; 127.0.0.1 and ::1 can be held by two. */
function overlaps(a: string, b: string): boolean {
  return isAny(a) || isAny(b) || (plainAddress(a) === plainAddress(b) && (a === '::1') === (b === '::1'))
}
