import type { KubeObject } from '#engine/api/object'
import { defineResource } from '#engine/apiserver/registry/resource'
import { identity } from '#engine/apiserver/registry/identities'
import { accessModesText, ageColumn, column, nameColumn } from '#engine/apiserver/registry/cells'
import { keepStatus, statusView } from '#engine/apiserver/registry/views'
import { defaultPersistentVolume } from '#engine/apiserver/registry/core/defaults'
import { preparePersistentVolume, preparePersistentVolumeStatus } from '#engine/apiserver/registry/core/prepare'
import { persistentVolumeWarnings, validatePersistentVolume, validatePersistentVolumeUpdate } from './validation'

const spec = 'io.k8s.api.core.v1.PersistentVolumeSpec'
const status = 'io.k8s.api.core.v1.PersistentVolumeStatus'

export const persistentVolumes = defineResource({
  ...identity('/v1/persistentvolumes'),
  warnings: (object) => persistentVolumeWarnings(object), validate: validatePersistentVolume, validateUpdate: validatePersistentVolumeUpdate,
  prepareForCreate: preparePersistentVolume,
  prepareForUpdate: keepStatus,
  defaults: defaultPersistentVolume,
  hasGeneration: false,
  columns: [
    nameColumn,
    column('Capacity', (volume) => (volume.spec?.capacity?.storage ?? '0') as string, { docOf: `${spec}#capacity` }),
    column('Access Modes', (volume) => accessModesText(volume.spec?.accessModes as string[] | undefined), { docOf: `${spec}#accessModes` }),
    column('Reclaim Policy', (volume) => (volume.spec?.persistentVolumeReclaimPolicy ?? '') as string, { docOf: `${spec}#persistentVolumeReclaimPolicy` }),
    column('Status', (volume) => (volume.metadata.deletionTimestamp ? 'Terminating' : (volume.status?.phase ?? '')) as string, { docOf: `${status}#phase` }),
    column('Claim', claimCell, { docOf: `${spec}#claimRef` }),
    column('StorageClass', (volume) => volume.metadata.annotations?.['volume.beta.kubernetes.io/storage-class'] ?? ((volume.spec?.storageClassName ?? '') as string), { says: 'StorageClass of the pv' }),
    column('VolumeAttributesClass', (volume) => (volume.spec?.volumeAttributesClassName ?? '<unset>') as string, { says: 'VolumeAttributesClass of the pv' }),
    column('Reason', (volume) => (volume.status?.reason ?? '') as string, { docOf: `${status}#reason` }),
    ageColumn,
    column('VolumeMode', (volume) => (volume.spec?.volumeMode ?? '<unset>') as string, { wide: true, docOf: `${spec}#volumeMode` }),
  ],
  subresources: { status: statusView({ prepareForUpdate: preparePersistentVolumeStatus }) },
})

function claimCell(volume: KubeObject): string {
  const claim = volume.spec?.claimRef as { namespace?: string; name?: string } | undefined
  return claim ? `${claim.namespace ?? ''}/${claim.name ?? ''}` : ''
}
