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
  const suitable = volumes.filter((volume) => suits(volume, claim))
  const reserved = suitable.find((volume) => refersTo(volume, claim))
  if (reserved || reservedOnly) return reserved
  const selector = labelSelectorOf(claim.spec?.selector as Parameters<typeof labelSelectorOf>[0]) ?? []
  const free = suitable.filter((volume) => !volume.spec?.claimRef && volume.status?.phase === 'Available' && matchesLabels(selector, volume.metadata.labels))
  return free.reduce<PersistentVolume | undefined>((best, volume) => (best && sizeOf(best.spec?.capacity) <= sizeOf(volume.spec?.capacity) ? best : volume), undefined)
}

function suits(volume: PersistentVolume, claim: PersistentVolumeClaim): boolean {
  if (volume.metadata.deletionTimestamp !== undefined || classOf(volume) !== classOf(claim)) return false
  if (modeOf(volume) !== modeOf(claim) || attributesClassOf(volume) !== attributesClassOf(claim)) return false
  const offered = volume.spec?.accessModes ?? []
  return sizeOf(volume.spec?.capacity) >= sizeOf(claim.spec?.resources?.requests) && (claim.spec?.accessModes ?? []).every((mode) => offered.includes(mode))
}

function modeOf(object: PersistentVolume | PersistentVolumeClaim): string {
  return object.spec?.volumeMode ?? 'Filesystem'
}

function attributesClassOf(object: PersistentVolume | PersistentVolumeClaim): string {
  return (object.spec as { volumeAttributesClassName?: string } | undefined)?.volumeAttributesClassName ?? ''
}
