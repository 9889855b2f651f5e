/** Defaults of the batch group. */
import type { KubeObject } from '#engine/api/object'
import { defaultPodTemplate } from '#engine/apiserver/registry/core/pods/defaults'
import { fallback, fallbackText, listOf } from '#engine/apiserver/registry/free'
import type { Free } from '#engine/apiserver/registry/free'

const endless = 2147483647

export function defaultJob(object: KubeObject): void {
  const spec = (object.spec ??= {}) as Free
  if (spec.completions === undefined && spec.parallelism === undefined) {
    spec.completions = 1
    spec.parallelism = 1
  }
  fallback(spec, 'parallelism', 1)
  fallback(spec, 'backoffLimit', spec.backoffLimitPerIndex === undefined ? 6 : endless)
  fallbackText(spec, 'completionMode', 'NonIndexed')
  fallback(spec, 'suspend', false)
  fallback(spec, 'manualSelector', false)
  defaultFailurePolicy(spec)
  fallbackText(spec, 'podReplacementPolicy', spec.podFailurePolicy ? 'Failed' : 'TerminatingOrFailed')
  defaultPodTemplate((spec.template ??= {}))
}

function defaultFailurePolicy(spec: Free): void {
  for (const rule of listOf(spec.podFailurePolicy?.rules)) for (const condition of listOf(rule.onPodConditions)) fallbackText(condition, 'status', 'True')
}

export function defaultCronJob(object: KubeObject): void {
  const spec = (object.spec ??= {}) as Free
  fallbackText(spec, 'concurrencyPolicy', 'Allow')
  fallback(spec, 'suspend', false)
  fallback(spec, 'successfulJobsHistoryLimit', 3)
  fallback(spec, 'failedJobsHistoryLimit', 1)
  const job = ((spec.jobTemplate ??= {}).spec ??= {})
  defaultFailurePolicy(job)
  defaultPodTemplate((job.template ??= {}))
}
