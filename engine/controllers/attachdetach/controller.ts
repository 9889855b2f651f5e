/** persistentvolume-attach-detach-controller: VolumeAttachments of CSI volumes, for drivers that attach. */
import { sha256 } from '@noble/hashes/sha2.js'
import { encodeUtf8, toHex } from '#engine/base/bytes'
import type { Pod, VolumeAttachment } from '#engine/api/kinds'
import { namespaceOf } from '#engine/api/meta'
import { keyOf } from '#engine/api/object'
import { isReason } from '#engine/api/status'
import { csiDrivers, persistentVolumeClaims, persistentVolumes, pods as podResource, volumeAttachments } from '#engine/client/resources'
import { unlessNotFound } from '#engine/client/retry'
import { byNode } from '#engine/client/indexes'
import { type Controller, informersOf, startQueue } from '#engine/controllers/controller'
import { isPodTerminal } from '#engine/controllers/pods'

export const attachDetachController: Controller = {
  name: 'persistentvolume-attach-detach-controller',
  aliases: ['attachdetach'],
  account: 'attachdetach-controller',
  start(context) {
    const { informers, client } = context
    const pods = informers.of(podResource).addIndexers(byNode)
    const claims = informers.of(persistentVolumeClaims)
    const volumes = informers.of(persistentVolumes)
    const drivers = informers.of(csiDrivers)
    const attachments = informers.of(volumeAttachments)
    const wantedOn = (node: string): Map<string, VolumeAttachment> => {
      const out = new Map<string, VolumeAttachment>()
      for (const pod of pods.store.byIndex('node', node)) {
        if (isPodTerminal(pod)) continue
        for (const claimName of claimNames(pod)) {
          const claim = claims.store.get(namespaceOf(pod), claimName)
          const persistent = claim?.spec?.volumeName ? volumes.store.byKey(claim.spec.volumeName) : undefined
          const csi = persistent?.spec?.csi
          if (!csi || drivers.store.byKey(csi.driver)?.spec?.attachRequired === false) continue
          const name = `csi-${toHex(sha256(encodeUtf8(csi.volumeHandle + csi.driver + node)))}`
          out.set(name, { apiVersion: 'storage.k8s.io/v1', kind: 'VolumeAttachment', metadata: { name }, spec: { attacher: csi.driver, nodeName: node, source: { persistentVolumeName: persistent?.metadata.name ?? '' } } })
        }
      }
      return out
    }
    const queue = startQueue(context, 'persistentvolume-attach-detach-controller', informersOf(pods, claims, volumes, drivers, attachments), async (node) => {
      const wanted = wantedOn(node)
      for (const attachment of attachments.store.list()) if (attachment.spec?.nodeName === node && !wanted.has(keyOf(attachment)) && attachment.metadata.deletionTimestamp === undefined) await unlessNotFound(client.of(volumeAttachments).delete('', keyOf(attachment)))
      for (const [name, attachment] of wanted) {
        if (attachments.store.byKey(name)) continue
        try {
          await client.of(volumeAttachments).create(attachment)
        } catch (error) {
          if (!isReason(error, 'AlreadyExists')) throw error
        }
      }
    }, { workers: 1 })
    const wake = (pod: Pod): void => { if (pod.spec?.nodeName && pod.spec.volumes?.some((volume) => volume.persistentVolumeClaim)) queue.add(pod.spec.nodeName) }
    pods.addHandlers({ added: wake, deleted: wake, updated: (next, previous) => (next.spec?.nodeName !== previous.spec?.nodeName || isPodTerminal(next) !== isPodTerminal(previous)) && wake(next) })
  },
}

function claimNames(pod: Pod): string[] {
  return (pod.spec?.volumes ?? []).map((volume) => volume.persistentVolumeClaim?.claimName).filter((name) => name !== undefined)
}
