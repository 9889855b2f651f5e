/** One network namespace: its interfaces, routes, neighbours, tables, sysctls and the sockets bound in it. */
import type { NetworkNamespace } from '#engine/linux/abi/net'
import { contains, isLoopback, maskOf, networkOf, parsePrefix, parseV4, type Prefix, printV4 } from '#engine/linux/net/address'
import type { Fabric } from '#engine/linux/net/fabric'
import { Interface, type InterfaceAddress, type InterfaceKind } from '#engine/linux/net/interface'
import { Netfilter } from '#engine/linux/net/netfilter/netfilter'
import type { MatchContext } from '#engine/linux/net/netfilter/match'
import type { Packet } from '#engine/linux/net/packet'
import { type Route, RouteTable } from '#engine/linux/net/route'
import { SocketTable } from '#engine/linux/net/socket-table'
import { deviceSysctls, sysctlDefaults } from '#engine/linux/net/sysctl'

const interfaceLimit = 16384

export class NetNamespace implements NetworkNamespace {
  readonly interfaces = new Map<string, Interface>()
  readonly routes = new RouteTable()
  readonly netfilter = new Netfilter()
  readonly sockets: SocketTable
  /** `ipv4.ip_forward` and its like, by dotted name after `net.`. */
  readonly sysctls = new Map<string, string>(sysctlDefaults)
  /** Lines that LOG targets wrote, for the kernel's log. */
  onLog: ((line: string) => void) | undefined
  private nextIndex = 1
  destroyed = false
  readonly context: MatchContext

  constructor(
    readonly fabric: Fabric,
    readonly inode: number,
    readonly label: string,
  ) {
    this.sockets = new SocketTable(this)
    this.addInterface('lo', 'loopback', '00:00:00:00:00:00')
    this.context = this.makeContext()
  }

  addInterface(name: string, kind: InterfaceKind, mac: string = this.fabric.mac()): Interface {
    if (this.interfaces.size >= interfaceLimit) throw new Error('too many interfaces')
    const device = new Interface(this, name, kind, this.nextIndex++, mac)
    this.interfaces.set(name, device)
    return device
  }

  /** A cable with an end here and one in `other`. */
  addVeth(name: string, other: NetNamespace, otherName: string): [Interface, Interface] {
    const near = this.addInterface(name, 'veth')
    const far = other.addInterface(otherName, 'veth')
    near.peer = far
    far.peer = near
    return [near, far]
  }

  /** Takes the other end of a cable with it. */
  removeInterface(device: Interface): void {
    this.detach(device)
    const peer = device.peer
    device.peer = undefined
    if (!peer) return
    peer.peer = undefined
    peer.namespace.removeInterface(peer)
  }

  private detach(device: Interface): void {
    device.master?.ports.delete(device)
    device.master = undefined
    for (const port of device.ports) port.master = undefined
    device.segment?.cards.delete(device)
    this.routes.removeDevice(device)
    this.interfaces.delete(device.name)
  }

  /** Into another namespace: addresses and routes are lost, as in Linux. */
  moveInterface(device: Interface, to: NetNamespace, name: string = device.name): void {
    const segment = device.segment
    this.detach(device)
    device.namespace = to
    device.name = name
    device.index = to.nextIndex++
    device.up = false
    device.addresses = []
    device.segment = segment
    segment?.cards.add(device)
    to.interfaces.set(name, device)
  }

  /** For a namespace that comes back as it was. */
  renumber(device: Interface, index: number): void {
    device.index = index
    this.nextIndex = Math.max(this.nextIndex, index + 1)
  }

  rename(device: Interface, name: string): void {
    const entries = [...this.interfaces.values()]
    device.name = name
    this.interfaces.clear()
    for (const each of entries) this.interfaces.set(each.name, each)
  }

  /** False where the address is there already. */
  addAddress(device: Interface, prefix: Prefix, options: { label?: string; broadcast?: number; scope?: InterfaceAddress['scope'] } = {}): boolean {
    if (device.addresses.some((each) => each.address === prefix.address && each.length === prefix.length)) return false
    const scope = options.scope ?? (device.kind === 'loopback' || isLoopback(prefix.address) ? 'host' : 'global')
    device.addresses.push({ ...prefix, scope, label: options.label ?? device.name, ...(options.broadcast === undefined ? {} : { broadcast: options.broadcast }) })
    if (device.up) this.addConnectedRoute(device, prefix)
    return true
  }

  removeAddress(device: Interface, prefix: Prefix): boolean {
    const before = device.addresses.length
    device.addresses = device.addresses.filter((each) => each.address !== prefix.address || each.length !== prefix.length)
    if (device.addresses.length === before) return false
    this.routes.remove((route) => route.device === device && route.source === prefix.address && route.protocol === 'kernel')
    return true
  }

  setUp(device: Interface, up: boolean): void {
    if (device.up === up) return
    device.up = up
    if (up) for (const address of device.addresses) this.addConnectedRoute(device, address)
    else this.routes.removeDevice(device)
  }

