/** endpoints-controller: the Endpoints object of each service with a selector. */
import type { Endpoints, EndpointSubset, Pod, Service } from '#engine/api/kinds'
import { nameOf, namespaceOf, uidOf } from '#engine/api/meta'
import { equalJson, keyOf, splitKey } from '#engine/api/object'
import { isReason } from '#engine/api/status'
import { endpoints } from '#engine/client/resources'
import { apiTime, parseTime } from '#engine/client/time'
import { type Controller, informersOf, startQueue } from '#engine/controllers/controller'
import { isNamespaceTerminating } from '#engine/controllers/pod-control'
import { isPodReady } from '#engine/controllers/pods'
import { addressOf, belongs, hostnameFor, type ResolvedPort, resolvePort } from '#engine/controllers/service-endpoints'
import { ServicesOfPods } from '#engine/controllers/services-of-pods'

const triggerAnnotation = 'endpoints.kubernetes.io/last-change-trigger-time'
const overCapacity = 'endpoints.kubernetes.io/over-capacity'
const managedBy = { 'endpoints.kubernetes.io/managed-by': 'endpoint-controller' }
const maxAddresses = 1000

export const endpointsController: Controller = {
  name: 'endpoints-controller',
  aliases: ['endpoint'],
  account: 'endpoint-controller',
  start(context) {
    const { client, clock } = context
    const source = new ServicesOfPods(context)
    const existing = context.informers.of(endpoints)
    const events = context.events('endpoint-controller')
    const reconcile = async (key: string): Promise<void> => {
      const { namespace, name } = splitKey(key)
      const service = source.services.store.byKey(key)
      const current = existing.store.byKey(key)
      if (!service) return remove(namespace, name, current)
      if (!service.spec?.selector || service.spec.type === 'ExternalName') return
      const wanted = build(service, source.selected(service), current, apiTime(clock.now()))
      if (current && equalJson(view(current), view(wanted)) && labelsMatch(service, current)) return
      await write(key, service, current, wanted)
    }
    const write = async (key: string, service: Service, current: Endpoints | undefined, wanted: Endpoints): Promise<void> => {
      try {
        if (current) await client.of(endpoints).update({ ...wanted, metadata: { ...current.metadata, ...wanted.metadata } })
        else await client.of(endpoints).create(wanted)
      } catch (error) {
        if (isNamespaceTerminating(error) || (isReason(error, 'Forbidden') && !current)) return
        const what = current ? `Failed to update endpoint ${key}` : `Failed to create endpoint for service ${key}`
        events.event(current ?? service, 'Warning', current ? 'FailedToUpdateEndpoint' : 'FailedToCreateEndpoint', `${what}: ${(error as Error).message}`)
        throw error
      }
    }
    const remove = async (namespace: string, name: string, current: Endpoints | undefined): Promise<void> => {
      if (!current || !ours(current)) return
      try {
        await client.of(endpoints).delete(namespace, name)
      } catch (error) {
        if (!isReason(error, 'NotFound')) throw error
      }
    }
    const queue = startQueue(context, 'endpoints-controller', informersOf(source.services, source.pods, existing), reconcile, { workers: context.options.concurrent['endpoints'] ?? 5, quiet: isNamespaceTerminating })
    source.follow(queue)
    existing.addHandlers({ deleted: (object) => queue.add(keyOf(object)) })
    // What was left over from services deleted while nobody looked.
    void existing.whenSynced().then(() => { for (const object of existing.store.list()) if (ours(object)) queue.add(keyOf(object)) })
  },
}

/** Objects made by hand for services without a selector are left alone. */
function ours(object: Endpoints): boolean {
  return object.metadata.labels?.['endpoints.kubernetes.io/managed-by'] === 'endpoint-controller' || object.metadata.annotations?.[triggerAnnotation] !== undefined
}

function labelsMatch(service: Service, current: Endpoints): boolean {
  const { 'service.kubernetes.io/headless': _headless, 'endpoints.kubernetes.io/managed-by': _managed, ...labels } = current.metadata.labels ?? {}
  return equalJson(labels, service.metadata.labels ?? {}) && (current.metadata.labels?.['service.kubernetes.io/headless'] !== undefined) === isHeadless(service)
}

function isHeadless(service: Service): boolean {
  return service.spec?.clusterIP === 'None' || (service.spec?.clusterIP ?? '') === ''
}

