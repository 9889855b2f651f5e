/** Quotas and limit ranges. */
import { goStruct } from '#engine/apiserver/registry/core/pods/validation/go-text'
import { equalJson } from '#engine/api/object'
import type { KubeObject } from '#engine/api/object'
import { duplicate, FieldPath, forbidden, invalid, required } from '#engine/api/field'
import type { FieldError } from '#engine/api/field'
import { canonicalQuantity, tryQuantity } from '#engine/api/quantity'
import { qualifiedName } from '#engine/api/validation/names'
import { checkName } from '#engine/apiserver/registry/core/pods/validation/errors'
import { isStandardResource, validateAmount, validateResourceName } from '#engine/apiserver/registry/core/pods/validation/resources'
import { listOf } from '#engine/apiserver/registry/free'
import type { Free } from '#engine/apiserver/registry/free'

const path = FieldPath.root('spec')
type List = Readonly<Record<string, string>>

const scopes = new Set(['Terminating', 'NotTerminating', 'BestEffort', 'NotBestEffort', 'PriorityClass', 'CrossNamespacePodAffinity', 'VolumeAttributesClass'])
const podObjects = new Set(['pods', 'cpu', 'memory', 'ephemeral-storage', 'requests.cpu', 'requests.memory', 'requests.ephemeral-storage', 'limits.cpu', 'limits.memory', 'limits.ephemeral-storage'])

function fitsScope(scope: string, resource: string): boolean {
  if (scope === 'BestEffort') return resource === 'pods'
  if (scope === 'VolumeAttributesClass') return resource === 'persistentvolumeclaims' || resource === 'requests.storage'
  return podObjects.has(resource) || resource === 'count/pods'
}

export function validateResourceQuota(object: KubeObject): FieldError[] {
  const errors: FieldError[] = []
  const spec = (object.spec ?? {}) as Free
  for (const [name, text] of Object.entries((spec.hard ?? {}) as List)) {
    const at = path.child('hard').key(name)
    validateQuotaName(errors, name, at)
    validateAmount(errors, name, text, at)
  }
  validateScopes(errors, listOf(spec.scopes) as string[], spec)
  validateScopeSelector(errors, listOf(spec.scopeSelector?.matchExpressions), spec)
  return errors
}

function validateQuotaName(errors: FieldError[], name: string, at: FieldPath): void {
  if (name.startsWith('count/')) return
  validateResourceName(errors, name, at)
  if (!name.includes('/') && !isStandardResource(name)) errors.push(invalid(at, name, 'must be a standard resource for quota'))
}

function validateScopes(errors: FieldError[], given: readonly string[], spec: Free): void {
  if (given.length === 0) return
  const at = path.child('scopes')
  for (const scope of given) {
    if (!scopes.has(scope)) errors.push(invalid(at, given, 'unsupported scope'))
    for (const name of Object.keys((spec.hard ?? {}) as object)) if (scopes.has(scope) && !fitsScope(scope, name)) errors.push(invalid(at, given, 'unsupported scope applied to resource'))
  }
  for (const pair of [['BestEffort', 'NotBestEffort'], ['Terminating', 'NotTerminating']]) if (pair.every((item) => given.includes(item))) errors.push(invalid(at, given, 'conflicting scopes'))
}

function goSelector(selector: Free): unknown {
  return { MatchExpressions: listOf(selector?.matchExpressions).map((item) => goStruct([['ScopeName', 'scopeName'], ['Operator', 'operator'], ['Values', 'values']], item as Record<string, unknown>, { scopeName: '', operator: '' })) }
}

function validateScopeSelector(errors: FieldError[], list: readonly Free[], spec: Free): void {
  const at = path.child('scopeSelector', 'matchExpressions')
  const names: string[] = []
  for (const item of list) {
    const scope = item.scopeName as string
    if (!scopes.has(scope)) errors.push(invalid(at.child('scopeName'), scope, 'unsupported scope'))
    for (const name of Object.keys((spec.hard ?? {}) as object)) if (scopes.has(scope) && !fitsScope(scope, name)) errors.push(invalid(at, goSelector(spec.scopeSelector), 'unsupported scope applied to resource'))
    validateScopeOperator(errors, item, scope, at)
    names.push(scope)
  }
  for (const pair of [['BestEffort', 'NotBestEffort'], ['Terminating', 'NotTerminating']]) if (pair.every((item) => names.includes(item))) errors.push(invalid(at, names, 'conflicting scopes'))
}

function validateScopeOperator(errors: FieldError[], item: Free, scope: string, at: FieldPath): void {
  const values = listOf(item.values)
  const plain = ['BestEffort', 'NotBestEffort', 'Terminating', 'NotTerminating', 'CrossNamespacePodAffinity'].includes(scope)
  if (plain && item.operator !== 'Exists') errors.push(invalid(at.child('operator'), item.operator, "must be 'Exist' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity"))
  if ((item.operator === 'In' || item.operator === 'NotIn') && values.length === 0) errors.push(required(at.child('values'), "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector"))
  if ((item.operator === 'Exists' || item.operator === 'DoesNotExist') && values.length > 0) errors.push(invalid(at.child('values'), values, "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector"))
  if (!['In', 'NotIn', 'Exists', 'DoesNotExist'].includes(item.operator as string)) errors.push(invalid(at.child('operator'), item.operator, 'not a valid selector operator'))
}

export function validateResourceQuotaUpdate(next: KubeObject, previous: KubeObject): FieldError[] {
  const sorted = (object: KubeObject): unknown[] => [...listOf(object.spec?.scopes)].sort()
  return equalJson(sorted(next), sorted(previous)) ? [] : [invalid(path.child('scopes'), next.spec?.scopes ?? null, 'field is immutable')]
}

