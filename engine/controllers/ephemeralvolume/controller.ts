/** ephemeral-volume-controller: makes the claims of generic ephemeral volumes. */
import type { PersistentVolumeClaim, Pod } from '#engine/api/kinds'
import { nameOf, namespaceOf, uidOf } from '#engine/api/meta'
import { copyObject, keyOf } from '#engine/api/object'
import { isReason } from '#engine/api/status'
import { persistentVolumeClaims, pods as podResource } from '#engine/client/resources'
import { type Controller, informersOf, startQueue } from '#engine/controllers/controller'

export const ephemeralVolumeController: Controller = {
  name: 'ephemeral-volume-controller',
  aliases: ['ephemeral-volume'],
  start(context) {
    const pods = context.informers.of(podResource)
    const claims = context.informers.of(persistentVolumeClaims)
    const events = context.events('ephemeral_volume')
    const queue = startQueue(context, 'ephemeral-volume-controller', informersOf(pods, claims), async (key) => {
      const pod = pods.store.byKey(key)
      if (!pod || pod.metadata.deletionTimestamp !== undefined) return
      for (const volume of pod.spec?.volumes ?? []) if (volume.ephemeral?.volumeClaimTemplate) await ensure(key, pod, volume.name, volume.ephemeral.volumeClaimTemplate as unknown as PersistentVolumeClaim)
    }, { workers: 5 })
    const ensure = async (key: string, pod: Pod, volumeName: string, template: PersistentVolumeClaim): Promise<void> => {
      const name = `${nameOf(pod)}-${volumeName}`
      const existing = claims.store.get(namespaceOf(pod), name)
      if (existing) {
        if (existing.metadata.ownerReferences?.some((owner) => owner.uid === pod.metadata.uid)) return
        throw new Error(`PVC ${keyOf(existing)} was not created for pod ${key} (pod is not owner)`)
      }
      try {
        await context.client.of(persistentVolumeClaims).create(claimOf(pod, name, template))
      } catch (error) {
        if (!isReason(error, 'AlreadyExists')) events.event(pod, 'Warning', 'FailedCreate', `ephemeral volume ${volumeName}: create PVC: ${(error as Error).message}`)
        throw error
      }
    }
    const wake = (pod: Pod): void => { if (pod.spec?.volumes?.some((volume) => volume.ephemeral)) queue.add(keyOf(pod)) }
    pods.addHandlers({ added: wake })
    claims.addHandlers({ deleted: (claim) => { for (const owner of claim.metadata.ownerReferences ?? []) if (owner.kind === 'Pod') queue.add(`${namespaceOf(claim)}/${owner.name}`) } })
  },
}

function claimOf(pod: Pod, name: string, template: PersistentVolumeClaim): PersistentVolumeClaim {
  const made = copyObject(template)
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: {
      name,
      namespace: namespaceOf(pod),
      ...(made.metadata?.labels ? { labels: made.metadata.labels } : {}),
      ...(made.metadata?.annotations ? { annotations: made.metadata.annotations } : {}),
      ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: nameOf(pod), uid: uidOf(pod), controller: true, blockOwnerDeletion: true }],
    },
    spec: made.spec,
  } as PersistentVolumeClaim
}
