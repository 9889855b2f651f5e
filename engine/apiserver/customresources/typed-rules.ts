/** The environment in which a schema's rules are compiled: `self` has the schema's type. */
import type { Environment } from '@marcbachmann/cel-js'
import { celEnvironment } from '#engine/apiserver/cel/environment'
import type { JsonSchema } from './schema'

export function typedEnvironment(schema: JsonSchema, isRoot: boolean): Environment {
  const environment = celEnvironment([]).clone()
  const types = new Types(environment)
  const type = types.of(isRoot ? withMeta(schema) : schema)
  environment.registerVariable('self', type)
  environment.registerVariable('oldSelf', type)
  return environment
}

const metadata: JsonSchema = { type: 'object', properties: { name: { type: 'string' }, generateName: { type: 'string' } } }

function withMeta(schema: JsonSchema): JsonSchema {
  return { ...schema, properties: { ...schema.properties, apiVersion: { type: 'string' }, kind: { type: 'string' }, metadata } }
}

const scalars: Readonly<Record<string, string>> = { integer: 'int', number: 'double', boolean: 'bool', string: 'string' }
/** Values of these formats are no plain strings for a rule. */
const rich = new Set(['date', 'date-time', 'duration', 'byte'])

class Types {
  private count = 0

  constructor(private readonly environment: Environment) {}

  of(schema: JsonSchema): string {
    if (schema.nullable || schema['x-kubernetes-int-or-string'] || schema['x-kubernetes-preserve-unknown-fields']) return 'dyn'
    if (schema.type === 'array') return `list<${schema.items ? this.of(schema.items) : 'dyn'}>`
    if (schema.type === 'object') return this.object(schema['x-kubernetes-embedded-resource'] ? withMeta(schema) : schema)
    return schema.format !== undefined && rich.has(schema.format) ? 'dyn' : (scalars[schema.type ?? ''] ?? 'dyn')
  }

  private object(schema: JsonSchema): string {
    if (typeof schema.additionalProperties === 'object') return `map<string, ${this.of(schema.additionalProperties)}>`
    if (!schema.properties || schema.additionalProperties) return 'map<string, dyn>'
    const name = `Object${++this.count}`
    const fields = Object.fromEntries(Object.entries(schema.properties).filter(([key]) => /^[A-Za-z_]\w*$/.test(key)).map(([key, property]) => [key, this.of(property)]))
    this.environment.registerType({ name, schema: fields })
    return name
  }
}
