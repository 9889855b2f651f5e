import type { KubeObject } from '#engine/api/object'
import { FieldPath, forbidden, invalid, notSupported, required } from '#engine/api/field'
import type { FieldError } from '#engine/api/field'
import { formatQuantity, tryQuantity } from '#engine/api/quantity'
import { pathSegment } from '#engine/api/validation/names'
import { validateLabelSelector } from '#engine/api/validation/selectors'
import { checkName, notNegative } from '#engine/apiserver/registry/core/pods/validation/errors'
import { listOf } from '#engine/apiserver/registry/free'
import type { Free } from '#engine/apiserver/registry/free'

const path = FieldPath.root('spec')
const types = ['ContainerResource', 'External', 'Object', 'Pods', 'Resource']

export function validateHorizontalPodAutoscaler(object: KubeObject): FieldError[] {
  const errors: FieldError[] = []
  const spec = (object.spec ?? {}) as Free
  const least = spec.minReplicas as number | undefined
  if (least !== undefined && least < 1) errors.push(invalid(path.child('minReplicas'), least, 'must be greater than or equal to 1'))
  const most = (spec.maxReplicas ?? 0) as number
  if (most < 1) errors.push(invalid(path.child('maxReplicas'), most, 'must be greater than 0'))
  if (least !== undefined && most < least) errors.push(invalid(path.child('maxReplicas'), most, 'must be greater than or equal to `minReplicas`'))
  validateReference(errors, spec.scaleTargetRef ?? {}, path.child('scaleTargetRef'))
  validateMetrics(errors, listOf(spec.metrics), least)
  if (spec.behavior) for (const side of ['scaleUp', 'scaleDown']) if (spec.behavior[side]) validateRules(errors, spec.behavior[side], path.child('behavior', side))
  return errors
}

function validateReference(errors: FieldError[], ref: Free, at: FieldPath): void {
  for (const field of ['kind', 'name']) {
    if (!ref[field]) errors.push(required(at.child(field), ''))
    else checkName(errors, ref[field] as string, pathSegment, at.child(field))
  }
}

function validateMetrics(errors: FieldError[], metrics: readonly Free[], least: number | undefined): void {
  let beyond = false
  for (const [index, metric] of metrics.entries()) {
    const at = path.child('metrics').index(index)
    const type = (metric.type ?? '') as string
    if (type === '') errors.push(required(at.child('type'), 'must specify a metric source type'))
    if (!types.includes(type)) errors.push(notSupported(at.child('type'), type, types))
    if (type === 'Object' || type === 'External') beyond = true
    validateSources(errors, metric, type, at)
  }
  if (least === 0 && !beyond) errors.push(forbidden(path.child('metrics'), 'must specify at least one Object or External metric to support scaling to zero replicas'))
}

/** No member is inherited: the key is whatever a client sent. */
const fields: Readonly<Record<string, string>> = { __proto__: null as never, ContainerResource: 'containerResource', External: 'external', Object: 'object', Pods: 'pods', Resource: 'resource' }

function validateSources(errors: FieldError[], metric: Free, type: string, at: FieldPath): void {
  const given = ['object', 'external', 'pods', 'resource', 'containerResource'].filter((field) => metric[field])
  const expected = fields[type]
  const first = given[0]
  if (first !== undefined) validateSource(errors, metric[first], first, at.child(first))
  if (expected === undefined) errors.push(notSupported(at.child('type'), type, types))
  else if (!given.includes(expected)) errors.push(required(at.child(expected), 'must populate information for the given metric source'))
  if (given.length !== 1) for (const field of given) if (field !== expected) errors.push(forbidden(at.child(field), 'must populate the given metric source only'))
}

function validateSource(errors: FieldError[], source: Free, field: string, at: FieldPath): void {
  if (field === 'resource' || field === 'containerResource') {
    if (!source.name) errors.push(required(at.child('name'), 'must specify a resource name'))
    if (field === 'containerResource' && !source.container) errors.push(required(at.child('container'), 'must specify a container'))
  } else {
    if (field === 'object') validateReference(errors, source.describedObject ?? {}, at.child('describedObject'))
    if (!source.metric?.name) errors.push(required(at.child('metric', 'name'), 'must specify a metric name'))
    else checkName(errors, source.metric.name as string, pathSegment, at.child('metric', 'name'))
    errors.push(...validateLabelSelector(source.metric?.selector, at.child('metric', 'selector')))
  }
  validateTarget(errors, source.target ?? {}, field, at.child('target'))
}

