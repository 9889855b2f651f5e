/** A network as the daemon keeps it, and addresses out of its subnet. */
import { contains, networkOf, parsePrefix, parseV4, type Prefix, printPrefix, printV4 } from '#engine/linux/net/address'
import type { NetNamespace } from '#engine/linux/net/namespace'
import { badParameter, serverError } from '../model'

export interface Endpoint { readonly container: string; readonly name: string; readonly endpoint: string; readonly mac: string; readonly address: string; readonly veth: string }

export interface NetworkRecord {
  readonly id: string
  readonly name: string
  readonly driver: 'bridge' | 'host' | 'null'
  readonly internal: boolean
  readonly attachable: boolean
  readonly ipv6: boolean
  readonly createdMs: number
  readonly labels: Record<string, string>
  readonly options: Record<string, string>
  /** `172.18.0.0/16`; '' without addresses. */
  readonly subnet: string
  readonly gateway: string
  readonly ipRange: string
  /** The subnet or its gateway were asked for. */
  readonly given: boolean
  readonly endpoints: Record<string, Endpoint>
}

export function deviceOf(network: NetworkRecord): string {
  return network.options['com.docker.network.bridge.name'] ?? (network.name === 'bridge' ? 'docker0' : `br-${network.id.slice(0, 12)}`)
}

export function prefixOf(network: NetworkRecord): Prefix {
  return parsePrefix(network.subnet) as Prefix
}

export function gatewayOf(subnet: string): string {
  const prefix = parsePrefix(subnet)
  if (!prefix) throw badParameter(`invalid CIDR address: ${subnet}`)
  return printV4(networkOf(prefix).address + 1)
}

/** The first address that is neither the gateway's nor taken, from the front. */
export function freeAddress(network: NetworkRecord, wanted: string | undefined): string {
  const prefix = prefixOf(network)
  const taken = new Set([network.gateway, ...Object.values(network.endpoints).map((endpoint) => endpoint.address)])
  if (wanted !== undefined) {
    const address = parseV4(wanted)
    if (address === undefined || !contains(prefix, address)) throw badParameter(`Invalid address ${wanted}: It does not belong to any of this network's subnets`)
    if (taken.has(wanted)) throw serverError('Address already in use')
    return wanted
  }
  const range = parsePrefix(network.ipRange) ?? prefix
  const first = networkOf(range).address
  const last = first + 2 ** (32 - range.length) - (range.length < 31 ? 2 : 1)
  for (let address = first + (range.length === prefix.length ? 1 : 0); address <= last; address++) if (!taken.has(printV4(address))) return printV4(address)
  throw serverError(`no available IPv4 addresses on this network's address pools: ${network.name} (${network.id})`)
}

/** `02:42` and the address, as docker makes them. */
export function macOf(address: string): string {
  return ['02', '42', ...address.split('.').map((part) => Number(part).toString(16).padStart(2, '0'))].join(':')
}

const pools = [...Array.from({ length: 15 }, (_, index) => `172.${17 + index}.0.0/16`), ...Array.from({ length: 16 }, (_, index) => `192.168.${index * 16}.0/20`)]

/** A subnet that neither a network nor the machine's own routes use. */
export function freeSubnet(networks: readonly NetworkRecord[], host: NetNamespace): string {
  const used = [...networks.filter((network) => network.subnet !== '').map(prefixOf), ...host.routes.list().map((route) => route.destination).filter((destination) => destination.length > 0)]
  const found = pools.find((pool) => !used.some((other) => overlap(parsePrefix(pool) as Prefix, other)))
  if (found === undefined) throw badParameter('could not find an available, non-overlapping IPv4 address pool among the defaults to assign to the network')
  return found
}

export function checkSubnet(subnet: string, networks: readonly NetworkRecord[]): string {
  const prefix = parsePrefix(subnet)
  if (!prefix || !subnet.includes('/')) throw badParameter(`invalid subnet ${subnet} : invalid CIDR block notation`)
  if (networks.some((network) => network.subnet !== '' && overlap(prefix, prefixOf(network)))) throw badParameter('Pool overlaps with other one on this address space')
  return printPrefix(networkOf(prefix))
}

export function overlap(a: Prefix, b: Prefix): boolean {
  return contains(networkOf(a), b.address) || contains(networkOf(b), a.address)
}
