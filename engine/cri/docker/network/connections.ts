/** Containers on networks: namespaces, cables, addresses, names and ports, from a container's start to its end. */
import { parseV4 } from '#engine/linux/net/address'
import { parseResolvConf } from '#engine/linux/net/dns/resolver'
import type { NetNamespace } from '#engine/linux/net/namespace'
import { toHex } from '#engine/base/bytes'
import type { DockerHost } from '../host'
import { netNamespace, newId, shortId } from '../host'
import { badParameter, conflict, type ContainerRecord, type EndpointSettings, type PortMap, serverError } from '../model'
import { Bridges } from './bridge'
import { serveNames } from './dns'
import { writeNetworkFiles } from './files'
import { pinNamespace, unpinNamespace } from './namespaces'
import { isUserDefined, type Networks } from './networks'
import { Ports } from './ports'
import { type Endpoint, freeAddress, macOf, type NetworkRecord, prefixOf } from './record'

export class Connections {
  readonly ports: Ports
  private readonly bridges: Bridges
  private readonly servers = new Map<string, () => void>()

  constructor(private readonly host: DockerHost, private readonly networks: Networks) {
    this.bridges = new Bridges(netNamespace(host.process), host.config.iptables)
    this.ports = new Ports(host, this.bridges)
  }

  /** Before a container starts. */
  async setUp(record: ContainerRecord): Promise<void> {
    if (usesOwnNamespace(record)) {
      for (const name of Object.keys(record.networks)) this.networks.find(name)
      record.netns = await pinNamespace(this.host)
      try {
        for (const [name, settings] of this.ordered(record)) await this.join(record, this.networks.find(name), settings)
      } catch (error) {
        this.tearDown(record)
        throw error
      }
    }
    this.afterChange(record)
  }

  /** After a container has ended. */
  tearDown(record: ContainerRecord): void {
    this.servers.get(record.id)?.()
    this.servers.delete(record.id)
    this.ports.release(record.id)
    for (const [name, settings] of Object.entries(record.networks)) {
      const network = this.networks.all().find((each) => each.name === name)
      if (network) this.leave(record, network, settings)
    }
    if (record.netns !== '') unpinNamespace(this.host, record.netns)
    record.netns = ''
  }

  /** The machine has come back from a snapshot: cables and rules stand, processes and sockets do not. */
  async resume(record: ContainerRecord): Promise<void> {
    for (const [name, settings] of this.ordered(record)) {
      const network = this.networks.all().find((each) => each.name === name)
      if (network && settings.IPAddress !== '' && this.carriesPorts(record, name)) await this.ports.publish(record, record.name, settings.EndpointID, settings.IPAddress, this.bridges.up(network).name)
    }
    this.serve(record)
  }

  async connect(record: ContainerRecord, network: NetworkRecord, given: Partial<EndpointSettings>): Promise<void> {
    if (record.networks[network.name]) throw serverError(`endpoint with name ${record.name} already exists in network ${network.name}`)
    if (record.hostConfig.NetworkMode === 'host') throw serverError('container cannot be disconnected from host network or connected to host network')
    if (network.driver !== 'bridge') throw serverError(`container cannot be connected to multiple networks with one of the networks in private (${network.name}) mode`)
    const settings = emptyEndpoint(network, given, record.id)
    record.networks[network.name] = settings
    if (record.state.status === 'running' || record.state.status === 'paused') {
      try {
        await this.join(record, network, settings)
      } catch (error) {
        delete record.networks[network.name]
        throw error
      }
      this.afterChange(record)
    }
    this.host.records.save(record)
    this.host.events.publish('network', 'connect', network.id, { container: record.id, name: network.name, type: network.driver })
  }

  disconnect(record: ContainerRecord, network: NetworkRecord): void {
    const settings = record.networks[network.name]
    if (!settings) throw serverError(`container ${record.id} is not connected to network ${network.name}`)
    if (network.driver === 'host') throw serverError('container cannot be disconnected from host network or connected to host network')
    this.leave(record, network, settings)
    delete record.networks[network.name]
    this.host.records.save(record)
    this.host.events.publish('network', 'disconnect', network.id, { container: record.id, name: network.name, type: network.driver })
  }

