import { defineResource } from '#engine/apiserver/registry/resource'
import { identity } from '#engine/apiserver/registry/identities'
import { column, nameColumn } from '#engine/apiserver/registry/cells'
import { validateCsiStorageCapacity, validateCsiStorageCapacityUpdate } from '#engine/apiserver/registry/storage/validation'

const schema = 'io.k8s.api.storage.v1.CSIStorageCapacity'

export const csiStorageCapacities = defineResource({
  ...identity('storage.k8s.io/v1/csistoragecapacities'),
  validate: validateCsiStorageCapacity, validateUpdate: validateCsiStorageCapacityUpdate,
  hasGeneration: false,
  columns: [
    nameColumn,
    column('StorageClassName', (object) => (object.storageClassName ?? '') as string, { docOf: `${schema}#storageClassName` }),
    column('Capacity', (object) => (object.capacity ?? '<unset>') as string, { docOf: `${schema}#capacity` }),
  ],
})
