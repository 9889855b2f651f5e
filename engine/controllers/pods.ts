/** What controllers ask of pods. */
import type { Pod, PodCondition, PodTemplateSpec } from '#engine/api/kinds'
import { nameOf, uidOf } from '#engine/api/meta'
import { copyObject, type KubeObject, type OwnerReference } from '#engine/api/object'
import { parseTime } from '#engine/client/time'

/**
 * Pods of one owner change by the hundred, and each look at them is at all of them: what comes within this time is looked at
 * once, as by a real controller, whose looks take a few milliseconds each.
 */
export const podEventsMs = 10

export function podCondition(pod: Pod, type: string): PodCondition | undefined {
  return pod.status?.conditions?.find((condition) => condition.type === type)
}

export function isPodReady(pod: Pod): boolean {
  return podCondition(pod, 'Ready')?.status === 'True'
}

export function isPodTerminal(pod: Pod): boolean {
  return pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed'
}

export function isPodActive(pod: Pod): boolean {
  return !isPodTerminal(pod) && pod.metadata.deletionTimestamp === undefined
}

/** Ready for at least `minReadySeconds`. */
export function isPodAvailable(pod: Pod, minReadySeconds: number, nowMs: number): boolean {
  const ready = podCondition(pod, 'Ready')
  if (ready?.status !== 'True') return false
  if (minReadySeconds === 0) return true
  const since = parseTime(ready.lastTransitionTime)
  return since !== undefined && since + minReadySeconds * 1000 <= nowMs
}

/** Until when a ready pod has to stay so to be available; undefined if it is or is not ready. */
export function availableInMs(pod: Pod, minReadySeconds: number, nowMs: number): number | undefined {
  const ready = podCondition(pod, 'Ready')
  if (ready?.status !== 'True' || minReadySeconds === 0) return undefined
  const left = (parseTime(ready.lastTransitionTime) ?? nowMs) + minReadySeconds * 1000 - nowMs
  return left > 0 ? left : undefined
}

export function controllerRefTo(owner: KubeObject): OwnerReference {
  return { apiVersion: owner.apiVersion, kind: owner.kind, name: nameOf(owner), uid: uidOf(owner), controller: true, blockOwnerDeletion: true }
}

export function podFromTemplate(template: PodTemplateSpec, namespace: string, name: { name: string } | { generateName: string }, owner: KubeObject): Pod {
  const meta = copyObject(template.metadata ?? {}) as { labels?: Record<string, string>; annotations?: Record<string, string>; finalizers?: string[] }
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...name,
      namespace,
      ...(meta.labels ? { labels: meta.labels } : {}),
      ...(meta.annotations ? { annotations: meta.annotations } : {}),
      ...(meta.finalizers ? { finalizers: meta.finalizers } : {}),
      ownerReferences: [controllerRefTo(owner)],
    },
    spec: copyObject(template.spec ?? { containers: [] }),
  } as Pod
}

const phaseRank: Record<string, number> = { Pending: 0, Unknown: 1, Running: 2 }

/** Sorts those first that are to go first; `rank` counts the related pods on a pod's node. */
export function deletionOrder(pods: readonly Pod[], rank: (pod: Pod) => number, nowMs: number): Pod[] {
  return [...pods].sort((a, b) => compareForDeletion(a, b, rank, nowMs))
}

type Compare = (a: Pod, b: Pod, rank: (pod: Pod) => number, nowMs: number) => number

/** The first that tells two pods apart decides. */
const comparisons: readonly Compare[] = [
  (a, b) => flag(Boolean(a.spec?.nodeName), Boolean(b.spec?.nodeName)),
  (a, b) => (phaseRank[a.status?.phase ?? 'Pending'] ?? 0) - (phaseRank[b.status?.phase ?? 'Pending'] ?? 0),
  (a, b) => flag(isPodReady(a), isPodReady(b)),
  (a, b) => deletionCost(a) - deletionCost(b),
  (a, b, rank) => rank(b) - rank(a),
  (a, b, _rank, nowMs) => newerFirst(readySince(a), readySince(b), nowMs),
  (a, b) => restarts(b) - restarts(a),
  (a, b, _rank, nowMs) => newerFirst(parseTime(a.metadata.creationTimestamp), parseTime(b.metadata.creationTimestamp), nowMs),
  (a, b) => (uidOf(a) < uidOf(b) ? -1 : 1),
]

function compareForDeletion(a: Pod, b: Pod, rank: (pod: Pod) => number, nowMs: number): number {
  for (const compare of comparisons) {
    const outcome = compare(a, b, rank, nowMs)
    if (outcome !== 0) return outcome
  }
  return 0
}

function flag(a: boolean, b: boolean): number {
  return a === b ? 0 : a ? 1 : -1
}

function deletionCost(pod: Pod): number {
  const cost = Number(pod.metadata.annotations?.['controller.kubernetes.io/pod-deletion-cost'] ?? '0')
  return Number.isInteger(cost) ? cost : 0
}

function readySince(pod: Pod): number | undefined {
  return isPodReady(pod) ? parseTime(podCondition(pod, 'Ready')?.lastTransitionTime) : undefined
}

function restarts(pod: Pod): number {
  return Math.max(0, ...(pod.status?.containerStatuses ?? []).map((status) => status.restartCount ?? 0))
}

/** Ages are compared by their order of magnitude, so that pods of one time go in random order. */
function newerFirst(a: number | undefined, b: number | undefined, nowMs: number): number {
  if (a === undefined || b === undefined) return a === b ? 0 : a === undefined ? -1 : 1
  const scale = (at: number): number => (nowMs - at <= 0 ? -1 : Math.floor(Math.log2((nowMs - at) * 1e6)))
  return scale(a) - scale(b)
}
