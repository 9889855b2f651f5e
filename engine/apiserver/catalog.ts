/** What is served: definitions joined with discovery data, types and storage. Custom resources come and go. */
import type { Clock } from '#engine/base/clock'
import type { Etcd } from '#engine/etcd/api'
import { failure } from '#engine/api/status'
import { type GroupVersionKind, type KubeObject, parseGroupVersion } from '#engine/api/object'
import { text as discoveryText } from './openapi/data/discovery.generated'
import type { Column, ResourceDefinition } from './registry/resource'
import type { ResourceCatalog, ResourceName } from './services'
import { customResourceDefinitions } from './customresources/strategy'
import { builtinTypeOfKind } from './schema/builtin'
import type { GatedKind } from './schema/gated'
import type { Type } from './schema/type'
import { anyType } from './schema/type'
import { Cacher } from './storage/cacher'
import { Codec, type ObjectFormat, type Transformer } from './storage/codec'
import { protobufFormat } from './storage/protobuf-format'
import { ObjectStore } from './storage/store'

export interface SubresourceEntry {
  readonly name: string
  readonly verbs: readonly string[]
  readonly kind: GroupVersionKind
}

/** Another version (or group) under which a stored kind is served: autoscaling/v1, events.k8s.io/v1, versions of a custom kind. */
export interface VersionView {
  toStorage(object: KubeObject): KubeObject | Promise<KubeObject>
  fromStorage(object: KubeObject): KubeObject | Promise<KubeObject>
  /** Set where a conversion never waits: lists and watches use it then. */
  readonly immediate?: (object: KubeObject) => KubeObject
}

export interface ServedResource {
  readonly definition: ResourceDefinition
  readonly type: Type
  readonly verbs: readonly string[]
  readonly subresources: readonly SubresourceEntry[]
  readonly store: ObjectStore | undefined
  readonly cacher: Cacher | undefined
  readonly view: VersionView | undefined
  /** Custom resources: the definition they come from. */
  readonly custom?: CustomBehaviour
}

/** What a custom resource adds: validation by schema, pruning, defaulting. */
export interface CustomBehaviour {
  readonly crdName: string
  /** Storage version's GroupVersionKind. */
  readonly storage: GroupVersionKind
  /** True once the definition is being deleted: no creates. */
  readonly terminating: () => boolean
  /** A copy without unknown fields, and their paths. */
  readonly prune: (object: KubeObject) => { value: unknown; unknown: string[] }
}

interface DiscoveryGroup {
  readonly metadata: { readonly name?: string }
  readonly versions: readonly { readonly version: string; readonly resources: readonly DiscoveryResource[] }[]
}

export interface DiscoveryResource {
  readonly resource: string
  readonly responseKind?: GroupVersionKind
  readonly scope: 'Namespaced' | 'Cluster'
  readonly singularResource: string
  readonly verbs: readonly string[]
  readonly shortNames?: readonly string[]
  readonly categories?: readonly string[]
  readonly subresources?: readonly { readonly subresource: string; readonly responseKind?: GroupVersionKind; readonly verbs: readonly string[] }[]
}

let discoveryTable: readonly DiscoveryGroup[] | undefined

export function builtinDiscovery(): readonly DiscoveryGroup[] {
  return (discoveryTable ??= JSON.parse(discoveryText()) as readonly DiscoveryGroup[])
}

const everyVerb = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'] as const

export interface CatalogOptions {
  /** Kinds that were asked for by a gate and a flag. */
  readonly gated?: readonly GatedKind[]
  readonly etcd: Etcd
  readonly clock: Clock
  /** `/registry` */
  readonly prefix: string
  readonly format?: ObjectFormat
  /** Encryption at rest, by `secrets` or `widgets.example.com`. */
  readonly transformer?: (resource: ResourceName) => Transformer | undefined
  /** See `ApiServerOptions.resumed`. */
  readonly resumed?: boolean
  /** Versions that are not served are not there. */
  readonly serves?: (group: string, version: string) => boolean
  readonly views?: Readonly<Record<string, { readonly storedAs: { readonly group: string; readonly version: string; readonly resource: string }; readonly view: VersionView }>>
}

