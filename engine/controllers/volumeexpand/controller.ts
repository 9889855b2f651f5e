/** persistentvolume-expander-controller: no volume plugin of the tree can grow any more; it says who will have to. */
import type { PersistentVolumeClaim } from '#engine/api/kinds'
import { keyOf } from '#engine/api/object'
import { persistentVolumeClaims, persistentVolumes } from '#engine/client/resources'
import { type Controller, informersOf, startQueue } from '#engine/controllers/controller'
import { parseQuantity, quantityValue } from '#engine/api/quantity'

export const volumeExpandController: Controller = {
  name: 'persistentvolume-expander-controller',
  aliases: ['persistentvolume-expander'],
  account: 'expand-controller',
  start(context) {
    const claims = context.informers.of(persistentVolumeClaims)
    const volumes = context.informers.of(persistentVolumes)
    const events = context.events('volume_expand')
    const queue = startQueue(context, 'persistentvolume-expander-controller', informersOf(claims, volumes), (key) => {
      const claim = claims.store.byKey(key)
      const volume = volumes.store.byKey(claim?.spec?.volumeName ?? '')
      if (!claim || !volume || claim.status?.phase !== 'Bound' || !wantsMore(claim)) return Promise.resolve()
      const external = volume.spec?.csi !== undefined
      const message = external ? 'waiting for an external controller to expand this PVC' : "Ignoring the PVC: didn't find a plugin capable of expanding the volume; waiting for an external controller to process this PVC."
      events.event(claim, external ? 'Normal' : 'Warning', 'ExternalExpanding', message)
      return Promise.resolve()
    }, { workers: 1 })
    claims.addHandlers({ updated: (next, previous) => JSON.stringify(next.spec?.resources) !== JSON.stringify(previous.spec?.resources) && queue.add(keyOf(next)) })
  },
}

function wantsMore(claim: PersistentVolumeClaim): boolean {
  const size = (amounts: unknown): number => {
    const storage = (amounts as Record<string, string> | undefined)?.['storage']
    return storage === undefined ? 0 : quantityValue(parseQuantity(storage))
  }
  return size(claim.spec?.resources?.requests) > size(claim.status?.capacity)
}
