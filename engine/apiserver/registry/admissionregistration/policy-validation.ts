/** ValidatingAdmissionPolicies and their bindings. CEL expressions are compiled by whoever is handed in. */
import type { KubeObject } from '#engine/api/object'
import { duplicate, FieldPath, invalid, notSupported, required } from '#engine/api/field'
import type { FieldError } from '#engine/api/field'
import { byteLength, cIdentifier, dnsSubdomain, qualifiedName } from '#engine/api/validation/names'
import { validateLabelSelector } from '#engine/api/validation/selectors'
import { checkName } from '#engine/apiserver/registry/core/pods/validation/errors'
import { listOf } from '#engine/apiserver/registry/free'
import type { Free } from '#engine/apiserver/registry/free'
import { compileProblem } from './expressions'
import { validateConditions, validateRule } from './validation'

const path = FieldPath.root('spec')
const reasons = ['Forbidden', 'Invalid', 'RequestEntityTooLarge']

export function validatePolicy(object: KubeObject): FieldError[] {
  const errors: FieldError[] = []
  const spec = (object.spec ?? {}) as Free
  if (spec.failurePolicy === undefined) errors.push(required(path.child('failurePolicy'), ''))
  else if (spec.failurePolicy !== 'Fail' && spec.failurePolicy !== 'Ignore') errors.push(notSupported(path.child('failurePolicy'), spec.failurePolicy, ['Fail', 'Ignore']))
  if (spec.paramKind) for (const field of ['apiVersion', 'kind']) if (!spec.paramKind[field]) errors.push(required(path.child('paramKind', field), ''))
  validateConstraints(errors, spec)
  const names = validateVariables(errors, listOf(spec.variables))
  if (listOf(spec.validations).length === 0 && listOf(spec.auditAnnotations).length === 0) {
    errors.push(required(path.child('validations'), 'validations or auditAnnotations must contain at least one item'))
    return errors
  }
  validateConditions(errors, listOf(spec.matchConditions), path.child('matchConditions'))
  for (const [index, item] of listOf(spec.validations).entries()) validateValidation(errors, item, names, path.child('validations').index(index))
  validateAnnotations(errors, object, listOf(spec.auditAnnotations), names)
  return errors
}

export function validateConstraints(errors: FieldError[], spec: Free): void {
  if (!spec.matchConstraints) errors.push(required(path.child('matchConstraints'), ''))
  else {
    if (listOf(spec.matchConstraints.resourceRules).length === 0) errors.push(required(path.child('matchConstraints', 'resourceRules'), ''))
    validateMatch(errors, spec.matchConstraints, path.child('matchConstraints'))
  }
}

export function compile(errors: FieldError[], expression: string | undefined, type: string, variables: readonly string[], at: FieldPath): void {
  if (expression === undefined || expression.trim() === '') return
  const problem = compileProblem(expression, type, variables)
  if (problem !== '') errors.push(invalid(at, expression, problem))
}

export function validateVariables(errors: FieldError[], variables: readonly Free[]): string[] {
  const names: string[] = []
  for (const [index, variable] of variables.entries()) {
    const at = path.child('variables').index(index)
    const name = (variable.name ?? '') as string
    if (name === '' || name.trim() === '') errors.push(required(at.child('name'), 'name is not specified'))
    else if (cIdentifier(name).length > 0) errors.push(invalid(at.child('name'), name, 'must be a valid CEL identifier'))
    if (!variable.expression || (variable.expression as string).trim() === '') errors.push(required(at.child('expression'), 'expression is not specified'))
    else compile(errors, variable.expression as string, 'any', names, at.child('expression'))
    if (names.includes(name)) errors.push(duplicate(at.child('name'), name))
    names.push(name)
  }
  return names
}

function validateValidation(errors: FieldError[], item: Free, names: readonly string[], at: FieldPath): void {
  const expression = ((item.expression ?? '') as string).trim()
  const message = item.message as string | undefined
  if (expression === '') errors.push(required(at.child('expression'), 'expression is not specified'))
  else compile(errors, item.expression as string, 'bool', names, at.child('expression'))
  if (item.messageExpression && item.messageExpression.trim() === '') errors.push(invalid(at.child('messageExpression'), item.messageExpression, 'must be non-empty if specified'))
  else compile(errors, item.messageExpression as string | undefined, 'string', names, at.child('messageExpression'))
  if (message && message.trim() === '') errors.push(invalid(at.child('message'), message, 'message must be non-empty if specified'))
  if (message?.includes('\n')) errors.push(invalid(at.child('message'), message, 'message must not contain line breaks'))
  if (expression.includes('\n') && !message) errors.push(required(at.child('message'), 'message must be specified if expression contains line breaks'))
  if (item.reason !== undefined && !reasons.includes(item.reason as string)) errors.push(notSupported(at.child('reason'), item.reason, reasons))
}

