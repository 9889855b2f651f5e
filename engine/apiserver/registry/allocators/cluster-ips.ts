/** Cluster IPs are IPAddress objects within the networks of the ServiceCIDRs. */
import { isReason } from '#engine/api/status'
import { formatAddress, networkContains, parseAddress, parseNetwork } from '#engine/api/validation/addresses'
import type { Network } from '#engine/api/validation/addresses'
import type { ServerServices } from '#engine/apiserver/services'

export type Family = 'IPv4' | 'IPv6'

export interface Owner {
  readonly namespace: string
  readonly name: string
}

const addresses = 'ipaddresses.networking.k8s.io'

/** A refusal, in the words of the server. */
export class AllocationError extends Error {
  override readonly name = 'AllocationError'
}

/** The families a cluster has, the default one first. */
export function familiesOf(services: ServerServices): Family[] {
  return services.settings.serviceClusterIpRange.split(',').map((item) => (item.includes(':') ? 'IPv6' : 'IPv4'))
}

async function networksOf(services: ServerServices, family: Family): Promise<Network[]> {
  const texts = new Set(services.settings.serviceClusterIpRange.split(','))
  for (const object of await services.reader.list('servicecidrs.networking.k8s.io')) {
    if (object.metadata.deletionTimestamp) continue
    for (const text of (object.spec?.cidrs ?? []) as string[]) texts.add(text)
  }
  const wanted = family === 'IPv4' ? 4 : 6
  return [...texts].map(parseNetwork).filter((item): item is Network => item?.family === wanted)
}

/** Takes one certain address. Throws AllocationError. */
export async function takeAddress(services: ServerServices, text: string, owner: Owner, dryRun: boolean): Promise<void> {
  const address = parseAddress(text)
  if (!address) throw new AllocationError(`failed to allocate IP ${text}: invalid address`)
  const networks = await networksOf(services, address.family === 4 ? 'IPv4' : 'IPv6')
  if (!networks.some((item) => isUsable(item, address))) throw new AllocationError(`failed to allocate IP ${text}: the provided network does not match the current range`)
  const taken = dryRun ? (await services.reader.get(addresses, '', formatAddress(address))) !== undefined : !(await holdAddress(services, formatAddress(address), owner))
  if (taken) throw new AllocationError(`failed to allocate IP ${text}: provided IP is already allocated`)
}

/** Takes any free address; in a dry run only says the network's. */
export async function takeAnyAddress(services: ServerServices, family: Family, owner: Owner, dryRun: boolean): Promise<string> {
  const networks = await networksOf(services, family)
  for (const network of networks) {
    if (dryRun) return formatAddress({ family: network.family, value: network.base })
    const found = await search(services, network, owner)
    if (found !== undefined) return found
  }
  throw new AllocationError('failed to allocate a serviceIP: range is full')
}

/** The lower part of a network is left for those who ask by number, as long as there is room above it. */
async function search(services: ServerServices, network: Network, owner: Owner): Promise<string | undefined> {
  const width = network.family === 4 ? 32 : 128
  const bits = Math.min(width - network.prefix, 30)
  const size = 2 ** bits
  const offset = size < 16 ? 0 : Math.min(Math.max(16, Math.floor(size / 16)), 256)
  for (const [from, count] of [[offset, size - offset], [0, offset]] as const) {
    if (count <= 0) continue
    const start = services.random.integer(count)
    for (let step = 0; step < count && step < 65536; step++) {
      const text = formatAddress({ family: network.family, value: network.base + BigInt(from + ((start + step) % count)) })
      const address = parseAddress(text)
      if (!address || !isUsable(network, address) || (await services.reader.get(addresses, '', text))) continue
      if (await holdAddress(services, text, owner)) return text
    }
  }
  return undefined
}

/** Neither the network's own address nor, of IPv4, the broadcast one. */
function isUsable(network: Network, address: { family: 4 | 6; value: bigint }): boolean {
  if (!networkContains(network, address) || address.value === network.base) return false
  const last = network.base + (1n << BigInt((network.family === 4 ? 32 : 128) - network.prefix)) - 1n
  return network.family === 6 || address.value !== last
}

/** False where the address is taken already. */
export async function holdAddress(services: ServerServices, text: string, owner: Owner): Promise<boolean> {
  const labels = { 'ipaddress.kubernetes.io/ip-family': text.includes(':') ? 'IPv6' : 'IPv4', 'ipaddress.kubernetes.io/managed-by': 'ipallocator.k8s.io' }
  const spec = { parentRef: { group: '', resource: 'services', namespace: owner.namespace, name: owner.name } }
  try {
    await services.client.create(addresses, '', { apiVersion: 'networking.k8s.io/v1', kind: 'IPAddress', metadata: { name: text, labels }, spec })
    return true
  } catch (error) {
    if (isReason(error, 'AlreadyExists')) return false
    throw error
  }
}

export async function releaseAddress(services: ServerServices, text: string): Promise<void> {
  const address = parseAddress(text)
  if (!address) return
  try {
    await services.client.delete(addresses, '', formatAddress(address))
  } catch (error) {
    if (!isReason(error, 'NotFound')) throw error
  }
}
