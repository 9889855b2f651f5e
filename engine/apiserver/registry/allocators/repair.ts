/**
 * Keeps what is allocated true to the services there are: an address that a service has is allocated, one whose service is
 * gone is free, and the map of node ports shows those in use.
 */
import type { KubeObject } from '#engine/api/object'
import { isReason } from '#engine/api/status'
import type { Catalog } from '#engine/apiserver/catalog'
import type { ServerServices } from '#engine/apiserver/services'
import type { Cacher } from '#engine/apiserver/storage/cacher'
import { holdAddress } from './cluster-ips'
import { rangeOf } from './node-ports'
import { encodePorts } from './port-map'

const addresses = 'ipaddresses.networking.k8s.io'

export class AllocationRepair {
  private written: string | undefined

  constructor(
    private readonly catalog: Catalog,
    private readonly services: ServerServices,
    /** Puts the map of node ports into the store. */
    private readonly writeMap: (value: Uint8Array) => Promise<void>,
  ) {}

  /** Puts right what is wrong now, then whenever a service or an address changes. */
  async start(signal: AbortSignal): Promise<void> {
    for (const service of await this.services.reader.list('services')) for (const text of addressesOf(service)) await this.hold(service, text)
    for (const address of await this.services.reader.list(addresses)) await this.release(address)
    await this.writePorts()
    void this.follow(this.cacher('services'), signal, () => this.writePorts())
    void this.follow(this.cacher(addresses), signal, (object, gone) => (gone ? this.restore(object) : Promise.resolve()))
  }

  private async follow(cacher: Cacher, signal: AbortSignal, changed: (object: KubeObject, gone: boolean) => Promise<void>): Promise<void> {
    while (!signal.aborted) {
      const channel = cacher.subscribe({ namespace: '' }, 'now')
      if (channel === 'gone') return
      for await (const event of channel) await changed(event.object, event.type === 'DELETED').catch(() => undefined)
      if (!signal.aborted) await this.services.clock.sleep(1000, signal).catch(() => undefined)
    }
  }

  private async hold(service: KubeObject, text: string): Promise<void> {
    if (await this.services.reader.get(addresses, '', text)) return
    this.services.log(`I the ClusterIP ${text} for Service ${service.metadata.namespace ?? ''}/${service.metadata.name ?? ''} is not allocated; repairing`)
    await holdAddress(this.services, text, { namespace: service.metadata.namespace ?? '', name: service.metadata.name ?? '' })
  }

  /** An address that somebody took away from a living service. */
  private async restore(address: KubeObject): Promise<void> {
    const service = await this.ownerOf(address)
    const text = address.metadata.name ?? ''
    if (service && addressesOf(service).includes(text)) await this.hold(service, text)
  }

  private async release(address: KubeObject): Promise<void> {
    const parent = parentOf(address)
    if (parent?.resource !== 'services') return
    const service = await this.ownerOf(address)
    if (service && addressesOf(service).includes(address.metadata.name ?? '')) return
    this.services.log(`I IPAddress: ${address.metadata.name ?? ''} for Service ${parent.namespace ?? ''}/${parent.name ?? ''} appears to have leaked: cleaning up`)
    await this.services.client.delete(addresses, '', address.metadata.name ?? '').catch((error: unknown) => {
      if (!isReason(error, 'NotFound')) throw error
    })
  }

  private async ownerOf(address: KubeObject): Promise<KubeObject | undefined> {
    const parent = parentOf(address)
    return parent?.resource === 'services' ? this.services.reader.get('services', parent.namespace ?? '', parent.name ?? '') : undefined
  }

  private async writePorts(): Promise<void> {
    const { first, last } = rangeOf(this.services)
    const used = (await this.services.reader.list('services')).flatMap(portsOf).filter((port) => port >= first && port <= last).sort((a, b) => a - b)
    const key = used.join()
    if (key === this.written) return
    await this.writeMap(encodePorts(first, last, used))
    this.written = key
  }

  private cacher(resource: string): Cacher {
    return this.catalog.servedNamed(resource)?.cacher as Cacher
  }
}

function addressesOf(service: KubeObject): string[] {
  const spec = service['spec'] as { type?: string; clusterIPs?: string[] } | undefined
  return spec?.type === 'ExternalName' ? [] : (spec?.clusterIPs ?? []).filter((text) => text !== 'None')
}

function parentOf(address: KubeObject): { resource?: string; namespace?: string; name?: string } | undefined {
  return (address['spec'] as { parentRef?: { resource?: string; namespace?: string; name?: string } } | undefined)?.parentRef
}

function portsOf(service: KubeObject): number[] {
  const spec = service['spec'] as { ports?: { nodePort?: number }[]; healthCheckNodePort?: number } | undefined
  return [...(spec?.ports ?? []).map((port) => port.nodePort ?? 0), spec?.healthCheckNodePort ?? 0].filter((port) => port > 0)
}
