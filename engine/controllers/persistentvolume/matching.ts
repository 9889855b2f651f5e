/** Which volume a claim may have. */
import { labelSelectorOf, matchesLabels } from '#engine/api/selector'
import { parseQuantity, quantityValue } from '#engine/api/quantity'
import type { PersistentVolume, PersistentVolumeClaim } from '#engine/api/kinds'
import { keyOf } from '#engine/api/object'

export const boundByController = 'pv.kubernetes.io/bound-by-controller'
export const bindCompleted = 'pv.kubernetes.io/bind-completed'
export const provisionedBy = 'pv.kubernetes.io/provisioned-by'
export const storageProvisioner = 'volume.kubernetes.io/storage-provisioner'
export const betaStorageProvisioner = 'volume.beta.kubernetes.io/storage-provisioner'
export const selectedNode = 'volume.kubernetes.io/selected-node'

export function classOf(object: PersistentVolume | PersistentVolumeClaim): string {
  return object.metadata.annotations?.['volume.beta.kubernetes.io/storage-class'] ?? object.spec?.storageClassName ?? ''
}

export function sizeOf(amounts: unknown): number {
  const storage = (amounts as Record<string, string | number> | undefined)?.['storage']
  return storage === undefined ? 0 : quantityValue(parseQuantity(storage))
}

/** The claim a volume is bound to or reserved for. */
export function refersTo(volume: PersistentVolume, claim: PersistentVolumeClaim): boolean {
  const reference = volume.spec?.claimRef
  return reference !== undefined && `${reference.namespace ?? ''}/${reference.name ?? ''}` === keyOf(claim) && (!reference.uid || reference.uid === claim.metadata.uid)
}

/** A reserved volume first, else the smallest that suits; with `reservedOnly` (binding waits for a pod) nothing else. */
export function bestVolume(volumes: readonly PersistentVolume[], claim: PersistentVolumeClaim, reservedOnly: boolean): PersistentVolume | undefined {
  const selector = labelSelectorOf(claim.spec?.selector as Parameters<typeof labelSelectorOf>[0])
  let best: PersistentVolume | undefined
  for (const volume of volumes) {
    if (!suits(volume, claim)) continue
    if (volume.spec?.claimRef) {
      if (refersTo(volume, claim)) return volume
      continue
    }
    if (reservedOnly || volume.status?.phase !== 'Available' || (selector && !matchesLabels(selector, volume.metadata.labels))) continue
    if (!best || sizeOf(volume.spec?.capacity) < sizeOf(best.spec?.capacity)) best = volume
  }
  return best
}

function suits(volume: PersistentVolume, claim: PersistentVolumeClaim): boolean {
  if (volume.metadata.deletionTimestamp !== undefined || classOf(volume) !== classOf(claim)) return false
  if ((volume.spec?.volumeMode ?? 'Filesystem') !== (claim.spec?.volumeMode ?? 'Filesystem')) return false
  if (((volume.spec as { volumeAttributesClassName?: string } | undefined)?.volumeAttributesClassName ?? '') !== ((claim.spec as { volumeAttributesClassName?: string } | undefined)?.volumeAttributesClassName ?? '')) return false
  return sizeOf(volume.spec?.capacity) >= sizeOf(claim.spec?.resources?.requests) && (claim.spec?.accessModes ?? []).every((mode) => (volume.spec?.accessModes ?? []).includes(mode))
}
