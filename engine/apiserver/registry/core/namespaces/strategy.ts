import { defineResource } from '#engine/apiserver/registry/resource'
import { identity } from '#engine/apiserver/registry/identities'
import { ageColumn, column, nameColumn } from '#engine/apiserver/registry/cells'
import { statusView } from '#engine/apiserver/registry/views'
import { defaultNamespace } from '#engine/apiserver/registry/core/defaults'
import { prepareNamespace, prepareNamespaceUpdate } from '#engine/apiserver/registry/core/prepare'
import { validateNamespace, validateNamespaceStatus } from '#engine/apiserver/registry/core/validation'

export const namespaces = defineResource({
  ...identity('/v1/namespaces'),
  validate: validateNamespace,
  prepareForCreate: prepareNamespace,
  prepareForUpdate: prepareNamespaceUpdate,
  defaults: defaultNamespace,
  hasGeneration: false,
  nameFormat: 'dns-label',
  columns: [nameColumn, column('Status', (namespace) => (namespace.status?.phase ?? '') as string, { says: 'The status of the namespace' }), ageColumn],
  subresources: { status: statusView({ validateUpdate: validateNamespaceStatus }) },
  selectableFields: { 'status.phase': (namespace) => (namespace.status?.phase ?? '') as string, name: (namespace) => namespace.metadata.name ?? '' },
})
