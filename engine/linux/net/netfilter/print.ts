/** Rules in the words of iptables-save and `iptables -S`. */
import { printPrefix, printV4 } from '#engine/linux/net/address'
import type { Match, Negatable, PortRange, Rule, Target } from '#engine/linux/net/netfilter/rule'
import type { Chain, Table } from '#engine/linux/net/netfilter/table'

/** Everything after the chain's name. */
export function printRule(rule: Rule): string {
  const parts: string[] = []
  const add = (option: string, value: Negatable<string> | undefined): void => {
    if (value) parts.push(`${value.not ? '! ' : ''}${option} ${value.value}`)
  }
  add('-s', rule.source && { not: rule.source.not, value: printPrefix(rule.source.value) })
  add('-d', rule.destination && { not: rule.destination.not, value: printPrefix(rule.destination.value) })
  add('-i', rule.in)
  add('-o', rule.out)
  add('-p', rule.protocol)
  for (const match of rule.matches) parts.push(printMatch(match))
  if (rule.target) parts.push(printTarget(rule.target))
  return parts.join(' ')
}

export function portText(range: PortRange, separator = ':'): string {
  return range.from === range.to ? String(range.from) : `${range.from}${separator}${range.to}`
}

const bang = (not: boolean): string => (not ? '! ' : '')
export const hex = (value: number): string => `0x${value.toString(16)}`

function portOptions(match: Extract<Match, { module: 'tcp' | 'udp' | 'sctp' }>): string {
  let out = `-m ${match.module}`
  if (match.sourcePorts) out += ` ${bang(match.sourcePorts.not)}--sport ${portText(match.sourcePorts.value)}`
  if (match.destinationPorts) out += ` ${bang(match.destinationPorts.not)}--dport ${portText(match.destinationPorts.value)}`
  if (match.module === 'tcp' && match.syn) out += ` ${bang(match.syn.not)}--tcp-flags FIN,SYN,RST,ACK SYN`
  if (match.module === 'tcp' && match.flags) out += ` ${bang(match.flags.not)}--tcp-flags ${match.flags.value}`
  return out
}

type Printers = { readonly [M in Match['module']]: (match: Extract<Match, { module: M }>) => string }

const printers: Printers = {
  tcp: portOptions, udp: portOptions, sctp: portOptions,
  icmp: (match) => `-m icmp ${bang(match.type.not)}--icmp-type ${match.type.value}`,
  comment: (match) => `-m comment --comment ${quoted(match.text)}`,
  multiport: (match) => `-m multiport ${bang(match.not)}--${match.side} ${match.ranges.map((range) => portText(range)).join(',')}`,
  conntrack: (match) => `-m conntrack ${bang(match.not)}--ctstate ${match.states.join(',')}`,
  state: (match) => `-m state ${bang(match.not)}--state ${match.states.join(',')}`,
  mark: (match) => `-m mark ${bang(match.not)}--mark ${hex(match.value)}${match.mask === 0xffffffff ? '' : `/${hex(match.mask)}`}`,
  statistic: (match) => (match.mode === 'random' ? `-m statistic --mode random ${bang(match.not)}--probability ${match.probability.toFixed(11)}` : `-m statistic --mode nth ${bang(match.not)}--every ${match.every} --packet ${match.packet}`),
  addrtype: (match) => `-m addrtype${match.source ? ` ${bang(match.source.not)}--src-type ${match.source.value}` : ''}${match.destination ? ` ${bang(match.destination.not)}--dst-type ${match.destination.value}` : ''}`,
  recent: (match) => `-m recent ${bang(match.not)}--${match.action}${match.seconds === undefined ? '' : ` --seconds ${match.seconds}`}${match.reap ? ' --reap' : ''}${match.hitcount === undefined ? '' : ` --hitcount ${match.hitcount}`} --name ${match.name} --mask 255.255.255.255 --${match.side}`,
  set: (match) => `-m set ${bang(match.not)}--match-set ${match.name} ${match.directions.join(',')}`,
  iprange: (match) => `-m iprange${rangeText('--src-range', match.source)}${rangeText('--dst-range', match.destination)}`,
  limit: (match) => `-m limit --limit ${match.rate}${match.burst === 5 ? '' : ` --limit-burst ${match.burst}`}`,
  owner: (match) => `-m owner ${bang(match.uid.not)}--uid-owner ${match.uid.value}`,
  physdev: (match) => `-m physdev ${bang(match.not)}--physdev-is-bridged`,
  nfacct: (match) => `-m nfacct --nfacct-name  ${match.name}`,
}

