import { defineResource } from '#engine/apiserver/registry/resource'
import { identity } from '#engine/apiserver/registry/identities'
import { accessModesText, ageColumn, column, nameColumn } from '#engine/apiserver/registry/cells'
import { keepStatus, statusView } from '#engine/apiserver/registry/views'
import { defaultPersistentVolumeClaim } from '#engine/apiserver/registry/core/defaults'
import { preparePersistentVolumeClaim } from '#engine/apiserver/registry/core/prepare'
import { validateClaimStatus, validatePersistentVolumeClaim, validatePersistentVolumeClaimUpdate } from './validation'

const spec = 'io.k8s.api.core.v1.PersistentVolumeClaimSpec'
const status = 'io.k8s.api.core.v1.PersistentVolumeClaimStatus'

export const persistentVolumeClaims = defineResource({
  ...identity('/v1/persistentvolumeclaims'),
  validate: validatePersistentVolumeClaim,
  validateUpdate: validatePersistentVolumeClaimUpdate,
  prepareForCreate: preparePersistentVolumeClaim,
  prepareForUpdate: keepStatus,
  defaults: defaultPersistentVolumeClaim,
  hasGeneration: false,
  columns: [
    nameColumn,
    column('Status', (claim) => (claim.metadata.deletionTimestamp ? 'Terminating' : (claim.status?.phase ?? '')) as string, { docOf: `${status}#phase` }),
    column('Volume', (claim) => (claim.spec?.volumeName ?? '') as string, { docOf: `${spec}#volumeName` }),
    column('Capacity', (claim) => (claim.spec?.volumeName ? (claim.status?.capacity?.storage ?? '0') : '') as string, { docOf: `${status}#capacity` }),
    column('Access Modes', (claim) => (claim.spec?.volumeName ? accessModesText(claim.status?.accessModes as string[] | undefined) : ''), { docOf: `${status}#accessModes` }),
    column('StorageClass', (claim) => claim.metadata.annotations?.['volume.beta.kubernetes.io/storage-class'] ?? ((claim.spec?.storageClassName ?? '') as string), { says: 'StorageClass of the pvc' }),
    column('VolumeAttributesClass', (claim) => (claim.spec?.volumeAttributesClassName ?? '<unset>') as string, { says: 'VolumeAttributesClass of the pvc' }),
    ageColumn,
    column('VolumeMode', (claim) => (claim.spec?.volumeMode ?? '<unset>') as string, { wide: true, docOf: `${spec}#volumeMode` }),
  ],
  subresources: { status: statusView({ validateUpdate: validateClaimStatus }) },
})
