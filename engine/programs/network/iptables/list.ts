/** `iptables -L`: rules as a table for people. */
import { printPrefix, printV4, type Prefix } from '#engine/linux/net/address'
import { hex, portText, printTarget } from '#engine/linux/net/netfilter/print'
import type { Match, Negatable, Rule } from '#engine/linux/net/netfilter/rule'
import type { Chain } from '#engine/linux/net/netfilter/table'
import { protocolNumbers } from '#engine/linux/net/packet'

export interface ListOptions {
  readonly numeric: boolean
  readonly verbose: boolean
  readonly lineNumbers: boolean
  readonly exact: boolean
}

export function listChain(chain: Chain, options: ListOptions): string {
  const counters = options.verbose ? `${chain.policy ? ` ${human(chain.packets, options)} packets, ${human(chain.bytes, options)} bytes` : ''}` : ''
  const title = chain.policy ? `Chain ${chain.name} (policy ${chain.policy}${counters})` : `Chain ${chain.name} (${chain.references} references)`
  const header = `${options.lineNumbers ? 'num  ' : ''}${options.verbose ? ' pkts bytes ' : ''}target     prot opt ${options.verbose ? 'in     out     ' : ''}source               destination         `
  return [title, header, ...chain.rules.map((rule, index) => listRule(rule, index, options))].map((line) => `${line}\n`).join('')
}

function human(value: number, options: ListOptions): string {
  if (options.exact || value <= 99999) return String(value)
  const thousands = Math.round(value / 1000)
  return thousands <= 9999 ? `${thousands}K` : `${Math.round(thousands / 1000)}M`
}

function listRule(rule: Rule, index: number, options: ListOptions): string {
  const target = rule.target
  const name = !target ? '' : target.kind === 'jump' || target.kind === 'goto' ? target.chain : target.kind
  const counters = options.verbose ? `${human(rule.packets, options).padStart(5)} ${human(rule.bytes, options).padStart(5)} ` : ''
  const devices = options.verbose ? `${device(rule.in).padEnd(6)} ${device(rule.out).padEnd(6)}  ` : ''
  const extra = [...rule.matches.map((match) => describe(match)), target ? targetExtra(target) : ''].filter((text) => text !== '').join(' ')
  const goto = target?.kind === 'goto' ? '[goto] ' : ''
  return `${options.lineNumbers ? String(index + 1).padEnd(5) : ''}${counters}${name.padEnd(10)} ${protocol(rule, options)} --  ${devices}${address(rule.source, options).padEnd(20)} ${address(rule.destination, options).padEnd(20)}${extra === '' ? '' : ` ${goto}${extra}`}`
}

function protocol(rule: Rule, options: ListOptions): string {
  const value = rule.protocol?.value ?? 'all'
  const not = rule.protocol?.not ? '!' : ''
  if (!options.numeric) return `${not}${value}`.padEnd(4)
  const number = value === 'all' ? '0' : (protocolNumbers[value as keyof typeof protocolNumbers] ?? value)
  return `${not}${number}`.padEnd(4)
}

function device(name: Negatable<string> | undefined): string {
  return name ? `${name.not ? '!' : ''}${name.value}` : '*'
}

function address(prefix: Negatable<Prefix> | undefined, options: ListOptions): string {
  if (!prefix) return options.numeric ? '0.0.0.0/0' : 'anywhere'
  const { value } = prefix
  return `${prefix.not ? '!' : ''}${value.length === 32 ? printV4(value.address) : printPrefix(value)}`
}

const bang = (not: boolean): string => (not ? '!' : '')

type Describers = { readonly [M in Match['module']]: (match: Extract<Match, { module: M }>) => string }

function ports(match: Extract<Match, { module: 'tcp' | 'udp' | 'sctp' }>): string {
  const parts: string[] = [match.module]
  const add = (name: string, range: typeof match.sourcePorts): void => {
    if (!range) return
    const { from, to } = range.value
    parts.push(`${name}${from === to ? '' : 's'}:${bang(range.not)}${portText(range.value)}`)
  }
  add('spt', match.sourcePorts)
  add('dpt', match.destinationPorts)
  if (match.module === 'tcp' && match.syn) parts.push(`flags:${bang(match.syn.not)}0x17/0x02`)
  return parts.length === 1 ? match.module : parts.join(' ')
}

