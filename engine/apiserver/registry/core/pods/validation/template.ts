/** Pod templates of workloads, and their selectors. */
import { forbidden, invalid, required } from '#engine/api/field'
import type { FieldPath } from '#engine/api/field'
import { validateAnnotations, validateLabels } from '#engine/api/validation/meta'
import { isEmptySelector, isUsableSelector, selectorMatches, validateLabelSelector } from '#engine/api/validation/selectors'
import { listOf } from '#engine/apiserver/registry/free'
import type { Free } from '#engine/apiserver/registry/free'
import type { Errors } from './errors'
import { validatePodSpec } from './spec'

export function validateTemplate(errors: Errors, template: Free, path: FieldPath, extraVolumes: readonly Free[] = []): void {
  errors.push(...validateLabels(template.metadata?.labels, path.child('labels')), ...validateAnnotations(template.metadata?.annotations, path.child('annotations')))
  errors.push(...validatePodSpec(template.spec ?? {}, path.child('spec'), extraVolumes))
  if (listOf(template.spec?.ephemeralContainers).length > 0) errors.push(forbidden(path.child('spec', 'ephemeralContainers'), 'ephemeral containers not allowed in pod template'))
}

/** True when the selector can be compiled, so that the template can be held against it. */
export function validateSelector(errors: Errors, selector: Free, kind: string, path: FieldPath, unusable = 'invalid label selector'): boolean {
  if (!selector) errors.push(required(path, ''))
  else {
    errors.push(...validateLabelSelector(selector, path))
    if (isEmptySelector(selector)) errors.push(invalid(path, selector, `empty selector is invalid for ${kind}`))
  }
  if (isUsableSelector(selector)) return true
  errors.push(invalid(path, selector, unusable))
  return false
}

export function validateMatch(errors: Errors, selector: Free, template: Free, path: FieldPath): void {
  const labels = template.metadata?.labels as Record<string, string> | undefined
  if (selector && isEmptySelector(selector)) return
  if (!selectorMatches(selector, labels ?? {})) errors.push(invalid(path.child('metadata', 'labels'), labels ?? null, '`selector` does not match template `labels`'))
}

/** Workloads that keep pods running restart them always and set no deadline. */
export function validateEndless(errors: Errors, template: Free, kind: string, path: FieldPath): void {
  if (template.spec?.restartPolicy !== 'Always') errors.push({ type: 'FieldValueNotSupported', field: path.child('spec', 'restartPolicy').toString(), body: `Unsupported value: ${JSON.stringify(template.spec?.restartPolicy ?? '')}: supported values: "Always"` })
  if (template.spec?.activeDeadlineSeconds !== undefined && template.spec.activeDeadlineSeconds !== null) errors.push(forbidden(path.child('spec', 'activeDeadlineSeconds'), `activeDeadlineSeconds in ${kind} is not Supported`))
}
