/** The claims of a stateful set's pods: made before the pod, and kept or given up as the retention policy says. */
import type { PersistentVolumeClaim, Pod, StatefulSet } from '#engine/api/kinds'
import { nameOf, namespaceOf, uidOf } from '#engine/api/meta'
import type { OwnerReference } from '#engine/api/object'
import type { Client } from '#engine/client/client'
import type { EventRecorder } from '#engine/client/events'
import { persistentVolumeClaims } from '#engine/client/resources'
import type { Store } from '#engine/client/store'
import { claimName, claimsFor, claimTemplates, podName } from './identity'

export class StatefulClaims {
  constructor(
    private readonly client: Client,
    private readonly store: Store<PersistentVolumeClaim>,
    private readonly events: EventRecorder,
  ) {}

  async create(set: StatefulSet, ordinal: number): Promise<void> {
    for (const claim of claimsFor(set, ordinal)) {
      const name = nameOf(claim)
      const existing = this.store.get(namespaceOf(set), name)
      if (existing) {
        if (existing.metadata.deletionTimestamp !== undefined) throw new Error(`pvc ${name} is being deleted`)
        continue
      }
      try {
        await this.client.of(persistentVolumeClaims).create(claim)
        this.events.event(set, 'Normal', 'SuccessfulCreate', `Create Claim ${name} Pod ${podName(set, ordinal)} in StatefulSet ${nameOf(set)} success`)
      } catch (error) {
        this.events.event(set, 'Warning', 'FailedCreate', `Create Claim ${name} for Pod ${podName(set, ordinal)} in StatefulSet ${nameOf(set)} failed error: ${(error as Error).message}`)
        throw error
      }
    }
  }

  /** Sets who owns the claims of a pod: the set (deleted with it), the pod (deleted when scaled down), or nobody. */
  async retain(set: StatefulSet, pod: Pod, ordinal: number, condemned: boolean): Promise<void> {
    if (claimTemplates(set).length === 0) return
    const policy = set.spec?.persistentVolumeClaimRetentionPolicy
    const whenDeleted = policy?.whenDeleted === 'Delete'
    const whenScaled = policy?.whenScaled === 'Delete' && condemned
    for (const template of claimTemplates(set)) {
      const claim = this.store.get(namespaceOf(set), claimName(set, template, ordinal))
      if (!claim) continue
      const owners = claim.metadata.ownerReferences ?? []
      const wanted = ownersOf(set, pod, owners, whenScaled, whenDeleted)
      const key = (list: readonly OwnerReference[]): string => list.map((owner) => owner.uid).sort().join()
      if (key(wanted) === key(owners)) continue
      const { ownerReferences: _owners, ...metadata } = claim.metadata
      await this.client.of(persistentVolumeClaims).update({ ...claim, metadata: { ...metadata, ...(wanted.length > 0 ? { ownerReferences: wanted } : {}) } } as PersistentVolumeClaim)
    }
  }
}

/** Other owners stay; of set and pod only the one the policy names. */
function ownersOf(set: StatefulSet, pod: Pod, owners: readonly OwnerReference[], byPod: boolean, bySet: boolean): OwnerReference[] {
  const others = owners.filter((owner) => owner.uid !== set.metadata.uid && !(owner.kind === 'Pod' && owner.name === pod.metadata.name))
  if (byPod) return [...others, reference('v1', 'Pod', nameOf(pod), uidOf(pod))]
  return bySet ? [...others, reference('apps/v1', 'StatefulSet', nameOf(set), uidOf(set), true)] : others
}

function reference(apiVersion: string, kind: string, name: string, uid: string, controller = false): OwnerReference {
  return { apiVersion, kind, name, uid, ...(controller ? { controller: true, blockOwnerDeletion: true } : {}) }
}
