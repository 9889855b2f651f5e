import { defineResource } from '#engine/apiserver/registry/resource'
import { identity } from '#engine/apiserver/registry/identities'
import { ageColumn, column, containerColumns, formatLabels, nameColumn } from '#engine/apiserver/registry/cells'
import { scaleView, separateStatus, statusView } from '#engine/apiserver/registry/views'
import { defaultReplicationController } from '#engine/apiserver/registry/core/defaults'
import { validateReplicationController } from '#engine/apiserver/registry/apps/validation'
import { validateReplicaStatus } from '#engine/apiserver/registry/apps/status-validation'

const spec = 'io.k8s.api.core.v1.ReplicationControllerSpec'
const status = 'io.k8s.api.core.v1.ReplicationControllerStatus'

export const replicationControllers = defineResource({
  ...identity('/v1/replicationcontrollers'),
  validate: validateReplicationController,
  ...separateStatus,
  defaults: defaultReplicationController,
  storagePrefix: 'controllers',
  columns: [
    nameColumn,
    column('Desired', (object) => (object.spec?.replicas ?? 0) as number, { type: 'integer', docOf: `${spec}#replicas` }),
    column('Current', (object) => (object.status?.replicas ?? 0) as number, { type: 'integer', docOf: `${status}#replicas` }),
    column('Ready', (object) => (object.status?.readyReplicas ?? 0) as number, { type: 'integer', docOf: `${status}#readyReplicas` }),
    ageColumn,
    ...containerColumns((object) => object.spec?.template?.spec?.containers as { name: string; image: string }[] | undefined),
    column('Selector', (object) => formatLabels(object.spec?.selector as Record<string, string> | undefined), { wide: true, docOf: `${spec}#selector` }),
  ],
  subresources: { status: statusView({ validateUpdate: validateReplicaStatus }), scale: scaleView() },
  selectableFields: { 'status.replicas': (object) => String(object.status?.replicas ?? 0) },
})
