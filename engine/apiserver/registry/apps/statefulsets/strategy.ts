import { defineResource } from '#engine/apiserver/registry/resource'
import { identity } from '#engine/apiserver/registry/identities'
import { ageColumn, column, containerColumns, nameColumn } from '#engine/apiserver/registry/cells'
import { scaleView, separateStatus, statusView } from '#engine/apiserver/registry/views'
import { defaultStatefulSet } from '#engine/apiserver/registry/apps/defaults'
import { validateStatefulSet, validateStatefulSetUpdate } from './validation'
import { templateWarnings } from '#engine/apiserver/registry/core/pods/warnings'
import { validateReplicaStatus } from '#engine/apiserver/registry/apps/status-validation'

export const statefulSets = defineResource({
  ...identity('apps/v1/statefulsets'),
  nameFormat: 'dns-label',
  validate: validateStatefulSet,
  validateUpdate: validateStatefulSetUpdate,
  warnings: (object, previous) => (previous ? [] : templateWarnings(object.spec?.template?.metadata, object.spec?.template?.spec, 'spec.template')),
  ...separateStatus,
  defaults: defaultStatefulSet,
  columns: [
    nameColumn,
    column('Ready', (object) => `${(object.status?.readyReplicas ?? 0) as number}/${(object.spec?.replicas ?? 0) as number}`, { says: 'Number of the pod with ready state' }),
    ageColumn,
    ...containerColumns((object) => object.spec?.template?.spec?.containers as { name: string; image: string }[] | undefined),
  ],
  subresources: { status: statusView({ validateUpdate: validateReplicaStatus }), scale: scaleView() },
})
