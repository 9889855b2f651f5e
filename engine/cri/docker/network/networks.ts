/** Which networks there are: made, listed, removed; and the documents that tell of them. */
import { parsePrefix } from '#engine/linux/net/address'
import { hasLabel } from '../events'
import type { DockerHost } from '../host'
import { netNamespace, newId, timeText } from '../host'
import { ApiError, badParameter, conflict, notFound, serverError } from '../model'
import { checkSubnet, freeSubnet, gatewayOf, type NetworkRecord } from './record'

export interface CreateNetwork {
  readonly Name?: string
  readonly CheckDuplicate?: boolean
  readonly Driver?: string
  readonly Internal?: boolean
  readonly Attachable?: boolean
  readonly EnableIPv6?: boolean
  readonly IPAM?: { readonly Config?: readonly { readonly Subnet?: string; readonly Gateway?: string; readonly IPRange?: string }[] | null }
  readonly Options?: Record<string, string> | null
  readonly Labels?: Record<string, string> | null
}

const predefined = ['bridge', 'host', 'none']

export class Networks {
  private readonly byName = new Map<string, NetworkRecord>()
  private readonly path: string

  constructor(private readonly host: DockerHost) {
    this.path = `${host.config.root}/network/files/local-kv.db`
    const { files } = host.process
    if (files.exists(this.path)) for (const record of JSON.parse(files.readText(this.path)) as NetworkRecord[]) this.byName.set(record.name, record)
    else this.makeDefaults()
  }

  private makeDefaults(): void {
    const { bip } = this.host.config
    const subnet = bip === '' ? '172.17.0.0/16' : checkSubnet(bip, [])
    const gateway = bip === '' ? '172.17.0.1' : (bip.split('/')[0] ?? '')
    const options = {
      'com.docker.network.bridge.default_bridge': 'true', 'com.docker.network.bridge.enable_icc': 'true', 'com.docker.network.bridge.enable_ip_masquerade': 'true', 'com.docker.network.bridge.host_binding_ipv4': '0.0.0.0',
      'com.docker.network.bridge.name': 'docker0', 'com.docker.network.driver.mtu': '1500',
    }
    this.add({ name: 'bridge', driver: 'bridge', subnet, gateway, options })
    this.add({ name: 'host', driver: 'host' })
    this.add({ name: 'none', driver: 'null' })
  }

  all(): NetworkRecord[] {
    return [...this.byName.values()]
  }

  /** By name, id or the beginning of an id. */
  find(text: string): NetworkRecord {
    const named = this.byName.get(text === 'default' ? 'bridge' : text)
    if (named) return named
    const matches = /^[0-9a-f]+$/.test(text) ? this.all().filter((network) => network.id.startsWith(text)) : []
    if (matches.length > 1) throw badParameter(`network ${text} is ambiguous (${matches.length} matches found on ID prefix)`)
    if (!matches[0]) throw notFound(`network ${text} not found`)
    return matches[0]
  }

  create(body: CreateNetwork): NetworkRecord {
    const name = body.Name ?? ''
    if (!/^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/.test(name)) throw badParameter(name.trim() === '' ? 'invalid name: name is empty' : `invalid network name: ${name}`)
    if (predefined.includes(name)) throw new ApiError(403, `operation is not permitted on predefined ${name} network `)
    if (this.byName.has(name)) throw conflict(`network with name ${name} already exists`)
    checkDriver(body.Driver ?? '')
    const made = this.add({ name, driver: 'bridge', ...this.addresses(body), options: body.Options ?? {}, labels: body.Labels ?? {}, internal: body.Internal ?? false, attachable: body.Attachable ?? false, ipv6: body.EnableIPv6 ?? false })
    this.host.events.publish('network', 'create', made.id, { name, type: 'bridge' })
    return made
  }

  private addresses(body: CreateNetwork): { subnet: string; gateway: string; ipRange: string; given: boolean } {
    const [given] = body.IPAM?.Config ?? []
    const subnet = given?.Subnet ? checkSubnet(given.Subnet, this.all()) : freeSubnet(this.all(), netNamespace(this.host.process))
    const gateway = given?.Gateway || gatewayOf(subnet)
    if (!parsePrefix(`${gateway}/32`)) throw badParameter(`invalid gateway address: ${gateway}`)
    return { subnet, gateway, ipRange: given?.IPRange ?? '', given: given !== undefined }
  }

