/** What the server makes of a pod before it is validated: its status is its own, its QoS class follows from its resources. */
import type { KubeObject } from '#engine/api/object'
import { listOf } from '#engine/apiserver/registry/free'
import type { Free } from '#engine/apiserver/registry/free'
import { qosClassOf } from './qos'

export function preparePodForCreate(pod: KubeObject): void {
  pod.status = { phase: 'Pending', qosClass: qosClassOf(pod.spec as Free), ...gated(pod) }
}

function gated(pod: KubeObject): Free {
  if (listOf(pod.spec?.schedulingGates).length === 0) return {}
  const condition = { type: 'PodScheduled', status: 'False', reason: 'SchedulingGated', message: 'Scheduling is blocked due to non-empty scheduling gates' }
  return { conditions: [{ ...condition, ...(pod.metadata.generation === undefined ? {} : { observedGeneration: pod.metadata.generation }) }] }
}

export function preparePodForUpdate(next: KubeObject, previous: KubeObject): void {
  if (previous.status === undefined) delete next.status
  else next.status = previous.status as unknown
}

/** Status updates neither delete a pod nor change who owns it. */
export function preparePodStatus(next: KubeObject, previous: KubeObject): void {
  const meta = next.metadata
  delete meta.deletionTimestamp
  delete meta.deletionGracePeriodSeconds
  for (const field of ['deletionTimestamp', 'deletionGracePeriodSeconds', 'ownerReferences'] as const) {
    if (previous.metadata[field] === undefined) delete meta[field]
    else Object.assign(meta, { [field]: previous.metadata[field] })
  }
  if (next.status && !next.status.qosClass) next.status = { ...next.status, qosClass: previous.status?.qosClass ?? qosClassOf(previous.spec as Free) }
}

/** How long a pod may take to end, when it is deleted. */
export function podGracePeriod(pod: KubeObject, requested: number | undefined): number {
  let period = requested ?? (pod.spec?.terminationGracePeriodSeconds as number | undefined) ?? 0
  const neverStarted = !pod.spec?.nodeName
  const phase = pod.status?.phase as string | undefined
  if (neverStarted || phase === 'Failed' || phase === 'Succeeded') period = 0
  return period < 0 ? 1 : period
}
