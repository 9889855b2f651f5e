import { humanDuration } from '#engine/api/duration'
import type { KubeObject } from '#engine/api/object'
import { defineResource } from '#engine/apiserver/registry/resource'
import { identity } from '#engine/apiserver/registry/identities'
import { ageColumn, column, containerColumns, formatLabelSelector, nameColumn } from '#engine/apiserver/registry/cells'
import { keepStatus, statusView } from '#engine/apiserver/registry/views'
import { defaultJob } from '#engine/apiserver/registry/batch/defaults'
import { prepareJob } from '#engine/apiserver/registry/batch/prepare'
import { validateJobStatusUpdate } from '#engine/apiserver/registry/batch/status-validation'
import { validateJob, validateJobUpdate } from '#engine/apiserver/registry/batch/validation'
import { templateWarnings } from '#engine/apiserver/registry/core/pods/warnings'

export const jobs = defineResource({
  ...identity('batch/v1/jobs'),
  validate: validateJob,
  validateUpdate: validateJobUpdate,
  warnings: (object, previous) => (previous ? [] : templateWarnings(object.spec?.template?.metadata, object.spec?.template?.spec, 'spec.template')),
  prepareForCreate: prepareJob,
  prepareForUpdate: keepStatus,
  defaults: defaultJob,
  columns: [
    nameColumn,
    column('Status', statusCell, { says: 'Status of the job.' }),
    column('Completions', completionsCell, { docOf: 'io.k8s.api.batch.v1.JobStatus#succeeded' }),
    column('Duration', durationCell, { says: 'Time required to complete the job.' }),
    ageColumn,
    ...containerColumns((object) => object.spec?.template?.spec?.containers as { name: string; image: string }[] | undefined),
    column('Selector', (object) => formatLabelSelector(object.spec?.selector as object | undefined), { wide: true, docOf: 'io.k8s.api.batch.v1.JobSpec#selector' }),
  ],
  subresources: { status: statusView({ validateUpdate: validateJobStatusUpdate }) },
  selectableFields: { 'status.successful': (object) => String(object.status?.succeeded ?? 0) },
})

function statusCell(job: KubeObject): string {
  const conditions = (job.status?.conditions ?? []) as { type: string; status: string }[]
  const has = (type: string): boolean => conditions.find((item) => item.type === type)?.status === 'True'
  if (has('Complete')) return 'Complete'
  if (has('Failed')) return 'Failed'
  if (job.metadata.deletionTimestamp) return 'Terminating'
  if (has('Suspended')) return 'Suspended'
  if (has('FailureTarget')) return 'FailureTarget'
  return has('SuccessCriteriaMet') ? 'SuccessCriteriaMet' : 'Running'
}

function completionsCell(job: KubeObject): string {
  const succeeded = (job.status?.succeeded ?? 0) as number
  const completions = job.spec?.completions as number | undefined
  if (completions !== undefined && completions !== null) return `${succeeded}/${completions}`
  const parallelism = (job.spec?.parallelism ?? 0) as number
  return parallelism > 1 ? `${succeeded}/1 of ${parallelism}` : `${succeeded}/1`
}

function durationCell(job: KubeObject, nowMs: number): string {
  const start = job.status?.startTime as string | undefined
  if (!start) return ''
  const end = job.status?.completionTime as string | undefined
  return humanDuration((end ? Date.parse(end) : nowMs) - Date.parse(start))
}
