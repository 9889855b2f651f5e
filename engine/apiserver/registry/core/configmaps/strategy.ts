import { defineResource } from '#engine/apiserver/registry/resource'
import { identity } from '#engine/apiserver/registry/identities'
import { ageColumn, column, nameColumn } from '#engine/apiserver/registry/cells'
import { validateConfigMap, validateConfigMapUpdate } from '#engine/apiserver/registry/core/validation'

export const configMaps = defineResource({
  ...identity('/v1/configmaps'),
  validate: validateConfigMap, validateUpdate: validateConfigMapUpdate,
  hasGeneration: false,
  columns: [
    nameColumn,
    column('Data', (object) => Object.keys((object.data ?? {}) as object).length + Object.keys((object.binaryData ?? {}) as object).length, { docOf: 'io.k8s.api.core.v1.ConfigMap#data' }),
    ageColumn,
  ],
})
