/** The history of a pod template as ControllerRevisions, for daemon sets and stateful sets. */
import type { ControllerRevision, PodTemplateSpec } from '#engine/api/kinds'
import { nameOf, namespaceOf, uidOf } from '#engine/api/meta'
import { copyObject, type KubeObject } from '#engine/api/object'
import { isReason } from '#engine/api/status'
import type { Client } from '#engine/client/client'
import { controllerRevisions } from '#engine/client/resources'
import type { Store } from '#engine/client/store'
import { canonical } from '#engine/controllers/hash'
import { controllerRefTo } from '#engine/controllers/pods'

export interface RevisionOwner {
  readonly owner: KubeObject
  readonly template: PodTemplateSpec | undefined
  readonly collisionCount: number
  readonly hashOf: (data: Readonly<Record<string, unknown>>, collisions: number) => string
  /** The label that carries the hash. */
  readonly hashLabel: string
  readonly labels: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
}

export interface History {
  readonly current: ControllerRevision
  /** All there are with the current one, the oldest first. */
  readonly all: readonly ControllerRevision[]
  readonly collisionCount: number
}

/** The patch that brings a template back. */
export function revisionData(template: PodTemplateSpec | undefined): Record<string, unknown> {
  return { spec: { template: { ...(copyObject(template ?? {}) as Record<string, unknown>), $patch: 'replace' } } }
}

export function templateOf(revision: ControllerRevision): PodTemplateSpec {
  const { $patch: _patch, ...template } = ((revision.data as { spec?: { template?: Record<string, unknown> } } | undefined)?.spec?.template ?? {}) as Record<string, unknown>
  return template as unknown as PodTemplateSpec
}

export function ownedRevisions(store: Store<ControllerRevision>, owner: KubeObject): ControllerRevision[] {
  return store.byIndex('controller', uidOf(owner)).sort((a, b) => a.revision - b.revision || ((nameOf(a)) < (nameOf(b)) ? -1 : 1))
}

/** Finds the revision of the template as it is now, or makes it; an old one that is current again becomes the newest. */
export async function syncHistory(client: Client, store: Store<ControllerRevision>, of: RevisionOwner): Promise<History> {
  const all = ownedRevisions(store, of.owner)
  const data = revisionData(of.template)
  const text = canonical(data)
  const same = all.filter((revision) => canonical(revision.data) === text).at(-1)
  const newest = all.at(-1)
  if (same && same === newest) return { current: same, all, collisionCount: of.collisionCount }
  const number = (newest?.revision ?? 0) + 1
  if (same) {
    const current = await client.of(controllerRevisions).update({ ...same, revision: number })
    return { current, all: [...all.filter((revision) => revision !== same), current], collisionCount: of.collisionCount }
  }
  return create(client, of, data, all, number)
}

async function create(client: Client, of: RevisionOwner, data: Record<string, unknown>, all: readonly ControllerRevision[], revision: number): Promise<History> {
  const { name = '', namespace = '' } = of.owner.metadata
  for (let collisions = of.collisionCount; ; collisions++) {
    const hash = of.hashOf(data, collisions)
    const wanted = {
      metadata: { name: `${name}-${hash}`, namespace, labels: { ...of.labels, [of.hashLabel]: hash }, ...(of.annotations ? { annotations: { ...of.annotations } } : {}), ownerReferences: [controllerRefTo(of.owner)] },
      data,
      revision,
    }
    try {
      const current = await client.of(controllerRevisions).create(wanted as Omit<ControllerRevision, 'apiVersion' | 'kind'>)
      return { current, all: [...all, current], collisionCount: collisions }
    } catch (error) {
      if (!isReason(error, 'AlreadyExists')) throw error
      const there = await client.of(controllerRevisions).get(namespace, `${name}-${hash}`)
      if (canonical(there.data) === canonical(data)) return { current: there, all: [...all.filter((other) => other.metadata.uid !== there.metadata.uid), there], collisionCount: collisions }
    }
  }
}

/** Deletes the oldest past the limit, but none that a pod still runs. */
export async function trimHistory(client: Client, history: History, limit: number, live: ReadonlySet<string>): Promise<void> {
  const old = history.all.filter((revision) => revision !== history.current && !live.has(nameOf(revision)))
  for (const revision of old.slice(0, Math.max(0, old.length - limit))) {
    try {
      await client.of(controllerRevisions).delete(namespaceOf(revision), nameOf(revision))
    } catch (error) {
      if (!isReason(error, 'NotFound')) throw error
    }
  }
}
