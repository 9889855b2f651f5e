/** Values from YAML and back, in the words of sigs.k8s.io/yaml. */
import { emitYaml } from '#engine/base/yaml/emit'
import { parseYaml } from '#engine/base/yaml/parser'
import { isTable, plainValues, goValues, type Values } from './types'

/** Anything, numbers as float64. Throws `error converting YAML to JSON: yaml: line 3: ...`. */
export function decodeYaml(text: string, strict = false): unknown {
  try {
    return goValues(parseYaml(text, { strict }) ?? null)
  } catch (error) {
    throw new Error(`error converting YAML to JSON: ${(error as Error).message}`)
  }
}

/** A map; nothing is an empty one. */
export function decodeValues(text: string): Values {
  const value = decodeYaml(text)
  if (value === null) return {}
  if (isTable(value)) return value
  throw new Error(`error unmarshaling JSON: while decoding JSON: json: cannot unmarshal ${jsonKind(value)} into Go value of type map[string]interface {}`)
}

export function jsonKind(value: unknown): string {
  if (Array.isArray(value)) return 'array'
  if (typeof value === 'string') return 'string'
  if (typeof value === 'boolean') return 'bool'
  return isTable(value) ? 'object' : 'number'
}

export function valuesYaml(values: unknown): string {
  return emitYaml(plainValues(values))
}
