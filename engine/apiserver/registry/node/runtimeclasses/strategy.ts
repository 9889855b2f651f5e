import { defineResource } from '#engine/apiserver/registry/resource'
import { identity } from '#engine/apiserver/registry/identities'
import { ageColumn, column, nameColumn } from '#engine/apiserver/registry/cells'

export const runtimeClasses = defineResource({
  ...identity('node.k8s.io/v1/runtimeclasses'),
  hasGeneration: false,
  columns: [nameColumn, column('Handler', (object) => (object.handler ?? '') as string), ageColumn],
})
