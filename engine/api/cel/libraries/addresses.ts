/** IP addresses and CIDRs. */
import type { Environment } from '@marcbachmann/cel-js'
import { formatAddress, formatNetwork, networkContains, parseAddress, parseNetwork, type Address, type Network } from '#engine/api/validation/addresses'
import { register, registerEquality, registerNamespace } from './register'

class CelIp {
  constructor(readonly address: Address) {}

  toString(): string {
    return formatAddress(this.address)
  }
}

class CelCidr {
  constructor(readonly network: Network) {}

  toString(): string {
    return `${formatAddress(this.ip())}/${this.network.prefix}`
  }

  ip(): Address {
    return { family: this.network.family, value: this.network.address }
  }
}

const i = 'net.IP'
const c = 'net.CIDR'

export function addresses(environment: Environment): void {
  environment.registerType(i, CelIp)
  environment.registerType(c, CelCidr)
  ips(environment)
  cidrs(environment)
}

function ips(environment: Environment): void {
  registerEquality(environment, i, (a: CelIp, b: CelIp) => String(a) === String(b))
  register(environment, `ip(string): ${i}`, ip)
  register(environment, 'isIP(string): bool', (text: string) => strictAddress(text) !== undefined)
  registerNamespace(environment, 'ip', { 'isCanonical(string): bool': (text: string) => String(ip(text)) === text })
  register(environment, `string(${i}): string`, String)
  register(environment, `${i}.family(): int`, ({ address }: CelIp) => BigInt(address.family))
  const is = (name: string, test: (address: Address) => boolean): void => register(environment, `${i}.${name}(): bool`, ({ address }: CelIp) => test(address))
  const within = (network: string) => (address: Address): boolean => networkContains(parseNetwork(network) as Network, address)
  const either = (...networks: string[]) => (address: Address): boolean => networks.some((network) => within(network)(address))
  is('isUnspecified', ({ value }) => value === 0n)
  is('isLoopback', either('127.0.0.0/8', '::1/128'))
  is('isLinkLocalMulticast', either('224.0.0.0/24', 'ff02::/16'))
  is('isLinkLocalUnicast', either('169.254.0.0/16', 'fe80::/10'))
  const notGlobal = either('127.0.0.0/8', '::1/128', '169.254.0.0/16', 'fe80::/10', '224.0.0.0/4', 'ff00::/8', '255.255.255.255/32', '0.0.0.0/32', '::/128')
  is('isGlobalUnicast', (address) => !notGlobal(address))
}

function cidrs(environment: Environment): void {
  registerEquality(environment, c, (a: CelCidr, b: CelCidr) => String(a) === String(b))
  register(environment, `cidr(string): ${c}`, cidr)
  register(environment, 'isCIDR(string): bool', (text: string) => strictNetwork(text) !== undefined)
  register(environment, `string(${c}): string`, String)
  register(environment, `${c}.containsIP(${i}): bool`, ({ network }: CelCidr, { address }: CelIp) => networkContains(network, address))
  register(environment, `${c}.containsIP(string): bool`, ({ network }: CelCidr, text: string) => networkContains(network, ip(text).address))
  register(environment, `${c}.containsCIDR(${c}): bool`, ({ network }: CelCidr, other: CelCidr) => containsNetwork(network, other.network))
  register(environment, `${c}.containsCIDR(string): bool`, ({ network }: CelCidr, text: string) => containsNetwork(network, cidr(text).network))
  register(environment, `${c}.ip(): ${i}`, (value: CelCidr) => new CelIp(value.ip()))
  register(environment, `${c}.masked(): ${c}`, ({ network }: CelCidr) => cidr(formatNetwork(network)))
  register(environment, `${c}.prefixLength(): int`, ({ network }: CelCidr) => BigInt(network.prefix))
}

function containsNetwork(network: Network, { family, address, prefix }: Network): boolean {
  return prefix >= network.prefix && networkContains(network, { family, value: address })
}

function ip(text: string): CelIp {
  const address = strictAddress(text)
  if (!address) throw new Error(`IP Address ${JSON.stringify(text)} parse error during conversion from string: ParseAddr(${JSON.stringify(text)}): unable to parse IP`)
  return new CelIp(address)
}

function cidr(text: string): CelCidr {
  const network = strictNetwork(text)
  if (!network) throw new Error(`network address parse error during conversion from string: netip.ParsePrefix(${JSON.stringify(text)}): ${text.includes('/') ? `ParseAddr(${JSON.stringify(text.slice(0, text.indexOf('/')))}): unable to parse IP` : "no '/'"}`)
  return new CelCidr(network)
}

/** No zeros in front, no zones, no version 4 in version 6. */
function strictAddress(text: string): Address | undefined {
  return isPlain(text) ? parseAddress(text) : undefined
}

function strictNetwork(text: string): Network | undefined {
  return isPlain(text.replace(/\/.*$/s, '')) && !/\/0\d/.test(text) ? parseNetwork(text) : undefined
}

function isPlain(text: string): boolean {
  return text.includes(':') ? !text.includes('.') && !text.includes('%') : !/(?:^|\.)0\d/.test(text)
}
