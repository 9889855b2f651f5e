/** The two protection controllers: a claim in use and a volume that is bound stay until they are not. */
import type { PersistentVolume, PersistentVolumeClaim, Pod } from '#engine/api/kinds'
import { nameOf, namespaceOf } from '#engine/api/meta'
import { keyOf } from '#engine/api/object'
import { persistentVolumeClaims, persistentVolumes, pods as podResource } from '#engine/client/resources'
import { unlessNotFound } from '#engine/client/retry'
import { type Controller, informersOf, startQueue } from '#engine/controllers/controller'
import { isPodTerminal } from '#engine/controllers/pods'

const claimFinalizer = 'kubernetes.io/pvc-protection'
const volumeFinalizer = 'kubernetes.io/pv-protection'

function withoutFinalizer<T extends PersistentVolume | PersistentVolumeClaim>(object: T, finalizer: string): T {
  const { finalizers, ...metadata } = object.metadata
  const left = (finalizers ?? []).filter((entry) => entry !== finalizer)
  return { ...object, metadata: { ...metadata, ...(left.length > 0 ? { finalizers: left } : {}) } }
}

function withFinalizer<T extends PersistentVolume | PersistentVolumeClaim>(object: T, finalizer: string): T {
  return { ...object, metadata: { ...object.metadata, finalizers: [...(object.metadata.finalizers ?? []), finalizer] } }
}

function claimsOf(pod: Pod): string[] {
  const names = (pod.spec?.volumes ?? []).map((volume) => volume.persistentVolumeClaim?.claimName ?? (volume.ephemeral ? `${nameOf(pod)}-${volume.name}` : undefined))
  return names.filter((name) => name !== undefined).map((name) => `${namespaceOf(pod)}/${name}`)
}

export const pvcProtectionController: Controller = {
  name: 'persistentvolumeclaim-protection-controller',
  aliases: ['pvc-protection'],
  account: 'pvc-protection-controller',
  start(context) {
    const claims = context.informers.of(persistentVolumeClaims)
    const pods = context.informers.of(podResource).addIndexers({ claim: claimsOf })
    const queue = startQueue(context, 'persistentvolumeclaim-protection-controller', informersOf(claims, pods), async (key) => {
      const claim = claims.store.byKey(key)
      if (!claim) return
      const held = claim.metadata.finalizers?.includes(claimFinalizer) === true
      if (claim.metadata.deletionTimestamp === undefined) {
        if (!held) await unlessNotFound(context.client.of(persistentVolumeClaims).update(withFinalizer(claim, claimFinalizer)))
      } else if (held && !pods.store.byIndex('claim', key).some((pod) => Boolean(pod.spec?.nodeName) && !isPodTerminal(pod))) await unlessNotFound(context.client.of(persistentVolumeClaims).update(withoutFinalizer(claim, claimFinalizer)))
    }, { workers: 1 })
    claims.addHandlers({ added: (claim) => queue.add(keyOf(claim)), updated: (claim) => queue.add(keyOf(claim)) })
    const released = (pod: Pod): void => { for (const key of claimsOf(pod)) queue.add(key) }
    pods.addHandlers({ deleted: released, updated: (next, previous) => isPodTerminal(next) && !isPodTerminal(previous) && released(next) })
  },
}

export const pvProtectionController: Controller = {
  name: 'persistentvolume-protection-controller',
  aliases: ['pv-protection'],
  account: 'pv-protection-controller',
  start(context) {
    const volumes = context.informers.of(persistentVolumes)
    const queue = startQueue(context, 'persistentvolume-protection-controller', informersOf(volumes), async (key) => {
      const volume = volumes.store.byKey(key)
      if (!volume) return
      const held = volume.metadata.finalizers?.includes(volumeFinalizer) === true
      if (volume.metadata.deletionTimestamp === undefined) {
        if (!held) await unlessNotFound(context.client.of(persistentVolumes).update(withFinalizer(volume, volumeFinalizer)))
      } else if (held && volume.status?.phase !== 'Bound') await unlessNotFound(context.client.of(persistentVolumes).update(withoutFinalizer(volume, volumeFinalizer)))
    }, { workers: 1 })
    volumes.addHandlers({ added: (volume) => queue.add(keyOf(volume)), updated: (volume) => queue.add(keyOf(volume)) })
  },
}
