import { defineResource } from '#engine/apiserver/registry/resource'
import { identity } from '#engine/apiserver/registry/identities'
import { statusView } from '#engine/apiserver/registry/views'
import { nodeColumns } from './columns'

export const nodes = defineResource({
  ...identity('/v1/nodes'),
  storagePrefix: 'minions',
  hasGeneration: false,
  columns: nodeColumns,
  subresources: { status: statusView() },
  selectableFields: { 'spec.unschedulable': (node) => String(node.spec?.unschedulable ?? false) },
})
