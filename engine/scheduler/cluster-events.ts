/** What the scheduler watches, turned into events for its cache and queue. */
import type { Node, Pod } from '#engine/api/kinds'
import type { KubeObject } from '#engine/api/object'
import type { Informers } from '#engine/client/informers'
import * as resources from '#engine/client/resources'
import type { ResourceRef } from '#engine/client/resources'
import type { ClusterEvent, Kind } from '#engine/scheduler/framework'

export interface ClusterFollower {
  node(next: Node | undefined, previous: Node | undefined): void
  pod(next: Pod | undefined, previous: Pod | undefined): void
  event(event: ClusterEvent): void
}

const others: readonly (readonly [ResourceRef, Kind])[] = [
  [resources.persistentVolumes as ResourceRef, 'PersistentVolume'],
  [resources.persistentVolumeClaims as ResourceRef, 'PersistentVolumeClaim'],
  [resources.storageClasses as ResourceRef, 'StorageClass'],
  [resources.csiNodes as ResourceRef, 'CSINode'],
  [resources.csiDrivers as ResourceRef, 'CSIDriver'],
  [resources.csiStorageCapacities, 'CSIStorageCapacity'],
  [resources.volumeAttachments as ResourceRef, 'VolumeAttachment'],
  [resources.resourceClaims, 'ResourceClaim'],
  [resources.resourceSlices, 'ResourceSlice'],
  [resources.deviceClasses, 'DeviceClass'],
]

/** Only looked up. */
const caches: readonly ResourceRef[] = [resources.namespaces, resources.services, resources.replicaSets, resources.replicationControllers, resources.statefulSets, resources.podDisruptionBudgets] as readonly ResourceRef[]

export function followCluster(informers: Informers, follower: ClusterFollower): void {
  for (const resource of caches) informers.of(resource)
  informers.of(resources.nodes).addHandlers({
    added: (node) => {
      follower.node(node, undefined)
      follower.event({ kind: 'Node', action: 'add', next: node })
    },
    updated: (next, previous) => {
      follower.node(next, previous)
      if (matters(previous, next)) follower.event({ kind: 'Node', action: 'update', previous, next })
    },
    deleted: (node) => follower.node(undefined, node),
  })
  informers.of(resources.pods).addHandlers({ added: (pod) => follower.pod(pod, undefined), updated: (next, previous) => follower.pod(next, previous), deleted: (pod) => follower.pod(undefined, pod) })
  for (const [resource, kind] of others) {
    const send = (action: ClusterEvent['action'], next?: KubeObject, previous?: KubeObject): void => follower.event({ kind, action, ...(next ? { next } : {}), ...(previous ? { previous } : {}) })
    informers.of(resource).addHandlers({ added: (object) => send('add', object), updated: (next, previous) => send('update', next, previous), deleted: (object) => send('delete', undefined, object) })
  }
}

/** Heartbeats and images are no reason to try again. */
function matters(previous: Node, next: Node): boolean {
  const view = (node: Node): string => JSON.stringify([node.spec, node.metadata.labels, node.metadata.annotations, node.status?.allocatable, (node.status?.conditions ?? []).map((condition) => [condition.type, condition.status])])
  return view(previous) !== view(next)
}
