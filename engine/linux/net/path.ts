/** A packet's way: out of one namespace, over cables, bridges and switches, through others, to its end. */
import { isLoopback } from '#engine/linux/net/address'
import type { Interface } from '#engine/linux/net/interface'
import type { NetNamespace } from '#engine/linux/net/namespace'
import type { Hook } from '#engine/linux/net/netfilter/table'
import { walkHook } from '#engine/linux/net/netfilter/walk'
import { type Delivery, type Packet, tupleOf } from '#engine/linux/net/packet'
import type { Route } from '#engine/linux/net/route'

export const initialTtl = 64

/** Sends from a socket of the namespace. `packet.source` 0 is chosen by the route. */
export function send(namespace: NetNamespace, packet: Packet): Delivery {
  packet.hops.push({ namespace, address: undefined })
  const routed = chooseRoute(namespace, packet)
  if ('kind' in routed) return routed
  let route = routed.route
  packet.out = route.device
  const verdict = hook(namespace, 'OUTPUT', packet)
  if (verdict) return verdict
  const again = chooseRoute(namespace, packet)
  if ('kind' in again) return again
  route = again.route
  packet.out = route.device
  const post = hook(namespace, 'POSTROUTING', packet)
  if (post) return post
  return leave(namespace, packet, route)
}

const localRoute: Route = { destination: { address: 0, length: 0 }, scope: 'host', protocol: 'kernel', metric: 0, type: 'unicast' }

/** Sets the source too, if it is open. Own addresses go by the loopback. */
function chooseRoute(namespace: NetNamespace, packet: Packet): { route: Route } | Delivery {
  if (namespace.isLocal(packet.destination)) {
    const lo = namespace.interfaces.get('lo')
    if (packet.source === 0) packet.source = isLoopback(packet.destination) ? 0x7f000001 : packet.destination
    return { route: lo ? { ...localRoute, device: lo } : localRoute }
  }
  const route = isLoopback(packet.destination) ? undefined : namespace.routes.lookup(packet.destination)
  if (!route || route.type !== 'unicast') return { kind: 'unreachable', code: route?.type === 'unreachable' ? 'host' : 'net', local: true, from: 0 }
  if (packet.source === 0) packet.source = namespace.sourceFor(route, packet.destination) ?? 0
  return { route }
}

/** One hook of one namespace; undefined where the packet may go on. Rewrites are noted for the way back. */
function hook(namespace: NetNamespace, name: Hook, packet: Packet): Delivery | undefined {
  const before = tupleOf(packet)
  const verdict = walkHook(namespace.netfilter, name, packet, namespace.context)
  if (before.source !== packet.source || before.destination !== packet.destination || before.sourcePort !== packet.sourcePort || before.destinationPort !== packet.destinationPort)
    packet.translations.push({ namespace, before, after: tupleOf(packet) })
  if (verdict.kind === 'accept') return undefined
  if (verdict.kind === 'drop') return { kind: 'dropped', by: verdict.by }
  return { kind: 'rejected', with: verdict.with, from: addressOf(namespace, packet.in) }
}

function addressOf(namespace: NetNamespace, device: Interface | undefined): number {
  return device?.addresses[0]?.address ?? [...namespace.interfaces.values()].find((each) => each.addresses.some((address) => address.scope === 'global'))?.addresses[0]?.address ?? 0x7f000001
}

/** Over the device, to whoever has the next address. */
function leave(namespace: NetNamespace, packet: Packet, route: Route): Delivery {
  const device = route.device
  if (!device || device.kind === 'loopback') return arrive(namespace, packet, namespace.interfaces.get('lo'))
  const next = route.gateway ?? packet.destination
  account(device, packet, 'tx')
  const receiver = neighbour(device, next)
  if (!receiver) return { kind: 'unreachable', code: 'host', local: packet.hops.length === 1, from: addressOf(namespace, device) }
  account(receiver, packet, 'rx')
  return arrive(receiver.namespace, packet, receiver)
}

function account(device: Interface, packet: Packet, side: 'rx' | 'tx'): void {
  if (side === 'rx') {
    device.counters.rxPackets++
    device.counters.rxBytes += packet.bytes
  } else {
    device.counters.txPackets++
    device.counters.txBytes += packet.bytes
  }
}

/** The interface that answers for an address on what a device is connected to (ARP). */
export function neighbour(device: Interface, address: number): Interface | undefined {
  if (!device.up) return undefined
  if (device.kind === 'bridge') return onBridge(device, address, undefined)
  if (device.kind === 'ethernet' || device.kind === 'vxlan') {
    if (device.master) return onBridge(device.master, address, device)
    const found = device.segment?.find(address)
    return found === device ? undefined : found
  }
  if (device.kind === 'veth') return acrossCable(device, address)
  return undefined
}

function acrossCable(device: Interface, address: number): Interface | undefined {
  const peer = device.peer
  if (!peer?.up) return undefined
  if (peer.master) return onBridge(peer.master, address, peer)
  return answers(peer, address) ? peer : undefined
}

function onBridge(bridge: Interface, address: number, from: Interface | undefined): Interface | undefined {
  if (!bridge.up) return undefined
  if (from && answers(bridge, address)) return bridge
  for (const port of bridge.ports) {
    if (port === from || !port.up) continue
    if (port.kind === 'veth' && port.peer?.up && answers(port.peer, address)) return port.peer
    const card = port.segment?.find(address)
    if (card) return card
  }
  return undefined
}

/** Linux answers ARP for any of its addresses on any interface. */
function answers(device: Interface, address: number): boolean {
  return device.hasAddress(address) || (!isLoopback(address) && device.namespace.isLocal(address)) || device.namespace.answersFor(device, address)
}

