import type { KubeObject } from '#engine/api/object'
import { defineResource } from '#engine/apiserver/registry/resource'
import { identity } from '#engine/apiserver/registry/identities'
import { ageColumn, column, nameColumn } from '#engine/apiserver/registry/cells'
import { defaultStorageClass } from '#engine/apiserver/registry/storage/defaults'
import { validateStorageClass, validateStorageClassUpdate } from '#engine/apiserver/registry/storage/validation'

const schema = 'io.k8s.api.storage.v1.StorageClass'

export const storageClasses = defineResource({
  ...identity('storage.k8s.io/v1/storageclasses'),
  validate: validateStorageClass, validateUpdate: validateStorageClassUpdate,
  defaults: defaultStorageClass,
  hasGeneration: false,
  columns: [
    { ...nameColumn, cell: nameCell },
    column('Provisioner', (object) => (object.provisioner ?? '') as string, { docOf: `${schema}#provisioner` }),
    column('ReclaimPolicy', (object) => (object.reclaimPolicy ?? 'Delete') as string, { docOf: `${schema}#reclaimPolicy` }),
    column('VolumeBindingMode', (object) => (object.volumeBindingMode ?? 'Immediate') as string, { docOf: `${schema}#volumeBindingMode` }),
    column('AllowVolumeExpansion', (object) => (object.allowVolumeExpansion ?? false) as boolean, { docOf: `${schema}#allowVolumeExpansion` }),
    ageColumn,
  ],
})

function nameCell(object: KubeObject): string {
  const { annotations = {}, name = '' } = object.metadata
  const isDefault = annotations['storageclass.kubernetes.io/is-default-class'] === 'true' || annotations['storageclass.beta.kubernetes.io/is-default-class'] === 'true'
  return isDefault ? `${name} (default)` : name
}
