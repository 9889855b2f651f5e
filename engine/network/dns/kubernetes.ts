/** The `kubernetes` plugin: names of services, endpoints and pods, from informers, by the DNS specification of Kubernetes. */
import type { EndpointSlice, Service } from '#engine/api/kinds'
import type { Client } from '#engine/client/client'
import type { Informer } from '#engine/client/informer'
import { Informers } from '#engine/client/informers'
import { endpointSlices, namespaces, pods, services } from '#engine/client/resources'
import { parseV4 } from '#engine/linux/net/address'
import type { DnsRecord } from '#engine/linux/net/dns/message'
import { type DnsAnswer, type DnsQuery, empty, inZone, type PluginHost } from '#engine/network/dns/plugin'

export interface KubernetesOptions {
  readonly zones: readonly string[]
  readonly ttl: number
  readonly pods: 'disabled' | 'insecure' | 'verified'
  /** Undefined: nothing falls through; empty: everything does. */
  readonly fallthrough: readonly string[] | undefined
  readonly namespaces: readonly string[]
  readonly ignoreEmptyService: boolean
  readonly endpointPodNames: boolean
}

const serviceLabel = 'kubernetes.io/service-name'

interface Target {
  readonly host: string
  readonly address: string
  readonly port: number
  readonly portName: string
  readonly protocol: string
}

export class KubernetesNames {
  private readonly informers: Informers
  readonly services: Informer<Service>
  readonly slices: Informer<EndpointSlice>
  private readonly serialAt: number

  constructor(client: Client, private readonly host: PluginHost, private readonly options: KubernetesOptions) {
    this.informers = new Informers(client, { clock: host.clock, random: host.random }, {
      listsFirst: true,
      onErrorOf: (resource, error, phase) => host.log(`[ERROR] plugin/kubernetes: Failed to watch *v1.${resource.kind}: failed to ${phase} *v1.${resource.kind}: ${(error as Error).message}`),
    })
    this.services = this.informers.of(services).addIndexers({ ip: (service) => (service.spec?.clusterIPs ?? [service.spec?.clusterIP ?? '']).filter((ip) => ip !== '' && ip !== 'None') })
    this.slices = this.informers.of(endpointSlices).addIndexers({
      service: (slice) => [`${slice.metadata.namespace ?? ''}/${slice.metadata.labels?.[serviceLabel] ?? ''}`],
      ip: (slice) => (slice.endpoints ?? []).flatMap((endpoint) => [...endpoint.addresses]),
    })
    this.informers.of(namespaces)
    if (options.pods === 'verified') this.informers.of(pods).addIndexers({ ip: (pod) => (pod.status?.podIP ? [pod.status.podIP] : []) })
    this.serialAt = Math.floor(host.clock.now() / 1000)
  }

  start(signal: AbortSignal): void {
    this.informers.start(signal)
  }

  whenSynced(): Promise<void> {
    return this.informers.whenSynced()
  }

  get synced(): boolean {
    return this.services.hasSynced && this.slices.hasSynced
  }

  /** Undefined where the name is to be asked of the next plugin. */
  answer(query: DnsQuery): DnsAnswer | undefined {
    const zone = this.options.zones.filter((each) => inZone(query.name, each)).sort((a, b) => b.length - a.length)[0]
    if (zone === undefined) return undefined
    const answer = zone.endsWith('.arpa.') ? this.reverse(query, zone) : this.forward(query, zone)
    if (answer.code === 'NXDOMAIN' && this.fallsThrough(query.name)) return undefined
    return answer
  }

  private fallsThrough(name: string): boolean {
    const { fallthrough } = this.options
    return fallthrough !== undefined && (fallthrough.length === 0 || fallthrough.some((zone) => inZone(name, zone)))
  }

  private soa(zone: string): DnsRecord {
    return { name: zone.replace(/\.$/, ''), type: 'SOA', ttl: this.options.ttl, data: `ns.dns.${zone} hostmaster.${zone} ${this.serialAt} 7200 1800 86400 ${this.options.ttl}` }
  }

  private none(zone: string, code: 'NOERROR' | 'NXDOMAIN'): DnsAnswer {
    return empty(code, [this.soa(zone)])
  }

  private reverse(query: DnsQuery, zone: string): DnsAnswer {
    const address = query.name.replace(/\.in-addr\.arpa\.$/, '').split('.').reverse().join('.')
    if (parseV4(address) === undefined) return this.none(zone, 'NXDOMAIN')
    const names = this.namesOf(address)
    if (names.length === 0) return this.none(zone, 'NXDOMAIN')
    if (query.question.type !== 'PTR') return this.none(zone, 'NOERROR')
    return this.found(names.map((name) => ({ name: query.question.name, type: 'PTR', ttl: this.options.ttl, data: name })))
  }

