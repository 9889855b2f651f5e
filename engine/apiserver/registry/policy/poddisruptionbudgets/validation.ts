import type { KubeObject } from '#engine/api/object'
import { FieldPath, invalid, notSupported } from '#engine/api/field'
import type { FieldError } from '#engine/api/field'
import { validateLabelSelector } from '#engine/api/validation/selectors'
import { validateIntOrPercent, validateWithinWhole } from '#engine/apiserver/registry/apps/int-or-percent'
import type { Free } from '#engine/apiserver/registry/free'
import { notNegative } from '#engine/apiserver/registry/core/pods/validation/errors'
import { validateConditions } from '#engine/apiserver/registry/conditions'

const path = FieldPath.root('spec')

export function validatePodDisruptionBudget(object: KubeObject): FieldError[] {
  const errors: FieldError[] = []
  const spec = (object.spec ?? {}) as Free
  if (spec.minAvailable !== undefined && spec.maxUnavailable !== undefined) errors.push(invalid(path, specText(spec), 'minAvailable and maxUnavailable cannot be both set'))
  for (const field of ['minAvailable', 'maxUnavailable']) {
    validateIntOrPercent(errors, spec[field], path.child(field))
    validateWithinWhole(errors, spec[field], path.child(field))
  }
  errors.push(...validateLabelSelector(spec.selector, path.child('selector')))
  const policy = spec.unhealthyPodEvictionPolicy as string | undefined
  if (policy !== undefined && policy !== 'AlwaysAllow' && policy !== 'IfHealthyBudget') errors.push(notSupported(path.child('unhealthyPodEvictionPolicy'), policy, ['AlwaysAllow', 'IfHealthyBudget']))
  return errors
}

function specText(spec: Free): unknown {
  return { MinAvailable: spec.minAvailable as unknown, Selector: spec.selector ?? null, MaxUnavailable: spec.maxUnavailable as unknown, UnhealthyPodEvictionPolicy: spec.unhealthyPodEvictionPolicy ?? null }
}

export function validateBudgetStatus(object: KubeObject): FieldError[] {
  const at = FieldPath.root('status')
  const errors = validateConditions(object.status?.conditions, at.child('conditions'))
  for (const field of ['disruptionsAllowed', 'currentHealthy', 'desiredHealthy', 'expectedPods']) notNegative(errors, object.status?.[field] as number | undefined, at.child(field))
  return errors
}
