/** The annotations by which a deployment and its replica sets know their revisions and sizes. */
import type { Deployment, ReplicaSet } from '#engine/api/kinds'

export const revisionAnnotation = 'deployment.kubernetes.io/revision'
const historyAnnotation = 'deployment.kubernetes.io/revision-history'
const desiredAnnotation = 'deployment.kubernetes.io/desired-replicas'
const maxAnnotation = 'deployment.kubernetes.io/max-replicas'
const maxHistoryCharacters = 2000

const notCopied = new Set(['kubectl.kubernetes.io/last-applied-configuration', revisionAnnotation, historyAnnotation, desiredAnnotation, maxAnnotation, 'deprecated.deployment.rollback.to'])

export function revisionOf(replicaSet: ReplicaSet): number {
  return Number(replicaSet.metadata.annotations?.[revisionAnnotation] ?? '0') || 0
}

export function desiredReplicas(replicaSet: ReplicaSet): number | undefined {
  const text = replicaSet.metadata.annotations?.[desiredAnnotation]
  return text === undefined ? undefined : Number(text)
}

export function maxReplicas(replicaSet: ReplicaSet): number | undefined {
  const text = replicaSet.metadata.annotations?.[maxAnnotation]
  return text === undefined ? undefined : Number(text)
}

export function withReplicaAnnotations(annotations: Readonly<Record<string, string>> | undefined, desired: number, max: number): Record<string, string> {
  return { ...annotations, [desiredAnnotation]: String(desired), [maxAnnotation]: String(max) }
}

export function replicaAnnotationsDiffer(replicaSet: ReplicaSet, desired: number, max: number): boolean {
  return desiredReplicas(replicaSet) !== desired || maxReplicas(replicaSet) !== max
}

/** What the new replica set's annotations have to be; the same object if they already are. */
export function annotationsForNew(deployment: Deployment, replicaSet: Pick<ReplicaSet, 'metadata'>, revision: number, exists: boolean): Record<string, string> {
  const current = replicaSet.metadata.annotations ?? {}
  const next = { ...current }
  for (const [key, value] of Object.entries(deployment.metadata.annotations ?? {})) if (!notCopied.has(key)) next[key] = value
  const old = current[revisionAnnotation]
  if ((Number(old ?? '0') || 0) < revision) {
    next[revisionAnnotation] = String(revision)
    if (exists && old) next[historyAnnotation] = appendHistory(current[historyAnnotation], old)
  }
  return sameAnnotations(current, next) ? current : next
}

function appendHistory(history: string | undefined, revision: string): string {
  const entries = history ? history.split(',') : []
  entries.push(revision)
  while (entries.length > 1 && entries.join(',').length > maxHistoryCharacters) entries.shift()
  return entries.join(',')
}

function sameAnnotations(a: Record<string, string>, b: Record<string, string>): boolean {
  const keys = Object.keys(b)
  return keys.length === Object.keys(a).length && keys.every((key) => a[key] === b[key])
}
