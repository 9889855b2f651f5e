/** A machine's namespaces as plain data, for snapshots: interfaces, addresses, routes, tables, settings; no sockets. */
import { parsePrefix, parseV4, printPrefix, printV4 } from '#engine/linux/net/address'
import type { Fabric } from '#engine/linux/net/fabric'
import type { Interface, InterfaceAddress, InterfaceKind } from '#engine/linux/net/interface'
import { NetNamespace } from '#engine/linux/net/namespace'
import { tableNames } from '#engine/linux/net/netfilter/netfilter'
import { saveTable } from '#engine/linux/net/netfilter/print'
import { restore } from '#engine/linux/net/netfilter/restore'
import type { Route } from '#engine/linux/net/route'

interface SavedInterface {
  readonly name: string
  readonly kind: InterfaceKind
  readonly index: number
  readonly mac: string
  readonly up: boolean
  readonly mtu: number
  readonly addresses: readonly InterfaceAddress[]
  readonly master?: string
  readonly peer?: { readonly inode: number; readonly name: string }
  readonly segment?: string
  readonly hairpin: boolean
}

interface SavedRoute {
  readonly destination: string
  readonly device?: string
  readonly gateway?: string
  readonly source?: string
  readonly scope: Route['scope']
  readonly protocol: Route['protocol']
  readonly metric: number
  readonly type: Route['type']
}

interface SavedNamespace {
  readonly inode: number
  readonly label: string
  readonly interfaces: readonly SavedInterface[]
  readonly routes: readonly SavedRoute[]
  readonly sysctls: readonly (readonly [string, string])[]
  /** As iptables-save prints them. */
  readonly tables: string
  /** Ports that were listened on. */
  readonly listening?: readonly string[]
  readonly sets: readonly { readonly name: string; readonly type: string; readonly options: string; readonly entries: readonly string[] }[]
}

/** The first is the machine's own. */
export interface SavedNetwork {
  /** Paths of unix sockets that were listened on. */
  readonly unix?: readonly string[]
  readonly namespaces: readonly SavedNamespace[]
}

export function saveNetwork(namespaces: readonly NetNamespace[]): SavedNetwork {
  return { namespaces: namespaces.map(saveNamespace) }
}

function saveNamespace(namespace: NetNamespace): SavedNamespace {
  const tables = tableNames.map((name) => namespace.netfilter.existing(name)).filter((table) => table !== undefined)
  return {
    inode: namespace.inode, label: namespace.label,
    interfaces: [...namespace.interfaces.values()].map(saveInterface), routes: namespace.routes.list().map(saveRoute), sysctls: [...namespace.sysctls],
    listening: [...new Set([...namespace.sockets.listeners().map((each) => String(each.port)), ...namespace.sockets.expected.names])],
    tables: tables.map((table) => saveTable(table, false)).join(''),
    sets: [...namespace.netfilter.sets.sets.values()].map((set) => ({ name: set.name, type: set.type, options: set.options, entries: [...set.entries] })),
  }
}

function saveInterface(device: Interface): SavedInterface {
  const { name, kind, index, mac, up, mtu, addresses, hairpin } = device
  return {
    name, kind, index, mac, up, mtu, addresses, hairpin,
    ...(device.master ? { master: device.master.name } : {}), ...(device.peer ? { peer: { inode: device.peer.namespace.inode, name: device.peer.name } } : {}), ...(device.segment ? { segment: device.segment.name } : {}),
  }
}

function saveRoute(route: Route): SavedRoute {
  const { scope, protocol, metric, type } = route
  return { destination: printPrefix(route.destination), scope, protocol, metric, type, ...(route.device ? { device: route.device.name } : {}), ...(route.gateway === undefined ? {} : { gateway: printV4(route.gateway) }), ...(route.source === undefined ? {} : { source: printV4(route.source) }) }
}

/** The same namespaces again, with the same inode numbers, on a fabric's switches. */
export function restoreNetwork(fabric: Fabric, saved: SavedNetwork): NetNamespace[] {
  const made = saved.namespaces.map((each) => restoreInterfaces(fabric, each))
  const byInode = new Map(made.map((namespace) => [namespace.inode, namespace]))
  for (const each of saved.namespaces) connect(byInode.get(each.inode) as NetNamespace, each, byInode)
  for (const each of saved.namespaces) restoreRest(byInode.get(each.inode) as NetNamespace, each)
  return made
}

function restoreInterfaces(fabric: Fabric, saved: SavedNamespace): NetNamespace {
  fabric.reserveInode(saved.inode)
  const namespace = new NetNamespace(fabric, saved.inode, saved.label)
  for (const each of saved.interfaces) {
    const device = each.name === 'lo' ? (namespace.interfaces.get('lo') as Interface) : namespace.addInterface(each.name, each.kind, each.mac)
    namespace.renumber(device, each.index)
    device.up = each.up
    device.mtu = each.mtu
    device.hairpin = each.hairpin
    device.addresses = [...each.addresses]
    fabric.reserveMac(each.mac)
    if (each.segment === undefined) continue
    device.segment = fabric.segment(each.segment)
    device.segment.cards.add(device)
  }
  return namespace
}

function connect(namespace: NetNamespace, saved: SavedNamespace, byInode: ReadonlyMap<number, NetNamespace>): void {
  for (const each of saved.interfaces) {
    const device = namespace.interfaces.get(each.name)
    if (!device) continue
    device.peer = each.peer && byInode.get(each.peer.inode)?.interfaces.get(each.peer.name)
    device.master = each.master === undefined ? undefined : namespace.interfaces.get(each.master)
    device.master?.ports.add(device)
  }
}

function restoreRest(namespace: NetNamespace, saved: SavedNamespace): void {
  for (const route of saved.routes) {
    const device = route.device === undefined ? undefined : namespace.interfaces.get(route.device)
    const gateway = route.gateway === undefined ? undefined : parseV4(route.gateway)
    const source = route.source === undefined ? undefined : parseV4(route.source)
    const { scope, protocol, metric, type } = route
    namespace.routes.add({ destination: parsePrefix(route.destination) ?? { address: 0, length: 0 }, scope, protocol, metric, type, ...(device ? { device } : {}), ...(gateway === undefined ? {} : { gateway }), ...(source === undefined ? {} : { source }) })
  }
  for (const [name, value] of saved.sysctls) namespace.sysctls.set(name, value)
  for (const set of saved.sets) namespace.netfilter.sets.sets.set(set.name, { ...set, entries: new Set(set.entries) })
  namespace.sockets.expected.expect(saved.listening ?? [])
  restore(namespace, saved.tables)
}
