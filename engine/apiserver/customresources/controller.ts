/** Follows CustomResourceDefinitions: accepts their names, serves and withdraws them, cleans up behind them. */
import { copyObject, equalJson, groupVersion, type KubeObject } from '#engine/api/object'
import { StatusError } from '#engine/api/status'
import type { Catalog, ServedResource, SubresourceEntry } from '#engine/apiserver/catalog'
import type { ServerServices } from '#engine/apiserver/services'
import { register } from '#engine/apiserver/bootstrap/server'
import type { Cacher } from '#engine/apiserver/storage/cacher'
import type { ObjectStore } from '#engine/apiserver/storage/store'
import { converter } from './conversion'
import { cleanupFinalizer, compareVersions, crdSpec, crdStatus, hasCondition, setCondition, type CrdVersion } from './crd'
import { customDefinition } from './definition'
import { customDocuments, type CustomDocuments } from './openapi'
import { prune } from './prune'
import { CustomRules } from './rules'
import { rootType } from './schema'

const resource = 'customresourcedefinitions.apiextensions.k8s.io'
const verbs = ['delete', 'deletecollection', 'get', 'list', 'patch', 'create', 'update', 'watch']

interface Served {
  readonly crd: KubeObject
  readonly store: ObjectStore
  readonly cacher: Cacher
  readonly paths: readonly (readonly [group: string, version: string, plural: string])[]
}

export class CustomResources {
  private readonly served = new Map<string, Served>()
  private readonly storages = new Map<string, { store: ObjectStore; cacher: Cacher }>()
  private documentsMade: CustomDocuments | undefined

  constructor(
    private readonly catalog: Catalog,
    private readonly services: ServerServices,
  ) {}

  /** OpenAPI of all that is served. */
  documents(): CustomDocuments {
    return (this.documentsMade ??= customDocuments([...this.served.values()].map((item) => item.crd)))
  }

  /** Serves what is there already, then follows until the signal. */
  async start(signal: AbortSignal): Promise<void> {
    const definitions = this.catalog.servedNamed(resource)
    if (!definitions?.cacher) return
    await definitions.cacher.fresh()
    for (const crd of definitions.cacher.list('')) await this.reconcile(crd)
    void this.follow(definitions.cacher, signal)
  }

