/** volumeattributesclass-protection-controller: a class stays while volumes or claims name it. */
import type { PersistentVolume, PersistentVolumeClaim } from '#engine/api/kinds'
import { keyOf } from '#engine/api/object'
import { persistentVolumeClaims, persistentVolumes, volumeAttributesClasses } from '#engine/client/resources'
import { unlessNotFound } from '#engine/client/retry'
import { type Controller, informersOf, startQueue } from '#engine/controllers/controller'

const finalizer = 'kubernetes.io/vac-protection'

export const volumeAttributesClassController: Controller = {
  name: 'volumeattributesclass-protection-controller',
  start(context) {
    const classes = context.informers.of(volumeAttributesClasses)
    const named = (object: PersistentVolume | PersistentVolumeClaim): string[] => [(object.spec as { volumeAttributesClassName?: string } | undefined)?.volumeAttributesClassName, (object.status as { currentVolumeAttributesClassName?: string } | undefined)?.currentVolumeAttributesClassName].filter((name) => name !== undefined)
    const claims = context.informers.of(persistentVolumeClaims).addIndexers({ attributesClass: named })
    const volumes = context.informers.of(persistentVolumes).addIndexers({ attributesClass: named })
    const queue = startQueue(context, 'volumeattributesclass-protection-controller', informersOf(classes, claims, volumes), async (key) => {
      const found = classes.store.byKey(key)
      if (!found) return
      const finalizers = found.metadata.finalizers ?? []
      const held = finalizers.includes(finalizer)
      const deleting = found.metadata.deletionTimestamp !== undefined
      const used = claims.store.countIndex('attributesClass', key) + volumes.store.countIndex('attributesClass', key) > 0
      if (deleting ? !held || used : held) return
      const next = deleting ? finalizers.filter((entry) => entry !== finalizer) : [...finalizers, finalizer]
      await unlessNotFound(context.client.of(volumeAttributesClasses).patch('', key, 'merge', { metadata: { finalizers: next.length > 0 ? next : null, resourceVersion: found.metadata.resourceVersion } }))
    }, { workers: 1 })
    classes.addHandlers({ added: (object) => queue.add(keyOf(object)), updated: (object) => queue.add(keyOf(object)) })
    const released = (object: PersistentVolume | PersistentVolumeClaim): void => { for (const name of named(object)) queue.add(name) }
    claims.addHandlers({ deleted: released, updated: (_next, previous) => released(previous) })
    volumes.addHandlers({ deleted: released, updated: (_next, previous) => released(previous) })
  },
}
