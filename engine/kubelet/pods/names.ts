/** Names of pods and what marks a pod of a file. */
import type { Pod } from '#engine/api/kinds'

export const configSource = 'kubernetes.io/config.source'
export const configHash = 'kubernetes.io/config.hash'
export const configMirror = 'kubernetes.io/config.mirror'
export const configSeen = 'kubernetes.io/config.seen'

export function uidOf(pod: Pod): string {
  return pod.metadata.annotations?.[configHash] !== undefined && pod.metadata.annotations[configMirror] === undefined ? pod.metadata.annotations[configHash] : (pod.metadata.uid ?? '')
}

/** `NAME_NAMESPACE`: the same for a static pod and its mirror. */
export function fullName(pod: Pod): string {
  return `${pod.metadata.name ?? ''}_${pod.metadata.namespace ?? ''}`
}

/** `NAME_NAMESPACE(UID)`, as messages name pods. */
export function format(pod: Pod): string {
  return `${fullName(pod)}(${uidOf(pod)})`
}

/** `NAMESPACE/NAME`, as klog names pods. */
export function klogName(pod: Pod): string {
  return `${pod.metadata.namespace ?? ''}/${pod.metadata.name ?? ''}`
}

export function isStatic(pod: Pod): boolean {
  const source = pod.metadata.annotations?.[configSource]
  return source !== undefined && source !== 'api' && pod.metadata.annotations?.[configMirror] === undefined
}

export function isMirror(pod: Pod): boolean {
  return pod.metadata.annotations?.[configMirror] !== undefined
}

export function isCritical(pod: Pod): boolean {
  return isStatic(pod) || isMirror(pod) || (pod.spec?.priority ?? 0) >= 2_000_000_000
}

export function gracePeriod(pod: Pod): number {
  return pod.metadata.deletionGracePeriodSeconds ?? pod.spec?.terminationGracePeriodSeconds ?? 30
}
