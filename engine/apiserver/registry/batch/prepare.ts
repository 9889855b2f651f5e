/** What the server sets in jobs: a selector that no other job has. */
import type { KubeObject } from '#engine/api/object'
import { labelValue } from '#engine/api/validation/names'
import type { Free } from '#engine/apiserver/registry/free'

const uidLabel = 'batch.kubernetes.io/controller-uid'
const nameLabel = 'batch.kubernetes.io/job-name'

export function prepareJob(object: KubeObject): void {
  object.status = {}
  if (object.spec?.manualSelector !== true) generateSelector(object)
  const labels = object.spec?.template?.metadata?.labels as Record<string, string> | undefined
  // Defaulted when it is read back: a name too long for a label is a mistake of the template alone.
  if (labels && Object.keys(object.metadata.labels ?? {}).length === 0 && Object.values(labels).every((value) => labelValue(value).length === 0)) object.metadata.labels = { ...labels }
}

function generateSelector(object: KubeObject): void {
  const spec = object.spec as Free
  const { name = '', uid = '' } = object.metadata
  const labels = ((spec.template.metadata ??= {}).labels ??= {}) as Record<string, string>
  for (const key of ['job-name', nameLabel]) labels[key] ??= name
  for (const key of ['controller-uid', uidLabel]) labels[key] ??= uid
  const selector = (spec.selector ??= {})
  ;(selector.matchLabels ??= {})[uidLabel] ??= uid
}
