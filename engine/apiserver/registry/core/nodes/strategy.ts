import { defineResource } from '#engine/apiserver/registry/resource'
import { identity } from '#engine/apiserver/registry/identities'
import { keepStatus, statusView } from '#engine/apiserver/registry/views'
import { nodeColumns } from './columns'
import { defaultNode } from '#engine/apiserver/registry/core/defaults'
import { alignNetworks, validateNode, validateNodeStatusUpdate, validateNodeUpdate } from './validation'

export const nodes = defineResource({
  ...identity('/v1/nodes'),
  validate: validateNode, validateUpdate: validateNodeUpdate,
  prepareForUpdate: keepStatus,
  defaults: (object) => {
    defaultNode(object)
    alignNetworks(object)
  },
  storagePrefix: 'minions',
  hasGeneration: false,
  columns: nodeColumns,
  subresources: { status: statusView({ validateUpdate: validateNodeStatusUpdate }) },
  selectableFields: { 'spec.unschedulable': (node) => String(node.spec?.unschedulable ?? false) },
})
