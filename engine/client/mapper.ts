/** From kinds to resources and back, by the server's discovery. */
import { type Client, decode } from '#engine/client/client'
import type { ResourceRef } from '#engine/client/resources'

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

interface AggregatedGroup {
  readonly metadata: { readonly name?: string }
  readonly versions: readonly { readonly version: string; readonly freshness?: string; readonly resources?: readonly AggregatedResource[] }[]
}

interface AggregatedResource {
  readonly resource: string
  readonly responseKind?: { readonly kind: string }
  readonly scope: string
  readonly verbs?: readonly string[]
}

const accept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList'

/** All resources of all groups and versions, without subresources: two requests. */
export async function discover(client: Client): Promise<Discovery> {
  const resources: DiscoveredResource[] = []
  const failures: DiscoveryFailure[] = []
  for (const path of ['/api', '/apis']) {
    const response = await client.exchange('GET', path, { headers: { accept } })
    const { items } = (await decode(response.body)) as { items: readonly AggregatedGroup[] }
    for (const group of items) gather(group, resources, failures)
  }
  resources.sort((a, b) => (`${a.group}/${a.version}/${a.resource}` < `${b.group}/${b.version}/${b.resource}` ? -1 : 1))
  return { resources, failures }
}

function gather({ metadata: { name: group = '' }, versions }: AggregatedGroup, resources: DiscoveredResource[], failures: DiscoveryFailure[]): void {
  for (const [index, { version, freshness, resources: list = [] }] of versions.entries()) {
    const groupVersion = group === '' ? version : `${group}/${version}`
    if (freshness === 'Stale') failures.push({ groupVersion, error: new Error(`stale GroupVersion discovery: ${groupVersion}`) })
    for (const each of list) resources.push({ group, version, resource: each.resource, kind: each.responseKind?.kind ?? '', namespaced: each.scope === 'Namespaced', verbs: each.verbs ?? [], preferred: index === 0 })
  }
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
