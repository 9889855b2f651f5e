/** Arithmetic of rollouts: how many pods a replica set may have now. */
import { nameOf } from '#engine/api/meta'
import type { Deployment, ReplicaSet } from '#engine/api/kinds'
import { parseTime } from '#engine/client/time'
import { scaledValue } from '#engine/controllers/intstr'
import { maxReplicas } from './annotations'

export function wantedReplicas(deployment: Deployment): number {
  return deployment.spec?.replicas ?? 1
}

export function replicasOf(replicaSet: ReplicaSet | undefined): number {
  return replicaSet ? (replicaSet.spec?.replicas ?? 1) : 0
}

export function sumReplicas(replicaSets: readonly ReplicaSet[]): number {
  return replicaSets.reduce((sum, replicaSet) => sum + replicasOf(replicaSet), 0)
}

export function sumStatus(replicaSets: readonly ReplicaSet[], field: 'replicas' | 'readyReplicas' | 'availableReplicas' | 'terminatingReplicas'): number {
  return replicaSets.reduce((sum, replicaSet) => sum + ((replicaSet.status as Record<string, number | undefined> | undefined)?.[field] ?? 0), 0)
}

export function isRolling(deployment: Deployment): boolean {
  return deployment.spec?.strategy?.type !== 'Recreate'
}

function fenceposts(deployment: Deployment): { surge: number; unavailable: number } {
  const rolling = deployment.spec?.strategy?.rollingUpdate
  const total = wantedReplicas(deployment)
  const surge = scaledValue(rolling?.maxSurge, total, 'up')
  const unavailable = scaledValue(rolling?.maxUnavailable, total, 'down')
  // Both may come to 0 by rounding: then nothing could ever move.
  return surge === 0 && unavailable === 0 ? { surge, unavailable: 1 } : { surge, unavailable }
}

export function maxSurge(deployment: Deployment): number {
  return isRolling(deployment) ? fenceposts(deployment).surge : 0
}

export function maxUnavailable(deployment: Deployment): number {
  if (!isRolling(deployment) || wantedReplicas(deployment) === 0) return 0
  return Math.min(fenceposts(deployment).unavailable, wantedReplicas(deployment))
}

/** How large the new replica set may be now. */
export function newReplicaSetSize(deployment: Deployment, all: readonly ReplicaSet[], current: number): number {
  if (!isRolling(deployment)) return wantedReplicas(deployment)
  const room = wantedReplicas(deployment) + maxSurge(deployment) - sumReplicas(all)
  return room <= 0 ? current : current + Math.min(room, wantedReplicas(deployment) - current)
}

export function byCreation(a: ReplicaSet, b: ReplicaSet): number {
  return (parseTime(a.metadata.creationTimestamp) ?? 0) - (parseTime(b.metadata.creationTimestamp) ?? 0) || ((nameOf(a)) < (nameOf(b)) ? -1 : 1)
}

/** New sizes where a deployment is scaled in the midst of a rollout: in proportion, the remainder to the largest. */
export function proportionalSizes(deployment: Deployment, active: readonly ReplicaSet[]): Map<ReplicaSet, number> {
  const wanted = wantedReplicas(deployment)
  const allowed = wanted > 0 ? wanted + maxSurge(deployment) : 0
  const toAdd = allowed - sumReplicas(active)
  const ordered = [...active].sort((a, b) => replicasOf(b) - replicasOf(a) || (toAdd > 0 ? byCreation(b, a) : byCreation(a, b)))
  const sizes = new Map<ReplicaSet, number>()
  let added = 0
  for (const replicaSet of ordered) {
    const share = proportion(replicaSet, deployment, toAdd, added)
    sizes.set(replicaSet, replicasOf(replicaSet) + share)
    added += share
  }
  const first = ordered[0]
  if (first && toAdd !== 0) sizes.set(first, Math.max(0, (sizes.get(first) ?? 0) + toAdd - added))
  return sizes
}

function proportion(replicaSet: ReplicaSet, deployment: Deployment, toAdd: number, added: number): number {
  if (replicasOf(replicaSet) === 0 || toAdd === 0 || toAdd === added) return 0
  const fraction = fractionOf(replicaSet, deployment)
  return toAdd > 0 ? Math.min(fraction, toAdd - added) : Math.max(fraction, toAdd - added)
}

function fractionOf(replicaSet: ReplicaSet, deployment: Deployment): number {
  const size = replicasOf(replicaSet)
  const wanted = wantedReplicas(deployment)
  if (wanted === 0) return -size
  const before = maxReplicas(replicaSet) || deployment.status?.replicas || 0
  if (before === 0) return 0
  return Math.round((size * (wanted + maxSurge(deployment))) / before) - size
}