export class Catalog implements ResourceCatalog {
  private readonly byPath = new Map<string, ServedResource>()
  /** In their preferred version, as they were last asked for: every request asks for a dozen. */
  private readonly byName = new Map<ResourceName, ServedResource>()
  /** Versions by group, the preferred one first. */
  private readonly groups = new Map<string, string[]>()
  readonly cachers = new Set<Cacher>()
  /** Of etcd when the server began, once known. */
  private beginning = 0

  constructor(
    private readonly options: CatalogOptions,
    definitions: readonly ResourceDefinition[],
  ) {
    const known = new Map([...definitions, customResourceDefinitions].map((definition) => [pathOf(definition.group, definition.version, definition.plural), definition]))
    for (const group of builtinDiscovery()) this.addGroup(group, known)
    for (const gated of options.gated ?? []) this.addGated(gated, known.get(pathOf(gated.group, gated.version, gated.resource)))
    this.addViews()
  }

  find(group: string, version: string, resource: string): ResourceDefinition | undefined {
    return this.served(group, version, resource)?.definition
  }

  served(group: string, version: string, resource: string): ServedResource | undefined {
    return this.byPath.get(pathOf(group, version, resource))
  }

  servedNamed(resource: ResourceName): ServedResource | undefined {
    const known = this.byName.get(resource)
    if (known) return known
    const served = this.searched(resource)
    if (served) this.byName.set(resource, served)
    return served
  }

  private searched(resource: ResourceName): ServedResource | undefined {
    const dot = resource.indexOf('.')
    const group = dot < 0 ? '' : resource.slice(dot + 1)
    const plural = dot < 0 ? resource : resource.slice(0, dot)
    for (const version of this.groups.get(group) ?? []) {
      const served = this.served(group, version, plural)
      if (served) return served
    }
    return undefined
  }

  named(resource: ResourceName): ResourceDefinition | undefined {
    return this.servedNamed(resource)?.definition
  }

  servedOfKind(group: string, kind: string, version?: string): ServedResource | undefined {
    for (const candidate of version === undefined ? (this.groups.get(group) ?? []) : [version])
      for (const served of this.byPath.values()) if (served.definition.group === group && served.definition.version === candidate && served.definition.kind === kind) return served
    return undefined
  }

  ofKind(group: string, kind: string, version?: string): ResourceDefinition | undefined {
    return this.servedOfKind(group, kind, version)?.definition
  }

  all(): readonly ResourceDefinition[] {
    return [...this.byPath.values()].map((served) => served.definition)
  }

  allServed(): readonly ServedResource[] {
    return [...this.byPath.values()]
  }

  versionsOf(group: string): readonly string[] {
    return this.groups.get(group) ?? []
  }

  async convert(object: KubeObject, to: GroupVersionKind): Promise<KubeObject> {
    const from = parseGroupVersion(object.apiVersion)
    if (from.group === to.group && from.version === to.version) return object
    const source = this.servedOfKind(from.group, object.kind, from.version)
    const target = this.servedOfKind(to.group, to.kind, to.version)
    if (!source || !target) throw failure(500, 'InternalError', `no conversion from ${object.apiVersion} to ${to.group}/${to.version}`)
    const stored = source.view ? await source.view.toStorage(object) : object
    return target.view ? target.view.fromStorage(stored) : stored
  }

  /** Puts a resource in place, or in the place of another; `preferred` puts its version first in its group. */
  add(served: ServedResource, versionOrder?: readonly string[]): void {
    const { group, version, plural } = served.definition
    this.byName.clear()
    this.byPath.set(pathOf(group, version, plural), served)
    const versions = this.groups.get(group) ?? []
    if (!versions.includes(version)) versions.push(version)
    if (versionOrder) versions.sort((a, b) => versionOrder.indexOf(a) - versionOrder.indexOf(b))
    this.groups.set(group, versions)
  }

  remove(group: string, version: string, resource: string): void {
    this.byName.clear()
    this.byPath.delete(pathOf(group, version, resource))
    if ([...this.byPath.values()].some((served) => served.definition.group === group && served.definition.version === version)) return
    const versions = (this.groups.get(group) ?? []).filter((item) => item !== version)
    if (versions.length > 0) this.groups.set(group, versions)
    else this.groups.delete(group)
  }

  /** From here on all changes can be watched, of whatever resource. */
  begin(revision: number): void {
    this.beginning = revision
  }

  close(): void {
    for (const cacher of this.cachers) cacher.close()
  }

