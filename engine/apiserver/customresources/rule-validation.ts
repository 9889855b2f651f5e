/** The rules in a schema, as far as that can be told without an object. */
import { invalid, required, type FieldError, type FieldPath } from '#engine/api/field'
import { CelError, compileCel } from '#engine/apiserver/cel/expression'
import type { JsonSchema } from './schema'

export function celErrors(schema: JsonSchema, path: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  schema['x-kubernetes-validations']?.forEach((rule, index) => {
    const at = path.child('x-kubernetes-validations').index(index)
    if (!rule.rule?.trim()) errors.push(required(at.child('rule'), 'rule is not specified'))
    else {
      try {
        compileCel(rule.rule, ['self', 'oldSelf'])
      } catch (error) {
        if (!(error instanceof CelError)) throw error
        errors.push(invalid(at.child('rule'), rule, `compilation failed: ERROR: <input>:1:1: ${error.message}`))
      }
    }
  })
  for (const [name, property] of Object.entries(schema.properties ?? {})) errors.push(...celErrors(property, path.child('properties').key(name)))
  if (schema.items) errors.push(...celErrors(schema.items, path.child('items')))
  if (typeof schema.additionalProperties === 'object') errors.push(...celErrors(schema.additionalProperties, path.child('additionalProperties')))
  return errors
}
