/** The world beyond the cluster's network: a name server and the registries. Everything else does not resolve. */
import { images } from '#engine/images/table'
import { catalogueOf } from '#engine/cri/images/definition'
import { toHex } from '#engine/base/bytes'
import type { HttpHandler } from '#engine/base/http'
import { distributionHandler } from '#engine/cri/images/distribution'
import { registryHandler } from '#engine/cri/images/registry'
import type { Process } from '#engine/linux/abi/process'
import type { MachineNetwork } from '#engine/linux/net/machine'
import { internetIdentity } from './authority'
import { serveNames } from './names'
import type { ClusterProfile } from './profiles'

const imageCatalogue = catalogueOf(images)

/** A documentation address (RFC 5737): the registries' only home. */
const registryAddress = '203.0.113.10'

/** A registry that everybody may push to, over plain HTTP; what it does not have it reads from docker.io. */
const openRegistry = 'registry.local'
export const openRegistryRoot = '/var/lib/registry'

export function serveInternet(process: Process, network: MachineNetwork, profile: ClusterProfile): void {
  const lo = network.root.interfaces.get('lo')
  if (lo) network.root.addAddress(lo, { address: toNumber(registryAddress), length: 32 })
  const registries = registryHosts()
  const names = new Map<string, string>(profile.machines.map((machine) => [machine.name, machine.address]))
  for (const name of registries) names.set(name, registryAddress)
  serveNames(process, { address: profile.gateway, port: 53 }, names)
  const identity = internetIdentity(registries)
  const world = registryHandler(imageCatalogue)
  process.net.serveHttp({ address: registryAddress, port: 443 }, world, { tls: { identity: () => identity } })
  names.set(openRegistry, registryAddress)
  const mirrored: HttpHandler = (request) => world({ ...request, headers: { ...request.headers, host: 'docker.io' } })
  process.net.serveHttp({ address: registryAddress, port: 5000 }, distributionHandler({ files: process.files, root: openRegistryRoot, newId: () => toHex(process.random.bytes(16)), deletes: true, upstream: mirrored }))
}

function registryHosts(): string[] {
  const hosts = new Set(imageCatalogue.names().map((name) => name.slice(0, name.indexOf('/'))))
  if (hosts.delete('docker.io')) for (const name of ['registry-1.docker.io', 'index.docker.io', 'auth.docker.io', 'docker.io']) hosts.add(name)
  return [...hosts].sort()
}

function toNumber(address: string): number {
  return address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)
}
