/** A deployment's status and conditions. */
import { nameOf } from '#engine/api/meta'
import type { Deployment, ReplicaSet } from '#engine/api/kinds'
import { apiTime, parseTime } from '#engine/client/time'
import { type Condition, findCondition, withoutCondition } from '#engine/controllers/conditions'
import { maxUnavailable, sumStatus, wantedReplicas } from './sizes'

export type DeploymentStatus = NonNullable<Deployment['status']> & { terminatingReplicas?: number; conditions?: Condition[] }

const noDeadline = 2147483647

export function hasProgressDeadline(deployment: Deployment): boolean {
  const seconds = deployment.spec?.progressDeadlineSeconds
  return seconds !== undefined && seconds !== noDeadline
}

/** Moves to the end unless status and reason stay. */
export function withCondition(conditions: readonly Condition[] | undefined, next: Omit<Condition, 'lastUpdateTime'>, nowMs: number): Condition[] {
  const current = findCondition(conditions, next.type)
  if (current && current.status === next.status && current.reason === next.reason) return [...(conditions ?? [])]
  const now = apiTime(nowMs)
  const transition = current && current.status === next.status ? current.lastTransitionTime : next.lastTransitionTime
  return [...withoutCondition(conditions, next.type), { ...next, lastUpdateTime: now, lastTransitionTime: transition ?? now }]
}

export function calculateStatus(deployment: Deployment, all: readonly ReplicaSet[], fresh: ReplicaSet | undefined, nowMs: number): DeploymentStatus {
  const available = sumStatus(all, 'availableReplicas')
  const total = sumStatus(all, 'replicas')
  const enough = available >= wantedReplicas(deployment) - maxUnavailable(deployment)
  const counts: Record<string, number> = {
    replicas: total,
    updatedReplicas: fresh?.status?.replicas ?? 0,
    readyReplicas: sumStatus(all, 'readyReplicas'),
    availableReplicas: available,
    unavailableReplicas: Math.max(0, all.reduce((sum, replicaSet) => sum + (replicaSet.spec?.replicas ?? 1), 0) - available),
  }
  const status: DeploymentStatus = {
    observedGeneration: deployment.metadata.generation ?? 0,
    terminatingReplicas: sumStatus(all, 'terminatingReplicas'),
    conditions: withCondition(
      deployment.status?.conditions as Condition[] | undefined,
      enough
        ? { type: 'Available', status: 'True', reason: 'MinimumReplicasAvailable', message: 'Deployment has minimum availability.' }
        : { type: 'Available', status: 'False', reason: 'MinimumReplicasUnavailable', message: 'Deployment does not have minimum availability.' },
      nowMs,
    ),
  }
  if (deployment.status?.collisionCount !== undefined) status.collisionCount = deployment.status.collisionCount
  // Fields that are 0 are left out on the wire.
  for (const [field, count] of Object.entries(counts)) if (count > 0) (status as Record<string, unknown>)[field] = count
  return status
}

export function isComplete(deployment: Deployment, status: DeploymentStatus): boolean {
  const wanted = wantedReplicas(deployment)
  return (status.updatedReplicas ?? 0) === wanted && (status.replicas ?? 0) === wanted && (status.availableReplicas ?? 0) === wanted && (status.observedGeneration ?? 0) >= (deployment.metadata.generation ?? 0)
}

function isProgressing(deployment: Deployment, next: DeploymentStatus): boolean {
  const before = deployment.status ?? {}
  const old = (status: DeploymentStatus): number => (status.replicas ?? 0) - (status.updatedReplicas ?? 0)
  return (
    (next.updatedReplicas ?? 0) > (before.updatedReplicas ?? 0) ||
    old(next) < old(before as DeploymentStatus) ||
    (next.readyReplicas ?? 0) > (before.readyReplicas ?? 0) ||
    (next.availableReplicas ?? 0) > (before.availableReplicas ?? 0)
  )
}