  private async follow(cacher: Cacher, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const channel = cacher.subscribe({ namespace: '' }, 'now')
      if (channel === 'gone') return
      const known = new Set(cacher.list('').map((crd) => crd.metadata.name))
      for (const name of [...this.served.keys()]) if (!known.has(name)) this.withdraw(name)
      for await (const event of channel) {
        if (event.type === 'DELETED') await this.gone(event.object.metadata.name ?? '', cacher)
        else await this.reconcile(event.object).catch((error: unknown) => this.services.log(`E ${String(error)}`))
      }
      if (!signal.aborted) await this.services.clock.sleep(1000, signal).catch(() => undefined)
    }
  }

  /** Names that were taken may be free now. */
  private async gone(name: string, cacher: Cacher): Promise<void> {
    this.withdraw(name)
    for (const crd of cacher.list('')) if (!hasCondition(crd, 'NamesAccepted')) await this.reconcile(crd).catch((error: unknown) => this.services.log(`E ${String(error)}`))
  }

  private async reconcile(crd: KubeObject): Promise<void> {
    if (crd.metadata.deletionTimestamp) {
      this.serve(crd)
      await this.cleanUp(crd)
      return
    }
    if (!hasCondition(crd, 'Established') || !hasCondition(crd, 'NamesAccepted') || !equalJson(crdStatus(crd).acceptedNames, crdSpec(crd).names)) {
      await this.accept(crd)
      return
    }
    this.serve(crd)
  }

  private async accept(crd: KubeObject): Promise<void> {
    const next = copyObject(crd)
    const now = `${new Date(this.services.clock.now()).toISOString().slice(0, 19)}Z`
    const taken = this.conflict(crd)
    if (crdStatus(next).conditions === null) delete (next['status'] as { conditions?: unknown }).conditions
    if (taken) setCondition(next, { type: 'NamesAccepted', status: 'False', reason: taken.reason, message: taken.message }, now)
    else setCondition(next, { type: 'NamesAccepted', status: 'True', reason: 'NoConflicts', message: 'no conflicts found' }, now)
    if (taken) setCondition(next, { type: 'Established', status: 'False', reason: 'NotAccepted', message: 'not all names are accepted' }, now)
    else {
      setCondition(next, { type: 'Established', status: 'True', reason: 'InitialNamesAccepted', message: 'the initial names have been accepted' }, now)
      ;(next['status'] as { acceptedNames: unknown }).acceptedNames = crdSpec(crd).names
    }
    if (taken && hasSame(crd, next)) return
    try {
      const stored = await this.services.client.update(resource, next, 'status')
      if (!taken) this.serve(stored)
    } catch (error) {
      if (!(error instanceof StatusError) || !['Conflict', 'NotFound'].includes(error.reason)) throw error
    }
  }

  private conflict(crd: KubeObject): { reason: string; message: string } | undefined {
    const { group, names } = crdSpec(crd)
    for (const { crd: other } of this.served.values()) {
      if (other.metadata.name === crd.metadata.name || crdSpec(other).group !== group) continue
      const theirs = crdSpec(other).names
      const words = [theirs.plural, theirs.singular, ...(theirs.shortNames ?? [])]
      if (words.includes(names.plural)) return { reason: 'PluralConflict', message: `${JSON.stringify(names.plural)} is already in use` }
      const short = (names.shortNames ?? []).find((name) => words.includes(name))
      if (short) return { reason: 'ShortNamesConflict', message: `${JSON.stringify(short)} is already in use` }
      if (theirs.kind === names.kind) return { reason: 'KindConflict', message: `${JSON.stringify(names.kind)} is already in use` }
    }
    return undefined
  }

  private serve(crd: KubeObject): void {
    const name = crd.metadata.name ?? ''
    if (this.served.get(name)?.crd.metadata.resourceVersion === crd.metadata.resourceVersion) return
    const spec = crdSpec(crd)
    const storageVersion = spec.versions.find((version) => version.storage)
    if (!storageVersion || !hasCondition(crd, 'Established')) return
    const storage = this.storageOf(crd, storageVersion)
    const previous = this.served.get(name)
    const live = spec.versions.filter((version) => version.served)
    const order = live.map((version) => version.name).sort(compareVersions)
    const paths = order.map((version) => [spec.group, version, spec.names.plural] as const)
    for (const path of previous?.paths ?? []) if (!paths.some((other) => other.join() === path.join())) this.catalog.remove(...path)
    for (const version of live) this.catalog.add(this.servedVersion(crd, version, storageVersion, storage), order)
    this.served.set(name, { crd, ...storage, paths })
    this.documentsMade = undefined
    if (previous) return
    for (const version of live) void register(this.services, spec.group, version.name, [1000, 100], 'true').catch(() => undefined)
  }

  private storageOf(crd: KubeObject, version: CrdVersion): { store: ObjectStore; cacher: Cacher } {
    const key = crd.metadata.uid ?? ''
    let storage = this.storages.get(key)
    if (!storage) this.storages.set(key, (storage = this.catalog.storage(customDefinition(crd, version, undefined))))
    return storage
  }

  private servedVersion(crd: KubeObject, version: CrdVersion, storageVersion: CrdVersion, storage: { store: ObjectStore; cacher: Cacher }): ServedResource {
    const spec = crdSpec(crd)
    const schema = version.schema?.openAPIV3Schema
    const type = rootType(schema, spec.names.kind)
    const stored = groupVersion(spec.group, storageVersion.name)
    return {
      definition: customDefinition(crd, version, schema ? new CustomRules(schema) : undefined), type, verbs, subresources: entriesOf(spec.group, spec.names.kind, version), ...storage,
      view: converter(crd, groupVersion(spec.group, version.name), stored, this.services),
      custom: { crdName: crd.metadata.name ?? '', storage: { group: spec.group, version: storageVersion.name, kind: spec.names.kind }, terminating: () => crd.metadata.deletionTimestamp !== undefined, prune: (object) => prune(type, object) },
    }
  }

  private withdraw(name: string): void {
    const served = this.served.get(name)
    if (!served) return
    for (const path of served.paths) this.catalog.remove(...path)
    served.cacher.close()
    this.catalog.cachers.delete(served.cacher)
    this.storages.delete(served.crd.metadata.uid ?? '')
    this.served.delete(name)
    this.documentsMade = undefined
    for (const [group, version] of served.paths) if (!this.catalog.versionsOf(group).includes(version)) void this.services.client.delete('apiservices.apiregistration.k8s.io', '', `${version}.${group}`).catch(() => undefined)
  }

  /** Deletes the instances, then lets the definition go. */
  private async cleanUp(crd: KubeObject): Promise<void> {
    if (!crd.metadata.finalizers?.includes(cleanupFinalizer)) return
    const spec = crdSpec(crd)
    const full = `${spec.names.plural}.${spec.group}`
    const storage = this.storages.get(crd.metadata.uid ?? '')
    await storage?.cacher.fresh()
    const objects = storage?.cacher.list('') ?? []
    for (const object of objects) if (!object.metadata.deletionTimestamp) await this.services.client.delete(full, object.metadata.namespace ?? '', object.metadata.name ?? '').catch(() => undefined)
    await storage?.cacher.fresh()
    const left = storage?.cacher.size ?? 0
    const now = `${new Date(this.services.clock.now()).toISOString().slice(0, 19)}Z`
    const next = copyObject(crd)
    if (left > 0) {
      setCondition(next, { type: 'Terminating', status: 'True', reason: 'InstanceDeletionInProgress', message: 'CustomResource deletion is in progress' }, now)
      if (!hasSame(crd, next)) await this.services.client.update(resource, next, 'status').catch(() => undefined)
      this.services.clock.after(1000, () => void this.again(crd.metadata.name ?? ''))
      return
    }
    next.metadata.finalizers = (next.metadata.finalizers ?? []).filter((name) => name !== cleanupFinalizer)
    setCondition(next, { type: 'Terminating', status: 'False', reason: 'InstanceDeletionCompleted', message: 'removed all instances' }, now)
    await this.services.client.update(resource, next).catch(() => undefined)
  }

  private async again(name: string): Promise<void> {
    const crd = await this.services.reader.get(resource, '', name).catch(() => undefined)
    if (crd?.metadata.deletionTimestamp) await this.cleanUp(crd).catch(() => undefined)
  }
}

function hasSame(a: KubeObject, b: KubeObject): boolean {
  return JSON.stringify(crdStatus(a).conditions) === JSON.stringify(crdStatus(b).conditions)
}

function entriesOf(group: string, kind: string, version: CrdVersion): SubresourceEntry[] {
  const out: SubresourceEntry[] = []
  if (version.subresources?.status) out.push({ name: 'status', verbs: ['get', 'patch', 'update'], kind: { group, version: version.name, kind } })
  if (version.subresources?.scale) out.push({ name: 'scale', verbs: ['get', 'patch', 'update'], kind: { group: 'autoscaling', version: 'v1', kind: 'Scale' } })
  return out
}
