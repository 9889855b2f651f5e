/** Validation of custom objects by their schema, in the words of kube-openapi's validator. */
import { RE2JS } from 're2js'
import type { FieldError } from '#engine/api/field'
import { equalJson } from '#engine/api/object'
import { formats } from './formats'
import type { JsonSchema } from './schema'

type Fields = Record<string, unknown>

export function validateBySchema(schema: JsonSchema, value: unknown, path = ''): FieldError[] {
  const errors: FieldError[] = []
  visit(schema, value, path, errors)
  return errors
}

function visit(schema: JsonSchema, value: unknown, path: string, errors: FieldError[]): void {
  if (value === null && schema.nullable) return
  if (!typeFits(schema, value, path, errors)) return
  if (schema.enum && !schema.enum.some((item) => equalJson(item, value))) errors.push({ type: 'FieldValueNotSupported', field: path, body: `Unsupported value: ${JSON.stringify(value)}: supported values: ${schema.enum.map((item) => JSON.stringify(typeof item === 'string' ? item : JSON.stringify(item))).join(', ')}` })
  if (typeof value === 'string') stringRules(schema, value, path, errors)
  else if (typeof value === 'number') numberRules(schema, value, path, errors)
  else if (Array.isArray(value)) arrayRules(schema, value, path, errors)
  else if (value !== null && typeof value === 'object') objectRules(schema, value as Fields, path, errors)
  combinations(schema, value, path, errors)
}

function jsonType(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number'
  return typeof value
}

function typeFits(schema: JsonSchema, value: unknown, path: string, errors: FieldError[]): boolean {
  const wanted = schema['x-kubernetes-int-or-string'] ? ['integer', 'string'] : schema.type ? [schema.type] : []
  if (wanted.length === 0) return true
  const given = jsonType(value)
  if (wanted.includes(given) || (given === 'integer' && wanted.includes('number'))) return true
  errors.push({ type: 'FieldValueTypeInvalid', field: path, body: `Invalid value: ${JSON.stringify(given)}: ${path} in body must be of type ${wanted.join(',')}: ${JSON.stringify(given)}` })
  return false
}

function invalid(path: string, value: unknown, words: string): FieldError {
  return { type: 'FieldValueInvalid', field: path, body: `Invalid value: ${JSON.stringify(value)}: ${path} in body ${words}` }
}

function stringRules(schema: JsonSchema, value: string, path: string, errors: FieldError[]): void {
  const length = [...value].length
  if (schema.maxLength !== undefined && length > schema.maxLength) errors.push({ type: 'FieldValueTooLong', field: path, body: `Too long: may not be more than ${schema.maxLength} bytes` })
  else if (schema.minLength !== undefined && length < schema.minLength) errors.push(invalid(path, value, `should be at least ${schema.minLength} chars long`))
  else if (schema.pattern !== undefined && !matches(schema.pattern, value)) errors.push(invalid(path, value, `should match '${schema.pattern}'`))
  const format = schema.format === undefined ? undefined : formats[schema.format]
  if (format && !format(value)) errors.push({ type: 'FieldValueInvalid', field: path, body: `Invalid value: ${JSON.stringify(value)}: ${path} in body must be of type ${schema.format ?? ''}: ${JSON.stringify(value)}` })
}

const patterns = new Map<string, RE2JS | null>()

export function matches(pattern: string, value: string): boolean {
  let compiled = patterns.get(pattern)
  if (compiled === undefined) {
    try {
      compiled = RE2JS.compile(pattern)
    } catch {
      compiled = null
    }
    if (patterns.size > 1000) patterns.clear()
    patterns.set(pattern, compiled)
  }
  return compiled === null || compiled.matcher(value).find()
}

function numberRules(schema: JsonSchema, value: number, path: string, errors: FieldError[]): void {
  const { maximum = Infinity, minimum = -Infinity, exclusiveMaximum, exclusiveMinimum } = schema
  if (exclusiveMaximum ? value >= maximum : value > maximum) errors.push(invalid(path, value, `should be less than ${exclusiveMaximum ? '' : 'or equal to '}${maximum}`))
  if (exclusiveMinimum ? value <= minimum : value < minimum) errors.push(invalid(path, value, `should be greater than ${exclusiveMinimum ? '' : 'or equal to '}${minimum}`))
  if (schema.multipleOf !== undefined && !Number.isInteger(value / schema.multipleOf)) errors.push(invalid(path, value, `should be a multiple of ${schema.multipleOf}`))
  if (schema.format === 'int32' && (value > 2147483647 || value < -2147483648)) errors.push({ type: 'FieldValueInvalid', field: path, body: `Invalid value: ${JSON.stringify(String(value))}: Checked value must be of type integer with format int32 in ${path}` })
}

