/** Types for expressions, made of schemas: of custom resources and of OpenAPI documents. */
import type { Environment } from '@marcbachmann/cel-js'
import { celEnvironment } from './environment'

export interface TypedSchema {
  readonly type?: string
  readonly format?: string
  readonly nullable?: boolean
  readonly properties?: Readonly<Record<string, TypedSchema>>
  readonly additionalProperties?: boolean | TypedSchema
  readonly items?: TypedSchema
  readonly allOf?: readonly TypedSchema[]
  readonly $ref?: string
  readonly 'x-kubernetes-int-or-string'?: boolean
  readonly 'x-kubernetes-preserve-unknown-fields'?: boolean
  readonly 'x-kubernetes-embedded-resource'?: boolean
}

const metadata: TypedSchema = { type: 'object', properties: { name: { type: 'string' }, generateName: { type: 'string' } } }

export function withMeta(schema: TypedSchema): TypedSchema {
  return { ...schema, properties: { ...schema.properties, apiVersion: { type: 'string' }, kind: { type: 'string' }, metadata } }
}

/** An environment in which each variable has the type of its schema. */
export function schemaEnvironment(variables: Readonly<Record<string, TypedSchema | undefined>>, find: (reference: string) => TypedSchema | undefined = () => undefined): Environment {
  const environment = celEnvironment([]).clone()
  const types = new SchemaTypes(environment, find)
  for (const [name, schema] of Object.entries(variables)) environment.registerVariable(name, schema ? types.of(schema) : 'dyn')
  return environment
}

const scalars: Readonly<Record<string, string>> = { integer: 'int', number: 'double', boolean: 'bool', string: 'string' }
/** Values of these formats are no plain strings for a rule. */
const rich = new Set(['date', 'date-time', 'duration', 'byte', 'int-or-string'])

class SchemaTypes {
  private count = 0
  private readonly known = new Map<string | TypedSchema, string>()

  constructor(
    private readonly environment: Environment,
    private readonly find: (reference: string) => TypedSchema | undefined,
  ) {}

  of(schema: TypedSchema): string {
    const reference = schema.$ref ?? (schema.allOf?.length === 1 ? schema.allOf[0]?.$ref : undefined)
    if (reference !== undefined) return this.referred(reference)
    if (schema.nullable || schema['x-kubernetes-int-or-string'] || schema['x-kubernetes-preserve-unknown-fields']) return 'dyn'
    if (schema.type === 'array') return `list<${schema.items ? this.of(schema.items) : 'dyn'}>`
    if (schema.type === 'object') return this.object(schema['x-kubernetes-embedded-resource'] ? withMeta(schema) : schema)
    return schema.format !== undefined && rich.has(schema.format) ? 'dyn' : (scalars[schema.type ?? ''] ?? 'dyn')
  }

  /** A type that is met within itself is anything. */
  private referred(reference: string): string {
    const known = this.known.get(reference)
    if (known !== undefined) return known
    this.known.set(reference, 'dyn')
    const schema = this.find(reference)
    const type = schema ? this.of(schema) : 'dyn'
    this.known.set(reference, type)
    return type
  }

  private object(schema: TypedSchema): string {
    const known = this.known.get(schema)
    if (known !== undefined) return known
    if (typeof schema.additionalProperties === 'object') return `map<string, ${this.of(schema.additionalProperties)}>`
    if (schema.additionalProperties === true) return 'map<string, dyn>'
    const name = `Object${++this.count}`
    const fields = Object.fromEntries(Object.entries(schema.properties ?? {}).filter(([key]) => /^[A-Za-z_]\w*$/.test(key)).map(([key, property]) => [key, this.of(property)]))
    this.environment.registerType({ name, schema: fields })
    this.known.set(schema, name)
    return name
  }
}
