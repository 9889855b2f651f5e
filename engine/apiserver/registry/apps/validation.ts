/** Deployments, ReplicaSets, DaemonSets and controller revisions; ReplicationControllers too, which are their forebear. */
import { equalJson } from '#engine/api/object'
import type { KubeObject } from '#engine/api/object'
import { FieldPath, forbidden, invalid, notSupported, required } from '#engine/api/field'
import type { FieldError } from '#engine/api/field'
import { validateImmutable } from '#engine/api/validation/meta'
import { isUsableSelector, validateLabelSelector } from '#engine/api/validation/selectors'
import { notNegative } from '#engine/apiserver/registry/core/pods/validation/errors'
import { goStruct } from '#engine/apiserver/registry/core/pods/validation/go-text'
import { validateEndless, validateMatch, validateSelector, validateTemplate } from '#engine/apiserver/registry/core/pods/validation/template'
import type { Free } from '#engine/apiserver/registry/free'
import { numberIn, validateIntOrPercent, validateWithinWhole } from './int-or-percent'

const path = FieldPath.root('spec')

/** A strategy in its Go form. */
export function strategyText(strategy: Free): unknown {
  const rolling = strategy?.rollingUpdate ? Object.fromEntries(Object.entries(strategy.rollingUpdate as Record<string, unknown>).map(([key, value]) => [key.charAt(0).toUpperCase() + key.slice(1), value])) : null
  return goStruct([['Type', 'type'], ['RollingUpdate', 'rollingUpdate']], { type: strategy?.type, rollingUpdate: rolling }, { type: '' })
}

export function validateDeployment(object: KubeObject): FieldError[] {
  const errors: FieldError[] = []
  const spec = (object.spec ?? {}) as Free
  notNegative(errors, spec.replicas as number, path.child('replicas'))
  if (validateSelector(errors, spec.selector, 'deployment', path.child('selector'))) validateReplicaTemplate(errors, spec)
  validateStrategy(errors, spec.strategy ?? {}, path.child('strategy'))
  notNegative(errors, spec.minReadySeconds as number, path.child('minReadySeconds'))
  notNegative(errors, spec.revisionHistoryLimit as number, path.child('revisionHistoryLimit'))
  const deadline = spec.progressDeadlineSeconds as number | undefined
  if (deadline !== undefined && deadline !== null) {
    notNegative(errors, deadline, path.child('progressDeadlineSeconds'))
    if (deadline <= (spec.minReadySeconds ?? 0)) errors.push(invalid(path.child('progressDeadlineSeconds'), deadline, 'must be greater than minReadySeconds'))
  }
  return errors
}

function validateReplicaTemplate(errors: FieldError[], spec: Free): void {
  const at = path.child('template')
  validateMatch(errors, spec.selector, spec.template ?? {}, at)
  validateTemplate(errors, spec.template ?? {}, at)
  validateEndless(errors, spec.template ?? {}, 'ReplicaSet', at)
}

function validateStrategy(errors: FieldError[], strategy: Free, at: FieldPath): void {
  switch (strategy.type) {
    case 'Recreate':
      if (strategy.rollingUpdate) errors.push(forbidden(at.child('rollingUpdate'), "may not be specified when strategy `type` is 'Recreate'"))
      break
    case 'RollingUpdate':
      if (!strategy.rollingUpdate) errors.push(required(at.child('rollingUpdate'), 'this should be defaulted and never be nil'))
      else validateRolling(errors, strategy.rollingUpdate, at.child('rollingUpdate'))
      break
    default: errors.push(notSupported(at, strategyText(strategy), ['Recreate', 'RollingUpdate']))
  }
}

function validateRolling(errors: FieldError[], rolling: Free, at: FieldPath): void {
  validateIntOrPercent(errors, rolling.maxUnavailable, at.child('maxUnavailable'))
  validateIntOrPercent(errors, rolling.maxSurge, at.child('maxSurge'))
  if (numberIn(rolling.maxUnavailable) === 0 && numberIn(rolling.maxSurge) === 0) errors.push(invalid(at.child('maxUnavailable'), rolling.maxUnavailable ?? 0, 'may not be 0 when `maxSurge` is 0'))
  validateWithinWhole(errors, rolling.maxUnavailable, at.child('maxUnavailable'))
}