function hasTimedOut(deployment: Deployment, status: DeploymentStatus, nowMs: number): boolean {
  const condition = findCondition(status.conditions, 'Progressing')
  if (!condition || condition.reason === 'NewReplicaSetAvailable') return false
  if (condition.reason === 'ProgressDeadlineExceeded') return true
  return (parseTime(condition.lastUpdateTime) ?? nowMs) + (deployment.spec?.progressDeadlineSeconds ?? 0) * 1000 < nowMs
}

/** The status of a rollout in progress, with what the Progressing condition has to say. */
export function rolloutStatus(deployment: Deployment, all: readonly ReplicaSet[], fresh: ReplicaSet | undefined, nowMs: number): DeploymentStatus {
  const status = calculateStatus(deployment, all, fresh, nowMs)
  const current = findCondition(deployment.status?.conditions as Condition[] | undefined, 'Progressing')
  const settled = (status.replicas ?? 0) === (status.updatedReplicas ?? 0) && current?.reason === 'NewReplicaSetAvailable'
  if (!hasProgressDeadline(deployment)) status.conditions = withoutCondition(status.conditions, 'Progressing')
  else if (!settled) status.conditions = progressing(deployment, status, fresh, current, nowMs)
  const failure = replicaFailure(all, fresh)
  status.conditions = failure ? withCondition(status.conditions, failure, nowMs) : withoutCondition(status.conditions, 'ReplicaFailure')
  return status
}

function progressing(deployment: Deployment, status: DeploymentStatus, fresh: ReplicaSet | undefined, current: Condition | undefined, nowMs: number): Condition[] {
  const what = fresh ? `ReplicaSet ${JSON.stringify(nameOf(fresh))}` : `Deployment ${JSON.stringify(nameOf(deployment))}`
  const conditions = status.conditions ?? []
  if (isComplete(deployment, status)) return withCondition(conditions, { type: 'Progressing', status: 'True', reason: 'NewReplicaSetAvailable', message: `${what} has successfully progressed.` }, nowMs)
  if (isProgressing(deployment, status)) {
    const transition = current?.status === 'True' && current.lastTransitionTime ? { lastTransitionTime: current.lastTransitionTime } : {}
    return withCondition(withoutCondition(conditions, 'Progressing'), { type: 'Progressing', status: 'True', reason: 'ReplicaSetUpdated', message: `${what} is progressing.`, ...transition }, nowMs)
  }
  if (hasTimedOut(deployment, status, nowMs)) return withCondition(conditions, { type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded', message: `${what} has timed out progressing.` }, nowMs)
  return [...conditions]
}

function replicaFailure(all: readonly ReplicaSet[], fresh: ReplicaSet | undefined): Omit<Condition, 'lastUpdateTime'> | undefined {
  const of = (replicaSet: ReplicaSet): Condition | undefined => findCondition(replicaSet.status?.conditions as Condition[] | undefined, 'ReplicaFailure')
  const found = (fresh && of(fresh)) ?? all.map(of).find((condition) => condition !== undefined)
  if (!found) return undefined
  return { type: 'ReplicaFailure', status: found.status, ...(found.lastTransitionTime ? { lastTransitionTime: found.lastTransitionTime } : {}), ...(found.reason ? { reason: found.reason } : {}), ...(found.message ? { message: found.message } : {}) }
}

/** When to look again whether the deadline is over; undefined if there is nothing to wait for. */
export function stuckCheckMs(deployment: Deployment, status: DeploymentStatus, nowMs: number): number | undefined {
  const current = findCondition(deployment.status?.conditions as Condition[] | undefined, 'Progressing')
  if (!hasProgressDeadline(deployment) || !current || isComplete(deployment, status) || current.reason === 'ProgressDeadlineExceeded') return undefined
  const left = (parseTime(current.lastUpdateTime) ?? nowMs) + (deployment.spec?.progressDeadlineSeconds ?? 0) * 1000 - nowMs
  return left < 1000 ? Math.max(left, 0) + 5 : left + 1000
}
