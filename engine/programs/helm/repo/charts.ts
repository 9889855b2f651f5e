/** An index: which charts a repository has, and where. */
import { parseYaml } from '#engine/base/yaml/parser'
import type { Metadata } from '#engine/programs/helm/chart/types'
import { parseConstraint } from '#engine/programs/helm/chart/constraints'
import { compareVersions, parseVersion, type Version } from '#engine/programs/helm/chart/versions'

export interface ChartVersion extends Metadata {
  readonly urls: readonly string[]
  readonly created?: string
  readonly digest?: string
}

export interface RepositoryIndex {
  readonly entries: ReadonlyMap<string, readonly ChartVersion[]>
  readonly generated: string
}

/** Newest versions first. Throws what is wrong with the text. */
export function parseIndex(text: string): RepositoryIndex {
  if (text.length === 0) throw new Error('empty index.yaml file')
  let value: unknown
  try {
    value = parseYaml(text)
  } catch (error) {
    throw new Error(`error converting YAML to JSON: ${(error as Error).message}`)
  }
  if (value === null || typeof value !== 'object' || Array.isArray(value)) throw new Error(`error unmarshaling JSON: while decoding JSON: json: cannot unmarshal ${Array.isArray(value) ? 'array' : typeof value} into Go value of type repo.IndexFile`)
  const { apiVersion, entries, generated } = value as { apiVersion?: string; entries?: Record<string, (ChartVersion | null)[] | null>; generated?: unknown }
  if (!apiVersion) throw new Error('no API version specified')
  const sorted = Object.entries(entries ?? {}).map(([name, versions]) => [name, newestFirst((versions ?? []).filter((version): version is ChartVersion => version !== null && version.version !== undefined))] as const)
  return { entries: new Map(sorted), generated: String(generated ?? '') }
}

export function newestFirst<T extends Metadata>(versions: readonly T[]): T[] {
  const parsed = (of: T): Version | undefined => parseVersion(String(of.version ?? ''))
  return [...versions].sort((a, b) => {
    const [left, right] = [parsed(a), parsed(b)]
    if (!left || !right) return left ? -1 : right ? 1 : 0
    return compareVersions(right, left)
  })
}

/** The newest that fits, or the very one; throws why there is none. */
export function chartVersion({ entries }: RepositoryIndex, name: string, wanted: string): ChartVersion {
  const versions = entries.get(name)
  if (!versions) throw new Error('no chart name found')
  if (versions.length === 0) throw new Error('no chart version found')
  const exact = wanted === '' ? undefined : versions.find(({ version }) => version === wanted)
  if (exact) return exact
  const constraint = parseConstraint(wanted === '' ? '*' : wanted)
  for (const candidate of versions) {
    const version = parseVersion(String(candidate.version))
    if (version && constraint.check(version)) return candidate
  }
  throw new Error(`no chart version found for ${name}-${wanted}`)
}