  private namesOf(address: string): string[] {
    const primary = this.options.zones.find((zone) => !zone.endsWith('.arpa.')) ?? 'cluster.local.'
    const service = this.services.store.byIndex('ip', address)[0]
    if (service) return [`${service.metadata.name ?? ''}.${service.metadata.namespace ?? ''}.svc.${primary}`]
    return this.slices.store.byIndex('ip', address).flatMap((slice) => {
      const name = slice.metadata.labels?.[serviceLabel]
      const endpoint = slice.endpoints?.find((each) => each.addresses.includes(address))
      if (name === undefined || !endpoint) return []
      return [`${endpoint.hostname ?? address.replace(/\./g, '-')}.${name}.${slice.metadata.namespace ?? ''}.svc.${primary}`]
    })
  }

  private forward(query: DnsQuery, zone: string): DnsAnswer {
    const labels = query.name.slice(0, Math.max(0, query.name.length - zone.length - 1)).split('.').filter((label) => label !== '')
    const { question } = query
    if (labels.length === 0) return this.apex(query, zone)
    const last = labels.at(-1)
    if (labels.length === 1 && labels[0] === 'dns-version') return question.type === 'TXT' ? this.found([{ name: question.name, type: 'TXT', ttl: this.options.ttl, data: '"1.1.0"' }]) : this.none(zone, 'NOERROR')
    if (query.name === `ns.dns.${zone}`) return this.nameServerAddresses(query, zone)
    const namespace = labels.at(-2)
    if (last !== 'svc' && last !== 'pod') return this.none(zone, 'NXDOMAIN')
    if (namespace === undefined) return this.none(zone, 'NOERROR')
    if (!this.namespaceExists(namespace)) return this.none(zone, 'NXDOMAIN')
    const rest = labels.slice(0, -2)
    if (rest.length === 0) return this.none(zone, 'NOERROR')
    return last === 'pod' ? this.pod(query, zone, namespace, rest) : this.service(query, zone, namespace, rest)
  }

  /** Of the zone itself. */
  private apex(query: DnsQuery, zone: string): DnsAnswer {
    const { question } = query
    return question.type === 'SOA' ? this.found([{ ...this.soa(zone), name: question.name }]) : question.type === 'NS' ? this.nameServers(query, zone) : this.none(zone, 'NOERROR')
  }

  private nameServers(query: DnsQuery, zone: string): DnsAnswer {
    const server = this.services.store.byIndex('ip', this.ownService() ?? '')[0]
    const name = server ? `${server.metadata.name ?? ''}.${server.metadata.namespace ?? ''}.svc.${zone}` : `ns.dns.${zone}`
    return this.found([{ name: query.question.name, type: 'NS', ttl: this.options.ttl, data: name }])
  }

  private ownService(): string | undefined {
    return this.services.store.get('kube-system', 'kube-dns')?.spec?.clusterIP
  }

  private nameServerAddresses(query: DnsQuery, zone: string): DnsAnswer {
    const address = this.ownService()
    return query.question.type === 'A' && address !== undefined ? this.found([{ name: query.question.name, type: 'A', ttl: this.options.ttl, data: address }]) : this.none(zone, 'NOERROR')
  }

  private namespaceExists(name: string): boolean {
    const exposed = this.options.namespaces.length === 0 || this.options.namespaces.includes(name)
    return exposed && this.informers.of(namespaces).store.get('', name) !== undefined
  }

  private pod(query: DnsQuery, zone: string, namespace: string, rest: readonly string[]): DnsAnswer {
    const address = (rest[0] ?? '').replace(/-/g, '.')
    if (rest.length !== 1 || this.options.pods === 'disabled' || parseV4(address) === undefined) return this.none(zone, 'NXDOMAIN')
    if (this.options.pods === 'verified' && !this.informers.of(pods).store.byIndex('ip', address).some((pod) => pod.metadata.namespace === namespace)) return this.none(zone, 'NXDOMAIN')
    return query.question.type === 'A' ? this.found([{ name: query.question.name, type: 'A', ttl: this.options.ttl, data: address }]) : this.none(zone, 'NOERROR')
  }

