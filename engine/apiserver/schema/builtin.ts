/** Types of the built-in kinds, compiled on first use from the tables of `openapi/data`. */
import { text as schemasText } from '#engine/apiserver/openapi/data/schemas.generated'
import { text as typesText } from '#engine/apiserver/openapi/data/types.generated'
import { gatedRows, gatedSchemas } from './gated'
import type { OpenApiSchema } from './openapi-schema'
import { anyType, scalar, type FieldType, type Type } from './type'

type Row = readonly [name: string, number: number, type: string, flags: number]

let schemaTable: Readonly<Record<string, OpenApiSchema>> | undefined
let typeTable: Readonly<Record<string, readonly Row[]>> | undefined
let kindTable: Map<string, string> | undefined
const structs = new Map<string, Type>()

export function openApiSchemas(): Readonly<Record<string, OpenApiSchema>> {
  if (schemaTable) return schemaTable
  const stable = JSON.parse(schemasText()) as Readonly<Record<string, OpenApiSchema>>
  return (schemaTable = { ...stable, ...gatedSchemas(stable) })
}

function rowsOf(name: string): readonly Row[] | undefined {
  if (!typeTable) {
    const stable = JSON.parse(typesText()) as Readonly<Record<string, readonly Row[]>>
    typeTable = { ...stable, ...gatedRows(stable) }
  }
  return typeTable[name]
}

/** The OpenAPI name of a kind: `io.k8s.api.apps.v1.Deployment`. */
export function schemaNameOfKind(group: string, version: string, kind: string): string | undefined {
  kindTable ??= indexKinds()
  return kindTable.get(`${group}/${version}/${kind}`)
}

function indexKinds(): Map<string, string> {
  const out = new Map<string, string>()
  for (const [name, schema] of Object.entries(openApiSchemas())) {
    const kinds = schema['x-kubernetes-group-version-kind']
    if (kinds?.length === 1 && kinds[0]) out.set(`${kinds[0].group}/${kinds[0].version}/${kinds[0].kind}`, name)
  }
  return out
}

export function builtinTypeOfKind(group: string, version: string, kind: string): Type | undefined {
  const name = schemaNameOfKind(group, version, kind)
  return name === undefined ? undefined : builtinType(name)
}

/** A named type; the same object each time. */
export function builtinType(name: string): Type {
  const known = structs.get(name)
  if (known) return known
  const special = specialType(name)
  const made = special ?? new BuiltinStruct(name)
  structs.set(name, made)
  return made
}

/** Embedded messages of the protobuf form: the rows as they stand, not flattened. */
export function structRows(name: string): readonly Row[] | undefined {
  return rowsOf(name)
}

function specialType(name: string): Type | undefined {
  if (!name.startsWith('io.k8s.apimachinery.') && !name.startsWith('io.k8s.apiextensions-apiserver.')) return undefined
  return specialTypes[name.slice(name.lastIndexOf('.') + 1)]
}

const atomicAny: Type = { ...anyType, atomic: true }
/** Types that write themselves. */
const specialTypes: Readonly<Record<string, Type>> = {
  Time: scalar('time', 'v1.Time'), MicroTime: scalar('microtime', 'v1.MicroTime'), Duration: scalar('duration', 'v1.Duration'), Quantity: scalar('quantity', 'resource.Quantity'),
  IntOrString: scalar('int-or-string', 'intstr.IntOrString'), RawExtension: atomicAny, JSON: atomicAny, JSONSchemaPropsOrArray: atomicAny, JSONSchemaPropsOrBool: atomicAny,
  JSONSchemaPropsOrStringArray: atomicAny, FieldsV1: atomicAny,
}

class BuiltinStruct implements Type {
  readonly kind = 'struct'
  readonly goName: string
  readonly element = undefined
  readonly atomic: boolean
  private compiled: ReadonlyMap<string, FieldType> | undefined

  constructor(readonly name: string) {
    this.goName = name.slice(name.lastIndexOf('.') + 1)
    this.atomic = openApiSchemas()[name]?.['x-kubernetes-map-type'] === 'atomic'
  }

  get fields(): ReadonlyMap<string, FieldType> {
    return (this.compiled ??= compileFields(this.name))
  }
}

function compileFields(name: string): ReadonlyMap<string, FieldType> {
  const out = new Map<string, FieldType>()
  const schema = openApiSchemas()[name]
  const rows = rowsOf(name)
  if (rows) for (const row of rows) addRow(out, row, schema)
  else for (const [field, property] of Object.entries(inGoOrder(schema?.properties ?? {}))) out.set(field, fieldFromSchema(field, property, neverOmitted[name]?.includes(field) || (schema?.required?.includes(field) ?? false)))
  return out
}

/** Of types without struct tags at hand: the fields that stand first in every object, then the alphabet. */
function inGoOrder(properties: Readonly<Record<string, OpenApiSchema>>): Record<string, OpenApiSchema> {
  const out: Record<string, OpenApiSchema> = {}
  for (const name of ['kind', 'apiVersion', 'metadata']) if (properties[name]) out[name] = properties[name]
  return { ...out, ...properties }
}