  /** A namespace on the default bridge for the commands of a build. */
  async forBuild(mode: string): Promise<{ namespace?: { path: string }; mounts: { destination: string; type: string; source: string; options: string[] }[]; release(): Promise<void> }> {
    const { process, config } = this.host
    if (mode === 'host') return { mounts: [], release: () => Promise.resolve() }
    const path = await pinNamespace(this.host)
    const network = this.networks.find(mode === 'none' ? 'none' : 'bridge')
    const id = newId(this.host)
    const settings = emptyEndpoint(network, {}, id)
    const stand = { id, name: '', networks: { [network.name]: settings }, netns: path, hostConfig: { NetworkMode: network.name, PortBindings: {}, PublishAllPorts: false }, config: {} } as unknown as ContainerRecord
    if (network.driver === 'bridge') await this.join(stand, network, settings)
    const directory = `${config.execRoot}/build/${shortId(id)}`
    process.files.mkdirAll(directory)
    process.files.writeFile(`${directory}/resolv.conf`, process.files.exists('/etc/resolv.conf') ? process.files.readText('/etc/resolv.conf') : '')
    return {
      namespace: { path },
      mounts: [{ destination: '/etc/resolv.conf', type: 'bind', source: `${directory}/resolv.conf`, options: ['rbind', 'rprivate', 'rw'] }],
      release: async () => {
        await Promise.resolve()
        this.tearDown(stand)
        process.files.removeAll(directory)
      },
    }
  }

  /** The namespace a container runs in: its own, another's, or the machine's. */
  namespacePath(record: ContainerRecord): string {
    const other = sharedWith(record)
    if (other === undefined) return record.netns
    const owner = this.host.records.find(other)
    if (owner.state.status !== 'running') throw conflict(`cannot join network of a non running container: ${owner.id}`)
    return owner.netns
  }

  shownPorts(record: ContainerRecord): PortMap {
    return record.state.status === 'running' || record.state.status === 'paused' ? this.ports.shown(record) : {}
  }

  private ordered(record: ContainerRecord): [string, EndpointSettings][] {
    const main = primaryOf(record)
    return Object.entries(record.networks).sort(([a], [b]) => Number(b === main) - Number(a === main))
  }

  private carriesPorts(record: ContainerRecord, network: string): boolean {
    const bridged = Object.keys(record.networks).filter((name) => this.networks.all().find((each) => each.name === name)?.driver === 'bridge')
    return bridged.length > 0 && network === (bridged.includes(primaryOf(record)) ? primaryOf(record) : bridged[0])
  }

  private async join(record: ContainerRecord, network: NetworkRecord, settings: EndpointSettings): Promise<void> {
    settings.EndpointID = newId(this.host)
    settings.NetworkID = network.id
    if (network.driver !== 'bridge') {
      network.endpoints[record.id] = { container: record.id, name: record.name, endpoint: settings.EndpointID, mac: '', address: '', veth: '' }
      return this.networks.save()
    }
    const endpoint = this.cable(record, network, settings)
    network.endpoints[record.id] = endpoint
    this.networks.save()
    if (this.carriesPorts(record, network.name)) await this.ports.publish(record, record.name, settings.EndpointID, endpoint.address, this.bridges.up(network).name)
  }

  private cable(record: ContainerRecord, network: NetworkRecord, settings: EndpointSettings): Endpoint {
    const address = freeAddress(network, settings.IPAMConfig?.IPv4Address)
    const machine = netNamespace(this.host.process)
    const inside = netNamespace(this.host.process, record.netns)
    const bridge = this.bridges.up(network)
    const veth = `veth${toHex(this.host.process.random.bytes(4)).slice(0, 7)}`
    const [near, far] = machine.addVeth(veth, inside, freeName(inside))
    far.mac = macOf(address)
    near.master = bridge
    bridge.ports.add(near)
    machine.setUp(near, true)
    inside.setUp(far, true)
    const prefix = prefixOf(network)
    inside.addAddress(far, { address: parseV4(address) as number, length: prefix.length }, { broadcast: broadcast(parseV4(address) as number, prefix.length) })
    const hasDefault = inside.routes.list().some((route) => route.destination.length === 0)
    if (!network.internal && !hasDefault) inside.routes.add({ destination: { address: 0, length: 0 }, device: far, gateway: parseV4(network.gateway) as number, scope: 'global', protocol: 'boot', metric: 0, type: 'unicast' })
    Object.assign(settings, { Gateway: network.internal ? '' : network.gateway, IPAddress: address, IPPrefixLen: prefix.length, MacAddress: far.mac })
    return { container: record.id, name: record.name, endpoint: settings.EndpointID, mac: far.mac, address, veth }
  }

  private leave(record: ContainerRecord, network: NetworkRecord, settings: EndpointSettings): void {
    const endpoint = network.endpoints[record.id]
    Object.assign(settings, { EndpointID: '', Gateway: '', IPAddress: '', IPPrefixLen: 0, MacAddress: '' })
    if (!endpoint) return
    if (this.carriesPorts(record, network.name)) this.ports.release(record.id)
    delete network.endpoints[record.id]
    const machine = netNamespace(this.host.process)
    const near = machine.interfaces.get(endpoint.veth)
    if (near) machine.removeInterface(near)
    if (network.driver === 'bridge' && Object.keys(network.endpoints).length === 0) this.bridges.down(network)
    if (!this.networks.all().some((each) => each.driver === 'bridge' && Object.keys(each.endpoints).length > 0)) this.bridges.clear()
    this.networks.save()
  }