  private service(query: DnsQuery, zone: string, namespace: string, rest: readonly string[]): DnsAnswer {
    const { question } = query
    const wanted = serviceQuery(rest)
    const service = wanted && this.services.store.get(namespace, wanted.service)
    if (!wanted || !service) return this.none(zone, 'NXDOMAIN')
    if (service.spec?.type === 'ExternalName') return this.externalName(query, zone, service, wanted.endpoint !== undefined)
    const targets = this.targetsOf(service, zone, wanted)
    if (targets.length === 0) return this.none(zone, 'NXDOMAIN')
    const { ttl } = this.options
    if (question.type === 'A') return this.found(unique(targets.map((each) => each.address)).map((address) => ({ name: question.name, type: 'A', ttl, data: address })))
    if (question.type !== 'SRV') return this.none(zone, 'NOERROR')
    const records = unique(targets.map((each) => `0 ${Math.floor(100 / unique(targets.map((other) => other.host)).length)} ${each.port} ${each.host}`))
    const additional = unique(targets.map((each) => `${each.host} ${each.address}`)).map((pair): DnsRecord => ({ name: (pair.split(' ')[0] ?? '').replace(/\.$/, ''), type: 'A', ttl, data: pair.split(' ')[1] ?? '' }))
    return { ...this.found(records.map((data) => ({ name: question.name, type: 'SRV', ttl, data }))), additional }
  }

  private externalName(query: DnsQuery, zone: string, service: Service, endpoint: boolean): DnsAnswer {
    const target = service.spec?.externalName
    if (target === undefined || endpoint) return this.none(zone, 'NXDOMAIN')
    const { question } = query
    if (question.type !== 'A' && question.type !== 'AAAA' && question.type !== 'CNAME') return this.none(zone, 'NOERROR')
    return this.found([{ name: question.name, type: 'CNAME', ttl: this.options.ttl, data: `${target.replace(/\.$/, '')}.` }])
  }

  private targetsOf(service: Service, zone: string, wanted: ServiceQuery): Target[] {
    const name = `${service.metadata.name ?? ''}.${service.metadata.namespace ?? ''}.svc.${zone}`
    const matching = (port: { name?: string; protocol?: string }): boolean => (wanted.port === undefined || wanted.port === '*' || port.name === wanted.port) && (wanted.protocol === undefined || wanted.protocol === '*' || (port.protocol ?? 'TCP').toLowerCase() === wanted.protocol)
    const ip = service.spec?.clusterIP ?? ''
    if (ip !== 'None' && wanted.endpoint === undefined) {
      if (this.options.ignoreEmptyService && this.slices.store.byIndex('service', `${service.metadata.namespace ?? ''}/${service.metadata.name ?? ''}`).every((slice) => (slice.endpoints ?? []).length === 0)) return []
      return (service.spec?.ports ?? []).filter(matching).map((port) => ({ host: name, address: ip, port: port.port, portName: port.name ?? '', protocol: port.protocol ?? 'TCP' }))
    }
    return this.endpointTargets(service, name, wanted).filter((target) => matching({ name: target.portName, protocol: target.protocol }))
  }

  private endpointTargets(service: Service, name: string, wanted: ServiceQuery): Target[] {
    const out: Target[] = []
    for (const slice of this.slices.store.byIndex('service', `${service.metadata.namespace ?? ''}/${service.metadata.name ?? ''}`)) {
      if (slice.addressType !== 'IPv4') continue
      for (const endpoint of slice.endpoints ?? []) {
        if (endpoint.conditions?.ready === false) continue
        const address = endpoint.addresses[0] ?? ''
        const label = endpoint.hostname ?? (this.options.endpointPodNames ? (endpoint.targetRef?.name ?? address.replace(/\./g, '-')) : address.replace(/\./g, '-'))
        if (wanted.endpoint !== undefined && wanted.endpoint !== label.toLowerCase()) continue
        const ports = slice.ports && slice.ports.length > 0 ? slice.ports : [{ port: -1 }]
        for (const port of ports) out.push({ host: `${label}.${name}`, address, port: port.port ?? -1, portName: port.name ?? '', protocol: port.protocol ?? 'TCP' })
      }
    }
    return out
  }

  private found(answers: readonly DnsRecord[]): DnsAnswer {
    return { code: 'NOERROR', authoritative: true, answers, authority: [], additional: [] }
  }
}

interface ServiceQuery {
  readonly service: string
  readonly endpoint?: string
  readonly port?: string
  readonly protocol?: string
}

/** `web`, `ep.web`, `_http._tcp.web`. */
function serviceQuery(rest: readonly string[]): ServiceQuery | undefined {
  const service = rest.at(-1) ?? ''
  if (rest.length === 1) return { service }
  if (rest.length === 2) return { service, endpoint: rest[0] ?? '' }
  if (rest.length !== 3) return undefined
  const [port = '', protocol = ''] = rest
  return port.startsWith('_') && protocol.startsWith('_') ? { service, port: port.slice(1), protocol: protocol.slice(1) } : undefined
}

function unique<T>(values: readonly T[]): T[] {
  return [...new Set(values)]
}
