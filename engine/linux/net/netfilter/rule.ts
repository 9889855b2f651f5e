/** Rules of netfilter tables: what they match and what they do, as data with one text form (that of iptables-save). */
import type { Prefix } from '#engine/linux/net/address'
import type { Protocol, RejectWith } from '#engine/linux/net/packet'

export interface Negatable<T> {
  readonly not: boolean
  readonly value: T
}

export interface PortRange {
  readonly from: number
  readonly to: number
}

export type Match =
  | { readonly module: 'tcp'; readonly sourcePorts?: Negatable<PortRange>; readonly destinationPorts?: Negatable<PortRange>; readonly syn?: Negatable<true>; readonly flags?: Negatable<string> }
  | { readonly module: 'udp'; readonly sourcePorts?: Negatable<PortRange>; readonly destinationPorts?: Negatable<PortRange> }
  | { readonly module: 'sctp'; readonly sourcePorts?: Negatable<PortRange>; readonly destinationPorts?: Negatable<PortRange> }
  | { readonly module: 'icmp'; readonly type: Negatable<string> }
  | { readonly module: 'comment'; readonly text: string }
  | { readonly module: 'multiport'; readonly side: 'sports' | 'dports' | 'ports'; readonly not: boolean; readonly ranges: readonly PortRange[] }
  | { readonly module: 'conntrack'; readonly not: boolean; readonly states: readonly string[] }
  | { readonly module: 'state'; readonly not: boolean; readonly states: readonly string[] }
  | { readonly module: 'mark'; readonly not: boolean; readonly value: number; readonly mask: number }
  | { readonly module: 'statistic'; readonly mode: 'random'; readonly not: boolean; readonly probability: number }
  | { readonly module: 'statistic'; readonly mode: 'nth'; readonly not: boolean; readonly every: number; readonly packet: number; seen: number }
  | { readonly module: 'addrtype'; readonly source?: Negatable<string>; readonly destination?: Negatable<string> }
  | { readonly module: 'recent'; readonly name: string; readonly action: 'set' | 'rcheck' | 'update' | 'remove'; readonly not: boolean; readonly seconds?: number; readonly reap: boolean; readonly hitcount?: number; readonly side: 'rsource' | 'rdest' }
  | { readonly module: 'set'; readonly not: boolean; readonly name: string; readonly directions: readonly ('src' | 'dst')[] }
  | { readonly module: 'iprange'; readonly source?: Negatable<readonly [number, number]>; readonly destination?: Negatable<readonly [number, number]> }
  | { readonly module: 'limit'; readonly rate: string; readonly burst: number }
  | { readonly module: 'owner'; readonly uid: Negatable<number> }
  | { readonly module: 'physdev'; readonly not: boolean; readonly isBridged: true }
  | { readonly module: 'nfacct'; readonly name: string }

export type Target =
  | { readonly kind: 'ACCEPT' | 'DROP' | 'RETURN' | 'NOTRACK' }
  | { readonly kind: 'jump' | 'goto'; readonly chain: string }
  | { readonly kind: 'REJECT'; readonly with: RejectWith }
  | { readonly kind: 'LOG'; readonly prefix: string; readonly level: number }
  | { readonly kind: 'MARK'; readonly value: number; readonly mask: number }
  | { readonly kind: 'MASQUERADE'; readonly randomFully: boolean; readonly ports?: PortRange }
  | { readonly kind: 'SNAT'; readonly address: number; readonly ports?: PortRange; readonly randomFully: boolean }
  | { readonly kind: 'DNAT'; readonly address: number | undefined; readonly ports?: PortRange; readonly persistent?: boolean }
  | { readonly kind: 'REDIRECT'; readonly ports?: PortRange }

export interface Rule {
  readonly source?: Negatable<Prefix>
  readonly destination?: Negatable<Prefix>
  readonly in?: Negatable<string>
  readonly out?: Negatable<string>
  /** A name where it has one, else its number as text. */
  readonly protocol?: Negatable<Protocol | string>
  readonly matches: readonly Match[]
  readonly target?: Target
  packets: number
  bytes: number
}

export function sameRule(a: Rule, b: Rule): boolean {
  return keyOf(a) === keyOf(b)
}

/** A rule that says the same, with counters of its own. */
export function copyRule(rule: Rule): Rule {
  const copy = { ...rule, ...(rule.matches.some(counts) ? { matches: rule.matches.map((match) => (counts(match) ? { ...match } : match)) } : {}) }
  keys.set(copy, keyOf(rule))
  return copy
}

function counts(match: Match): boolean {
  return match.module === 'statistic'
}

/** What a rule says never changes: only its counters do. */
const keys = new WeakMap<Rule, string>()

function keyOf(rule: Rule): string {
  const known = keys.get(rule)
  if (known !== undefined) return known
  const key = JSON.stringify({ ...rule, packets: 0, bytes: 0 }, (key, value: unknown) => (key === 'seen' ? 0 : value))
  keys.set(rule, key)
  return key
}
