/** What becomes of a released volume. */
import { nameOf } from '#engine/api/meta'
import type { PersistentVolume } from '#engine/api/kinds'

export type Reclaimed = 'keep' | 'delete' | { readonly reason: string; readonly message: string }

export function reclaim(volume: PersistentVolume, externalProvisioner: string | undefined): Reclaimed {
  const policy = volume.spec?.persistentVolumeReclaimPolicy ?? 'Retain'
  if (policy === 'Retain') return 'keep'
  const name = nameOf(volume)
  if (policy === 'Recycle') return { reason: 'VolumeFailedRecycle', message: `no recyclable volume plugin matched for volume ${JSON.stringify(name)}: recycling is not supported here` }
  // Who made it takes it away.
  if (externalProvisioner !== undefined || volume.spec?.csi) return 'keep'
  const path = volume.spec?.hostPath?.path
  if (path === undefined) return { reason: 'VolumeFailedDelete', message: `error getting deleter volume plugin for volume ${JSON.stringify(name)}: no deletable volume plugin matched` }
  return /^\/tmp\/.+/.test(path) ? 'delete' : { reason: 'VolumeFailedDelete', message: `host_path deleter only supports /tmp/.+ but received provided ${path}` }
}