function view(object: Pick<Endpoints, 'subsets'>): unknown {
  return (object.subsets ?? []).map((subset) => ({ ...subset }))
}

interface Group {
  readonly ports: ResolvedPort[]
  readonly addresses: NonNullable<EndpointSubset['addresses']>[number][]
  readonly notReady: NonNullable<EndpointSubset['addresses']>[number][]
}

function build(service: Service, pods: readonly Pod[], current: Endpoints | undefined, now: string): Endpoints {
  const subsets = subsetsOf(service, pods)
  const total = subsets.reduce((sum, subset) => sum + (subset.addresses?.length ?? 0) + (subset.notReadyAddresses?.length ?? 0), 0)
  const { [overCapacity]: _over, ...annotations } = current?.metadata.annotations ?? {}
  return {
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata: {
      name: nameOf(service),
      namespace: namespaceOf(service),
      labels: { ...service.metadata.labels, ...managedBy, ...(isHeadless(service) ? { 'service.kubernetes.io/headless': '' } : {}) },
      annotations: { ...annotations, [triggerAnnotation]: latestTrigger(pods) ?? now, ...(total > maxAddresses ? { [overCapacity]: 'truncated' } : {}) },
    },
    ...(subsets.length > 0 ? { subsets } : {}),
  } as Endpoints
}

function subsetsOf(service: Service, pods: readonly Pod[]): EndpointSubset[] {
  const family = service.spec?.ipFamilies?.[0] === 'IPv6' ? 'IPv6' : 'IPv4'
  const publishAll = service.spec?.publishNotReadyAddresses === true
  const groups = new Map<string, Group>()
  for (const pod of pods) {
    const ip = belongs(pod, publishAll) ? addressOf(pod, family) : undefined
    if (ip !== undefined) addTo(groups, service, pod, endpointAddress(service, pod, ip), publishAll || isPodReady(pod))
  }
  return [...groups.values()].map(subsetOf).sort((a, b) => (JSON.stringify(a.ports) < JSON.stringify(b.ports) ? -1 : 1))
}

function endpointAddress(service: Service, pod: Pod, ip: string): Group['addresses'][number] {
  const hostname = hostnameFor(service, pod)
  return { ip, ...(hostname ? { hostname } : {}), ...(pod.spec?.nodeName ? { nodeName: pod.spec.nodeName } : {}), targetRef: { kind: 'Pod', namespace: namespaceOf(pod), name: nameOf(pod), uid: uidOf(pod) } }
}

function addTo(groups: Map<string, Group>, service: Service, pod: Pod, address: Group['addresses'][number], ready: boolean): void {
  const servicePorts = service.spec?.ports ?? []
  const ports = servicePorts.map((port) => resolvePort(port, pod)).filter((port) => port !== undefined)
  // A headless service need not have ports; one with ports none of which the pod has does not have the pod.
  if (ports.length === 0 && servicePorts.length > 0) return
  const key = JSON.stringify(ports)
  let group = groups.get(key)
  if (!group) groups.set(key, (group = { ports, addresses: [], notReady: [] }))
  ;(ready ? group.addresses : group.notReady).push(address)
}

function subsetOf(group: Group): EndpointSubset {
  const byIp = (a: { ip: string }, b: { ip: string }): number => (a.ip < b.ip ? -1 : 1)
  const addresses = group.addresses.sort(byIp).slice(0, maxAddresses)
  const notReady = group.notReady.sort(byIp).slice(0, maxAddresses - addresses.length)
  return {
    ...(addresses.length > 0 ? { addresses } : {}),
    ...(notReady.length > 0 ? { notReadyAddresses: notReady } : {}),
    ...(group.ports.length > 0 ? { ports: group.ports.map(({ name, port, protocol, appProtocol }) => ({ ...(name ? { name } : {}), port: port ?? 0, protocol, ...(appProtocol ? { appProtocol } : {}) })) } : {}),
  } as EndpointSubset
}

function latestTrigger(pods: readonly Pod[]): string | undefined {
  let latest: number | undefined
  for (const pod of pods) {
    const at = parseTime(pod.status?.conditions?.find((condition) => condition.type === 'Ready')?.lastTransitionTime)
    if (at !== undefined && at > (latest ?? 0)) latest = at
  }
  return latest === undefined ? undefined : apiTime(latest)
}
