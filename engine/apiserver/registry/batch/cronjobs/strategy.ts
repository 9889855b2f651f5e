import { ageOf } from '#engine/api/duration'
import { defineResource } from '#engine/apiserver/registry/resource'
import { identity } from '#engine/apiserver/registry/identities'
import { ageColumn, column, containerColumns, formatLabelSelector, nameColumn } from '#engine/apiserver/registry/cells'
import { separateStatus, statusView } from '#engine/apiserver/registry/views'
import { defaultCronJob } from '#engine/apiserver/registry/batch/defaults'
import { validateCronJob } from '#engine/apiserver/registry/batch/validation'
import { templateWarnings } from '#engine/apiserver/registry/core/pods/warnings'

const spec = 'io.k8s.api.batch.v1.CronJobSpec'
const status = 'io.k8s.api.batch.v1.CronJobStatus'

export const cronJobs = defineResource({
  ...identity('batch/v1/cronjobs'),
  validate: validateCronJob,
  warnings: (object, previous) => (previous ? [] : templateWarnings(object.spec?.jobTemplate?.spec?.template?.metadata, object.spec?.jobTemplate?.spec?.template?.spec, 'spec.jobTemplate.spec.template')),
  ...separateStatus,
  defaults: defaultCronJob,
  columns: [
    nameColumn,
    column('Schedule', (object) => (object.spec?.schedule ?? '') as string, { docOf: `${spec}#schedule` }),
    column('Timezone', (object) => (object.spec?.timeZone ?? '<none>') as string, { docOf: `${spec}#timeZone` }),
    column('Suspend', (object) => (object.spec?.suspend === undefined ? '<unset>' : object.spec.suspend ? 'True' : 'False'), { type: 'boolean', docOf: `${spec}#suspend` }),
    column('Active', (object) => ((object.status?.active ?? []) as unknown[]).length, { type: 'integer', docOf: `${status}#active` }),
    column('Last Schedule', (object, nowMs) => (object.status?.lastScheduleTime ? ageOf(object.status.lastScheduleTime as string, nowMs) : '<none>'), { docOf: `${status}#lastScheduleTime` }),
    ageColumn,
    ...containerColumns((object) => object.spec?.jobTemplate?.spec?.template?.spec?.containers as { name: string; image: string }[] | undefined),
    column('Selector', (object) => formatLabelSelector(object.spec?.jobTemplate?.spec?.selector as object | undefined), { wide: true, docOf: 'io.k8s.api.batch.v1.JobSpec#selector' }),
  ],
  subresources: { status: statusView() },
})
