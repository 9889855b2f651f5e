import { defineResource } from '#engine/apiserver/registry/resource'
import { identity } from '#engine/apiserver/registry/identities'
import { ageColumn, column, containerColumns, nameColumn, selectorText } from '#engine/apiserver/registry/cells'
import { scaleView, separateStatus, statusView } from '#engine/apiserver/registry/views'
import { defaultDeployment } from '#engine/apiserver/registry/apps/defaults'
import { prepareDeploymentStatus } from '#engine/apiserver/registry/apps/prepare'
import { validateDeployment, validateSelectorUpdate } from '#engine/apiserver/registry/apps/validation'
import { templateWarnings } from '#engine/apiserver/registry/core/pods/warnings'
import { validateReplicaStatus } from '#engine/apiserver/registry/apps/status-validation'

const status = 'io.k8s.api.apps.v1.DeploymentStatus'

export const deployments = defineResource({
  ...identity('apps/v1/deployments'),
  validate: validateDeployment,
  validateUpdate: validateSelectorUpdate,
  warnings: (object, previous) => (previous ? [] : templateWarnings(object.spec?.template?.metadata, object.spec?.template?.spec, 'spec.template')),
  ...separateStatus,
  defaults: defaultDeployment,
  columns: [
    nameColumn,
    column('Ready', (object) => `${(object.status?.readyReplicas ?? 0) as number}/${(object.spec?.replicas ?? 0) as number}`, { says: 'Number of the pod with ready state' }),
    column('Up-to-date', (object) => (object.status?.updatedReplicas ?? 0) as number, { docOf: `${status}#updatedReplicas` }),
    column('Available', (object) => (object.status?.availableReplicas ?? 0) as number, { docOf: `${status}#availableReplicas` }),
    ageColumn,
    ...containerColumns((object) => object.spec?.template?.spec?.containers as { name: string; image: string }[] | undefined),
    column('Selector', (object) => selectorText(object.spec?.selector as object | undefined), { wide: true, docOf: 'io.k8s.api.apps.v1.DeploymentSpec#selector' }),
  ],
  subresources: { status: statusView({ prepareForUpdate: prepareDeploymentStatus, validateUpdate: validateReplicaStatus }), scale: scaleView() },
})
