import { defineResource } from '#engine/apiserver/registry/resource'
import { identity } from '#engine/apiserver/registry/identities'
import { ageColumn, column, containerColumns, formatLabelSelector, nameColumn } from '#engine/apiserver/registry/cells'
import { scaleView, separateStatus, statusView } from '#engine/apiserver/registry/views'
import { defaultReplicaSet } from '#engine/apiserver/registry/apps/defaults'
import { validateReplicaSet, validateSelectorUpdate } from '#engine/apiserver/registry/apps/validation'
import { templateWarnings } from '#engine/apiserver/registry/core/pods/warnings'
import { validateReplicaStatus } from '#engine/apiserver/registry/apps/status-validation'

const spec = 'io.k8s.api.apps.v1.ReplicaSetSpec'
const status = 'io.k8s.api.apps.v1.ReplicaSetStatus'

export const replicaSets = defineResource({
  ...identity('apps/v1/replicasets'),
  validate: validateReplicaSet,
  validateUpdate: validateSelectorUpdate,
  warnings: (object, previous) => (previous ? [] : templateWarnings(object.spec?.template?.metadata, object.spec?.template?.spec, 'spec.template')),
  ...separateStatus,
  defaults: defaultReplicaSet,
  columns: [
    nameColumn,
    column('Desired', (object) => (object.spec?.replicas ?? 0) as number, { type: 'integer', docOf: `${spec}#replicas` }),
    column('Current', (object) => (object.status?.replicas ?? 0) as number, { type: 'integer', docOf: `${status}#replicas` }),
    column('Ready', (object) => (object.status?.readyReplicas ?? 0) as number, { type: 'integer', docOf: `${status}#readyReplicas` }),
    ageColumn,
    ...containerColumns((object) => object.spec?.template?.spec?.containers as { name: string; image: string }[] | undefined),
    column('Selector', (object) => formatLabelSelector(object.spec?.selector as object | undefined), { wide: true, docOf: `${spec}#selector` }),
  ],
  subresources: { status: statusView({ validateUpdate: validateReplicaStatus }), scale: scaleView() },
  selectableFields: { 'status.replicas': (object) => String(object.status?.replicas ?? 0) },
})
