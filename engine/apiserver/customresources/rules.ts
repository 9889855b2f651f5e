/** x-kubernetes-validations: CEL rules of a schema, at every place where they stand. */
import type { FieldError, FieldErrorType } from '#engine/api/field'
import type { KubeObject } from '#engine/api/object'
import { CelError, compileCel, type CelExpression } from '#engine/api/cel/expression'
import type { JsonSchema, ValidationRule } from './schema'

type Fields = Record<string, unknown>

interface CompiledRule {
  readonly rule: ValidationRule
  readonly program: CelExpression
  readonly message: CelExpression | undefined
  readonly transition: boolean
}

const variables = ['self', 'oldSelf']
const types: Readonly<Record<string, FieldErrorType>> = { FieldValueRequired: 'FieldValueRequired', FieldValueDuplicate: 'FieldValueDuplicate', FieldValueForbidden: 'FieldValueForbidden', FieldValueInvalid: 'FieldValueInvalid' }

export class CustomRules {
  private readonly compiled = new Map<JsonSchema, readonly CompiledRule[]>()
  private readonly present: boolean

  constructor(private readonly schema: JsonSchema) {
    this.present = hasRules(schema)
  }

  /** Rules about the object alone. Where the object is invalid already they are not looked at. */
  validate(object: KubeObject, _previous: KubeObject | undefined, invalid: boolean): FieldError[] {
    if (!this.present) return []
    if (invalid) return [{ type: 'FieldValueInvalid', field: '<nil>', body: 'Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation' }]
    const errors: FieldError[] = []
    this.visit(this.schema, object, undefined, '', false, errors)
    return errors
  }

  /** Rules that compare with what was before. */
  validateTransitions(next: KubeObject, previous: KubeObject): FieldError[] {
    if (!this.present) return []
    const errors: FieldError[] = []
    this.visit(this.schema, next, previous, '', true, errors)
    return errors
  }

  private visit(schema: JsonSchema, value: unknown, previous: unknown, path: string, transitions: boolean, errors: FieldError[]): void {
    if (value === undefined || value === null) return
    for (const compiled of this.rulesOf(schema)) this.apply(schema, compiled, value, previous, path, transitions, errors)
    if (Array.isArray(value)) {
      const { items } = schema
      if (items) value.forEach((item, index) => this.visit(items, item, counterpart(schema, item, previous), `${path}[${index}]`, transitions, errors))
      return
    }
    if (typeof value === 'object') this.visitFields(schema, value as Fields, (previous ?? {}) as Fields, path, transitions, errors)
  }

  private visitFields(schema: JsonSchema, value: Fields, previous: Fields, path: string, transitions: boolean, errors: FieldError[]): void {
    const others = typeof schema.additionalProperties === 'object' ? schema.additionalProperties : undefined
    for (const [name, item] of Object.entries(value)) {
      const own = schema.properties?.[name]
      const at = path === '' ? name : own ? `${path}.${name}` : `${path}[${name}]`
      const property = own ?? others
      if (property) this.visit(property, item, previous[name], at, transitions, errors)
    }
  }

  private apply(schema: JsonSchema, { rule, program, message, transition }: CompiledRule, value: unknown, previous: unknown, path: string, transitions: boolean, errors: FieldError[]): void {
    if (transition !== transitions || (transition && previous === undefined && !rule.optionalOldSelf)) return
    const bindings = { self: value, oldSelf: previous }
    const field = rule.fieldPath ? `${path}${rule.fieldPath}`.replace(/^\./, '') : path
    const shown = schema.type === 'object' || schema.type === 'array' ? 'Invalid value' : `Invalid value: ${JSON.stringify(value)}`
    const at = field === '' ? '<nil>' : field
    try {
      if (program.run(bindings) === true) return
    } catch (error) {
      if (!(error instanceof CelError)) throw error
      errors.push({ type: 'FieldValueInvalid', field: at, body: `${shown}: ${error.message} evaluating rule: ${rule.message ?? rule.rule.trim()}` })
      return
    }
    const type = types[rule.reason ?? ''] ?? 'FieldValueInvalid'
    errors.push({ type, field: at, body: `${headOf(type, shown)}: ${words(rule, message, bindings)}` })
  }

  private rulesOf(schema: JsonSchema): readonly CompiledRule[] {
    const rules = schema['x-kubernetes-validations']
    if (!rules?.length) return []
    let compiled = this.compiled.get(schema)
    if (!compiled) {
      compiled = rules.map((rule) => ({ rule, program: compileCel(rule.rule, variables), message: rule.messageExpression ? compileCel(rule.messageExpression, variables) : undefined, transition: /\boldSelf\b/.test(rule.rule) }))
      this.compiled.set(schema, compiled)
    }
    return compiled
  }
}

function headOf(type: FieldErrorType, shown: string): string {
  switch (type) {
    case 'FieldValueRequired': return 'Required value'
    case 'FieldValueForbidden': return 'Forbidden'
    case 'FieldValueDuplicate': return shown.replace('Invalid value', 'Duplicate value')
    default: return shown
  }
}

function words(rule: ValidationRule, message: CelExpression | undefined, bindings: Fields): string {
  if (message) {
    try {
      const text = message.run(bindings)
      if (typeof text === 'string' && text.trim() !== '' && !text.includes('\n')) return text.trim()
    } catch {
      // The plain message stands in.
    }
  }
  return rule.message?.trim() || `failed rule: ${rule.rule.trim()}`
}

/** The old item of the same key, in lists that have keys. */
function counterpart(schema: JsonSchema, item: unknown, previous: unknown): unknown {
  if (!Array.isArray(previous) || schema['x-kubernetes-list-type'] !== 'map') return undefined
  const keys = schema['x-kubernetes-list-map-keys'] ?? []
  return previous.find((other) => keys.every((key) => (other as Fields)[key] === (item as Fields)[key]))
}

function hasRules(schema: JsonSchema): boolean {
  if (schema['x-kubernetes-validations']?.length) return true
  const parts = [...Object.values(schema.properties ?? {}), ...(schema.items ? [schema.items] : []), ...(typeof schema.additionalProperties === 'object' ? [schema.additionalProperties] : [])]
  return parts.some(hasRules)
}