function arrayRules(schema: JsonSchema, value: unknown[], path: string, errors: FieldError[]): void {
  if (schema.maxItems !== undefined && value.length > schema.maxItems) errors.push({ type: 'FieldValueTooMany', field: path, body: `Too many: ${value.length}: must have at most ${schema.maxItems} items` })
  if (schema.minItems !== undefined && value.length < schema.minItems) errors.push(invalid(path, value.length, `should have at least ${schema.minItems} items`))
  const { items } = schema
  if (items) value.forEach((item, index) => visit(items, item, `${path}[${index}]`, errors))
  listRules(schema, value, path, errors)
}

function listRules(schema: JsonSchema, value: unknown[], path: string, errors: FieldError[]): void {
  const kind = schema['x-kubernetes-list-type']
  if (kind !== 'set' && kind !== 'map') return
  const keys = schema['x-kubernetes-list-map-keys'] ?? []
  const seen: unknown[] = []
  value.forEach((item, index) => {
    const identity = kind === 'set' ? item : Object.fromEntries(keys.map((key) => [key, (item as Fields | null)?.[key]]))
    if (seen.some((other) => equalJson(other, identity))) errors.push({ type: 'FieldValueDuplicate', field: `${path}[${index}]`, body: `Duplicate value: ${kind === 'set' ? JSON.stringify(item) : JSON.stringify(identity)}` })
    seen.push(identity)
  })
}

function objectRules(schema: JsonSchema, value: Fields, path: string, errors: FieldError[]): void {
  const count = Object.keys(value).length
  const at = (name: string): string => (path === '' ? name : `${path}.${name}`)
  if (schema.maxProperties !== undefined && count > schema.maxProperties) errors.push({ type: 'FieldValueTooMany', field: path, body: `Too many: ${count}: must have at most ${schema.maxProperties} items` })
  if (schema.minProperties !== undefined && count < schema.minProperties) errors.push(invalid(path, count, `should have at least ${schema.minProperties} properties`))
  for (const name of schema.required ?? []) if (value[name] === undefined) errors.push({ type: 'FieldValueRequired', field: at(name), body: 'Required value' })
  for (const [name, item] of Object.entries(value)) {
    const property = schema.properties?.[name]
    if (property) visit(property, item, at(name), errors)
    else if (schema.additionalProperties && schema.additionalProperties !== true) visit(schema.additionalProperties, item, `${path}.${name}`, errors)
  }
}

/** Objects and lists are not quoted in messages. */
function shownValue(value: unknown): string {
  return value !== null && typeof value === 'object' ? '' : `${JSON.stringify(value)}: `
}

function combinations(schema: JsonSchema, value: unknown, path: string, errors: FieldError[]): void {
  const fits = (item: JsonSchema): boolean => validateBySchema(item, value, path).length === 0
  const subject = JSON.stringify(path)
  const shown = shownValue(value)
  const complain = (words: string): void => void errors.push({ type: 'FieldValueInvalid', field: path === '' ? '<nil>' : path, body: `Invalid value: ${shown}${subject} ${words}` })
  const { anyOf = [], oneOf = [], allOf = [], not } = schema
  if (anyOf.length > 0 && !schema['x-kubernetes-int-or-string'] && !anyOf.some(fits)) complain('must validate at least one schema (anyOf)')
  const count = oneOf.filter(fits).length
  if (oneOf.length > 0 && count !== 1) complain(`must validate one and only one schema (oneOf). Found ${count === 0 ? 'none valid' : `${count} valid alternatives`}`)
  if (!allOf.every(fits)) {
    for (const item of allOf) errors.push(...validateBySchema(item, value, path))
    complain('must validate all the schemas (allOf)')
  }
  if (not && fits(not)) complain('must not validate the schema (not)')
}