function addRow(out: Map<string, FieldType>, [field, number, typeText, flags]: Row, schema: OpenApiSchema | undefined): void {
  if ((flags & 8) !== 0 && field === '') {
    for (const [name, inner] of builtinType(typeText.slice(1)).fields) out.set(name, { ...inner, number: inner.number })
    return
  }
  const property = schema?.properties?.[field]
  out.set(field, {
    name: field, number, type: typeFromText(typeText, property), pointer: (flags & 2) !== 0, omitEmpty: (flags & 1) !== 0, omitZero: (flags & 4) !== 0,
    required: schema?.required?.includes(field) ?? false, ...(property && 'default' in property ? { default: property.default } : {}), ...ownership(property),
  })
}

function ownership(property: OpenApiSchema | undefined): Pick<FieldType, 'atomic' | 'patchStrategy'> {
  return { atomic: property?.['x-kubernetes-map-type'] === 'atomic', patchStrategy: property?.['x-kubernetes-patch-strategy']?.split(',') ?? [] }
}

function typeFromText(text: string, schema: OpenApiSchema | undefined): Type {
  const bar = text.indexOf('|')
  const goName = bar < 0 ? undefined : text.slice(bar + 1)
  const body = bar < 0 ? text : text.slice(0, bar)
  switch (body.charAt(0)) {
    case '[': return listType(typeFromText(body.slice(2) + (body.startsWith('[]string') && goName ? `|${goName}` : ''), schema?.items), goName, schema)
    case '{': return mapFromText(body.slice(2), goName, schema)
    case '@': return builtinType(body.slice(1))
    case '!': return specialTypes[body.slice(1)] ?? anyType
    default: return plainType(body, goName ?? (body === 'bytes' ? '[]uint8' : body))
  }
}

function mapFromText(text: string, goName: string | undefined, schema: OpenApiSchema | undefined): Type {
  const element = typeFromText(text, schema?.additionalProperties)
  const atomic = schema?.['x-kubernetes-map-type'] === 'atomic' ? { atomic: true } : {}
  return { kind: 'map', goName: goName ?? `map[string]${qualified(element)}`, fields: new Map(), element, ...atomic }
}

const plainKinds: Readonly<Record<string, readonly [Type['kind'], Partial<Type>]>> = {
  bool: ['boolean', {}], int32: ['integer', { bits: 32 }], int: ['integer', { bits: 32 }], uint16: ['integer', { bits: 32 }], int64: ['integer', { bits: 64 }],
  float64: ['number', {}], float32: ['number', {}], bytes: ['bytes', {}],
}

function plainType(body: string, goName: string): Type {
  const [kind, more] = plainKinds[body] ?? ['string', {}]
  return scalar(kind as Type['kind'], goName, more as Partial<Type>)
}

function listType(element: Type, goName: string | undefined, schema: OpenApiSchema | undefined): Type {
  const given = schema?.['x-kubernetes-list-type']
  const mergeKey = schema?.['x-kubernetes-patch-merge-key']
  const strategy = schema?.['x-kubernetes-patch-strategy']?.split(',')
  return {
    kind: 'list', goName: `[]${qualified(element)}`, fields: new Map(), element, listType: given ?? 'atomic',
    ...(schema?.['x-kubernetes-list-map-keys'] ? { mapKeys: schema['x-kubernetes-list-map-keys'] } : {}),
    ...(mergeKey === undefined ? {} : { mergeKey }), ...(strategy ? { patchStrategy: strategy } : {}),
  }
}

function qualified(type: Type): string {
  if (type instanceof BuiltinStruct) return `${packageOf(type.name)}.${type.goName}`
  return type.goName
}

function packageOf(name: string): string {
  const parts = name.split('.')
  return parts[parts.length - 2] ?? ''
}

function fieldFromSchema(name: string, schema: OpenApiSchema, required: boolean): FieldType {
  return {
    name, number: 0, type: typeFromSchema(schema), pointer: !required && schema.type !== 'string' && schema.type !== 'array', omitEmpty: !required, omitZero: false, required,
    ...('default' in schema ? { default: schema.default } : {}), ...ownership(schema),
  }
}

/** Structs without tags at hand with fields that are written even when empty. */
const neverOmitted: Readonly<Record<string, readonly string[]>> = { 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinitionStatus': ['conditions', 'acceptedNames', 'storedVersions'] }

function typeFromSchema(schema: OpenApiSchema): Type {
  const reference = schema.$ref ?? schema.allOf?.[0]?.$ref
  if (reference !== undefined) return builtinType(reference.slice(1))
  switch (schema.type) {
    case 'array': return listType(typeFromSchema(schema.items ?? {}), undefined, schema)
    case 'object': return mapFromSchema(schema)
    case 'boolean': return scalar('boolean', 'bool')
    case 'integer': return schema.format === 'int64' ? plainType('int64', 'int64') : plainType('int32', 'int32')
    case 'number': return scalar('number', 'float64')
    case 'string': return schema.format === 'byte' ? plainType('bytes', '[]uint8') : scalar('string', 'string')
    default: return anyType
  }
}

function mapFromSchema(schema: OpenApiSchema): Type {
  if (!schema.additionalProperties) return anyType
  const element = typeFromSchema(schema.additionalProperties)
  return { kind: 'map', goName: `map[string]${qualified(element)}`, fields: new Map(), element }
}
