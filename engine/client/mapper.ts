/** From kinds to resources and back, by the server's discovery. */
import type { Client } from '#engine/client/client'
import type { ResourceRef } from '#engine/client/resources'

interface ApiResource {
  readonly name: string
  readonly kind: string
  readonly namespaced: boolean
  readonly verbs: readonly string[]
  readonly group?: string
  readonly version?: string
}

export interface DiscoveredResource extends ResourceRef {
  readonly verbs: readonly string[]
  /** The version its group prefers. */
  readonly preferred: boolean
}

/** A group whose discovery failed: `metrics.k8s.io/v1beta1` while its server is away. */
export interface DiscoveryFailure {
  readonly groupVersion: string
  readonly error: unknown
}

export interface Discovery {
  readonly resources: readonly DiscoveredResource[]
  readonly failures: readonly DiscoveryFailure[]
}

/** All resources of all groups and versions, without subresources. */
export async function discover(client: Client): Promise<Discovery> {
  const groups = await client.json<{ groups: { name: string; versions: { groupVersion: string }[]; preferredVersion?: { groupVersion: string } }[] }>('GET', '/apis')
  const versions = [{ groupVersion: 'v1', preferred: true }]
  for (const group of groups.groups) for (const { groupVersion } of group.versions) versions.push({ groupVersion, preferred: (group.preferredVersion?.groupVersion ?? group.versions[0]?.groupVersion) === groupVersion })
  const resources: DiscoveredResource[] = []
  const failures: DiscoveryFailure[] = []
  await Promise.all(
    versions.map(async ({ groupVersion, preferred }) => {
      try {
        const list = await client.json<{ resources?: ApiResource[] }>('GET', groupVersion === 'v1' ? '/api/v1' : `/apis/${groupVersion}`)
        const slash = groupVersion.indexOf('/')
        for (const entry of list.resources ?? [])
          if (!entry.name.includes('/')) resources.push({ group: slash < 0 ? '' : groupVersion.slice(0, slash), version: groupVersion.slice(slash + 1), resource: entry.name, kind: entry.kind, namespaced: entry.namespaced, verbs: entry.verbs, preferred })
      } catch (error) {
        failures.push({ groupVersion, error })
      }
    }),
  )
  resources.sort((a, b) => (`${a.group}/${a.version}/${a.resource}` < `${b.group}/${b.version}/${b.resource}` ? -1 : 1))
  return { resources, failures }
}

/** Answers by kind, asking the server again when a kind is unknown. */
export class RestMapper {
  private byKind = new Map<string, DiscoveredResource>()
  private loading: Promise<void> | undefined

  constructor(private readonly client: Client) {}

  async forKind(apiVersion: string, kind: string): Promise<DiscoveredResource | undefined> {
    const key = `${apiVersion}/${kind}`
    if (!this.byKind.has(key)) await this.refresh()
    return this.byKind.get(key)
  }

  /** Only from what is known already. */
  known(apiVersion: string, kind: string): DiscoveredResource | undefined {
    return this.byKind.get(`${apiVersion}/${kind}`)
  }

  refresh(): Promise<void> {
    this.loading ??= this.load().finally(() => (this.loading = undefined))
    return this.loading
  }

  private async load(): Promise<void> {
    const { resources } = await discover(this.client)
    this.byKind = new Map(resources.map((entry) => [`${entry.group === '' ? '' : `${entry.group}/`}${entry.version}/${entry.kind}`, entry]))
  }
}
