/** endpointslice-mirroring-controller: Endpoints made by hand appear as EndpointSlices too. */
import type { Endpoints, EndpointSlice, EndpointSubset } from '#engine/api/kinds'
import { nameOf, namespaceOf, uidOf } from '#engine/api/meta'
import { equalJson, keyOf } from '#engine/api/object'
import { isReason } from '#engine/api/status'
import { endpoints as endpointResource, endpointSlices, services as serviceResource } from '#engine/client/resources'
import { unlessNotFound } from '#engine/client/retry'
import { type Controller, type ControllerContext, informersOf, startQueue } from '#engine/controllers/controller'
import { isNamespaceTerminating } from '#engine/controllers/pod-control'

const managedByLabel = 'endpointslice.kubernetes.io/managed-by'
const managedBy = 'endpointslicemirroring-controller.k8s.io'
const serviceLabel = 'kubernetes.io/service-name'
const maxPerSubset = 1000

export const endpointSliceMirroringController: Controller = {
  name: 'endpointslice-mirroring-controller',
  aliases: ['endpointslicemirroring'],
  account: 'endpointslicemirroring-controller',
  start(context) {
    const sources = context.informers.of(endpointResource)
    const services = context.informers.of(serviceResource)
    const slices = context.informers.of(endpointSlices).addIndexers({ service: (slice) => [`${namespaceOf(slice)}/${slice.metadata.labels?.[serviceLabel] ?? ''}`] })
    const queue = startQueue(context, 'endpointslice-mirroring-controller', informersOf(sources, services, slices), async (key) => {
      const existing = slices.store.byIndex('service', key).filter((slice) => slice.metadata.labels?.[managedByLabel] === managedBy)
      const source = sources.store.byKey(key)
      const service = services.store.byKey(key)
      const mirrored = source && service && isMirrored(source) && !service.spec?.selector ? mirror(source) : []
      await reconcile(context, mirrored, existing)
    }, { workers: 5, quiet: isNamespaceTerminating })
    const wake = (object: Parameters<typeof keyOf>[0]): void => queue.add(keyOf(object))
    sources.addHandlers({ added: (object) => isMirrored(object) && wake(object), updated: (next, previous) => (isMirrored(next) || isMirrored(previous)) && wake(next), deleted: (object) => isMirrored(object) && wake(object) })
    services.addHandlers({ added: wake, updated: (next, previous) => Boolean(next.spec?.selector) !== Boolean(previous.spec?.selector) && wake(next), deleted: wake })
  },
}

function isMirrored(object: Endpoints): boolean {
  const { labels, annotations } = object.metadata
  return labels?.['endpointslice.kubernetes.io/skip-mirror'] !== 'true' && labels?.['endpoints.kubernetes.io/managed-by'] !== 'endpoint-controller' && annotations?.['control-plane.alpha.kubernetes.io/leader'] === undefined
}

function mirror(source: Endpoints): EndpointSlice[] {
  const out: EndpointSlice[] = []
  for (const subset of source.subsets ?? [])
    for (const family of ['IPv4', 'IPv6'] as const) {
      const endpoints = [...entries(subset, 'addresses', family, true), ...entries(subset, 'notReadyAddresses', family, false)].slice(0, maxPerSubset)
      if (endpoints.length === 0) continue
      const { 'kubectl.kubernetes.io/last-applied-configuration': _applied, ...annotations } = source.metadata.annotations ?? {}
      const { 'service.kubernetes.io/headless': _headless, ...labels } = source.metadata.labels ?? {}
      out.push({
        apiVersion: 'discovery.k8s.io/v1',
        kind: 'EndpointSlice',
        metadata: {
          generateName: `${nameOf(source)}-`,
          namespace: namespaceOf(source),
          labels: { ...labels, [serviceLabel]: nameOf(source), [managedByLabel]: managedBy },
          ...(Object.keys(annotations).length > 0 ? { annotations } : {}),
          ownerReferences: [{ apiVersion: 'v1', kind: 'Endpoints', name: nameOf(source), uid: uidOf(source), controller: true, blockOwnerDeletion: true }],
        },
        addressType: family,
        endpoints,
        ports: (subset.ports ?? []).map(({ name, port, protocol, appProtocol }) => ({ name: name ?? '', port, protocol: protocol ?? 'TCP', ...(appProtocol ? { appProtocol } : {}) })) as NonNullable<EndpointSlice['ports']>,
      })
    }
  return out
}

function entries(subset: EndpointSubset, field: 'addresses' | 'notReadyAddresses', family: 'IPv4' | 'IPv6', ready: boolean): NonNullable<EndpointSlice['endpoints']> {
  return (subset[field] ?? []).filter(({ ip }) => ip.includes(':') === (family === 'IPv6')).map(({ ip, hostname, nodeName, targetRef }) => ({ addresses: [ip], conditions: { ready }, ...(hostname ? { hostname } : {}), ...(nodeName ? { nodeName } : {}), ...(targetRef ? { targetRef } : {}) })) as NonNullable<EndpointSlice['endpoints']>
}

async function reconcile(context: ControllerContext, wanted: readonly EndpointSlice[], existing: readonly EndpointSlice[]): Promise<void> {
  const { client } = context
  const left = [...existing]
  for (const slice of wanted) {
    const at = left.findIndex((candidate) => candidate.addressType === slice.addressType && equalJson(candidate.ports ?? [], slice.ports))
    const [same] = at < 0 ? [] : left.splice(at, 1)
    const { generateName: _generated, ...metadata } = slice.metadata
    try {
      if (!same) await client.of(endpointSlices).create(slice)
      else if (!equalJson(same.endpoints, slice.endpoints) || !equalJson(same.metadata.labels, slice.metadata.labels)) await client.of(endpointSlices).update({ ...slice, metadata: { ...same.metadata, ...metadata } })
    } catch (error) {
      if (!isReason(error, 'NotFound')) throw error
    }
  }
  for (const slice of left) await unlessNotFound(client.of(endpointSlices).delete(namespaceOf(slice), nameOf(slice)))
}
