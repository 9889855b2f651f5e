/** What Chart.yaml must hold, in helm's words. */
import { parseVersion } from './versions'
import type { Dependency, Metadata } from './types'

const aliasPattern = /^[a-zA-Z0-9_-]+$/

/** Throws `validation: chart.metadata.name is required` and its like. */
export function validateMetadata(metadata: Metadata): void {
  const problem = metadataProblem(metadata)
  if (problem !== undefined) throw new Error(`validation: ${problem}`)
}

function metadataProblem({ apiVersion, name, version, type, maintainers, dependencies }: Metadata): string | undefined {
  if (!apiVersion) return 'chart.metadata.apiVersion is required'
  if (!name) return 'chart.metadata.name is required'
  if (name !== name.split('/').pop()) return `chart.metadata.name ${JSON.stringify(name)} is invalid`
  if (!version) return 'chart.metadata.version is required'
  if (parseVersion(version) === undefined) return `chart.metadata.version ${JSON.stringify(version)} is invalid`
  if (type !== undefined && type !== '' && type !== 'application' && type !== 'library') return 'chart.metadata.type must be application or library'
  if (maintainers?.some((maintainer) => !maintainer)) return 'maintainers must not contain empty or null nodes'
  return dependenciesProblem(dependencies ?? [])
}

function dependenciesProblem(dependencies: readonly (Dependency | null)[]): string | undefined {
  const seen = new Set<string>()
  for (const dependency of dependencies) {
    if (!dependency) return 'dependencies must not contain empty or null nodes'
    if (dependency.alias && !aliasPattern.test(dependency.alias)) return `dependency ${JSON.stringify(dependency.name)} has disallowed characters in the alias`
    const key = dependency.alias || dependency.name
    if (seen.has(key)) return `more than one dependency with name or alias ${JSON.stringify(key)}`
    seen.add(key)
  }
  return undefined
}

const fields: readonly [keyof Metadata, 'string' | 'array' | 'object' | 'bool', string][] = [
  ['name', 'string', 'string'], ['home', 'string', 'string'], ['sources', 'array', '[]string'], ['version', 'string', 'string'], ['description', 'string', 'string'],
  ['keywords', 'array', '[]string'], ['maintainers', 'array', '[]*chart.Maintainer'], ['icon', 'string', 'string'], ['apiVersion', 'string', 'string'], ['condition', 'string', 'string'],
  ['tags', 'string', 'string'], ['appVersion', 'string', 'string'], ['deprecated', 'bool', 'bool'], ['annotations', 'object', 'map[string]string'], ['kubeVersion', 'string', 'string'],
  ['dependencies', 'array', '[]*chart.Dependency'], ['type', 'string', 'string'],
]

/** Decodes a plain tree as Go's JSON does: unknown fields are dropped, a field of another kind is refused. */
export function metadataOf(value: unknown): Metadata {
  if (value === null || value === undefined) return {}
  if (typeof value !== 'object' || Array.isArray(value)) throw unmarshalError(kindName(value), 'value', 'chart.Metadata')
  const out: Record<string, unknown> = {}
  for (const [name, kind, goType] of fields) {
    const item = worded((value as Record<string, unknown>)[name], kind, name)
    if (item === undefined || item === null) continue
    if (kindName(item) !== kind) throw unmarshalError(kindName(item), `struct field Metadata.${name}`, goType)
    out[name] = item
  }
  return out as Metadata
}

/** Where Go wants text, a number or a word of truth becomes text. */
function worded(value: unknown, kind: string, name: string): unknown {
  if (kind === 'string') return textOf(value)
  if (Array.isArray(value)) return value.map((item: unknown) => (name === 'dependencies' || name === 'maintainers' ? structTexts(item) : textOf(item)))
  return kind === 'object' ? structTexts(value) : value
}

function textOf(value: unknown): unknown {
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : value
}

function structTexts(value: unknown): unknown {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, key === 'enabled' ? item : textOf(item)]))
}

/** As Go encodes it: what is empty is left out, but for a dependency's name and repository. */
export function encodedMetadata(metadata: Metadata): Metadata {
  const kept = withoutEmpty(metadata as Record<string, unknown>)
  const dependencies = metadata.dependencies?.map((dependency) => ({ ...withoutEmpty({ ...dependency }), name: dependency.name, repository: dependency.repository ?? '' }))
  return { ...kept, ...(dependencies?.length ? { dependencies } : {}) }
}

function withoutEmpty(value: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined && item !== null && item !== '' && item !== false && !(typeof item === 'object' && Object.keys(item).length === 0)))
}

function unmarshalError(kind: string, where: string, goType: string): Error {
  return new Error(`error unmarshaling JSON: while decoding JSON: json: cannot unmarshal ${kind} into Go ${where} of type ${goType}`)
}

function kindName(value: unknown): string {
  if (Array.isArray(value)) return 'array'
  const kind = typeof value
  return kind === 'boolean' ? 'bool' : kind
}
