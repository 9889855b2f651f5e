import { defineResource } from '#engine/apiserver/registry/resource'
import { identity } from '#engine/apiserver/registry/identities'
import { ageColumn, column, nameColumn } from '#engine/apiserver/registry/cells'
import { validateVolumeAttributesClass, validateVolumeAttributesClassUpdate } from '#engine/apiserver/registry/storage/validation'

export const volumeAttributesClasses = defineResource({
  ...identity('storage.k8s.io/v1/volumeattributesclasses'),
  validate: validateVolumeAttributesClass, validateUpdate: validateVolumeAttributesClassUpdate,
  hasGeneration: false,
  columns: [nameColumn, column('DriverName', (object) => (object.driverName ?? '') as string, { docOf: 'io.k8s.api.storage.v1.VolumeAttributesClass#driverName' }), ageColumn],
})
