/** The environment in which a schema's rules are compiled: `self` has the schema's type. */
import type { Environment } from '@marcbachmann/cel-js'
import { schemaEnvironment, withMeta } from '#engine/api/cel/schema-types'
import type { JsonSchema } from './schema'

export function typedEnvironment(schema: JsonSchema, isRoot: boolean): Environment {
  const type = isRoot ? withMeta(schema) : schema
  return schemaEnvironment({ self: type, oldSelf: type })
}
