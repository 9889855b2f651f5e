/** Where a pod may run: affinity, tolerations, spreading, gates. */
import { duplicate, forbidden, invalid, notSupported, required } from '#engine/api/field'
import type { FieldPath } from '#engine/api/field'
import { dnsLabel, dnsSubdomain, labelValue, qualifiedName } from '#engine/api/validation/names'
import { validateLabelSelector } from '#engine/api/validation/selectors'
import { listOf } from '#engine/apiserver/registry/free'
import type { Free } from '#engine/apiserver/registry/free'
import { checkName } from './errors'
import type { Errors } from './errors'
import { goStruct } from './go-text'

export function validateNodeSelectorTerm(errors: Errors, term: Free, path: FieldPath): void {
  for (const [index, item] of listOf(term?.matchExpressions).entries()) validateRequirement(errors, item, path.child('matchExpressions').index(index))
  for (const [index, item] of listOf(term?.matchFields).entries()) validateFieldRequirement(errors, item, path.child('matchFields').index(index))
}

export function validateNodeSelector(errors: Errors, selector: Free, path: FieldPath): void {
  const terms = listOf(selector?.nodeSelectorTerms)
  if (terms.length === 0) errors.push(required(path.child('nodeSelectorTerms'), 'must have at least one node selector term'))
  for (const [index, term] of terms.entries()) validateNodeSelectorTerm(errors, term, path.child('nodeSelectorTerms').index(index))
}

function validateRequirement(errors: Errors, item: Free, path: FieldPath): void {
  const values = listOf(item.values)
  switch (item.operator) {
    case 'In': case 'NotIn':
      if (values.length === 0) errors.push(required(path.child('values'), "must be specified when `operator` is 'In' or 'NotIn'"))
      break
    case 'Exists': case 'DoesNotExist':
      if (values.length > 0) errors.push(forbidden(path.child('values'), "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"))
      break
    case 'Gt': case 'Lt':
      if (values.length !== 1) errors.push(required(path.child('values'), "must be specified single value when `operator` is 'Lt' or 'Gt'"))
      break
    default: errors.push(invalid(path.child('operator'), item.operator ?? '', 'not a valid selector operator'))
  }
  checkName(errors, (item.key ?? '') as string, qualifiedName, path.child('key'))
  for (const [index, value] of values.entries()) checkName(errors, value as string, labelValue, path.child('values').index(index))
}

function validateFieldRequirement(errors: Errors, item: Free, path: FieldPath): void {
  const values = listOf(item.values)
  if (item.operator !== 'In' && item.operator !== 'NotIn') errors.push(invalid(path.child('operator'), item.operator ?? '', 'not a valid selector operator'))
  else if (values.length !== 1) errors.push(required(path.child('values'), "must be only one value when `operator` is 'In' or 'NotIn' for node field selector"))
  if (item.key !== 'metadata.name') errors.push(invalid(path.child('key'), item.key ?? '', 'not a valid field selector key'))
  else for (const [index, value] of values.entries()) checkName(errors, value as string, dnsSubdomain, path.child('values').index(index))
}

function weight(errors: Errors, item: Free, path: FieldPath): void {
  const value = (item.weight ?? 0) as number
  if (value <= 0 || value > 100) errors.push(invalid(path.child('weight'), value, 'must be in the range 1-100'))
}

export function validateAffinity(errors: Errors, affinity: Free, path: FieldPath): void {
  if (!affinity) return
  const { nodeAffinity, podAffinity, podAntiAffinity } = affinity
  const hard = 'requiredDuringSchedulingIgnoredDuringExecution'
  const soft = 'preferredDuringSchedulingIgnoredDuringExecution'
  if (nodeAffinity) {
    const at = path.child('nodeAffinity')
    if (nodeAffinity[hard]) validateNodeSelector(errors, nodeAffinity[hard], at.child(hard))
    for (const [index, item] of listOf(nodeAffinity[soft]).entries()) {
      weight(errors, item, at.child(soft).index(index))
      validateNodeSelectorTerm(errors, item.preference, at.child(soft).index(index).child('preference'))
    }
  }
  for (const [name, terms] of [['podAffinity', podAffinity], ['podAntiAffinity', podAntiAffinity]] as const) {
    if (!terms) continue
    const at = path.child(name)
    for (const [index, term] of listOf(terms[hard]).entries()) validatePodTerm(errors, term, at.child(hard).index(index))
    for (const [index, item] of listOf(terms[soft]).entries()) {
      weight(errors, item, at.child(soft).index(index))
      validatePodTerm(errors, item.podAffinityTerm ?? {}, at.child(soft).index(index).child('podAffinityTerm'))
    }
  }
}

function validatePodTerm(errors: Errors, term: Free, path: FieldPath): void {
  errors.push(...validateLabelSelector(term.labelSelector, path.child('labelSelector')))
  errors.push(...validateLabelSelector(term.namespaceSelector, path.child('namespaceSelector')))
  for (const name of listOf(term.namespaces)) checkName(errors, name as string, dnsLabel, path.child('namespace'))
  validateLabelKeys(errors, term, path)
  const key = (term.topologyKey ?? '') as string
  if (key === '') errors.push(required(path.child('topologyKey'), 'can not be empty'))
  checkName(errors, key, qualifiedName, path.child('topologyKey'))
}

