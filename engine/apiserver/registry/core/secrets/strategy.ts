import { defineResource } from '#engine/apiserver/registry/resource'
import { identity } from '#engine/apiserver/registry/identities'
import { ageColumn, column, nameColumn } from '#engine/apiserver/registry/cells'
import { defaultSecret } from '#engine/apiserver/registry/core/defaults'
import { mergeStringData } from '#engine/apiserver/registry/core/prepare'
import { validateSecret, validateSecretUpdate } from '#engine/apiserver/registry/core/validation'

const schema = 'io.k8s.api.core.v1.Secret'

export const secrets = defineResource({
  ...identity('/v1/secrets'),
  validate: validateSecret, validateUpdate: validateSecretUpdate,
  prepareForCreate: mergeStringData,
  prepareForUpdate: mergeStringData,
  defaults: defaultSecret,
  hasGeneration: false,
  columns: [
    nameColumn,
    column('Type', (object) => (object.type ?? '') as string, { docOf: `${schema}#type` }),
    column('Data', (object) => Object.keys((object.data ?? {}) as object).length, { docOf: `${schema}#data` }),
    ageColumn,
  ],
  selectableFields: { type: (object) => (object.type ?? '') as string },
})
