/** Counts that controllers report: never negative, and never more available than ready, or ready than there are. */
import type { KubeObject } from '#engine/api/object'
import { FieldPath, invalid } from '#engine/api/field'
import type { FieldError } from '#engine/api/field'
import { notNegative } from '#engine/apiserver/registry/core/pods/validation/errors'

const path = FieldPath.root('status')

export function validateCounts(counts: readonly string[]): (object: KubeObject) => FieldError[] {
  return (object) => {
    const errors: FieldError[] = []
    for (const count of counts) notNegative(errors, object.status?.[count] as number | undefined, path.child(count))
    return errors
  }
}

export function validateReplicaStatus(object: KubeObject): FieldError[] {
  const errors = validateCounts(['observedGeneration', 'replicas', 'updatedReplicas', 'fullyLabeledReplicas', 'readyReplicas', 'availableReplicas', 'unavailableReplicas', 'currentReplicas', 'terminatingReplicas', 'collisionCount'])(object)
  const { replicas = 0, readyReplicas = 0, availableReplicas = 0, updatedReplicas = 0, fullyLabeledReplicas = 0 } = (object.status ?? {}) as Record<string, number>
  const more = (name: string, value: number, than: string, limit: number): void => {
    if (value > limit) errors.push(invalid(path.child(name), value, `cannot be greater than ${than}`))
  }
  if (object.kind === 'Deployment' || object.kind === 'StatefulSet') more('updatedReplicas', updatedReplicas, 'status.replicas', replicas)
  if (object.kind === 'ReplicaSet' || object.kind === 'ReplicationController') more('fullyLabeledReplicas', fullyLabeledReplicas, 'status.replicas', replicas)
  more('readyReplicas', readyReplicas, 'status.replicas', replicas)
  more('availableReplicas', availableReplicas, 'status.replicas', replicas)
  more('availableReplicas', availableReplicas, 'readyReplicas', readyReplicas)
  return errors
}

export const validateDaemonStatus = validateCounts(['currentNumberScheduled', 'numberMisscheduled', 'desiredNumberScheduled', 'numberReady', 'observedGeneration', 'updatedNumberScheduled', 'numberAvailable', 'numberUnavailable', 'collisionCount'])
