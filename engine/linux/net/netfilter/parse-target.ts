/** Targets of rules and their options. */
import { parseV4 } from '#engine/linux/net/address'
import { RuleError, type Words } from '#engine/linux/net/netfilter/words'
import { number, portRange } from '#engine/linux/net/netfilter/parse-match'
import type { PortRange, Target } from '#engine/linux/net/netfilter/rule'
import type { RejectWith } from '#engine/linux/net/packet'

const makers: Readonly<Record<string, () => Target>> = {
  ACCEPT: () => ({ kind: 'ACCEPT' }), DROP: () => ({ kind: 'DROP' }), RETURN: () => ({ kind: 'RETURN' }), NOTRACK: () => ({ kind: 'NOTRACK' }),
  REJECT: () => ({ kind: 'REJECT', with: 'icmp-port-unreachable' }), LOG: () => ({ kind: 'LOG', prefix: '', level: 4 }), MARK: () => ({ kind: 'MARK', value: 0, mask: 0xffffffff }),
  MASQUERADE: () => ({ kind: 'MASQUERADE', randomFully: false }), SNAT: () => ({ kind: 'SNAT', address: 0, randomFully: false }), DNAT: () => ({ kind: 'DNAT', address: undefined }), REDIRECT: () => ({ kind: 'REDIRECT' }),
}

export function startTarget(name: string, goto: boolean): Target {
  if (goto) return { kind: 'goto', chain: name }
  if (name.length > 28) throw new RuleError(`Invalid target name \`${name}' (28 chars max)`)
  return makers[name]?.() ?? { kind: 'jump', chain: name }
}

const rejects: Readonly<Record<string, RejectWith>> = {
  'icmp-net-unreachable': 'icmp-net-unreachable', 'icmp-host-unreachable': 'icmp-host-unreachable', 'icmp-port-unreachable': 'icmp-port-unreachable', 'icmp-proto-unreachable': 'icmp-proto-unreachable',
  'icmp-net-prohibited': 'icmp-net-prohibited', 'icmp-host-prohibited': 'icmp-host-prohibited', 'icmp-admin-prohibited': 'icmp-admin-prohibited', 'tcp-reset': 'tcp-reset',
  'net-unreach': 'icmp-net-unreachable', 'host-unreach': 'icmp-host-unreachable', 'port-unreach': 'icmp-port-unreachable', 'admin-prohib': 'icmp-admin-prohibited',
}

/** The target with the option in it, or undefined where it is not its own. */
export function parseTargetOption(target: Target, option: string, _not: boolean, words: Words): Target | undefined {
  switch (target.kind) {
    case 'REJECT':
      return option === '--reject-with' ? { ...target, with: reject(words.argument(option)) } : undefined
    case 'LOG':
      if (option === '--log-prefix') return { ...target, prefix: words.argument(option) }
      return option === '--log-level' ? { ...target, level: logLevel(words.argument(option)) } : undefined
    case 'MARK':
      return parseMark(target, option, words)
    case 'MASQUERADE': case 'REDIRECT': case 'SNAT': case 'DNAT':
      return parseNat(target, option, words)
    default:
      return undefined
  }
}

function reject(text: string): RejectWith {
  const found = rejects[text]
  if (!found) throw new RuleError(`unknown reject type "${text}"`)
  return found
}

function logLevel(text: string): number {
  const names = ['emerg', 'alert', 'crit', 'error', 'warning', 'notice', 'info', 'debug']
  return /^\d$/.test(text) ? Number(text) : Math.max(0, names.indexOf(text))
}

function parseMark(target: Extract<Target, { kind: 'MARK' }>, option: string, words: Words): Target | undefined {
  if (!/^--(set-x?mark|or-mark|and-mark|xor-mark)$/.test(option)) return undefined
  const [text = '', maskText] = words.argument(option).split('/')
  const value = number(text)
  const mask = maskText === undefined ? 0xffffffff : number(maskText)
  switch (option) {
    case '--set-mark':
      return { ...target, value, mask: (value | mask) >>> 0 }
    case '--or-mark':
      return { ...target, value, mask: value }
    case '--and-mark':
      return { ...target, value: 0, mask: ~value >>> 0 }
    case '--xor-mark':
      return { ...target, value, mask: 0 }
    default:
      return { ...target, value, mask }
  }
}

type NatTarget = Extract<Target, { kind: 'MASQUERADE' | 'REDIRECT' | 'SNAT' | 'DNAT' }>

function parseNat(target: NatTarget, option: string, words: Words): Target | undefined {
  if (option === '--random-fully' && (target.kind === 'MASQUERADE' || target.kind === 'SNAT')) return { ...target, randomFully: true }
  if (option === '--persistent' && target.kind === 'DNAT') return { ...target, persistent: true }
  if (option === '--random') return target
  if (option === '--to-ports' && (target.kind === 'MASQUERADE' || target.kind === 'REDIRECT')) return { ...target, ports: portRange(words.argument(option)) }
  return parseNatAddress(target, option, words)
}

function parseNatAddress(target: NatTarget, option: string, words: Words): Target | undefined {
  if (option === '--to-destination' && target.kind === 'DNAT') {
    const { address, ports } = endpoint(words.argument(option), option)
    return { ...target, address, ...(ports ? { ports } : {}) }
  }
  if (option === '--to-source' && target.kind === 'SNAT') {
    const { address, ports } = endpoint(words.argument(option), option)
    return { ...target, address: address ?? 0, ...(ports ? { ports } : {}) }
  }
  return undefined
}

function endpoint(text: string, option: string): { address: number | undefined; ports?: PortRange } {
  const [host = '', ports] = text.split(':')
  const address = host === '' ? undefined : parseV4(host.split('-')[0] ?? '')
  if (host !== '' && address === undefined) throw new RuleError(`Bad IP address "${host}"`)
  if (ports === undefined) return { address }
  if (!/^\d+(-\d+)?$/.test(ports)) throw new RuleError(`Port range "${ports}" invalid in ${option}`)
  return { address, ports: portRange(ports) }
}