/** Into a namespace by a device: for it, or to be forwarded. */
function arrive(namespace: NetNamespace, packet: Packet, device: Interface | undefined): Delivery {
  const fromOutside = device !== undefined && device.kind !== 'loopback'
  packet.in = device
  packet.out = undefined
  if (fromOutside) {
    packet.hops.push({ namespace, address: device.addresses[0]?.address })
    packet.mark = 0
    const verdict = hook(namespace, 'PREROUTING', packet)
    if (verdict) return verdict
  }
  if (namespace.isLocal(packet.destination) && !(fromOutside && isLoopback(packet.destination) && namespace.sysctls.get(`ipv4.conf.${device.name}.route_localnet`) !== '1' && namespace.sysctls.get('ipv4.conf.all.route_localnet') !== '1')) {
    const verdict = hook(namespace, 'INPUT', packet)
    return verdict ?? { kind: 'delivered', namespace, packet }
  }
  return forward(namespace, packet, device)
}

function forward(namespace: NetNamespace, packet: Packet, device: Interface | undefined): Delivery {
  if (!namespace.forwarding) return { kind: 'dropped', by: 'net.ipv4.ip_forward' }
  if (--packet.ttl <= 0) return { kind: 'expired', from: addressOf(namespace, device) }
  const route = isLoopback(packet.destination) ? undefined : namespace.routes.lookup(packet.destination)
  if (!route || route.type === 'unreachable') return { kind: 'unreachable', code: route ? 'host' : 'net', local: false, from: addressOf(namespace, device) }
  if (route.type !== 'unicast') return { kind: 'dropped', by: route.type }
  packet.out = route.device
  const verdict = hook(namespace, 'FORWARD', packet) ?? hook(namespace, 'POSTROUTING', packet)
  return verdict ?? leave(namespace, packet, route)
}

/**
 * Whether an answer finds its way back: from where the packet arrived, with every rewrite undone where it was done. The
 * same tables are walked with the state ESTABLISHED.
 */
export function answerReturns(delivered: { readonly namespace: NetNamespace; readonly packet: Packet }, origin: NetNamespace): boolean {
  const { packet } = delivered
  if (delivered.namespace === origin && packet.hops.length === 1) return true
  let namespace = delivered.namespace
  const undo = [...packet.translations]
  const reply: Packet = { ...packet, source: packet.destination, sourcePort: packet.destinationPort, destination: packet.source, destinationPort: packet.sourcePort, state: 'ESTABLISHED', mark: 0, ttl: initialTtl, in: undefined, out: undefined, translations: [], hops: [] }
  for (let hops = 0; hops < initialTtl; hops++) {
    const step = hops === 0 ? departs(namespace, reply, undo) : passes(namespace, reply, undo, origin)
    if (step === 'home') return true
    if (step === 'lost') return false
    namespace = step.namespace
    reply.in = step
  }
  return false
}

/** Undoes what this namespace did to the packet on its way there; the last rewrite first. */
function undoAt(namespace: NetNamespace, reply: Packet, undo: { namespace: NetNamespace; before: { source: number; sourcePort: number; destination: number; destinationPort: number } }[]): void {
  for (let last = undo.at(-1); last?.namespace === namespace; last = undo.at(-1)) {
    reply.source = last.before.destination
    reply.sourcePort = last.before.destinationPort
    reply.destination = last.before.source
    reply.destinationPort = last.before.sourcePort
    undo.pop()
  }
}

type Undo = Parameters<typeof undoAt>[2]

function departs(namespace: NetNamespace, reply: Packet, undo: Undo): Interface | 'lost' {
  const route = namespace.routes.lookup(reply.destination)
  reply.out = route?.device
  if (walkHook(namespace.netfilter, 'OUTPUT', reply, namespace.context).kind !== 'accept') return 'lost'
  undoAt(namespace, reply, undo)
  return nextHop(namespace, reply)
}

function passes(namespace: NetNamespace, reply: Packet, undo: Undo, origin: NetNamespace): Interface | 'home' | 'lost' {
  if (walkHook(namespace.netfilter, 'PREROUTING', reply, namespace.context).kind !== 'accept') return 'lost'
  undoAt(namespace, reply, undo)
  if (namespace.isLocal(reply.destination)) {
    const accepted = walkHook(namespace.netfilter, 'INPUT', reply, namespace.context).kind === 'accept'
    return namespace === origin && accepted ? 'home' : 'lost'
  }
  if (!namespace.forwarding) return 'lost'
  reply.out = namespace.routes.lookup(reply.destination)?.device
  if (walkHook(namespace.netfilter, 'FORWARD', reply, namespace.context).kind !== 'accept') return 'lost'
  return nextHop(namespace, reply)
}

function nextHop(namespace: NetNamespace, reply: Packet): Interface | 'lost' {
  if (namespace.isLocal(reply.destination)) return namespace.interfaces.get('lo') ?? 'lost'
  const route = namespace.routes.lookup(reply.destination)
  if (!route?.device || route.type !== 'unicast') return 'lost'
  return neighbour(route.device, route.gateway ?? reply.destination) ?? 'lost'
}

export function newPacket(protocol: Packet['protocol'], from: { source: number; sourcePort: number }, to: { destination: number; destinationPort: number }, options: { uid?: number; ttl?: number; bytes?: number } = {}): Packet {
  return { protocol, ...from, ...to, mark: 0, ttl: options.ttl ?? initialTtl, state: 'NEW', bytes: options.bytes ?? 60, translations: [], hops: [], ...(options.uid === undefined ? {} : { uid: options.uid }) }
}