function validateAnnotations(errors: FieldError[], object: KubeObject, annotations: readonly Free[], names: readonly string[]): void {
  const seen = new Set<string>()
  for (const [index, item] of annotations.entries()) {
    const at = path.child('auditAnnotations').index(index)
    const key = (item.key ?? '') as string
    if (key === '') errors.push(required(at.child('key'), ''))
    else checkName(errors, `${object.metadata.name ?? ''}/${key}`, qualifiedName, at.child('key'))
    if (!item.valueExpression || item.valueExpression.trim() === '') errors.push(required(at.child('valueExpression'), 'valueExpression is not specified'))
    else if (byteLength((item.valueExpression as string).trim()) > 5 * 1024) errors.push(required(at.child('valueExpression'), `must not exceed ${5 * 1024} bytes in length`))
    else compile(errors, item.valueExpression as string, 'string or null', names, at.child('valueExpression'))
    if (seen.has(key)) errors.push(duplicate(at.child('key'), key))
    seen.add(key)
  }
}

export function validateMatch(errors: FieldError[], match: Free, at: FieldPath): void {
  if (match.matchPolicy !== undefined && match.matchPolicy !== 'Equivalent' && match.matchPolicy !== 'Exact') errors.push(notSupported(at.child('matchPolicy'), match.matchPolicy, ['Equivalent', 'Exact']))
  for (const field of ['namespaceSelector', 'objectSelector']) errors.push(...validateLabelSelector(match[field], at.child(field)))
  for (const field of ['resourceRules', 'excludeResourceRules']) for (const [index, rule] of listOf(match[field]).entries()) validateRule(errors, rule, at.child(field).index(index))
}

const actions = ['Audit', 'Deny', 'Warn']

/** What bindings of both kinds of policy have in common. */
export function validateBinding(object: KubeObject): FieldError[] {
  const errors: FieldError[] = []
  const spec = (object.spec ?? {}) as Free
  if (!spec.policyName) errors.push(required(path.child('policyName'), ''))
  else checkName(errors, spec.policyName as string, dnsSubdomain, path.child('policyName'))
  validateParamRef(errors, spec.paramRef)
  if (spec.matchResources) validateMatch(errors, spec.matchResources, path.child('matchResources'))
  return errors
}

export function validatePolicyBinding(object: KubeObject): FieldError[] {
  const errors = validateBinding(object)
  const spec = (object.spec ?? {}) as Free
  const list = listOf(spec.validationActions) as string[]
  const at = path.child('validationActions')
  for (const [index, action] of list.entries()) {
    if (!actions.includes(action)) errors.push(notSupported(at.index(index), action, actions))
    if (list.indexOf(action) < index) errors.push(duplicate(at.index(index), action))
  }
  if (list.includes('Deny') && list.includes('Warn')) errors.push(invalid(at, list, 'must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)'))
  if (list.length === 0) errors.push(required(at, 'at least one validation action is required'))
  return errors
}

function validateParamRef(errors: FieldError[], ref: Free): void {
  if (!ref) return
  const at = path.child('paramRef')
  if (ref.name) {
    checkName(errors, ref.name as string, dnsSubdomain, at.child('name'))
    if (ref.selector) errors.push({ type: 'FieldValueForbidden', field: at.child('name').toString(), body: 'Forbidden: name and selector are mutually exclusive' })
  }
  if (ref.selector) errors.push(...validateLabelSelector(ref.selector, at.child('selector')))
  if (!ref.name && !ref.selector) errors.push(required(at, 'one of name or selector must be specified'))
  const action = ref.parameterNotFoundAction as string | undefined
  if (action === undefined || action === '') errors.push(required(at.child('parameterNotFoundAction'), ''))
  else if (action !== 'Allow' && action !== 'Deny') errors.push(notSupported(at.child('parameterNotFoundAction'), action, ['Deny', 'Allow']))
}

