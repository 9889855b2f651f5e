/** The match modules, each as a test of the packet. */
import type { Random } from '#engine/base/random'
import { isLoopback } from '#engine/linux/net/address'
import type { IpSets } from '#engine/linux/net/netfilter/ipset'
import type { RecentLists } from '#engine/linux/net/netfilter/recent'
import type { Match, Negatable, PortRange } from '#engine/linux/net/netfilter/rule'
import type { Packet } from '#engine/linux/net/packet'

/** What matches and targets may ask of the namespace they are in. */
export interface MatchContext {
  readonly random: Random
  readonly sets: IpSets
  readonly recent: RecentLists
  now(): number
  isLocal(address: number): boolean
  isBroadcast(address: number): boolean
  masqueradeAddress(packet: Packet): number
  redirectAddress(packet: Packet): number
  log(prefix: string, packet: Packet): void
}

type MatchTests = { readonly [M in Match['module']]: (match: Extract<Match, { module: M }>, packet: Packet, context: MatchContext) => boolean }

const ports = (match: { readonly sourcePorts?: Negatable<PortRange>; readonly destinationPorts?: Negatable<PortRange>; readonly syn?: Negatable<true> }, packet: Packet): boolean =>
  inRange(match.sourcePorts, packet.sourcePort) && inRange(match.destinationPorts, packet.destinationPort) && (!match.syn || (packet.state === 'NEW') !== match.syn.not)

const states = (match: { readonly states: readonly string[]; readonly not: boolean }, packet: Packet): boolean => stateMatches(match.states, packet) !== match.not

const tests: MatchTests = {
  tcp: (match, packet) => packet.protocol === 'tcp' && ports(match, packet),
  udp: (match, packet) => packet.protocol === 'udp' && ports(match, packet),
  sctp: (match, packet) => packet.protocol === 'sctp' && ports(match, packet),
  icmp: (match, packet) => packet.protocol === 'icmp' && icmpMatches(match.type.value, packet) !== match.type.not,
  comment: () => true,
  multiport: (match, packet) => match.ranges.some((range) => multiportMatches(match.side, range, packet)) !== match.not,
  conntrack: states,
  state: states,
  mark: (match, packet) => ((packet.mark & match.mask) >>> 0 === match.value) !== match.not,
  statistic: (match, _packet, context) => {
    if (match.mode === 'random') return context.random.next() < match.probability !== match.not
    return (match.seen++ % match.every === match.packet) !== match.not
  },
  addrtype: (match, packet, context) =>
    (!match.source || typeMatches(match.source.value, packet.source, context) !== match.source.not) &&
    (!match.destination || typeMatches(match.destination.value, packet.destination, context) !== match.destination.not),
  recent: (match, packet, context) => context.recent.check(match, match.side === 'rsource' ? packet.source : packet.destination, context.now()) !== match.not,
  set: (match, packet, context) => context.sets.contains(match.name, match.directions, packet) !== match.not,
  iprange: (match, packet) => between(match.source, packet.source) && between(match.destination, packet.destination),
  limit: () => true,
  owner: (match, packet) => (packet.uid === match.uid.value) !== match.uid.not,
  physdev: (match, packet) => (packet.in?.master !== undefined && packet.out?.kind === 'bridge') !== match.not,
  nfacct: () => true,
}

export function matches(match: Match, packet: Packet, context: MatchContext): boolean {
  return (tests[match.module] as (match: Match, packet: Packet, context: MatchContext) => boolean)(match, packet, context)
}

function inRange(range: Negatable<PortRange> | undefined, port: number): boolean {
  return !range || (port >= range.value.from && port <= range.value.to) !== range.not
}

function between(range: Negatable<readonly [number, number]> | undefined, address: number): boolean {
  return !range || (address >= range.value[0] && address <= range.value[1]) !== range.not
}

function multiportMatches(side: 'sports' | 'dports' | 'ports', range: PortRange, packet: Packet): boolean {
  const fits = (port: number): boolean => port >= range.from && port <= range.to
  return (side !== 'dports' && fits(packet.sourcePort)) || (side !== 'sports' && fits(packet.destinationPort))
}

function stateMatches(wanted: readonly string[], packet: Packet): boolean {
  return wanted.some((state) => state === packet.state || (state === 'DNAT' && packet.translations.some((each) => each.before.destination !== each.after.destination)) || (state === 'SNAT' && packet.translations.some((each) => each.before.source !== each.after.source)))
}

function icmpMatches(type: string, packet: Packet): boolean {
  if (type === 'any') return true
  return packet.state === 'NEW' ? type === '8' || type === 'echo-request' : type === '0' || type === 'echo-reply'
}

function typeMatches(type: string, address: number, context: MatchContext): boolean {
  switch (type) {
    case 'LOCAL':
      return isLoopback(address) || context.isLocal(address)
    case 'BROADCAST':
      return context.isBroadcast(address)
    case 'MULTICAST':
      return address >>> 28 === 14
    case 'UNICAST':
      return !isLoopback(address) && !context.isLocal(address) && !context.isBroadcast(address) && address >>> 28 !== 14
    default:
      return false
  }
}
