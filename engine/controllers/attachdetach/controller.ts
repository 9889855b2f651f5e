/** persistentvolume-attach-detach-controller: VolumeAttachments of CSI volumes, for drivers that attach. */
import { sha256 } from '@noble/hashes/sha2.js'
import { encodeUtf8, toHex } from '#engine/base/bytes'
import type { Pod, VolumeAttachment } from '#engine/api/kinds'
import { nameOf, namespaceOf } from '#engine/api/meta'
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
    const attachmentOf = (pod: Pod, claimName: string, node: string): VolumeAttachment | undefined => {
      const volume = volumes.store.byKey(claims.store.get(namespaceOf(pod), claimName)?.spec?.volumeName ?? '')
      const csi = volume?.spec?.csi
      if (!csi || drivers.store.byKey(csi.driver)?.spec?.attachRequired === false) return undefined
      const name = `csi-${toHex(sha256(encodeUtf8(csi.volumeHandle + csi.driver + node)))}`
      return { apiVersion: 'storage.k8s.io/v1', kind: 'VolumeAttachment', metadata: { name }, spec: { attacher: csi.driver, nodeName: node, source: { persistentVolumeName: nameOf(volume) } } }
    }
    const wantedOn = (node: string): Map<string, VolumeAttachment> => {
      const running = pods.store.byIndex('node', node).filter((pod) => !isPodTerminal(pod))
      const all = running.flatMap((pod) => claimNames(pod).map((claimName) => attachmentOf(pod, claimName, node))).filter((attachment) => attachment !== undefined)
      return new Map(all.map((attachment) => [nameOf(attachment), attachment]))
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
