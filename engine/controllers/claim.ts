/** Which objects are an owner's: those it controls and that match, orphans that match (adopted), not those that no longer do (released). */
import { namespaceOf, uidOf } from '#engine/api/meta'
import { type LabelSelector, matchesLabels } from '#engine/api/selector'
import type { KubeObject } from '#engine/api/object'
import { isReason } from '#engine/api/status'
import type { Client } from '#engine/client/client'
import { controllerOf } from '#engine/client/indexes'
import type { ResourceRef } from '#engine/client/resources'
import type { Store } from '#engine/client/store'
import { controllerRefTo } from '#engine/controllers/pods'

export interface ClaimOptions<T extends KubeObject> {
  readonly client: Client
  readonly owner: KubeObject
  /** The owner's own resource: it is read afresh before the first adoption, in case it is being deleted. */
  readonly ownerResource: ResourceRef
  readonly resource: ResourceRef<T>
  /** With index `controller`. */
  readonly store: Store<T>
  readonly selector: LabelSelector
  readonly keep?: (object: T) => boolean
}

export async function claim<T extends KubeObject>(options: ClaimOptions<T>): Promise<T[]> {
  const { store, owner, keep = () => true } = options
  const mine: T[] = []
  for (const object of store.byIndex('controller', uidOf(owner))) {
    if (!keep(object)) continue
    if (matchesLabels(options.selector, object.metadata.labels)) mine.push(object)
    else if (owner.metadata.deletionTimestamp === undefined) await release(options, object)
  }
  if (owner.metadata.deletionTimestamp !== undefined) return mine
  const orphans = store.byIndex('controller', `${namespaceOf(owner)}/`).filter((object) => keep(object) && object.metadata.deletionTimestamp === undefined && matchesLabels(options.selector, object.metadata.labels))
  if (orphans.length > 0) await checkAdopting(options)
  for (const orphan of orphans) if (await adopt(options, orphan)) mine.push(orphan)
  return mine
}

async function checkAdopting<T extends KubeObject>({ client, owner, ownerResource }: ClaimOptions<T>): Promise<void> {
  const { namespace, name, uid } = owner.metadata
  const fresh = await client.of(ownerResource).get(namespace ?? '', name ?? '')
  if (fresh.metadata.uid !== uid) throw new Error(`original ${owner.kind} ${namespace ?? ''}/${name ?? ''} is gone: got uid ${uidOf(fresh)}, wanted ${uid ?? ''}`)
  if (fresh.metadata.deletionTimestamp !== undefined) throw new Error(`${namespace ?? ''}/${name ?? ''} has just been deleted at ${fresh.metadata.deletionTimestamp}`)
}

async function adopt<T extends KubeObject>({ client, owner, resource }: ClaimOptions<T>, object: T): Promise<boolean> {
  const { namespace, name, uid } = object.metadata
  try {
    await client.of(resource).patch(namespace ?? '', name ?? '', 'strategic', { metadata: { ownerReferences: [controllerRefTo(owner)], uid } })
    return true
  } catch (error) {
    if (isReason(error, 'NotFound')) return false
    throw error
  }
}

async function release<T extends KubeObject>({ client, owner, resource }: ClaimOptions<T>, object: T): Promise<void> {
  const { namespace, name, uid } = object.metadata
  try {
    await client.of(resource).patch(namespace ?? '', name ?? '', 'strategic', { metadata: { ownerReferences: [{ $patch: 'delete', uid: owner.metadata.uid }], uid } })
  } catch (error) {
    if (!isReason(error, 'NotFound') && !isReason(error, 'Invalid')) throw error
  }
}

/** The controlling owner in a cache, if it is the very one the reference means. */
export function resolveOwner<T extends KubeObject>(store: Store<T>, object: KubeObject, kind: string): T | undefined {
  const reference = controllerOf(object)
  if (reference?.kind !== kind) return undefined
  const owner = store.get(namespaceOf(object), reference.name)
  return owner?.metadata.uid === reference.uid ? owner : undefined
}
