/** The first packet of a flow on its way, and what can become of it. */
import type { Interface } from '#engine/linux/net/interface'
import type { NetNamespace } from '#engine/linux/net/namespace'

export type Protocol = 'tcp' | 'udp' | 'icmp' | 'sctp'

export const protocolNumbers: Readonly<Record<Protocol, number>> = { icmp: 1, tcp: 6, udp: 17, sctp: 132 }

export interface Packet {
  readonly protocol: Protocol
  source: number
  sourcePort: number
  destination: number
  destinationPort: number
  mark: number
  ttl: number
  state: 'NEW' | 'ESTABLISHED' | 'RELATED' | 'INVALID'
  in?: Interface | undefined
  out?: Interface | undefined
  readonly bytes: number
  /** Effective user of the sender, for `-m owner`. */
  readonly uid?: number
  /** Every namespace that rewrote it, for the way back. */
  readonly translations: Translation[]
  /** Namespaces passed, first to last. */
  readonly hops: Hop[]
}

export interface Hop {
  readonly namespace: NetNamespace
  /** The address a traceroute would show: that of the interface it came in by. */
  readonly address: number | undefined
}

export interface Tuple {
  readonly source: number
  readonly sourcePort: number
  readonly destination: number
  readonly destinationPort: number
}

export interface Translation {
  readonly namespace: NetNamespace
  readonly before: Tuple
  readonly after: Tuple
}

export type RejectWith = 'icmp-net-unreachable' | 'icmp-host-unreachable' | 'icmp-port-unreachable' | 'icmp-proto-unreachable' | 'icmp-net-prohibited' | 'icmp-host-prohibited' | 'icmp-admin-prohibited' | 'tcp-reset'

export type Delivery =
  | { readonly kind: 'delivered'; readonly namespace: NetNamespace; readonly packet: Packet }
  | { readonly kind: 'dropped'; readonly by: string }
  | { readonly kind: 'rejected'; readonly with: RejectWith; readonly from: number }
  | { readonly kind: 'unreachable'; readonly code: 'net' | 'host'; readonly local: boolean; readonly from: number }
  | { readonly kind: 'expired'; readonly from: number }

export function tupleOf(packet: Packet): Tuple {
  return { source: packet.source, sourcePort: packet.sourcePort, destination: packet.destination, destinationPort: packet.destinationPort }
}