export function validateSelectorUpdate(next: KubeObject, previous: KubeObject): FieldError[] {
  return validateImmutable(next.spec?.selector, previous.spec?.selector, path.child('selector'))
}

export function validateReplicaSet(object: KubeObject): FieldError[] {
  const errors: FieldError[] = []
  const spec = (object.spec ?? {}) as Free
  notNegative(errors, spec.replicas as number, path.child('replicas'))
  notNegative(errors, spec.minReadySeconds as number, path.child('minReadySeconds'))
  if (validateSelector(errors, spec.selector, 'deployment', path.child('selector'))) validateReplicaTemplate(errors, spec)
  return errors
}

export function validateDaemonSet(object: KubeObject): FieldError[] {
  const errors: FieldError[] = []
  const spec = (object.spec ?? {}) as Free
  const at = path.child('template')
  errors.push(...validateLabelSelector(spec.selector, path.child('selector')))
  if (isUsableSelector(spec.selector)) validateMatch(errors, spec.selector, spec.template ?? {}, at)
  if (spec.selector && Object.keys(spec.selector.matchLabels ?? {}).length === 0 && (spec.selector.matchExpressions ?? []).length === 0) errors.push(invalid(path.child('selector'), spec.selector, 'empty selector is invalid for daemonset'))
  validateTemplate(errors, spec.template ?? {}, at)
  validateEndless(errors, spec.template ?? {}, 'DaemonSet', at)
  notNegative(errors, spec.minReadySeconds as number, path.child('minReadySeconds'))
  validateDaemonStrategy(errors, spec.updateStrategy ?? {}, path.child('updateStrategy'))
  notNegative(errors, spec.revisionHistoryLimit as number, path.child('revisionHistoryLimit'))
  return errors
}

function validateDaemonStrategy(errors: FieldError[], strategy: Free, at: FieldPath): void {
  if (strategy.type === 'OnDelete') return
  if (strategy.type !== 'RollingUpdate') {
    errors.push(notSupported(at, strategyText(strategy), ['RollingUpdate', 'OnDelete']))
    return
  }
  const rolling = strategy.rollingUpdate
  if (!rolling) {
    errors.push(required(at.child('rollingUpdate'), ''))
    return
  }
  for (const field of ['maxUnavailable', 'maxSurge']) {
    validateIntOrPercent(errors, rolling[field], at.child('rollingUpdate', field))
    validateWithinWhole(errors, rolling[field], at.child('rollingUpdate', field))
  }
  const unavailable = numberIn(rolling.maxUnavailable) !== 0
  const surge = numberIn(rolling.maxSurge) !== 0
  if (unavailable && surge) errors.push(invalid(at.child('rollingUpdate', 'maxSurge'), rolling.maxSurge, 'may not be set when maxUnavailable is non-zero'))
  if (!unavailable && !surge) errors.push(required(at.child('rollingUpdate', 'maxUnavailable'), 'cannot be 0 when maxSurge is 0'))
}

export function validateReplicationController(object: KubeObject): FieldError[] {
  const errors: FieldError[] = []
  const spec = (object.spec ?? {}) as Free
  notNegative(errors, spec.minReadySeconds as number, path.child('minReadySeconds'))
  const selector = (spec.selector ?? {}) as Record<string, string>
  if (Object.keys(selector).length === 0) errors.push(required(path.child('selector'), ''))
  notNegative(errors, spec.replicas as number, path.child('replicas'))
  if (!spec.template) {
    errors.push(required(path.child('template'), ''))
    return errors
  }
  validateMatch(errors, { matchLabels: selector }, spec.template, path.child('template'))
  validateTemplate(errors, spec.template, path.child('template'))
  validateEndless(errors, spec.template, 'ReplicationController', path.child('template'))
  return errors
}

export function validateControllerRevision(object: KubeObject): FieldError[] {
  const errors: FieldError[] = []
  if (object.data === undefined || object.data === null) errors.push(required(FieldPath.root('data'), 'data is mandatory'))
  notNegative(errors, object.revision as number, FieldPath.root('revision'))
  return errors
}

export function validateControllerRevisionUpdate(next: KubeObject, previous: KubeObject): FieldError[] {
  return equalJson(next.data, previous.data) ? [] : [invalid(FieldPath.root('data'), next.data, 'field is immutable')]
}