function rangeText(option: string, range: Negatable<readonly [number, number]> | undefined): string {
  return range ? ` ${bang(range.not)}${option} ${printV4(range.value[0])}-${printV4(range.value[1])}` : ''
}

function printMatch(match: Match): string {
  return (printers[match.module] as (match: Match) => string)(match)
}

/** Quoted where a shell would need it; iptables-save always quotes comments with anything but plain words. */
function quoted(text: string): string {
  return /^[\w.:@%+-]+$/.test(text) && text !== '' && !/[/]/.test(text) ? text : `"${text.replace(/["\\]/g, '\\$&')}"`
}

export function printTarget(target: Target): string {
  switch (target.kind) {
    case 'jump':
      return `-j ${target.chain}`
    case 'goto':
      return `-g ${target.chain}`
    case 'REJECT':
      return `-j REJECT --reject-with ${target.with}`
    case 'LOG':
      return `-j LOG${target.prefix === '' ? '' : ` --log-prefix "${target.prefix}"`}${target.level === 4 ? '' : ` --log-level ${target.level}`}`
    case 'MARK':
      return `-j MARK --set-xmark ${hex(target.value)}/${hex(target.mask)}`
    case 'MASQUERADE': case 'SNAT': case 'DNAT': case 'REDIRECT':
      return printNat(target)
    default:
      return `-j ${target.kind}`
  }
}

function printNat(target: Extract<Target, { kind: 'MASQUERADE' | 'SNAT' | 'DNAT' | 'REDIRECT' }>): string {
  const ports = (lead: string): string => (target.ports ? `${lead}${portText(target.ports, '-')}` : '')
  switch (target.kind) {
    case 'MASQUERADE':
      return `-j MASQUERADE${ports(' --to-ports ')}${target.randomFully ? ' --random-fully' : ''}`
    case 'SNAT':
      return `-j SNAT --to-source ${printV4(target.address)}${ports(':')}${target.randomFully ? ' --random-fully' : ''}`
    case 'DNAT':
      return `-j DNAT --to-destination ${target.address === undefined ? '' : printV4(target.address)}${ports(':')}${target.persistent ? ' --persistent' : ''}`
    case 'REDIRECT':
      return `-j REDIRECT${ports(' --to-ports ')}`
  }
}

export function chainHeader(chain: Chain, counters: boolean): string {
  return `:${chain.name} ${chain.policy ?? '-'} [${counters ? `${chain.packets}:${chain.bytes}` : '0:0'}]`
}

/** Built-in chains first, then the others by name, as iptables-nft prints them. */
export function chainsInOrder(table: Table): Chain[] {
  const all = [...table.chains.values()]
  return [...all.filter((chain) => table.isBuiltin(chain.name)), ...all.filter((chain) => !table.isBuiltin(chain.name)).sort((a, b) => (a.name < b.name ? -1 : 1))]
}

/** One table as iptables-save prints it, between its header and footer comments. */
export function saveTable(table: Table, counters: boolean): string {
  const chains = chainsInOrder(table)
  const rules = chains.flatMap((chain) => chain.rules.map((rule) => `${counters ? `[${rule.packets}:${rule.bytes}] ` : ''}-A ${chain.name}${spaced(printRule(rule))}`))
  return [`*${table.name}`, ...chains.map((chain) => chainHeader(chain, true)), ...rules, 'COMMIT'].map((line) => `${line}\n`).join('')
}

export function spaced(text: string): string {
  return text === '' ? '' : ` ${text}`
}
