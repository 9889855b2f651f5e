/** MutatingAdmissionPolicies and their bindings. */
import type { KubeObject } from '#engine/api/object'
import { FieldPath, forbidden, notSupported, required } from '#engine/api/field'
import type { FieldError } from '#engine/api/field'
import { oneOf } from '#engine/apiserver/registry/core/pods/validation/errors'
import { listOf } from '#engine/apiserver/registry/free'
import type { Free } from '#engine/apiserver/registry/free'
import { compile, validateConstraints, validateVariables } from './policy-validation'
import { validateConditions } from './validation'

const path = FieldPath.root('spec')
const forms = { ApplyConfiguration: 'applyConfiguration', JSONPatch: 'jsonPatch' } as const

export function validateMutatingPolicy(object: KubeObject): FieldError[] {
  const errors: FieldError[] = []
  const spec = (object.spec ?? {}) as Free
  oneOf(errors, spec.failurePolicy ?? '', ['Fail', 'Ignore'], path.child('failurePolicy'))
  if (spec.paramKind) for (const field of ['apiVersion', 'kind']) if (!spec.paramKind[field]) errors.push(required(path.child('paramKind', field), ''))
  validateConstraints(errors, spec)
  validateConditions(errors, listOf(spec.matchConditions), path.child('matchConditions'))
  const names = validateVariables(errors, listOf(spec.variables))
  if (listOf(spec.mutations).length === 0) errors.push(required(path.child('mutations'), 'mutations must contain at least one item'))
  for (const [index, mutation] of listOf(spec.mutations).entries()) validateMutation(errors, mutation, names, path.child('mutations').index(index))
  if (!spec.reinvocationPolicy) errors.push(required(path.child('reinvocationPolicy'), ''))
  else oneOf(errors, spec.reinvocationPolicy, ['IfNeeded', 'Never'], path.child('reinvocationPolicy'))
  return errors
}

function validateMutation(errors: FieldError[], mutation: Free, names: readonly string[], at: FieldPath): void {
  const type = (mutation.patchType ?? '') as string
  const form = forms[type as keyof typeof forms]
  if (type === '') errors.push(required(at.child('patchType'), ''))
  else if (!form) errors.push(notSupported(at.child('patchType'), type, Object.keys(forms)))
  if (!form) return
  const other = form === 'jsonPatch' ? 'applyConfiguration' : 'jsonPatch'
  if (mutation[other]) errors.push(forbidden(at.child(other), `must not be specified when patchType is ${type}`))
  const expression = mutation[form]?.expression as string | undefined
  if (!mutation[form]) errors.push(required(at.child(form), `must be specified when patchType is ${type}`))
  else if (!expression || expression.trim() === '') errors.push(required(at.child(form, 'expression'), 'expression is not specified'))
  else compile(errors, expression, 'any', names, at.child(form, 'expression'))
}
