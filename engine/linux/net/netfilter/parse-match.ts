/** Options of match modules. Each function gives the match with the option in it, or undefined where it is not its own. */
import { parseV4 } from '#engine/linux/net/address'
import { RuleError, type Words } from '#engine/linux/net/netfilter/words'
import type { Match, PortRange } from '#engine/linux/net/netfilter/rule'

type Parsers = { readonly [M in Match['module']]: (match: Extract<Match, { module: M }>, option: string, not: boolean, words: Words) => Match | undefined }

/** Names of ports that people use in rules. */
const services: Readonly<Record<string, number>> = { ftp: 21, ssh: 22, telnet: 23, smtp: 25, domain: 53, http: 80, www: 80, pop3: 110, ntp: 123, imap2: 143, snmp: 161, https: 443, mysql: 3306, postgresql: 5432 }

export function parseMatchOption(match: Match, option: string, not: boolean, words: Words): Match | undefined {
  return (parsers[match.module] as (match: Match, option: string, not: boolean, words: Words) => Match | undefined)(match, option, not, words)
}

const ports = (match: Extract<Match, { module: 'tcp' | 'udp' | 'sctp' }>, option: string, before: boolean, words: Words): Match | undefined => {
  const source = option === '--sport' || option === '--source-port'
  if (source || option === '--dport' || option === '--destination-port') {
    let not = before
    if (words.peek() === '!') {
      words.next()
      not = !not
    }
    const value = portRange(words.argument(option))
    return source ? { ...match, sourcePorts: { not, value } } : { ...match, destinationPorts: { not, value } }
  }
  if (match.module !== 'tcp') return undefined
  if (option === '--syn') return { ...match, syn: { not: before, value: true } }
  if (option === '--tcp-flags') return { ...match, flags: { not: before, value: `${words.argument(option)} ${words.argument(option)}` } }
  return undefined
}

const states = (match: Extract<Match, { module: 'conntrack' | 'state' }>, option: string, not: boolean, words: Words): Match | undefined => {
  if (option !== '--ctstate' && option !== '--state') return undefined
  const list = words.argument(option).toUpperCase().split(',')
  const bad = list.find((state) => !/^(INVALID|NEW|ESTABLISHED|RELATED|UNTRACKED|SNAT|DNAT)$/.test(state))
  if (bad !== undefined) throw new RuleError(`Bad ctstate "${bad}"`)
  return { ...match, not, states: list }
}

const parsers: Parsers = {
  tcp: ports, udp: ports, sctp: ports, conntrack: states, state: states,
  icmp: (match, option, not, words) => (option === '--icmp-type' ? { ...match, type: { not, value: icmpType(words.argument(option)) } } : undefined),
  comment: (match, option, _, words) => {
    if (option !== '--comment') return undefined
    const text = words.argument(option)
    if (text.length > 255) throw new RuleError('COMMENT must be shorter than 256 chars')
    return { ...match, text }
  },
  multiport: (match, option, not, words) => {
    const side = ({ '--dports': 'dports', '--destination-ports': 'dports', '--sports': 'sports', '--source-ports': 'sports', '--ports': 'ports' } as const)[option]
    return side ? { ...match, side, not, ranges: words.argument(option).split(',').map(portRange) } : undefined
  },
  mark: (match, option, not, words) => {
    if (option !== '--mark') return undefined
    const [value = '', mask] = words.argument(option).split('/')
    return { ...match, not, value: number(value), mask: mask === undefined ? 0xffffffff : number(mask) }
  },
  statistic: (match, option, not, words) => statistic(match, option, not, words),
  addrtype: (match, option, not, words) => {
    if (option === '--dst-type') return { ...match, destination: { not, value: words.argument(option).toUpperCase() } }
    return option === '--src-type' ? { ...match, source: { not, value: words.argument(option).toUpperCase() } } : undefined
  },
  recent: (match, option, not, words) => recent(match, option, not, words),
  set: (match, option, not, words) => {
    if (option !== '--match-set') return undefined
    const name = words.argument(option)
    return { ...match, not, name, directions: words.argument(option).split(',') as ('src' | 'dst')[] }
  },
  iprange: (match, option, not, words) => {
    if (option !== '--src-range' && option !== '--dst-range') return undefined
    const [from = '', to = from] = words.argument(option).split('-')
    const value = [parseV4(from) ?? 0, parseV4(to) ?? 0] as const
    return option === '--src-range' ? { ...match, source: { not, value } } : { ...match, destination: { not, value } }
  },
  limit: (match, option, _, words) => {
    if (option === '--limit') return { ...match, rate: words.argument(option) }
    return option === '--limit-burst' ? { ...match, burst: Number(words.argument(option)) } : undefined
  },
  owner: (match, option, not, words) => (option === '--uid-owner' ? { ...match, uid: { not, value: Number(words.argument(option)) } } : undefined),
  physdev: (match, option, not) => (option === '--physdev-is-bridged' ? { ...match, not } : undefined),
  nfacct: (match, option, _, words) => (option === '--nfacct-name' ? { ...match, name: words.argument(option) } : undefined),
}

function statistic(match: Extract<Match, { module: 'statistic' }>, option: string, not: boolean, words: Words): Match | undefined {
  switch (option) {
    case '--mode': {
      const mode = words.argument(option)
      if (mode !== 'random' && mode !== 'nth') throw new RuleError(`Bad mode "${mode}"`)
      return mode === 'random' ? { module: 'statistic', mode, not: false, probability: 0 } : { module: 'statistic', mode, not: false, every: 1, packet: 0, seen: 0 }
    }
    case '--probability':
      return match.mode === 'random' ? { ...match, not, probability: Number(words.argument(option)) } : undefined
    case '--every':
      return match.mode === 'nth' ? { ...match, not, every: Number(words.argument(option)) } : undefined
    case '--packet':
      return match.mode === 'nth' ? { ...match, packet: Number(words.argument(option)) } : undefined
    default:
      return undefined
  }
}

function recent(match: Extract<Match, { module: 'recent' }>, option: string, not: boolean, words: Words): Match | undefined {
  switch (option) {
    case '--name':
      return { ...match, name: words.argument(option) }
    case '--set': case '--rcheck': case '--update': case '--remove':
      return { ...match, not, action: option.slice(2) as 'set' }
    case '--seconds':
      return { ...match, seconds: Number(words.argument(option)) }
    case '--hitcount':
      return { ...match, hitcount: Number(words.argument(option)) }
    case '--reap':
      return { ...match, reap: true }
    case '--rsource': case '--rdest':
      return { ...match, side: option.slice(2) as 'rsource' }
    case '--mask':
      words.argument(option)
      return match
    default:
      return undefined
  }
}

export function portRange(text: string): PortRange {
  const [from = '', to] = text.split(/[:-]/)
  const first = from === '' ? 0 : port(from)
  return { from: first, to: to === undefined ? first : to === '' ? 65535 : port(to) }
}

function port(text: string): number {
  const value = /^\d+$/.test(text) ? Number(text) : services[text]
  if (value === undefined || value > 65535) throw new RuleError(`invalid port/service \`${text}' specified`)
  return value
}

export function number(text: string): number {
  const value = Number(text)
  if (Number.isNaN(value)) throw new RuleError(`Bad value "${text}"`)
  return value >>> 0
}

const icmpTypes: Readonly<Record<string, string>> = { 'echo-request': '8', 'echo-reply': '0', 'destination-unreachable': '3', 'time-exceeded': '11', ping: '8', pong: '0' }

function icmpType(text: string): string {
  return icmpTypes[text] ?? text
}
