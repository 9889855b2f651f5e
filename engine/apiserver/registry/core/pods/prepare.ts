/** What the server makes of a pod before it is validated: its status is its own, its QoS class follows from its resources. */
import type { KubeObject } from '#engine/api/object'
import { listOf } from '#engine/apiserver/registry/free'
import type { Free } from '#engine/apiserver/registry/free'
import { qosClassOf } from './qos'

export function preparePodForCreate(pod: KubeObject): void {
  pod.status = { phase: 'Pending', qosClass: qosClassOf(pod.spec as Free), ...gated(pod) }
  applyLabelKeys(pod)
}

/** matchLabelKeys stand for the pod's own labels: they become part of the selectors. */
function applyLabelKeys(pod: KubeObject): void {
  const { affinity, topologySpreadConstraints } = (pod.spec ?? {}) as Free
  for (const kind of ['podAffinity', 'podAntiAffinity']) {
    for (const item of listOf(affinity?.[kind]?.preferredDuringSchedulingIgnoredDuringExecution)) mergeLabelKeys(pod, item.podAffinityTerm)
    for (const term of listOf(affinity?.[kind]?.requiredDuringSchedulingIgnoredDuringExecution)) mergeLabelKeys(pod, term)
  }
  for (const constraint of listOf(topologySpreadConstraints)) mergeLabelKeys(pod, constraint)
}

function mergeLabelKeys(pod: KubeObject, term: Free): void {
  if (!term?.labelSelector) return
  for (const [field, operator] of [['matchLabelKeys', 'In'], ['mismatchLabelKeys', 'NotIn']] as const) {
    for (const key of listOf(term[field]) as string[]) {
      const value = pod.metadata.labels?.[key]
      if (value !== undefined) term.labelSelector = { ...term.labelSelector, matchExpressions: [...listOf(term.labelSelector.matchExpressions), { key, operator, values: [value] }] }
    }
  }
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
  alignAddresses(next.status as Free)
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

/** The first address has a field of its own, which wins where the two differ. */
function alignAddresses(status: Free): void {
  const list = listOf(status?.podIPs)
  if (status?.podIP && status.podIP !== list[0]?.ip) status.podIPs = [{ ip: status.podIP }]
  else if (list.length > 0) status.podIP = list[0].ip
}
