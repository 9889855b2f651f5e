/** How a packet goes through the tables of one namespace at one hook. */
import { contains } from '#engine/linux/net/address'
import type { Netfilter } from '#engine/linux/net/netfilter/netfilter'
import { matches, type MatchContext } from '#engine/linux/net/netfilter/match'
import type { PortRange, Rule, Target } from '#engine/linux/net/netfilter/rule'
import { type Chain, type Hook, hookTables, type Table } from '#engine/linux/net/netfilter/table'
import type { Packet, RejectWith } from '#engine/linux/net/packet'
import { protocolNumbers } from '#engine/linux/net/packet'

export type Verdict = { readonly kind: 'accept' } | { readonly kind: 'drop'; readonly by: string } | { readonly kind: 'reject'; readonly with: RejectWith }

const accept: Verdict = { kind: 'accept' }
const jumpLimit = 64

export function walkHook(filter: Netfilter, hook: Hook, packet: Packet, context: MatchContext): Verdict {
  for (const name of hookTables[hook]) {
    const table = filter.existing(name)
    if (!table) continue
    if (name === 'nat' && packet.state !== 'NEW') continue
    const chain = table.chains.get(hook)
    if (!chain) continue
    const verdict = walkBuiltin(table, chain, packet, context)
    if (verdict.kind !== 'accept') return verdict
  }
  return accept
}

function walkBuiltin(table: Table, chain: Chain, packet: Packet, context: MatchContext): Verdict {
  const verdict = walkChain(table, chain, packet, context, 0)
  if (verdict) return verdict
  chain.packets++
  chain.bytes += packet.bytes
  return chain.policy === 'DROP' ? { kind: 'drop', by: `policy of ${table.name} ${chain.name}` } : accept
}

/** Undefined: the end of the chain, or RETURN. */
function walkChain(table: Table, chain: Chain, packet: Packet, context: MatchContext, depth: number): Verdict | undefined {
  if (depth > jumpLimit) return { kind: 'drop', by: 'too many jumps' }
  for (const rule of chain.rulesFor(packet.destination)) {
    if (!ruleMatches(rule, packet, context)) continue
    rule.packets++
    rule.bytes += packet.bytes
    const target = rule.target
    if (!target) continue
    if (target.kind === 'RETURN') return undefined
    if (target.kind === 'jump' || target.kind === 'goto') {
      const next = table.chains.get(target.chain)
      const verdict = next && walkChain(table, next, packet, context, depth + 1)
      if (verdict || target.kind === 'goto') return verdict
      continue
    }
    const verdict = apply(target, packet, context, `${table.name} ${chain.name}`)
    if (verdict) return verdict
  }
  return undefined
}

function ruleMatches(rule: Rule, packet: Packet, context: MatchContext): boolean {
  if (rule.destination && contains(rule.destination.value, packet.destination) === rule.destination.not) return false
  if (rule.protocol && protocolMatches(rule.protocol.value, packet) === rule.protocol.not) return false
  if (rule.source && contains(rule.source.value, packet.source) === rule.source.not) return false
  if (rule.in && nameMatches(rule.in.value, packet.in?.name) === rule.in.not) return false
  if (rule.out && nameMatches(rule.out.value, packet.out?.name) === rule.out.not) return false
  return rule.matches.every((match) => matches(match, packet, context))
}

function protocolMatches(protocol: string, packet: Packet): boolean {
  return protocol === 'all' || protocol === packet.protocol || protocol === String(protocolNumbers[packet.protocol])
}

/** `eth+` stands for every name with that beginning. */
function nameMatches(pattern: string, name: string | undefined): boolean {
  if (name === undefined) return false
  return pattern.endsWith('+') ? name.startsWith(pattern.slice(0, -1)) : pattern === name
}

/** Undefined: go on with the next rule. */
function apply(target: Target, packet: Packet, context: MatchContext, where: string): Verdict | undefined {
  switch (target.kind) {
    case 'ACCEPT':
      return accept
    case 'DROP':
      return { kind: 'drop', by: where }
    case 'REJECT':
      return { kind: 'reject', with: target.with }
    case 'MARK':
      packet.mark = ((packet.mark & ~target.mask) ^ target.value) >>> 0
      return undefined
    case 'LOG':
      context.log(target.prefix, packet)
      return undefined
    case 'DNAT': case 'REDIRECT': case 'SNAT': case 'MASQUERADE':
      translate(target, packet, context)
      return accept
    default:
      return undefined
  }
}

/** Writes the new end into the packet. */
function translate(target: Extract<Target, { kind: 'DNAT' | 'REDIRECT' | 'SNAT' | 'MASQUERADE' }>, packet: Packet, context: MatchContext): void {
  switch (target.kind) {
    case 'DNAT':
      if (target.address !== undefined) packet.destination = target.address
      if (target.ports) packet.destinationPort = pick(target.ports, context)
      return
    case 'REDIRECT':
      packet.destination = context.redirectAddress(packet)
      if (target.ports) packet.destinationPort = pick(target.ports, context)
      return
    case 'SNAT':
      packet.source = target.address
      if (target.ports) packet.sourcePort = pick(target.ports, context)
      return
    case 'MASQUERADE':
      packet.source = context.masqueradeAddress(packet)
  }
}

function pick(ports: PortRange, context: MatchContext): number {
  return ports.from === ports.to ? ports.from : ports.from + context.random.integer(ports.to - ports.from + 1)
}
