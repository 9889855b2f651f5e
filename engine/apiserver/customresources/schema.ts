/** The structural schemas of CRDs (JSONSchemaProps), and the types they make. */
import { builtinType } from '#engine/apiserver/schema/builtin'
import { anyType, noFields, scalar, type FieldType, type Type } from '#engine/apiserver/schema/type'

export interface ValidationRule {
  readonly rule: string
  readonly message?: string
  readonly messageExpression?: string
  readonly reason?: string
  readonly fieldPath?: string
  readonly optionalOldSelf?: boolean
}

export interface JsonSchema {
  readonly type?: string
  readonly format?: string
  readonly description?: string
  readonly nullable?: boolean
  readonly default?: unknown
  readonly enum?: readonly unknown[]
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly required?: readonly string[]
  readonly items?: JsonSchema
  readonly additionalProperties?: JsonSchema | boolean
  readonly minimum?: number
  readonly maximum?: number
  readonly exclusiveMinimum?: boolean
  readonly exclusiveMaximum?: boolean
  readonly multipleOf?: number
  readonly minLength?: number
  readonly maxLength?: number
  readonly pattern?: string
  readonly minItems?: number
  readonly maxItems?: number
  readonly uniqueItems?: boolean
  readonly minProperties?: number
  readonly maxProperties?: number
  readonly allOf?: readonly JsonSchema[]
  readonly anyOf?: readonly JsonSchema[]
  readonly oneOf?: readonly JsonSchema[]
  readonly not?: JsonSchema
  readonly 'x-kubernetes-preserve-unknown-fields'?: boolean
  readonly 'x-kubernetes-embedded-resource'?: boolean
  readonly 'x-kubernetes-int-or-string'?: boolean
  readonly 'x-kubernetes-list-type'?: 'atomic' | 'set' | 'map'
  readonly 'x-kubernetes-list-map-keys'?: readonly string[]
  readonly 'x-kubernetes-map-type'?: 'atomic' | 'granular'
  readonly 'x-kubernetes-validations'?: readonly ValidationRule[]
}

const objectMeta = 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta'

/** The type of a custom object: its schema with apiVersion, kind and metadata at the root. */
export function rootType(schema: JsonSchema | undefined, kind: string): Type {
  const made = schema ? typeOf(schema) : { ...anyType }
  const fields = new Map<string, FieldType>([['apiVersion', field('apiVersion', scalar('string', 'string'))], ['kind', field('kind', scalar('string', 'string'))], ['metadata', field('metadata', builtinType(objectMeta))]])
  for (const [name, item] of made.fields) if (!fields.has(name)) fields.set(name, item)
  return { kind: 'struct', goName: kind, fields, element: undefined, ...(made.preserveUnknown || !schema ? { preserveUnknown: true } : {}) }
}

function field(name: string, type: Type, schema?: JsonSchema): FieldType {
  return {
    name, type, number: 0, pointer: true, omitEmpty: true, omitZero: false, required: false, atomic: schema?.['x-kubernetes-map-type'] === 'atomic', patchStrategy: [],
    ...(schema && schema.default !== undefined ? { default: schema.default } : {}),
  }
}

function typeOf(schema: JsonSchema): Type {
  const nullable = schema.nullable ? { nullable: true } : {}
  if (schema['x-kubernetes-int-or-string']) return scalar('int-or-string', 'intstr.IntOrString', nullable)
  switch (schema.type) {
    case 'string': return scalar('string', 'string', nullable)
    case 'integer': return scalar('integer', 'int64', { bits: 64, ...nullable })
    case 'number': return scalar('number', 'float64', nullable)
    case 'boolean': return scalar('boolean', 'bool', nullable)
    case 'array': return arrayType(schema)
    case 'object': return objectType(schema)
    default: return schema.properties ? objectType(schema) : anyType
  }
}

function arrayType(schema: JsonSchema): Type {
  return {
    kind: 'list', goName: '[]interface {}', fields: noFields, element: typeOf(schema.items ?? {}), listType: schema['x-kubernetes-list-type'] ?? 'atomic',
    ...(schema['x-kubernetes-list-map-keys'] ? { mapKeys: schema['x-kubernetes-list-map-keys'] } : {}),
  }
}

function objectType(schema: JsonSchema): Type {
  const atomic = schema['x-kubernetes-map-type'] === 'atomic' ? { atomic: true } : {}
  if (schema['x-kubernetes-embedded-resource']) return { ...rootType({ ...schema, 'x-kubernetes-embedded-resource': false }, ''), embeddedResource: true, ...atomic }
  if (!schema.properties && schema.additionalProperties) {
    const element = schema.additionalProperties === true ? anyType : typeOf(schema.additionalProperties)
    return { kind: 'map', goName: 'map[string]interface {}', fields: noFields, element, ...atomic }
  }
  const fields = new Map<string, FieldType>()
  for (const [name, property] of Object.entries(schema.properties ?? {})) fields.set(name, field(name, typeOf(property), property))
  return { kind: 'struct', goName: '', fields, element: undefined, ...(schema['x-kubernetes-preserve-unknown-fields'] ? { preserveUnknown: true } : {}), ...atomic }
}