  private addConnectedRoute(device: Interface, prefix: Prefix): void {
    if (device.kind === 'loopback' || prefix.length === 32) return
    this.routes.add({ destination: networkOf(prefix), device, source: prefix.address, scope: 'link', protocol: 'kernel', metric: 0, type: 'unicast' })
  }

  isLocal(address: number): boolean {
    if (isLoopback(address)) return this.interfaces.get('lo')?.up ?? false
    for (const device of this.interfaces.values()) if (device.up && device.hasAddress(address)) return true
    return false
  }

  /** ARP answered on behalf of others: proxy_arp on the interface, and a route elsewhere. */
  answersFor(device: Interface, address: number): boolean {
    if (this.sysctls.get(`ipv4.conf.${device.name}.proxy_arp`) !== '1') return false
    const route = this.routes.lookup(address)
    return route !== undefined && route.device !== device
  }

  sysctl(name: string): string | undefined {
    const own = this.sysctls.get(name)
    if (own !== undefined) return own
    const [, device, key] = /^ipv4\.conf\.([^.]+)\.(.+)$/.exec(name) ?? []
    if (device === undefined || key === undefined || (!this.interfaces.has(device) && device !== 'all' && device !== 'default')) return undefined
    return key === 'forwarding' ? this.sysctls.get('ipv4.ip_forward') : deviceSysctls[key]
  }

  setSysctl(name: string, value: string): void {
    if (name === 'ipv4.conf.all.forwarding') this.sysctls.set('ipv4.ip_forward', value)
    this.sysctls.set(name, value)
  }

  /** The same list for all namespaces with devices and settings of the same names. */
  sysctlNames(): readonly string[] {
    const devices = ['all', 'default', ...this.interfaces.keys()]
    const added = this.sysctls.size > sysctlDefaults.length ? [...this.sysctls.keys()].slice(sysctlDefaults.length) : []
    return this.fabric.settingNames(`${devices.join(' ')} ${added.join(' ')}`, () => {
      const names = new Set([...this.sysctls.keys(), ...devices.flatMap((device) => Object.keys(deviceSysctls).map((key) => `ipv4.conf.${device}.${key}`))])
      return [...names].sort().map((name) => `net.${name}`)
    })
  }

  get forwarding(): boolean {
    return this.sysctls.get('ipv4.ip_forward') === '1'
  }

  /** The address a packet leaves with by this route. */
  sourceFor(route: Route, destination: number): number | undefined {
    if (route.source !== undefined) return route.source
    const device = route.device
    const target = route.gateway ?? destination
    const near = device?.addresses.find((each) => contains(each, target))
    return near?.address ?? device?.addresses[0]?.address ?? this.firstGlobal()
  }

  private firstGlobal(): number | undefined {
    for (const device of this.interfaces.values()) {
      const found = device.addresses.find((each) => each.scope === 'global')
      if (found && device.up) return found.address
    }
    return undefined
  }

  private makeContext(): MatchContext {
    const { fabric } = this
    const masquerade = (packet: Packet): number => {
      const out = packet.out
      const target = packet.destination
      return out?.addresses.find((each) => contains(each, target))?.address ?? out?.addresses[0]?.address ?? this.firstGlobal() ?? packet.source
    }
    return {
      random: fabric.random, sets: this.netfilter.sets, recent: this.netfilter.recent,
      now: () => fabric.clock.now(),
      isLocal: (address) => this.isLocal(address),
      isBroadcast: (address) => address === 0xffffffff || [...this.interfaces.values()].some((device) => device.addresses.some((each) => each.length < 31 && ((each.address | ~maskOf(each.length)) >>> 0) === address)),
      masqueradeAddress: masquerade,
      redirectAddress: (packet) => (packet.in ? (packet.in.addresses[0]?.address ?? packet.destination) : (parseV4('127.0.0.1') as number)),
      log: (prefix, packet) => this.onLog?.(logLine(prefix, packet)),
    }
  }

  /** All is gone: sockets, interfaces and what hangs on them. */
  destroy(): void {
    this.destroyed = true
    this.sockets.destroy()
    for (const device of [...this.interfaces.values()]) this.removeInterface(device)
  }
}

function logLine(prefix: string, packet: Packet): string {
  const inName = packet.in?.name ?? ''
  const outName = packet.out?.name ?? ''
  return `${prefix}IN=${inName} OUT=${outName} SRC=${printV4(packet.source)} DST=${printV4(packet.destination)} LEN=${packet.bytes} TOS=0x00 PREC=0x00 TTL=${packet.ttl} PROTO=${packet.protocol.toUpperCase()} SPT=${packet.sourcePort} DPT=${packet.destinationPort}`
}

/** For those who configure by text: `ip addr add 10.0.0.1/24`. */
export function prefixOf(text: string): Prefix {
  const prefix = parsePrefix(text)
  if (!prefix) throw new Error(`not an address: ${text}`)
  return prefix
}
