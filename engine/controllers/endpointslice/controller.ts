/** endpointslice-controller: the EndpointSlices of each service with a selector, at most 100 endpoints each. */
import type { EndpointSlice, Node, Pod, Service } from '#engine/api/kinds'
import { nameOf, namespaceOf } from '#engine/api/meta'
import { equalJson, keyOf, splitKey } from '#engine/api/object'
import { isReason } from '#engine/api/status'
import type { Store } from '#engine/client/store'
import { endpointSlices, nodes } from '#engine/client/resources'
import { apiTime } from '#engine/client/time'
import { type Controller, type ControllerContext, informersOf, startQueue } from '#engine/controllers/controller'
import { isNamespaceTerminating } from '#engine/controllers/pod-control'
import { addressOf, type AddressFamily, belongs, portsOf, sliceEndpoint, type SliceEndpoint } from '#engine/controllers/service-endpoints'
import { ServicesOfPods } from '#engine/controllers/services-of-pods'

const managedByLabel = 'endpointslice.kubernetes.io/managed-by'
const managedBy = 'endpointslice-controller.k8s.io'
const serviceLabel = 'kubernetes.io/service-name'
const triggerAnnotation = 'endpoints.kubernetes.io/last-change-trigger-time'
const maxEndpoints = 100

export const endpointSliceController: Controller = {
  name: 'endpointslice-controller',
  aliases: ['endpointslice'],
  start(context) {
    const source = new ServicesOfPods(context)
    const slices = context.informers.of(endpointSlices).addIndexers({ service: (slice) => [`${namespaceOf(slice)}/${slice.metadata.labels?.[serviceLabel] ?? ''}`] })
    const nodeInformer = context.informers.of(nodes)
    const writer = new SliceWriter(context, nodeInformer.store)
    const events = context.events('endpoint-slice-controller')
    const queue = startQueue(context, 'endpointslice-controller', informersOf(source.services, source.pods, slices, nodeInformer), async (key) => {
      const service = source.services.store.byKey(key)
      const existing = slices.store.byIndex('service', key).filter((slice) => slice.metadata.labels?.[managedByLabel] === managedBy)
      // Slices of a deleted service go with it: they are its dependents.
      if (!service || !service.spec?.selector || service.spec.type === 'ExternalName') return
      try {
        await writer.reconcile(service, source.selected(service), existing)
      } catch (error) {
        if (!isNamespaceTerminating(error)) events.event(service, 'Warning', 'FailedToUpdateEndpointSlices', `Error updating Endpoint Slices for Service ${key}: ${(error as Error).message}`)
        throw error
      }
    }, { workers: context.options.concurrent['endpointslices'] ?? 5, quiet: isNamespaceTerminating })
    source.follow(queue)
    const serviceOf = (slice: EndpointSlice): void => {
      const name = slice.metadata.labels?.[serviceLabel]
      if (name && slice.metadata.labels?.[managedByLabel] === managedBy) queue.add(`${namespaceOf(slice)}/${name}`)
    }
    slices.addHandlers({
      deleted: serviceOf,
      updated: (next, previous) => {
        // Our own writes come back too: they change nothing then.
        if (!equalJson(previous.metadata.labels, next.metadata.labels)) serviceOf(previous)
        if (previous.metadata.generation !== next.metadata.generation) serviceOf(next)
      },
    })
  },
}

interface Desired {
  readonly family: AddressFamily
  readonly ports: NonNullable<EndpointSlice['ports']>
  readonly endpoints: SliceEndpoint[]
}

class SliceWriter {
  constructor(
    private readonly context: ControllerContext,
    private readonly nodes: Store<Node>,
  ) {}

  async reconcile(service: Service, pods: readonly Pod[], existing: readonly EndpointSlice[]): Promise<void> {
    const { client } = this.context
    const desired = this.desired(service, pods)
    const left = new Set(existing)
    for (const group of desired) {
      const own = [...left].filter((slice) => slice.addressType === group.family && equalJson(slice.ports ?? [], group.ports)).sort((a, b) => ((nameOf(a)) < (nameOf(b)) ? -1 : 1))
      for (const slice of own) left.delete(slice)
      await this.fill(service, group, own, left)
    }
    // A service has one slice at least, even without endpoints: an old one that is not needed becomes it.
    for (const slice of left) await remove(client, slice)
  }

