/** What the server serves, and which resource a word of the command line means. */
import type { GroupVersionKind } from '#engine/api/object'
import { StatusError } from '#engine/api/status'
import type { Client } from '#engine/client/client'
import { decode } from '#engine/client/client'

export interface Mapping {
  readonly group: string
  readonly version: string
  /** Plural. */
  readonly resource: string
  readonly singular: string
  readonly kind: string
  readonly namespaced: boolean
  readonly verbs: readonly string[]
  readonly shortNames: readonly string[]
  readonly categories: readonly string[]
  readonly subresources: readonly Subresource[]
}

export interface Subresource {
  readonly name: string
  readonly verbs: readonly string[]
  readonly responseKind?: GroupVersionKind
}

export interface GroupInfo {
  readonly name: string
  /** In the server's order of preference. */
  readonly versions: readonly { readonly version: string; readonly resources: readonly Mapping[]; readonly stale: boolean }[]
}

interface AggregatedGroup {
  metadata?: { name?: string }
  versions?: {
    version: string
    freshness?: string
    resources?: {
      resource: string
      responseKind?: { group: string; version: string; kind: string }
      scope: string
      singularResource?: string
      verbs?: string[]
      shortNames?: string[]
      categories?: string[]
      subresources?: { subresource: string; verbs?: string[]; responseKind?: { group: string; version: string; kind: string } }[]
    }[]
  }[]
}

const accept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json'

export class Discovery {
  constructor(readonly groups: readonly GroupInfo[]) {}

  /** `timeout` as the query says it: `32s`. */
  static async load(client: Client, timeout: string): Promise<Discovery> {
    const core = await discoveryOf(client, '/api', timeout)
    const rest = await discoveryOf(client, '/apis', timeout)
    return new Discovery([...core, ...rest])
  }

  all(): Mapping[] {
    return this.groups.flatMap((group) => group.versions.flatMap((version) => version.resources))
  }

  /** Each resource in its group's preferred version. */
  preferred(): Mapping[] {
    return this.groups.flatMap((group) => {
      const seen = new Set<string>()
      return group.versions.flatMap((version) => version.resources.filter((resource) => !seen.has(resource.resource) && seen.add(resource.resource)))
    })
  }

  staleGroups(): string[] {
    return this.groups.flatMap((group) => group.versions.filter((version) => version.stale).map((version) => (group.name === '' ? version.version : `${group.name}/${version.version}`)))
  }

  forKind(group: string, kind: string, version = ''): Mapping | undefined {
    const versions = this.groups.find((entry) => entry.name === group)?.versions ?? []
    for (const entry of versions) {
      if (version !== '' && entry.version !== version) continue
      const found = entry.resources.find((resource) => resource.kind === kind || resource.kind.toLowerCase() === kind)
      if (found) return found
    }
    return undefined
  }

  /** `po`, `pods`, `deployments.apps`, `deployments.v1.apps`, `Deployment.apps`. */
  find(word: string): Mapping | undefined {
    const parts = word.split('.')
    if (parts.length > 2) {
      const exact = this.match(parts[0] as string, parts.slice(2).join('.'), parts[1] as string)
      if (exact) return exact
    }
    const group = parts.slice(1).join('.')
    return this.match(parts[0] as string, group, '') ?? this.matchKind(parts)
  }

  /** False for a word of three parts or more that names no resource as RESOURCE.VERSION.GROUP. */
  knowsVersioned(word: string): boolean {
    const [name = '', version = '', ...group] = word.split('.')
    return group.length === 0 || this.match(name, group.join('.'), version) !== undefined
  }

  /** What else a short name could mean, as `resource.group`. */
  ambiguities(word: string): string[] {
    const [name = '', ...group] = word.split('.')
    if (this.all().some((mapping) => mapping.resource === name)) return []
    const meant = this.all().filter((mapping) => mapping.shortNames.includes(name) && (group.length === 0 || mapping.group === group.join('.')))
    const names = meant.map((mapping) => (mapping.group === '' ? mapping.resource : `${mapping.resource}.${mapping.group}`))
    return [...new Set(names)].slice(1)
  }

  /** The resources of a category, as `resource.group`. */
  category(word: string): string[] {
    const out = new Set<string>()
    for (const mapping of this.all()) if (mapping.categories.includes(word)) out.add(mapping.group === '' ? mapping.resource : `${mapping.resource}.${mapping.group}`)
    return [...out]
  }