const describers: Describers = {
  tcp: ports, udp: ports, sctp: ports,
  icmp: (match) => `icmptype ${bang(match.type.not)}${match.type.value}`,
  comment: (match) => `/* ${match.text} */`,
  multiport: (match) => `multiport ${match.side} ${match.not ? '!' : ''}${match.ranges.map((range) => portText(range)).join(',')}`,
  conntrack: (match) => `${bang(match.not)}ctstate ${match.states.join(',')}`,
  state: (match) => `state ${bang(match.not)}${match.states.join(',')}`,
  mark: (match) => `mark match ${bang(match.not)}${match.not ? ' ' : ''}${hex(match.value)}${match.mask === 0xffffffff ? '' : `/${hex(match.mask)}`}`,
  statistic: (match) => (match.mode === 'random' ? `statistic mode random ${match.not ? '! ' : ''}probability ${match.probability.toFixed(11)}` : `statistic mode nth every ${match.every}${match.packet > 0 ? ` packet ${match.packet}` : ''}`),
  addrtype: (match) => `ADDRTYPE match${match.source ? ` src-type ${bang(match.source.not)}${match.source.value}` : ''}${match.destination ? ` dst-type ${bang(match.destination.not)}${match.destination.value}` : ''}`,
  recent: (match) => `${bang(match.not)}recent: ${match.action === 'set' ? 'SET' : match.action === 'rcheck' ? 'CHECK' : match.action.toUpperCase()}${match.seconds === undefined ? '' : ` seconds: ${match.seconds}`}${match.reap ? ' reap' : ''} name: ${match.name} side: ${match.side === 'rsource' ? 'source' : 'dest'} mask: 255.255.255.255`,
  set: (match) => `${match.not ? '! ' : ''}match-set ${match.name} ${match.directions.join(',')}`,
  iprange: (match) => [match.source ? `source IP range ${bang(match.source.not)}${printV4(match.source.value[0])}-${printV4(match.source.value[1])}` : '', match.destination ? `destination IP range ${bang(match.destination.not)}${printV4(match.destination.value[0])}-${printV4(match.destination.value[1])}` : ''].filter((text) => text !== '').join(' '),
  limit: (match) => `limit: avg ${match.rate} burst ${match.burst}`,
  owner: (match) => `${bang(match.uid.not)}${match.uid.not ? ' ' : ''}owner UID match ${match.uid.value}`,
  physdev: (match) => `PHYSDEV match ${match.not ? '! ' : ''}--physdev-is-bridged`,
  nfacct: (match) => `nfacct-name  ${match.name}`,
}

function describe(match: Match): string {
  return (describers[match.module] as (match: Match) => string)(match)
}

function markText(value: number, mask: number): string {
  if (mask === value) return `MARK or ${hex(value)}`
  if (value === 0) return `MARK and ${hex(~mask >>> 0)}`
  return mask === 0xffffffff ? `MARK set ${hex(value)}` : `MARK xset ${hex(value)}/${hex(mask)}`
}

function targetExtra(target: NonNullable<Rule['target']>): string {
  switch (target.kind) {
    case 'REJECT':
      return `reject-with ${target.with}`
    case 'LOG':
      return `LOG flags 0 level ${target.level}${target.prefix === '' ? '' : ` prefix "${target.prefix}"`}`
    case 'MARK':
      return markText(target.value, target.mask)
    case 'DNAT':
    case 'SNAT':
      return printTarget(target).replace(/^-j \w+ --to-(destination|source) /, 'to:').replace('--random-fully', 'random-fully')
    case 'MASQUERADE':
      return `${target.ports ? `masq ports: ${portText(target.ports, '-')}` : ''}${target.randomFully ? ' random-fully' : ''}`.trim()
    case 'REDIRECT':
      return target.ports ? `redir ports ${portText(target.ports, '-')}` : ''
    default:
      return ''
  }
}
