import { defineResource } from '#engine/apiserver/registry/resource'
import { identity } from '#engine/apiserver/registry/identities'
import { ageColumn, column, nameColumn } from '#engine/apiserver/registry/cells'
import { validateCsiNode } from '#engine/apiserver/registry/storage/validation'

export const csiNodes = defineResource({
  ...identity('storage.k8s.io/v1/csinodes'),
  validate: validateCsiNode,
  hasGeneration: false,
  columns: [nameColumn, column('Drivers', (object) => ((object.spec?.drivers ?? []) as unknown[]).length, { type: 'integer', says: 'Drivers indicates the number of CSI drivers registered on the node' }), ageColumn],
})
