import { defineResource } from '#engine/apiserver/registry/resource'
import { identity } from '#engine/apiserver/registry/identities'
import { ageColumn, column, containerColumns, formatLabels, formatLabelSelector, nameColumn } from '#engine/apiserver/registry/cells'
import type { Column } from '#engine/apiserver/registry/resource'
import { statusView } from '#engine/apiserver/registry/views'
import { defaultDaemonSet } from '#engine/apiserver/registry/apps/defaults'
import { prepareDaemonSet, prepareDaemonSetUpdate } from '#engine/apiserver/registry/apps/prepare'
import { validateDaemonSet, validateSelectorUpdate } from '#engine/apiserver/registry/apps/validation'
import { templateWarnings } from '#engine/apiserver/registry/core/pods/warnings'
import { validateDaemonStatus } from '#engine/apiserver/registry/apps/status-validation'

const status = 'io.k8s.api.apps.v1.DaemonSetStatus'

export const daemonSets = defineResource({
  ...identity('apps/v1/daemonsets'),
  validate: validateDaemonSet,
  validateUpdate: validateSelectorUpdate,
  warnings: (object, previous) => (previous ? [] : templateWarnings(object.spec?.template?.metadata, object.spec?.template?.spec, 'spec.template')),
  prepareForCreate: prepareDaemonSet,
  prepareForUpdate: prepareDaemonSetUpdate,
  defaults: defaultDaemonSet,
  columns: [
    nameColumn,
    count('Desired', 'desiredNumberScheduled'),
    count('Current', 'currentNumberScheduled'),
    count('Ready', 'numberReady'),
    count('Up-to-date', 'updatedNumberScheduled'),
    count('Available', 'numberAvailable'),
    column('Node Selector', (object) => formatLabels(object.spec?.template?.spec?.nodeSelector as Record<string, string> | undefined), { docOf: 'io.k8s.api.core.v1.PodSpec#nodeSelector' }),
    ageColumn,
    ...containerColumns((object) => object.spec?.template?.spec?.containers as { name: string; image: string }[] | undefined),
    column('Selector', (object) => formatLabelSelector(object.spec?.selector as object | undefined), { wide: true, docOf: 'io.k8s.api.apps.v1.DaemonSetSpec#selector' }),
  ],
  subresources: { status: statusView({ validateUpdate: validateDaemonStatus }) },
})

function count(name: string, field: string): Column {
  return column(name, (object) => (object.status?.[field] ?? 0) as number, { type: 'integer', docOf: `${status}#${field}` })
}
