/** The rules in a schema, as far as that can be told without an object. */
import { invalid, notSupported, required, type FieldError, type FieldPath } from '#engine/api/field'
import { checkExpression } from '#engine/api/cel/complaint'
import { goStruct } from '#engine/apiserver/registry/core/pods/validation/go-text'
import type { JsonSchema, ValidationRule } from './schema'
import { typedEnvironment } from './typed-rules'

interface Place {
  readonly path: FieldPath
  readonly isRoot: boolean
  /** The list above, whose old items nobody can tell. */
  readonly lost?: string
}

export function celErrors(schema: JsonSchema, path: FieldPath): FieldError[] {
  return visit(schema, { path, isRoot: true })
}

function visit(schema: JsonSchema, place: Place): FieldError[] {
  const { path } = place
  const errors = schema['x-kubernetes-validations']?.length ? rulesOf(schema, place) : []
  const below = (part: JsonSchema, at: FieldPath, lost = place.lost): void => void errors.push(...visit(part, { path: at, isRoot: false, ...(lost === undefined ? {} : { lost }) }))
  for (const [name, property] of Object.entries(schema.properties ?? {})) below(property, path.child('properties').key(name))
  if (schema.items) below(schema.items, path.child('items'), schema['x-kubernetes-list-type'] === 'map' ? place.lost : path.toString())
  if (typeof schema.additionalProperties === 'object') below(schema.additionalProperties, path.child('additionalProperties'))
  return errors
}

function rulesOf(schema: JsonSchema, place: Place): FieldError[] {
  const environment = typedEnvironment(schema, place.isRoot)
  return (schema['x-kubernetes-validations'] ?? []).flatMap((rule, index) => {
    const at = place.path.child('x-kubernetes-validations').index(index)
    if (!rule.rule?.trim()) return [required(at.child('rule'), 'rule is not specified')]
    const errors: FieldError[] = []
    const { problem, type } = checkExpression(environment, rule.rule)
    if (problem !== undefined) errors.push(invalid(at.child('rule'), goRule(rule), `compilation failed: ${problem}`))
    else if (type !== 'bool' && type !== 'dyn') errors.push(invalid(at.child('rule'), goRule(rule), 'cel expression must evaluate to a bool'))
    else if (place.lost !== undefined && /\boldSelf\b/.test(rule.rule)) errors.push(invalid(at.child('rule'), rule.rule, `oldSelf cannot be used on the uncorrelatable portion of the schema within ${place.lost}`))
    return [...errors, ...messageErrors(environment, rule, at), ...reasonErrors(rule, at)]
  })
}

function messageErrors(environment: ReturnType<typeof typedEnvironment>, rule: ValidationRule, at: FieldPath): FieldError[] {
  if (rule.messageExpression === undefined) return []
  const { problem, type } = checkExpression(environment, rule.messageExpression)
  if (problem !== undefined) return [invalid(at.child('messageExpression'), goRule(rule), `messageExpression compilation failed: ${problem}`)]
  return type === 'string' || type === 'dyn' ? [] : [invalid(at.child('messageExpression'), goRule(rule), 'messageExpression must evaluate to a string')]
}

const reasons = ['FieldValueRequired', 'FieldValueForbidden', 'FieldValueInvalid', 'FieldValueDuplicate']

function reasonErrors({ reason }: ValidationRule, at: FieldPath): FieldError[] {
  return reason === undefined || reasons.includes(reason) ? [] : [notSupported(at.child('reason'), reason, reasons)]
}

/** As the server's own type is written. */
function goRule(rule: ValidationRule): unknown {
  const fields = [['Rule', 'rule'], ['Message', 'message'], ['MessageExpression', 'messageExpression'], ['Reason', 'reason'], ['FieldPath', 'fieldPath'], ['OptionalOldSelf', 'optionalOldSelf']] as const
  return goStruct(fields, rule as unknown as Record<string, unknown>, { message: '', messageExpression: '', fieldPath: '' })
}