  private match(name: string, group: string, version: string): Mapping | undefined {
    const lower = name.toLowerCase()
    const candidates = this.preferred()
    const pool = version === '' ? candidates : this.all().filter((mapping) => mapping.version === version)
    const inGroup = (mapping: Mapping): boolean => group === '' || mapping.group === group
    const near = (mapping: Mapping): boolean => group !== '' && version === '' && mapping.group.startsWith(group)
    const named = (mapping: Mapping): boolean => mapping.resource === lower || mapping.singular === lower
    const expanded = pool.find((mapping) => (group === '' || mapping.group.startsWith(group)) && mapping.shortNames.includes(name))
    const direct = pool.find((mapping) => named(mapping) && inGroup(mapping)) ?? pool.find((mapping) => named(mapping) && near(mapping))
    return direct ?? expanded
  }

  private matchKind(parts: readonly string[]): Mapping | undefined {
    const kind = parts[0] as string
    if (parts.length > 2) {
      const exact = this.forKind(parts.slice(2).join('.'), kind, parts[1])
      if (exact) return exact
    }
    const group = parts.slice(1).join('.')
    if (group !== '') return this.forKind(group, kind)
    return this.preferred().find((mapping) => mapping.kind === kind && mapping.group === '')
  }
}

async function discoveryOf(client: Client, path: string, timeout: string): Promise<GroupInfo[]> {
  const response = await client.exchange('GET', `${path}?timeout=${timeout}`, { headers: { accept } })
  const value = (await decode(response.body)) as { kind?: string; items?: AggregatedGroup[] }
  if (value.kind === 'APIGroupDiscoveryList') return (value.items ?? []).map(aggregated)
  return await plainDiscovery(client, path, value as PlainGroups)
}

function aggregated(group: AggregatedGroup): GroupInfo {
  const name = group.metadata?.name ?? ''
  return {
    name,
    versions: (group.versions ?? []).map((version) => ({
      version: version.version,
      stale: version.freshness === 'Stale',
      resources: (version.resources ?? []).filter((resource) => resource.responseKind).map((resource) => ({
        group: resource.responseKind?.group || name,
        version: resource.responseKind?.version || version.version,
        resource: resource.resource,
        singular: resource.singularResource || (resource.responseKind?.kind ?? '').toLowerCase(),
        kind: resource.responseKind?.kind ?? '',
        namespaced: resource.scope === 'Namespaced',
        verbs: resource.verbs ?? [],
        shortNames: resource.shortNames ?? [],
        categories: resource.categories ?? [],
        subresources: (resource.subresources ?? []).map((sub) => ({ name: sub.subresource, verbs: sub.verbs ?? [], ...(sub.responseKind ? { responseKind: sub.responseKind } : {}) })),
      })),
    })),
  }
}

interface PlainGroups {
  versions?: string[]
  groups?: { name: string; versions: { version: string }[]; preferredVersion?: { version: string } }[]
}

export interface PlainResource {
  name: string
  singularName: string
  namespaced: boolean
  kind: string
  group?: string
  version?: string
  verbs: string[]
  shortNames?: string[]
  categories?: string[]
}

async function plainDiscovery(client: Client, path: string, value: PlainGroups): Promise<GroupInfo[]> {
  const groups = path === '/api' ? [{ name: '', versions: (value.versions ?? []).map((version) => ({ version })) }] : (value.groups ?? [])
  return await Promise.all(
    groups.map(async (group) => ({
      name: group.name,
      versions: await Promise.all(
        group.versions.map(async ({ version }) => {
          try {
            const list = await client.json<{ resources?: PlainResource[] }>('GET', group.name === '' ? `/api/${version}` : `/apis/${group.name}/${version}`)
            return { version, stale: false, resources: plainResources(group.name, version, list.resources ?? []) }
          } catch (error) {
            if (!(error instanceof StatusError)) throw error
            return { version, stale: true, resources: [] }
          }
        }),
      ),
    })),
  )
}

export function plainResources(group: string, version: string, list: readonly PlainResource[]): Mapping[] {
  return list.filter((entry) => !entry.name.includes('/')).map((entry) => ({
    group, version, resource: entry.name, singular: entry.singularName || entry.kind.toLowerCase(), kind: entry.kind, namespaced: entry.namespaced, verbs: entry.verbs, shortNames: entry.shortNames ?? [], categories: entry.categories ?? [],
    subresources: list.filter((sub) => sub.name.startsWith(`${entry.name}/`)).map((sub) => ({ name: sub.name.slice(entry.name.length + 1), verbs: sub.verbs, responseKind: { group: sub.group ?? group, version: sub.version ?? version, kind: sub.kind } })),
  }))
}