  private desired(service: Service, pods: readonly Pod[]): Desired[] {
    const families = (service.spec?.ipFamilies ?? ['IPv4']) as AddressFamily[]
    const groups = new Map<string, Desired>()
    for (const family of families) {
      for (const pod of pods) {
        if (!belongs(pod, true) || addressOf(pod, family) === undefined) continue
        const ports = portsOf(service, pod).map(({ name, port, protocol, appProtocol }) => ({ name, ...(port === undefined ? {} : { port }), protocol, ...(appProtocol ? { appProtocol } : {}) })) as NonNullable<EndpointSlice['ports']>
        const key = JSON.stringify([family, ports])
        let group = groups.get(key)
        if (!group) groups.set(key, (group = { family, ports, endpoints: [] }))
        group.endpoints.push(sliceEndpoint(service, pod, pod.spec?.nodeName ? this.nodes.byKey(pod.spec.nodeName) : undefined, family))
      }
      if (![...groups.values()].some((group) => group.family === family)) groups.set(family, { family, ports: [], endpoints: [] })
    }
    return [...groups.values()]
  }

  /** Endpoints that are in a slice stay in it; new ones fill the slices up. */
  private async fill(service: Service, group: Desired, existing: readonly EndpointSlice[], left: Set<EndpointSlice>): Promise<void> {
    const { client } = this.context
    const pending = new Map(group.endpoints.map((endpoint) => [endpointKey(endpoint), endpoint]))
    const plans = existing.map((slice) => ({ slice, endpoints: take(slice, pending) }))
    const fresh: SliceEndpoint[] = [...pending.values()]
    for (const plan of plans) if (fresh.length > 0 && plan.endpoints.length < maxEndpoints) plan.endpoints.push(...fresh.splice(0, maxEndpoints - plan.endpoints.length))
    let kept = 0
    for (const { slice, endpoints } of plans) {
      if (endpoints.length === 0 && (kept > 0 || fresh.length > 0 || plans.some((other) => other.endpoints.length > 0))) await remove(client, slice)
      else {
        kept++
        await this.update(service, group, slice, endpoints)
      }
    }
    while (fresh.length > 0 || kept === 0) {
      kept++
      const endpoints = fresh.splice(0, maxEndpoints)
      // A slice that would have to go is written over instead.
      const spare = [...left].find((slice) => slice.addressType === group.family)
      if (spare) {
        left.delete(spare)
        await this.update(service, group, spare, endpoints)
      } else await client.of(endpointSlices).create(this.slice(service, group, endpoints))
    }
  }

  private async update(service: Service, group: Desired, slice: EndpointSlice, endpoints: SliceEndpoint[]): Promise<void> {
    const wanted = this.slice(service, group, endpoints)
    const sameLabels = equalJson(slice.metadata.labels ?? {}, wanted.metadata.labels ?? {})
    if (equalJson(slice.endpoints ?? [], endpoints) && equalJson(slice.ports ?? [], group.ports) && sameLabels) return
    const { generateName: _generated, annotations, ...metadata } = wanted.metadata
    await this.context.client.of(endpointSlices).update({ ...wanted, metadata: { ...slice.metadata, ...metadata, annotations: { ...slice.metadata.annotations, ...annotations } } })
  }

  private slice(service: Service, group: Desired, endpoints: SliceEndpoint[]): EndpointSlice {
    const { name = '', namespace = '', uid = '' } = service.metadata
    const headless = service.spec?.clusterIP === 'None'
    return {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: {
        generateName: `${name}-`,
        namespace,
        labels: { ...service.metadata.labels, [serviceLabel]: name, [managedByLabel]: managedBy, ...(headless ? { 'service.kubernetes.io/headless': '' } : {}) },
        annotations: { [triggerAnnotation]: apiTime(this.context.clock.now()) },
        ownerReferences: [{ apiVersion: 'v1', kind: 'Service', name, uid, controller: true, blockOwnerDeletion: true }],
      },
      addressType: group.family,
      endpoints,
      ports: group.ports,
    }
  }
}

/** What of a slice is still wanted, as it is now; it is no longer pending then. */
function take(slice: EndpointSlice, pending: Map<string, SliceEndpoint>): SliceEndpoint[] {
  const out: SliceEndpoint[] = []
  for (const endpoint of slice.endpoints ?? []) {
    const wanted = pending.get(endpointKey(endpoint))
    if (!wanted) continue
    pending.delete(endpointKey(endpoint))
    out.push(wanted)
  }
  return out
}

function endpointKey(endpoint: SliceEndpoint): string {
  return `${endpoint.targetRef?.uid ?? ''}/${endpoint.addresses.join(',')}`
}

async function remove(client: ControllerContext['client'], slice: EndpointSlice): Promise<void> {
  const { namespace, name } = splitKey(keyOf(slice))
  try {
    await client.of(endpointSlices).delete(namespace, name)
  } catch (error) {
    if (!isReason(error, 'NotFound')) throw error
  }
}