const fields = ['max', 'min', 'default', 'defaultRequest', 'maxLimitRequestRatio'] as const

export function validateLimitRange(object: KubeObject): FieldError[] {
  const errors: FieldError[] = []
  const seen = new Set<string>()
  for (const [index, item] of listOf(object.spec?.limits).entries()) {
    const at = path.child('limits').index(index)
    const type = (item.type ?? '') as string
    checkName(errors, type, qualifiedName, at.child('type'))
    if (!['Pod', 'Container', 'PersistentVolumeClaim'].includes(type) && !type.includes('/')) errors.push(invalid(at.child('type'), type, 'must be a standard limit type or fully qualified'))
    if (seen.has(type)) errors.push(duplicate(at.child('type'), type))
    seen.add(type)
    validateItem(errors, item, type, at)
  }
  return errors
}

function validateItem(errors: FieldError[], item: Free, type: string, at: FieldPath): void {
  const names = new Set<string>()
  for (const field of ['max', 'min'] as const) for (const name of Object.keys((item[field] ?? {}) as object)) checkLimit(errors, type, name, at.child(field).key(name), names)
  for (const field of ['default', 'defaultRequest'] as const) {
    if (type === 'Pod') {
      if (Object.keys((item[field] ?? {}) as object).length > 0) errors.push(forbidden(at.child(field), "may not be specified when `type` is 'Pod'"))
    } else for (const name of Object.keys((item[field] ?? {}) as object)) checkLimit(errors, type, name, at.child(field).key(name), names)
  }
  if (type === 'PersistentVolumeClaim' && item.min?.storage === undefined && item.max?.storage === undefined) errors.push(required(at.child('limits'), 'either minimum or maximum storage value is required, but neither was provided'))
  for (const name of Object.keys((item.maxLimitRequestRatio ?? {}) as object)) checkLimit(errors, type, name, at.child('maxLimitRequestRatio').key(name), names)
  for (const name of names) validateBounds(errors, item, name, at)
}

function checkLimit(errors: FieldError[], type: string, name: string, at: FieldPath, names: Set<string>): void {
  names.add(name)
  validateResourceName(errors, name, at)
  if ((type === 'Pod' || type === 'Container') && !name.includes('/') && !['cpu', 'memory', 'ephemeral-storage', 'storage'].includes(name) && !name.startsWith('hugepages-')) errors.push(invalid(at, name, 'must be a standard resource for containers'))
}

function validateBounds(errors: FieldError[], item: Free, name: string, at: FieldPath): void {
  const amounts = Object.fromEntries(fields.map((field) => [field, tryQuantity(item[field]?.[name])]))
  const text = (field: string): string => canonicalQuantity(item[field][name] as string)
  const over = (field: string, bound: string): boolean => (amounts[field]?.nano ?? 0n) > (amounts[bound]?.nano ?? 0n) && amounts[field] !== undefined && amounts[bound] !== undefined
  const say = (field: string, shown: string, words: string): void => void errors.push(invalid(at.child(field).key(name), text(shown), words))
  if (over('min', 'max')) say('min', 'min', `min value ${text('min')} is greater than max value ${text('max')}`)
  if (over('min', 'defaultRequest')) say('defaultRequest', 'defaultRequest', `min value ${text('min')} is greater than default request value ${text('defaultRequest')}`)
  if (over('defaultRequest', 'max')) say('defaultRequest', 'defaultRequest', `default request value ${text('defaultRequest')} is greater than max value ${text('max')}`)
  if (over('defaultRequest', 'default')) say('defaultRequest', 'defaultRequest', `default request value ${text('defaultRequest')} is greater than default limit value ${text('default')}`)
  if (over('min', 'default')) say('default', 'min', `min value ${text('min')} is greater than default value ${text('default')}`)
  if (over('default', 'max')) say('default', 'default', `default value ${text('default')} is greater than max value ${text('max')}`)
  validateRatio(errors, item, name, at)
  const overcommits = !name.includes('/') && !name.startsWith('hugepages-')
  if (!overcommits && amounts.default && amounts.defaultRequest && amounts.default.nano !== amounts.defaultRequest.nano) say('defaultRequest', 'defaultRequest', `default value ${text('default')} must equal to defaultRequest value ${text('defaultRequest')} in ${name}`)
}

/** What can be asked and what can be had leave only so much room between them. */
function validateRatio(errors: FieldError[], item: Free, name: string, at: FieldPath): void {
  const [ratio, min, max] = (['maxLimitRequestRatio', 'min', 'max'] as const).map((field) => tryQuantity(item[field]?.[name]))
  if (!ratio) return
  const shown = canonicalQuantity(item.maxLimitRequestRatio[name] as string)
  if (ratio.nano < 1_000_000_000n) errors.push(invalid(at.child('maxLimitRequestRatio').key(name), shown, `ratio ${shown} is less than 1`))
  if (!min || !max) return
  const limit = Number(max.nano) / Number(min.nano)
  if (Number(ratio.nano) / 1e9 <= limit) return
  errors.push(invalid(at.child('maxLimitRequestRatio').key(name), shown, `ratio ${shown} is greater than max/min = ${limit.toFixed(6)}`))
}

export function validateQuotaStatus(object: KubeObject): FieldError[] {
  const errors: FieldError[] = []
  for (const list of ['hard', 'used']) {
    for (const [name, text] of Object.entries((object.status?.[list] ?? {}) as List)) {
      const at = FieldPath.root('status').child(list).key(name)
      validateQuotaName(errors, name, at)
      validateAmount(errors, name, text, at)
    }
  }
  return errors
}
