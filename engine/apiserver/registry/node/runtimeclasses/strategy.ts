import { defineResource } from '#engine/apiserver/registry/resource'
import { identity } from '#engine/apiserver/registry/identities'
import { ageColumn, column, nameColumn } from '#engine/apiserver/registry/cells'
import { validateRuntimeClass, validateRuntimeClassUpdate } from '#engine/apiserver/registry/scheduling/validation'

export const runtimeClasses = defineResource({
  ...identity('node.k8s.io/v1/runtimeclasses'),
  validate: validateRuntimeClass, validateUpdate: validateRuntimeClassUpdate,
  hasGeneration: false,
  columns: [nameColumn, column('Handler', (object) => (object.handler ?? '') as string), ageColumn],
})