  storage(definition: ResourceDefinition): { store: ObjectStore; cacher: Cacher } {
    const { etcd, clock, prefix, format, transformer } = this.options
    const name = definition.group === '' ? definition.plural : `${definition.plural}.${definition.group}`
    const store = new ObjectStore(etcd, `${prefix}/${definition.storagePrefix ?? definition.plural}/`, definition.scope === 'namespaced', new Codec(format ?? protobufFormat, transformer?.(name)))
    const cacher = new Cacher(etcd, store, clock, { ...definition.indexes, ...selectorIndexes(definition) }, definition.scope === 'namespaced', () => this.beginning, this.options.resumed)
    this.cachers.add(cacher)
    return { store, cacher }
  }

  private addGroup(group: DiscoveryGroup, known: ReadonlyMap<string, ResourceDefinition>): void {
    const name = group.metadata.name ?? ''
    if (name === 'metrics.k8s.io') return
    for (const { version, resources } of group.versions.filter((item) => this.options.serves?.(name, item.version) !== false)) for (const entry of resources) this.addBuiltin(name, version, entry, known.get(pathOf(name, version, entry.resource)))
  }

  private addGated({ group, version, kind, resource, singularResource }: GatedKind, own: ResourceDefinition | undefined): void {
    this.addBuiltin(group, version, { resource, singularResource, responseKind: { group, version, kind }, scope: 'Cluster', verbs: everyVerb, categories: own?.categories ?? [] }, own)
  }

  private addBuiltin(group: string, version: string, entry: DiscoveryResource, own: ResourceDefinition | undefined): void {
    const kind = entry.responseKind?.kind ?? ''
    const definition = own ?? plainDefinition(group, version, entry)
    const stored = entry.verbs.includes('list') || entry.verbs.includes('get')
    this.add({
      definition, type: builtinTypeOfKind(group, version, kind) ?? anyType, verbs: entry.verbs, view: undefined,
      subresources: (entry.subresources ?? []).map((sub) => ({ name: sub.subresource, verbs: sub.verbs, kind: filled(sub.responseKind, group, version) })),
      ...(stored && entry.resource !== 'componentstatuses' ? this.storage(definition) : { store: undefined, cacher: undefined }),
    })
  }

  private addViews(): void {
    for (const [path, { storedAs, view }] of Object.entries(this.options.views ?? {})) {
      const served = this.byPath.get(path)
      const stored = this.served(storedAs.group, storedAs.version, storedAs.resource)
      if (!served || !stored) continue
      if (served.cacher) this.cachers.delete(served.cacher)
      const { group, version } = served.definition
      this.byName.clear()
      this.byPath.set(path, { ...served, definition: { ...stored.definition, group, version }, store: stored.store, cacher: stored.cacher, view })
    }
  }
}

function filled(kind: GroupVersionKind | undefined, group: string, version: string): GroupVersionKind {
  if (!kind) return { group, version, kind: '' }
  return kind.version === '' ? { group, version, kind: kind.kind } : kind
}

export function pathOf(group: string, version: string, resource: string): string {
  return `${group}/${version}/${resource}`
}

/** Fields by which watches and lists of very many objects are narrowed. */
function selectorIndexes(definition: ResourceDefinition): Record<string, (object: KubeObject) => string> {
  const field = definition.selectableFields?.['spec.nodeName']
  return field ? { 'spec.nodeName': field } : {}
}

const plainColumns: readonly Column[] = [
  { name: 'Name', type: 'string', format: 'name', description: 'Name must be unique within a namespace.', cell: (object) => object.metadata.name ?? '' },
  { name: 'Created At', type: 'date', description: 'CreationTimestamp is the time at which the object was created.', cell: (object) => object.metadata.creationTimestamp ?? '' },
]

function plainDefinition(group: string, version: string, entry: DiscoveryResource): ResourceDefinition {
  return {
    group, version, kind: entry.responseKind?.kind ?? '', plural: entry.resource, singular: entry.singularResource,
    scope: entry.scope === 'Namespaced' ? 'namespaced' : 'cluster', columns: plainColumns,
    subresources: Object.fromEntries((entry.subresources ?? []).filter((sub) => sub.subresource === 'status').map((sub) => [sub.subresource, { kind: 'view' as const, take: (next: KubeObject, previous: KubeObject) => ({ ...previous, metadata: next.metadata, status: next.status as unknown }) }])),
  }
}