  remove(text: string): void {
    const network = this.find(text)
    if (predefined.includes(network.name)) throw new ApiError(403, `${network.name} is a pre-defined network and cannot be removed`)
    if (Object.keys(network.endpoints).length > 0) throw new ApiError(403, `error while removing network: network ${network.name} id ${network.id} has active endpoints`)
    this.byName.delete(network.name)
    this.save()
    this.host.events.publish('network', 'destroy', network.id, { name: network.name, type: network.driver })
  }

  prune(labels: readonly string[]): string[] {
    const used = new Set(this.host.records.all().flatMap((record) => Object.keys(record.networks)))
    const gone = this.all().filter((network) => !predefined.includes(network.name) && !used.has(network.name) && Object.keys(network.endpoints).length === 0 && labels.every((label) => hasLabel(network.labels, label)))
    for (const network of gone) this.remove(network.name)
    return gone.map((network) => network.name)
  }

  list(filters: Readonly<Record<string, readonly string[]>>): NetworkRecord[] {
    const dangling = filters['dangling']
    const used = new Set(this.host.records.all().flatMap((record) => Object.keys(record.networks)))
    return this.all().filter((network) => Object.entries(filters).every(([name, values]) => {
      switch (name) {
        case 'name': return values.some((value) => network.name.includes(value))
        case 'id': return values.some((value) => network.id.startsWith(value))
        case 'driver': return values.includes(network.driver)
        case 'label': return values.every((value) => hasLabel(network.labels, value))
        case 'scope': return values.includes('local')
        case 'type': return values.some((value) => (value === 'builtin') === predefined.includes(network.name))
        case 'dangling': return (dangling?.[0] === 'true' || dangling?.[0] === '1') === (!predefined.includes(network.name) && !used.has(network.name))
        default: throw badParameter(`Invalid filter '${name}'`)
      }
    }))
  }

  toApi(network: NetworkRecord, withContainers: boolean): object {
    const config = network.subnet === '' ? [] : [{ Subnet: network.subnet, ...(network.ipRange === '' ? {} : { IPRange: network.ipRange }), ...(network.name === 'bridge' || network.given || network.gateway !== '' ? { Gateway: network.gateway } : {}) }]
    const containers = Object.fromEntries(Object.values(network.endpoints).map((endpoint) => [endpoint.container, {
      Name: endpoint.name, EndpointID: endpoint.endpoint, MacAddress: endpoint.mac, IPv4Address: endpoint.address === '' ? '' : `${endpoint.address}/${network.subnet.split('/')[1] ?? ''}`, IPv6Address: '',
    }]))
    return {
      Name: network.name, Id: network.id, Created: timeText(network.createdMs), Scope: 'local', Driver: network.driver, EnableIPv6: network.ipv6,
      IPAM: { Driver: 'default', Options: predefined.includes(network.name) ? null : {}, Config: config },
      Internal: network.internal, Attachable: network.attachable, Ingress: false, ConfigFrom: { Network: '' }, ConfigOnly: false,
      Containers: withContainers ? containers : {}, Options: network.options, Labels: network.labels,
    }
  }

  save(): void {
    const { files } = this.host.process
    files.mkdirAll(this.path.slice(0, this.path.lastIndexOf('/')), 0o750)
    files.writeFile(this.path, JSON.stringify(this.all()), 0o600)
  }

  private add(given: Partial<NetworkRecord> & Pick<NetworkRecord, 'name' | 'driver'>): NetworkRecord {
    const record: NetworkRecord = { id: newId(this.host), internal: false, attachable: false, ipv6: false, createdMs: this.host.process.clock.now(), labels: {}, options: {}, subnet: '', gateway: '', ipRange: '', given: false, endpoints: {}, ...given }
    if (this.byName.size > 200) throw serverError('too many networks')
    this.byName.set(record.name, record)
    this.save()
    return record
  }
}

/** Only bridges are made. */
function checkDriver(driver: string): void {
  if (['', 'default', 'bridge'].includes(driver)) return
  if (driver === 'host' || driver === 'null') throw new ApiError(403, `only one instance of "${driver}" network is allowed`)
  if (driver === 'overlay') throw new ApiError(503, 'This node is not a swarm manager. Use "docker swarm init" or "docker swarm join" to connect this node to swarm and try again.')
  throw notFound(driver === 'macvlan' || driver === 'ipvlan' ? `network driver ${driver} is not supported on this machine` : `plugin "${driver}" not found`)
}

export function isUserDefined(name: string): boolean {
  return !predefined.includes(name) && name !== 'default'
}