function validateLabelKeys(errors: Errors, term: Free, path: FieldPath): void {
  const keys = listOf(term.matchLabelKeys) as string[]
  const others = listOf(term.mismatchLabelKeys) as string[]
  for (const [field, list] of [['matchLabelKeys', keys], ['mismatchLabelKeys', others]] as const) {
    if (list.length > 0 && !term.labelSelector) errors.push(forbidden(path.child(field), 'must not be specified when labelSelector is not set'))
    else for (const [index, key] of list.entries()) checkName(errors, key, qualifiedName, path.child(field).index(index))
  }
  const seen = new Set(Object.keys((term.labelSelector?.matchLabels ?? {}) as object))
  for (const { key } of listOf(term.labelSelector?.matchExpressions) as { readonly key: string }[]) {
    if (keys.includes(key) && seen.has(key)) errors.push(invalid(path.index(keys.lastIndexOf(key)), key, 'exists in both matchLabelKeys and labelSelector'))
    seen.add(key)
  }
  for (const [index, key] of keys.entries()) if (others.includes(key)) errors.push(invalid(path.child('matchLabelKeys').index(index), key, 'exists in both matchLabelKeys and mismatchLabelKeys'))
}

const effects = ['NoSchedule', 'PreferNoSchedule', 'NoExecute']

export function validateEffect(errors: Errors, effect: unknown, path: FieldPath): void {
  if (!effects.includes(effect as string)) errors.push(notSupported(path, effect, effects))
}

export function validateTolerations(errors: Errors, tolerations: Free, path: FieldPath): void {
  for (const [index, item] of listOf(tolerations).entries()) {
    const at = path.index(index)
    const operator = (item.operator ?? '') as string
    if (item.key) checkName(errors, item.key as string, qualifiedName, at.child('key'))
    if (!item.key && operator !== 'Exists') errors.push(invalid(at.child('operator'), operator, 'operator must be Exists when `key` is empty, which means "match all values and all keys"'))
    if (item.tolerationSeconds !== undefined && item.tolerationSeconds !== null && item.effect !== 'NoExecute') errors.push(invalid(at.child('effect'), item.effect ?? '', "effect must be 'NoExecute' when `tolerationSeconds` is set"))
    validateTolerationValue(errors, item, operator, at)
    if (item.effect) validateEffect(errors, item.effect, at.child('effect'))
  }
}

function validateTolerationValue(errors: Errors, item: Free, operator: string, at: FieldPath): void {
  if (operator === 'Equal' || operator === '') {
    const wrong = labelValue((item.value ?? '') as string)
    if (wrong.length > 0) errors.push(invalid(at.child('operator'), item.value, wrong.join(';')))
  } else if (operator === 'Exists') {
    if (item.value) errors.push(invalid(at.child('operator'), tolerationText(item), "value must be empty when `operator` is 'Exists'"))
  } else errors.push(notSupported(at.child('operator'), operator, ['Equal', 'Exists']))
}

function tolerationText(item: Free): unknown {
  return goStruct([['Key', 'key'], ['Operator', 'operator'], ['Value', 'value'], ['Effect', 'effect'], ['TolerationSeconds', 'tolerationSeconds']], item as Record<string, unknown>, { key: '', operator: '', value: '', effect: '' })
}

export function validateSpread(errors: Errors, constraints: Free, path: FieldPath): void {
  const seen = new Set<string>()
  for (const [index, item] of listOf(constraints).entries()) {
    const at = path.index(index)
    const key = (item.topologyKey ?? '') as string
    const action = (item.whenUnsatisfiable ?? '') as string
    if ((item.maxSkew ?? 0) <= 0) errors.push(invalid(at.child('maxSkew'), item.maxSkew ?? 0, 'must be greater than zero'))
    if (key === '') errors.push(required(at.child('topologyKey'), 'can not be empty'))
    checkName(errors, key, qualifiedName, at.child('topologyKey'))
    const actions = ['DoNotSchedule', 'ScheduleAnyway']
    if (!actions.includes(action)) errors.push(notSupported(at.child('whenUnsatisfiable'), action, actions))
    const pair = `{${key}, ${action}}`
    if (seen.has(pair)) errors.push(duplicate(at.child('{topologyKey, whenUnsatisfiable}'), pair))
    seen.add(pair)
    validateSpreadDetails(errors, item, action, at)
  }
}

function validateSpreadDetails(errors: Errors, item: Free, action: string, path: FieldPath): void {
  const domains = item.minDomains as number | undefined
  if (domains !== undefined && domains !== null) {
    if (domains <= 0) errors.push(invalid(path.child('minDomains'), domains, 'must be greater than zero'))
    if (action !== 'DoNotSchedule') errors.push(invalid(path.child('minDomains'), domains, `can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ${action}`))
  }
  for (const field of ['nodeAffinityPolicy', 'nodeTaintsPolicy']) {
    const value = item[field] as string | undefined
    if (value !== undefined && value !== null && value !== 'Honor' && value !== 'Ignore') errors.push(notSupported(path.child(field), value, ['Honor', 'Ignore']))
  }
  validateLabelKeys(errors, item, path)
  errors.push(...validateLabelSelector(item.labelSelector, path.child('labelSelector')))
}

export function validateGates(errors: Errors, gates: Free, path: FieldPath): void {
  const seen = new Set<string>()
  for (const [index, gate] of listOf(gates).entries()) {
    const name = (gate.name ?? '') as string
    checkName(errors, name, qualifiedName, path.index(index))
    if (seen.has(name)) errors.push(duplicate(path.index(index), name))
    seen.add(name)
  }
}
