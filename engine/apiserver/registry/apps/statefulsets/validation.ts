import { equalJson } from '#engine/api/object'
import type { KubeObject } from '#engine/api/object'
import { FieldPath, forbidden, invalid, notSupported, required } from '#engine/api/field'
import type { FieldError } from '#engine/api/field'
import { dnsLabel } from '#engine/api/validation/names'
import { strategyText } from '#engine/apiserver/registry/apps/validation'
import { numberIn, validateIntOrPercent, validateWithinWhole } from '#engine/apiserver/registry/apps/int-or-percent'
import { checkName, notNegative } from '#engine/apiserver/registry/core/pods/validation/errors'
import { validateMatch, validateSelector, validateTemplate } from '#engine/apiserver/registry/core/pods/validation/template'
import { listOf } from '#engine/apiserver/registry/free'
import type { Free } from '#engine/apiserver/registry/free'

const path = FieldPath.root('spec')

export function validateStatefulSet(object: KubeObject): FieldError[] {
  const errors: FieldError[] = []
  const spec = (object.spec ?? {}) as Free
  if (!spec.podManagementPolicy) errors.push(required(path.child('podManagementPolicy'), ''))
  else if (spec.podManagementPolicy !== 'OrderedReady' && spec.podManagementPolicy !== 'Parallel') errors.push(invalid(path.child('podManagementPolicy'), spec.podManagementPolicy, "must be 'OrderedReady' or 'Parallel'"))
  validateStrategy(errors, spec.updateStrategy ?? {}, path.child('updateStrategy'))
  validateRetention(errors, spec)
  for (const field of ['replicas', 'minReadySeconds']) notNegative(errors, spec[field] as number, path.child(field))
  notNegative(errors, spec.ordinals?.start as number, path.child('ordinals', 'start'))
  notNegative(errors, spec.revisionHistoryLimit as number, path.child('revisionHistoryLimit'))
  if (spec.serviceName) checkName(errors, spec.serviceName as string, dnsLabel, path.child('serviceName'))
  const at = path.child('template')
  const template = (spec.template ?? {}) as Free
  if (validateSelector(errors, spec.selector, 'statefulset', path.child('selector'), '')) {
    validateMatch(errors, spec.selector, template, at)
    validateTemplate(errors, template, at, claimVolumes(spec))
  }
  if (template.spec?.restartPolicy !== 'Always') errors.push(notSupported(at.child('spec', 'restartPolicy'), template.spec?.restartPolicy ?? '', ['Always']))
  if (template.spec?.activeDeadlineSeconds !== undefined) errors.push(forbidden(at.child('spec', 'activeDeadlineSeconds'), 'activeDeadlineSeconds in StatefulSet is not Supported'))
  return errors
}

function validateRetention(errors: FieldError[], spec: Free): void {
  for (const field of ['whenDeleted', 'whenScaled']) {
    const value = spec.persistentVolumeClaimRetentionPolicy?.[field] as string | undefined
    if (value !== undefined && value !== 'Retain' && value !== 'Delete') errors.push(notSupported(path.child('persistentVolumeClaimRetentionPolicy', field), value, ['Retain', 'Delete']))
  }
}

/** Claim templates are volumes of the pods. */
function claimVolumes(spec: Free): Free[] {
  return listOf(spec.volumeClaimTemplates).map((claim) => ({ name: (claim.metadata?.name ?? '') as string, persistentVolumeClaim: {} }))
}

function validateStrategy(errors: FieldError[], strategy: Free, at: FieldPath): void {
  switch (strategy.type) {
    case undefined: case '':
      errors.push(required(at, ''))
      break
    case 'OnDelete':
      if (strategy.rollingUpdate) errors.push(invalid(at.child('rollingUpdate'), { Partition: strategy.rollingUpdate.partition ?? 0, MaxUnavailable: strategy.rollingUpdate.maxUnavailable ?? null }, "only allowed for updateStrategy 'RollingUpdate'"))
      break
    case 'RollingUpdate':
      validateRolling(errors, strategy.rollingUpdate ?? {}, at.child('rollingUpdate'))
      break
    default: errors.push(invalid(at, strategyText(strategy), "must be 'RollingUpdate' or 'OnDelete'"))
  }
}

function validateRolling(errors: FieldError[], rolling: Free, at: FieldPath): void {
  notNegative(errors, rolling.partition as number, at.child('partition'))
  const most = at.child('maxUnavailable')
  if (rolling.maxUnavailable === undefined) return
  validateIntOrPercent(errors, rolling.maxUnavailable, most)
  if (numberIn(rolling.maxUnavailable) === 0) errors.push(invalid(most, rolling.maxUnavailable, 'cannot be 0'))
  validateWithinWhole(errors, rolling.maxUnavailable, most)
}

const changeable = ['replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy', 'minReadySeconds']

export function validateStatefulSetUpdate(next: KubeObject, previous: KubeObject): FieldError[] {
  const fixed = (spec: Free): Free => Object.fromEntries(Object.entries((spec ?? {}) as object).filter(([key]) => !changeable.includes(key)))
  if (equalJson(fixed(next.spec), fixed(previous.spec))) return []
  return [forbidden(path, "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden")]
}
