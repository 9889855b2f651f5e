import { defineResource } from '#engine/apiserver/registry/resource'
import { identity } from '#engine/apiserver/registry/identities'
import { ageColumn, column, nameColumn } from '#engine/apiserver/registry/cells'
import { validateResourceSlice, validateResourceSliceUpdate } from '#engine/apiserver/registry/resource/validation'

const spec = 'io.k8s.api.resource.v1.ResourceSliceSpec'

export const resourceSlices = defineResource({
  ...identity('resource.k8s.io/v1/resourceslices'),
  validate: validateResourceSlice,
  validateUpdate: validateResourceSliceUpdate,
  columns: [
    nameColumn,
    column('Node', (object) => (object.spec?.nodeName ?? '') as string, { docOf: `${spec}#nodeName` }),
    column('Driver', (object) => (object.spec?.driver ?? '') as string, { docOf: `${spec}#driver` }),
    column('Pool', (object) => (object.spec?.pool?.name ?? '') as string, { docOf: 'io.k8s.api.resource.v1.ResourcePool#name' }),
    ageColumn,
  ],
  selectableFields: { 'spec.nodeName': (object) => (object.spec?.nodeName ?? '') as string, 'spec.driver': (object) => (object.spec?.driver ?? '') as string },
})
