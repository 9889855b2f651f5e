/** One machine's network stack: its namespaces, and what its kernel asks of them. */
import type { NetworkNamespace, Sockets } from '#engine/linux/abi/net'
import type { NetworkProvider } from '#engine/linux/abi/netprovider'
import type { Process } from '#engine/linux/abi/process'
import { parsePrefix, parseV4 } from '#engine/linux/net/address'
import type { Fabric, Segment } from '#engine/linux/net/fabric'
import type { Interface } from '#engine/linux/net/interface'
import { NetNamespace } from '#engine/linux/net/namespace'
import { procNet, procNetNames } from '#engine/linux/net/proc-net'
import { restoreNetwork, type SavedNetwork, saveNetwork } from '#engine/linux/net/saved'
import { ProcessSockets } from '#engine/linux/net/sockets'
import { UnixSockets } from '#engine/linux/net/unix'

export class MachineNetwork implements NetworkProvider {
  /** The machine's own namespace. */
  root: NetNamespace
  readonly namespaces = new Map<number, NetNamespace>()
  readonly unix: UnixSockets
  private rootTaken = false

  constructor(
    readonly fabric: Fabric,
    readonly name: string,
  ) {
    this.unix = new UnixSockets(fabric.clock)
    this.root = this.make()
  }

  private make(): NetNamespace {
    const namespace = new NetNamespace(this.fabric, this.fabric.nextInode(), this.name)
    this.namespaces.set(namespace.inode, namespace)
    return namespace
  }

  /** The first call gives the machine's own. */
  createNamespace(): NetNamespace {
    if (!this.rootTaken) {
      this.rootTaken = true
      return this.root
    }
    return this.make()
  }

  destroyNamespace(namespace: NetworkNamespace): void {
    const found = this.namespaces.get(namespace.inode)
    if (!found || found === this.root) return
    this.namespaces.delete(found.inode)
    found.destroy()
  }

  sockets(process: Process, namespace: NetworkNamespace): Sockets {
    return new ProcessSockets(process, this.namespace(namespace), this.unix)
  }

  /** A card on a switch, up, with its address (`172.30.1.2/24`) and perhaps the default route. */
  plug(segment: Segment, address: string, options: { gateway?: string; name?: string } = {}): Interface {
    const prefix = parsePrefix(address)
    if (!prefix) throw new Error(`not an address: ${address}`)
    this.root.setUp(this.root.interfaces.get('lo') as Interface, true)
    if (this.root.interfaces.get('lo')?.addresses.length === 0) this.root.addAddress(this.root.interfaces.get('lo') as Interface, { address: 0x7f000001, length: 8 })
    const card = this.root.addInterface(options.name ?? 'eth0', 'ethernet')
    card.segment = segment
    segment.cards.add(card)
    this.root.setUp(card, true)
    this.root.addAddress(card, prefix, { broadcast: (prefix.address | ~maskBits(prefix.length)) >>> 0 })
    const gateway = options.gateway === undefined ? undefined : parseV4(options.gateway)
    if (gateway !== undefined) this.root.routes.add({ destination: { address: 0, length: 0 }, device: card, gateway, scope: 'global', protocol: 'static', metric: 0, type: 'unicast', onlink: false })
    return card
  }

  /** Plain data for a snapshot. */
  save(): SavedNetwork {
    return { ...saveNetwork([this.root, ...[...this.namespaces.values()].filter((each) => each !== this.root)]), unix: this.unix.paths() }
  }

  /** Instead of plugging cards on a first boot: everything as it was saved. */
  restore(state: SavedNetwork): void {
    for (const namespace of this.namespaces.values()) namespace.destroy()
    this.namespaces.clear()
    for (const namespace of restoreNetwork(this.fabric, state)) this.namespaces.set(namespace.inode, namespace)
    this.root = [...this.namespaces.values()][0] ?? this.make()
    this.rootTaken = false
    this.unix.expected.expect(state.unix ?? [])
  }

  namespaceOf(inode: number): NetNamespace | undefined {
    return this.namespaces.get(inode)
  }

  private namespace(handle: NetworkNamespace): NetNamespace {
    const found = handle instanceof NetNamespace ? handle : this.namespaces.get(handle.inode)
    if (!found) throw new Error(`no network namespace ${handle.inode}`)
    return found
  }

  procNet(namespace: NetworkNamespace, file: string): string | undefined {
    return procNet(this.namespace(namespace), file, this.unix)
  }

  procNetFiles(): readonly string[] {
    return procNetNames
  }

  sysctl(namespace: NetworkNamespace, name: string): string | undefined {
    return this.namespace(namespace).sysctl(name.replace(/^net\./, ''))
  }

  setSysctl(namespace: NetworkNamespace, name: string, value: string): void {
    this.namespace(namespace).setSysctl(name.replace(/^net\./, ''), value)
  }

  sysctlNames(namespace: NetworkNamespace): readonly string[] {
    return this.namespace(namespace).sysctlNames()
  }
}

function maskBits(length: number): number {
  return length === 0 ? 0 : (0xffffffff << (32 - length)) >>> 0
}
