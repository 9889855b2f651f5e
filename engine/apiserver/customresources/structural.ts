/** Whether a schema is structural, and its parts are sound. */
import { RE2JS } from 're2js'
import { forbidden, invalid, notSupported, required, type FieldError, type FieldPath } from '#engine/api/field'
import type { JsonSchema } from './schema'
import { validateBySchema } from './validate'

const types = ['array', 'boolean', 'integer', 'number', 'object', 'string']

export function schemaErrors(schema: JsonSchema, path: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  if (schema.type !== undefined && schema.type !== 'object') errors.push(invalid(path.child('type'), schema.type, 'must be object at the root'))
  if (schema.type === undefined) errors.push(required(path.child('type'), 'must not be empty at the root'))
  visit(schema, path, true, errors)
  return errors
}

function visit(schema: JsonSchema, path: FieldPath, root: boolean, errors: FieldError[]): void {
  shapeErrors(schema, path, root, errors)
  if (schema.pattern) patternErrors(schema.pattern, path.child('pattern'), errors)
  listErrors(schema, path, errors)
  defaultErrors(schema, path, errors)
  for (const [name, property] of Object.entries(schema.properties ?? {})) visit(property, path.child('properties').key(name), false, errors)
  if (schema.items) visit(schema.items, path.child('items'), false, errors)
  if (typeof schema.additionalProperties === 'object') visit(schema.additionalProperties, path.child('additionalProperties'), false, errors)
}

function shapeErrors(schema: JsonSchema, path: FieldPath, root: boolean, errors: FieldError[]): void {
  const free = schema['x-kubernetes-int-or-string'] || schema['x-kubernetes-preserve-unknown-fields']
  if (!root && !schema.type && !free) errors.push(required(path.child('type'), 'must not be empty for specified object fields'))
  if (schema.type && !types.includes(schema.type)) errors.push(notSupported(path.child('type'), schema.type, types))
  if (schema.type === 'array' && !schema.items) errors.push(required(path.child('items'), 'must be specified'))
  if (schema.uniqueItems) errors.push(forbidden(path.child('uniqueItems'), 'uniqueItems cannot be set to true since the runtime complexity becomes quadratic'))
  if (schema.properties && schema.additionalProperties) errors.push(forbidden(path.child('additionalProperties'), 'additionalProperties and properties are mutual exclusive'))
}

function patternErrors(pattern: string, path: FieldPath, errors: FieldError[]): void {
  try {
    RE2JS.compile(pattern)
  } catch (error) {
    errors.push(invalid(path, pattern, `must be a valid regular expression, but isn't: ${(error as Error).message}`))
  }
}

function defaultErrors(schema: JsonSchema, path: FieldPath, errors: FieldError[]): void {
  if (schema.default === undefined) return
  for (const error of validateBySchema(schema, schema.default)) errors.push({ ...error, field: `${path.child('default').toString()}${error.field === '' ? '' : `.${error.field}`}`, body: error.body.replace(/: {2}in body|: in body/, ': in body') })
}

function listErrors(schema: JsonSchema, path: FieldPath, errors: FieldError[]): void {
  const kind = schema['x-kubernetes-list-type']
  if (kind === undefined) return
  if (!['atomic', 'set', 'map'].includes(kind)) errors.push(notSupported(path.child('x-kubernetes-list-type'), kind, ['atomic', 'map', 'set']))
  if (schema.type !== 'array') errors.push(invalid(path.child('type'), schema.type ?? '', 'must be array if x-kubernetes-list-type is specified'))
  const keys = schema['x-kubernetes-list-map-keys']
  if (kind === 'map' && !keys?.length) errors.push(required(path.child('x-kubernetes-list-map-keys'), 'must not be empty if x-kubernetes-list-type is map'))
  if (kind !== 'map' && keys) errors.push(forbidden(path.child('x-kubernetes-list-map-keys'), 'must not be specified unless x-kubernetes-list-type is map'))
  for (const [index, key] of (keys ?? []).entries()) {
    const property = schema.items?.properties?.[key]
    if (!property) errors.push(invalid(path.child('x-kubernetes-list-map-keys').index(index), key, 'entries must all be names of item properties'))
    else if (!schema.items?.required?.includes(key) && property.default === undefined) errors.push(required(path.child('items', 'properties').key(key).child('default'), `this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property`))
  }
}