  private afterChange(record: ContainerRecord): void {
    const ofUser = Object.keys(record.networks).some(isUserDefined)
    const addresses = Object.values(record.networks).map((settings) => settings.IPAddress).filter((address) => address !== '')
    const gateway = this.networks.find('bridge').gateway
    writeNetworkFiles(this.host, record, { addresses, embeddedDns: ofUser, gateway, links: this.links(record), shared: record.hostConfig.NetworkMode === 'host' })
    this.serve(record)
  }

  private links(record: ContainerRecord): [string, string][] {
    return (record.hostConfig.Links ?? []).map((link) => {
      const [target = '', alias = target] = link.split(':')
      const other = this.host.records.find(target)
      const address = Object.values(other.networks).find((settings) => settings.IPAddress !== '')?.IPAddress ?? ''
      return [address, [...new Set([alias, other.config.Hostname, other.name])].join(' ')]
    })
  }

  private serve(record: ContainerRecord): void {
    if (record.netns === '' || this.servers.has(record.id) || !Object.keys(record.networks).some(isUserDefined)) return
    const { files } = this.host.process
    const given = record.hostConfig.Dns.length > 0 ? record.hostConfig.Dns : this.host.config.dns
    const servers = (): readonly string[] => (given.length > 0 ? given : files.exists('/etc/resolv.conf') ? parseResolvConf(files.readText('/etc/resolv.conf')).servers : [])
    this.servers.set(record.id, serveNames(this.host, netNamespace(this.host.process, record.netns), servers, (name) => this.resolve(record, name), (address) => this.nameOf(record, address)))
  }

  private neighbours(record: ContainerRecord): { endpoint: Endpoint; network: NetworkRecord }[] {
    return Object.keys(record.networks).filter(isUserDefined).flatMap((name) => {
      const network = this.networks.all().find((each) => each.name === name)
      return network ? Object.values(network.endpoints).map((endpoint) => ({ endpoint, network })) : []
    })
  }

  private resolve(record: ContainerRecord, asked: string): string[] {
    const bare = asked.toLowerCase()
    const linked = (record.hostConfig.Links ?? []).map((link) => link.split(':')).find(([, alias]) => alias === asked)?.[0]
    return this.neighbours(record).filter(({ endpoint, network }) => {
      const aliases = this.host.records.get(endpoint.container)?.networks[network.name]?.Aliases ?? []
      const names = [endpoint.name, shortId(endpoint.container), ...aliases].map((name) => name.toLowerCase())
      return names.some((name) => bare === name || bare === `${name}.${network.name.toLowerCase()}`) || endpoint.name === linked
    }).map(({ endpoint }) => endpoint.address)
  }

  private nameOf(record: ContainerRecord, address: string): string | undefined {
    const found = this.neighbours(record).find(({ endpoint }) => endpoint.address === address)
    return found && `${found.endpoint.name}.${found.network.name}`
  }
}

export function primaryOf(record: ContainerRecord): string {
  const mode = record.hostConfig.NetworkMode
  return mode === 'default' || mode === '' ? 'bridge' : mode
}

/** The container whose namespace is used: `container:ID`. */
export function sharedWith(record: ContainerRecord): string | undefined {
  const mode = record.hostConfig.NetworkMode
  return mode.startsWith('container:') ? mode.slice('container:'.length) : undefined
}

function usesOwnNamespace(record: ContainerRecord): boolean {
  return sharedWith(record) === undefined && record.hostConfig.NetworkMode !== 'host'
}

export function emptyEndpoint(network: Pick<NetworkRecord, 'id' | 'name'>, given: Partial<EndpointSettings>, containerId: string): EndpointSettings {
  if (given.IPAMConfig?.IPv4Address && !isUserDefined(network.name)) throw badParameter('user specified IP address is supported on user defined networks only')
  const aliases = isUserDefined(network.name) ? [...(given.Aliases ?? []), shortId(containerId)] : null
  return {
    IPAMConfig: given.IPAMConfig ?? null, Links: given.Links ?? null, Aliases: aliases, NetworkID: network.id, EndpointID: '', Gateway: '', IPAddress: '', IPPrefixLen: 0,
    IPv6Gateway: '', GlobalIPv6Address: '', GlobalIPv6PrefixLen: 0, MacAddress: '', DriverOpts: given.DriverOpts ?? null,
  }
}

function freeName(inside: NetNamespace): string {
  for (let index = 0; ; index++) if (!inside.interfaces.has(`eth${index}`)) return `eth${index}`
}

function broadcast(address: number, length: number): number {
  return (address | (2 ** (32 - length) - 1)) >>> 0
}
