/** Discovery in both forms: aggregated (v2, v2beta1) and plain. Built from what the catalog serves now. */
import { encodeUtf8, toBase64 } from '#engine/base/bytes'
import { sha256 } from '@noble/hashes/sha2.js'
import type { Catalog, ServedResource, SubresourceEntry } from '#engine/apiserver/catalog'
import { builtinDiscovery } from '#engine/apiserver/catalog'
import { groupVersion } from '#engine/api/object'

/** A group served by somebody else (APIService), as its own discovery tells it. */
export interface RemoteVersion {
  readonly group: string
  readonly version: string
  readonly fresh: boolean
  readonly resources: readonly unknown[]
}

export interface GroupOrder {
  readonly group: string
  readonly versions: readonly string[]
}

/** Groups in the order of the real server: priority of their APIServices, then names. */
export function orderedGroups(catalog: Catalog, remotes: readonly RemoteVersion[]): GroupOrder[] {
  const builtin = builtinDiscovery().map((group) => group.metadata.name ?? '').filter((name) => name !== '' && name !== 'metrics.k8s.io')
  const own = new Set(catalog.all().map((definition) => definition.group).filter((group) => group !== ''))
  const custom = new Set([...own].filter((group) => !builtin.includes(group)))
  for (const remote of remotes) if (!builtin.includes(remote.group)) custom.add(remote.group)
  const versions = (group: string): string[] => [...catalog.versionsOf(group), ...remotes.filter((remote) => remote.group === group).map((remote) => remote.version)]
  return [...builtin.filter((group) => own.has(group)), ...[...custom].sort()].map((group) => ({ group, versions: versions(group) }))
}

export function apiVersions(address: string): unknown {
  return { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress: address }] }
}

export function apiGroup(order: GroupOrder): Record<string, unknown> {
  const versions = order.versions.map((version) => ({ groupVersion: groupVersion(order.group, version), version }))
  return { name: order.group, versions, preferredVersion: versions[0] }
}

export function apiGroupList(orders: readonly GroupOrder[]): unknown {
  return { kind: 'APIGroupList', apiVersion: 'v1', groups: orders.map(apiGroup) }
}

export function singleGroup(order: GroupOrder): unknown {
  return { kind: 'APIGroup', apiVersion: 'v1', ...apiGroup(order) }
}

/** `/api/v1`, `/apis/apps/v1`: resources and subresources by name. */
export function resourceList(catalog: Catalog, group: string, version: string): unknown {
  const resources = inVersion(catalog, group, version).flatMap((served) => [plainResource(served), ...served.subresources.map((sub) => plainSubresource(served, sub))])
  resources.sort((a, b) => ((a['name'] as string) < (b['name'] as string) ? -1 : 1))
  return { kind: 'APIResourceList', apiVersion: 'v1', groupVersion: groupVersion(group, version), resources }
}

function inVersion(catalog: Catalog, group: string, version: string): ServedResource[] {
  return catalog.allServed().filter((served) => served.definition.group === group && served.definition.version === version)
}

function plainResource(served: ServedResource): Record<string, unknown> {
  const { definition } = served
  return {
    name: definition.plural, singularName: definition.singular ?? definition.kind.toLowerCase(), namespaced: definition.scope === 'namespaced', kind: definition.kind, verbs: served.verbs,
    ...(definition.shortNames?.length ? { shortNames: definition.shortNames } : {}), ...(definition.categories?.length ? { categories: definition.categories } : {}),
    ...(served.store ? { storageVersionHash: storageVersionHash(served) } : {}),
  }
}

function plainSubresource(served: ServedResource, sub: SubresourceEntry): Record<string, unknown> {
  const { definition } = served
  const same = sub.kind.group === definition.group && sub.kind.version === definition.version
  return { name: `${definition.plural}/${sub.name}`, singularName: '', namespaced: definition.scope === 'namespaced', ...(same ? {} : { group: sub.kind.group, version: sub.kind.version }), kind: sub.kind.kind, verbs: sub.verbs }
}

const storageVersions: Readonly<Record<string, string>> = { 'autoscaling/HorizontalPodAutoscaler': 'autoscaling/v2', 'events.k8s.io/Event': 'v1' }

function storageVersionHash({ definition, custom }: ServedResource): string {
  const stored = custom ? groupVersion(custom.storage.group, custom.storage.version) : (storageVersions[`${definition.group}/${definition.kind}`] ?? groupVersion(definition.group, definition.version))
  const slash = stored.indexOf('/')
  const text = slash < 0 ? `/${stored}/${definition.kind}` : `${stored}/${definition.kind}`
  return toBase64(sha256(encodeUtf8(text)).slice(0, 8))
}

export function aggregated(catalog: Catalog, orders: readonly GroupOrder[], remotes: readonly RemoteVersion[], version: 'v2' | 'v2beta1'): unknown {
  const items = orders.map((order) => ({
    metadata: order.group === '' ? {} : { name: order.group },
    versions: order.versions.map((name) => aggregatedVersion(catalog, remotes, order.group, name)),
  }))
  return { kind: 'APIGroupDiscoveryList', apiVersion: `apidiscovery.k8s.io/${version}`, metadata: {}, items }
}

function aggregatedVersion(catalog: Catalog, remotes: readonly RemoteVersion[], group: string, version: string): unknown {
  const remote = remotes.find((item) => item.group === group && item.version === version)
  if (remote) return { version, ...(remote.resources.length > 0 ? { resources: remote.resources } : {}), freshness: remote.fresh ? 'Current' : 'Stale' }
  const resources = inVersion(catalog, group, version).sort((a, b) => (a.definition.plural < b.definition.plural ? -1 : 1)).map(aggregatedResource)
  return { version, resources, freshness: 'Current' }
}

function aggregatedResource(served: ServedResource): unknown {
  const { definition } = served
  const kind = (value: { group: string; version: string; kind: string }): unknown =>
    value.group === definition.group && value.version === definition.version && !served.custom ? { group: '', version: '', kind: value.kind } : { group: value.group, version: value.version, kind: value.kind }
  const subresources = [...served.subresources].sort((a, b) => (a.name < b.name ? -1 : 1)).map((sub) => ({ subresource: sub.name, responseKind: kind(sub.kind), verbs: sub.verbs }))
  return {
    resource: definition.plural, responseKind: kind(definition), scope: definition.scope === 'namespaced' ? 'Namespaced' : 'Cluster',
    singularResource: definition.singular ?? definition.kind.toLowerCase(), verbs: served.verbs,
    ...(definition.shortNames?.length ? { shortNames: definition.shortNames } : {}), ...(definition.categories?.length ? { categories: definition.categories } : {}),
    ...(subresources.length > 0 ? { subresources } : {}),
  }
}
