/** `crds`: definitions in OpenAPI whose annotations say which fields name other objects. */
import { parseYaml, YamlError } from '#engine/base/yaml/parser'
import { CliError } from '../session/errors'
import { emptyConfig, mergedConfig, type TransformerConfig } from './config'
import { type FieldSpec, isMap } from './fieldpath'
import type { Loader } from './loader'
import type { ReferenceRule } from './references.table'
import type { Data, Gvk } from './resource'

export function loadCrds(loader: Loader, paths: readonly string[] = []): TransformerConfig {
  try {
    const definitions = Object.assign({}, ...paths.map((path) => parsed(path, loader.readText(path)))) as Data
    return Object.keys(definitions).filter((name) => isKind(definitions, name)).map((name) => configOf(definitions, name)).reduce(mergedConfig, emptyConfig)
  } catch (error) {
    if (error instanceof CliError) throw new CliError(`loading CRDs [${paths.join(' ')}]: ${error.message}`)
    throw error
  }
}

function parsed(path: string, content: string): Data {
  try {
    const value = parseYaml(content)
    const wrong = isMap(value) ? Object.values(value).find((definition) => !isMap(definition)) : value
    if (wrong !== undefined) throw new CliError(`error unmarshaling JSON: while decoding JSON: json: cannot unmarshal ${Array.isArray(wrong) ? 'array' : typeof wrong} into Go value of type accumulator.OpenAPIDefinition`)
    return value as Data
  } catch (error) {
    if (error instanceof YamlError) throw new CliError(`unable to parse open API definition from '${path}': error converting YAML to JSON: ${error.message}`)
    if (error instanceof CliError) throw new CliError(`unable to parse open API definition from '${path}': ${error.message}`)
    throw error
  }
}

function schemaOf(definitions: Data, name: string): Data {
  const definition = definitions[name]
  const schema = isMap(definition) ? (definition['Schema'] ?? definition['schema']) : undefined
  return isMap(schema) ? schema : {}
}

function propertiesOf(schema: Data): Data {
  return isMap(schema['properties']) ? schema['properties'] : {}
}

function isKind(definitions: Data, name: string): boolean {
  const properties = propertiesOf(schemaOf(definitions, name))
  return ['kind', 'apiVersion', 'metadata'].every((field) => field in properties)
}

/** `example.com/pkg/apis/group/v1.Kind` */
function configOf(definitions: Data, name: string): TransformerConfig {
  const kind = name.slice(name.lastIndexOf('.') + 1)
  return visited(definitions, name, { group: '', version: '', kind }, [], 0)
}

function visited(definitions: Data, name: string, gvk: Gvk, above: readonly string[], depth: number): TransformerConfig {
  let config = emptyConfig
  if (depth > 32) return config
  for (const [property, schema] of Object.entries(propertiesOf(schemaOf(definitions, name)))) {
    if (!isMap(schema)) continue
    const path = [...above, property]
    config = mergedConfig(config, ofProperty(schema, gvk, path))
    const { $ref: ref } = schema
    if (typeof ref === 'string' && ref in definitions) config = mergedConfig(config, visited(definitions, ref, gvk, path, depth + 1))
  }
  return config
}

function ofProperty(schema: Data, { kind }: Gvk, path: readonly string[]): TransformerConfig {
  const field = (create: boolean): FieldSpec => ({ kind, path: path.join('/'), ...(create ? { create } : {}) })
  const referred = schema['x-kubernetes-object-ref-kind']
  const rule = typeof referred === 'string' && typeof schema['x-kubernetes-object-ref-api-version'] === 'string' ? [ruleOf(schema, referred, kind, path)] : []
  return {
    ...emptyConfig,
    ...('x-kubernetes-annotation' in schema ? { commonAnnotations: [field(false)] } : {}),
    ...('x-kubernetes-label-selector' in schema ? { commonLabels: [field(false)] } : {}),
    ...('x-kubernetes-identity' in schema ? { namePrefix: [field(false)] } : {}),
    nameReference: rule,
  }
}

function ruleOf(schema: Data, referred: string, kind: string, path: readonly string[]): ReferenceRule {
  const version = String(schema['x-kubernetes-object-ref-api-version'])
  const key = schema['x-kubernetes-object-ref-name-key']
  return { kind: referred, version, fields: [{ kind, path: [...path, typeof key === 'string' ? key : 'name'].join('/') }] }
}