function validateTarget(errors: FieldError[], target: Free, field: string, at: FieldPath): void {
  if (!target.type) errors.push(required(at.child('type'), 'must specify a metric target type'))
  if (!['Utilization', 'Value', 'AverageValue'].includes(target.type as string)) errors.push(invalid(at.child('type'), target.type ?? '', 'must be either Utilization, Value, or AverageValue'))
  for (const name of ['value', 'averageValue']) {
    const quantity = tryQuantity(target[name])
    if (quantity && quantity.nano <= 0n) errors.push(invalid(at.child(name), formatQuantity(quantity), 'must be positive'))
  }
  const utilization = target.averageUtilization as number | undefined
  if (utilization !== undefined && utilization < 1) errors.push(invalid(at.child('averageUtilization'), utilization, 'must be greater than 0'))
  validateTargetForm(errors, target, utilization, field, at)
}

/** Which of the values a target must have depends on the metric's source. */
function validateTargetForm(errors: FieldError[], target: Free, utilization: number | undefined, field: string, at: FieldPath): void {
  const [value, average] = [target.value !== undefined, target.averageValue !== undefined]
  if (field === 'resource' || field === 'containerResource') validateResourceTarget(errors, utilization !== undefined, average, at)
  else {
    if (!average && (field === 'pods' || !value)) errors.push(required(at.child('averageValue'), missing[field] ?? ''))
    if (field === 'external' && value && average) errors.push(forbidden(at.child('value'), 'may not set both a target value for metric and a per-pod target'))
  }
}

function validateResourceTarget(errors: FieldError[], utilization: boolean, average: boolean, at: FieldPath): void {
  if (!utilization && !average) errors.push(required(at.child('averageUtilization'), 'must set either a target raw value or a target utilization'))
  if (utilization && average) errors.push(forbidden(at.child('averageValue'), 'may not set both a target raw value and a target utilization'))
}

const missing: Readonly<Record<string, string>> = {
  pods: 'must specify a positive target averageValue', object: 'must set either a target value or averageValue', external: 'must set either a target value for metric or a per-pod target',
}

function validateRules(errors: FieldError[], rules: Free, at: FieldPath): void {
  const window = rules.stabilizationWindowSeconds as number | undefined
  if (window !== undefined && window < 0) errors.push(invalid(at.child('stabilizationWindowSeconds'), window, 'must be greater than or equal to zero'))
  if (window !== undefined && window > 3600) errors.push(invalid(at.child('stabilizationWindowSeconds'), window, 'must be less than or equal to 3600'))
  const select = rules.selectPolicy as string | undefined
  if (select !== undefined && !['Max', 'Min', 'Disabled'].includes(select)) errors.push(notSupported(at.child('selectPolicy'), select, ['Disabled', 'Max', 'Min']))
  const policies = listOf(rules.policies)
  if (policies.length === 0) errors.push(required(at.child('policies'), 'must specify at least one Policy'))
  for (const [index, policy] of policies.entries()) validateScalingPolicy(errors, policy, at.child('policies').index(index))
  const tolerance = tryQuantity(rules.tolerance)
  if (tolerance && tolerance.nano < 0n) errors.push(invalid(at.child('tolerance'), formatQuantity(tolerance), 'must be greater than or equal to 0'))
}

function validateScalingPolicy(errors: FieldError[], policy: Free, where: FieldPath): void {
  if (policy.type !== 'Pods' && policy.type !== 'Percent') errors.push(notSupported(where.child('type'), policy.type ?? '', ['Percent', 'Pods']))
  if ((policy.value ?? 0) <= 0) errors.push(invalid(where.child('value'), policy.value ?? 0, 'must be greater than zero'))
  if ((policy.periodSeconds ?? 0) <= 0) errors.push(invalid(where.child('periodSeconds'), policy.periodSeconds ?? 0, 'must be greater than zero'))
  if ((policy.periodSeconds ?? 0) > 1800) errors.push(invalid(where.child('periodSeconds'), policy.periodSeconds, 'must be less than or equal to 1800'))
}

export function validateAutoscalerStatus(object: KubeObject): FieldError[] {
  const errors: FieldError[] = []
  for (const field of ['currentReplicas', 'desiredReplicas']) notNegative(errors, object.status?.[field] as number | undefined, FieldPath.root('status').child(field))
  return errors
}
