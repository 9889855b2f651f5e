/** The service `kubernetes` in `default`, with the addresses of all API servers behind it. */
import { equalJson } from '#engine/api/object'
import type { BootstrapHook } from '#engine/apiserver/bootstrap'
import { formatAddress, parseNetwork } from '#engine/api/validation/addresses'
import type { ServerServices } from '#engine/apiserver/services'
import { ensure } from './ensure'

export const kubernetesService: BootstrapHook = {
  name: 'bootstrap-controller',
  async run(services) {
    const { advertiseAddress, securePort = 6443 } = services.settings
    if (advertiseAddress === undefined) return
    await ensure(services, 'services', service(services, securePort))
    const { masters } = services
    const publish = (addresses: readonly string[]): Promise<void> => publishAll(services, addresses, securePort)
    if (!masters) return publish([advertiseAddress])
    const changes = masters()[Symbol.asyncIterator]()
    const first = await changes.next()
    if (first.done !== true) await publish(first.value)
    void follow(changes, publish)
  },
  upkeep: {
    everyMs: 10_000, resources: ['services', 'endpoints', 'endpointslices.discovery.k8s.io'],
    concerns: ({ kind, metadata }, gone) => metadata.name === 'kubernetes' && metadata.namespace === 'default' && (gone || kind !== 'Service'),
    async restore(services) {
      const { advertiseAddress, securePort = 6443 } = services.settings
      if (advertiseAddress === undefined) return
      await ensure(services, 'services', service(services, securePort))
      await publishAll(services, published.get(services) ?? [advertiseAddress], securePort)
    },
  },
}

/** By server: the addresses that were published last. */
const published = new WeakMap<ServerServices, readonly string[]>()

async function publishAll(services: ServerServices, addresses: readonly string[], port: number): Promise<void> {
  published.set(services, addresses)
  await publishEndpoints(services, addresses, port)
  await publishSlice(services, addresses, port)
}

/** As servers come and go. A write that fails is made good with the next change. */
async function follow(changes: AsyncIterator<readonly string[]>, publish: (addresses: readonly string[]) => Promise<void>): Promise<void> {
  try {
    for (let change = await changes.next(); change.done !== true; change = await changes.next()) await publish(change.value).catch(() => undefined)
  } catch {
    // The process is dying.
  }
}

function service(services: ServerServices, port: number): Parameters<typeof ensure>[2] {
  const network = parseNetwork(services.settings.serviceClusterIpRange.split(',')[0] ?? '')
  const clusterIP = network ? formatAddress({ family: network.family, value: network.base + 1n }) : ''
  return {
    apiVersion: 'v1', kind: 'Service', metadata: { name: 'kubernetes', namespace: 'default', labels: { provider: 'kubernetes', component: 'apiserver' } },
    spec: { clusterIP, clusterIPs: [clusterIP], ipFamilies: [network?.family === 6 ? 'IPv6' : 'IPv4'], ipFamilyPolicy: 'SingleStack', ports: [{ name: 'https', port: 443, targetPort: port, protocol: 'TCP' }], sessionAffinity: 'None', type: 'ClusterIP' },
  }
}

async function publishEndpoints(services: ServerServices, all: readonly string[], port: number): Promise<void> {
  const subsets = [{ addresses: all.map((ip) => ({ ip })), ports: [{ name: 'https', port, protocol: 'TCP' }] }]
  const wanted = { apiVersion: 'v1', kind: 'Endpoints', metadata: { name: 'kubernetes', namespace: 'default', labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' } }, subsets }
  const there = await services.reader.get('endpoints', 'default', 'kubernetes')
  if (!there) await ensure(services, 'endpoints', wanted)
  else if (!equalJson(there.subsets, subsets)) await services.client.update('endpoints', { ...there, subsets })
}

async function publishSlice(services: ServerServices, all: readonly string[], port: number): Promise<void> {
  const resource = 'endpointslices.discovery.k8s.io'
  const endpoints = all.map((address) => ({ addresses: [address], conditions: { ready: true } }))
  const ports = [{ name: 'https', port, protocol: 'TCP' }]
  const wanted = { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', metadata: { name: 'kubernetes', namespace: 'default', labels: { 'kubernetes.io/service-name': 'kubernetes' } }, addressType: all[0]?.includes(':') ? 'IPv6' : 'IPv4', endpoints, ports }
  const there = await services.reader.get(resource, 'default', 'kubernetes')
  if (!there) await ensure(services, resource, wanted)
  else if (!equalJson(there.endpoints, endpoints) || !equalJson(there.ports, ports)) await services.client.update(resource, { ...there, endpoints, ports })
}
