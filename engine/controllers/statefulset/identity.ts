/** What makes a pod the n-th of a stateful set: its name, labels, host name and claims. */
import type { ControllerRevision, PersistentVolumeClaim, Pod, PodTemplateSpec, StatefulSet, Volume } from '#engine/api/kinds'
import { nameOf, namespaceOf } from '#engine/api/meta'
import { copyObject } from '#engine/api/object'
import { podFromTemplate } from '#engine/controllers/pods'
import { templateOf } from '#engine/controllers/revisions'

export const revisionLabel = 'controller-revision-hash'
const podNameLabel = 'statefulset.kubernetes.io/pod-name'
const podIndexLabel = 'apps.kubernetes.io/pod-index'

export function ordinalOf(set: StatefulSet, pod: Pod): number | undefined {
  const match = /^(.*)-(\d+)$/.exec(nameOf(pod))
  return match && match[1] === set.metadata.name ? Number(match[2]) : undefined
}

export function firstOrdinal(set: StatefulSet): number {
  return set.spec?.ordinals?.start ?? 0
}

export function wantedReplicas(set: StatefulSet): number {
  return set.spec?.replicas ?? 1
}

export function podName(set: StatefulSet, ordinal: number): string {
  return `${nameOf(set)}-${ordinal}`
}

export function claimTemplates(set: StatefulSet): PersistentVolumeClaim[] {
  return (set.spec?.volumeClaimTemplates ?? []) as unknown as PersistentVolumeClaim[]
}

export function claimName(set: StatefulSet, template: PersistentVolumeClaim, ordinal: number): string {
  return `${nameOf(template)}-${podName(set, ordinal)}`
}

export function claimsFor(set: StatefulSet, ordinal: number): PersistentVolumeClaim[] {
  return claimTemplates(set).map((template) => {
    const claim = copyObject(template)
    claim.metadata = { ...claim.metadata, name: claimName(set, template, ordinal), namespace: namespaceOf(set), labels: { ...claim.metadata.labels, ...(set.spec?.selector?.matchLabels as Record<string, string> | undefined) } }
    return { ...claim, apiVersion: 'v1', kind: 'PersistentVolumeClaim' }
  })
}

export function newPod(set: StatefulSet, revision: ControllerRevision, ordinal: number): Pod {
  const template: PodTemplateSpec = templateOf(revision)
  const pod = podFromTemplate(template, namespaceOf(set), { name: podName(set, ordinal) }, set)
  pod.metadata.labels = { ...pod.metadata.labels, ...identityLabels(set, ordinal), [revisionLabel]: nameOf(revision) }
  const spec = pod.spec as NonNullable<Pod['spec']>
  spec.hostname = podName(set, ordinal)
  if (set.spec?.serviceName) spec.subdomain = set.spec.serviceName
  const volumes = withClaims(set, spec.volumes as Volume[] | undefined, ordinal)
  if (volumes.length > 0) spec.volumes = volumes
  return pod
}

function identityLabels(set: StatefulSet, ordinal: number): Record<string, string> {
  return { [podNameLabel]: podName(set, ordinal), [podIndexLabel]: String(ordinal) }
}

/** Volumes of claims take the place of the template's of the same name, and come first. */
function withClaims(set: StatefulSet, volumes: readonly Volume[] | undefined, ordinal: number): Volume[] {
  const claims = claimTemplates(set)
  const names = new Set(claims.map((claim) => claim.metadata.name))
  return [...claims.map((claim) => ({ name: nameOf(claim), persistentVolumeClaim: { claimName: claimName(set, claim, ordinal) } })), ...(volumes ?? []).filter((volume) => !names.has(volume.name))]
}

/** The labels a pod has lost, or undefined if it is still who it was. */
export function missingLabels(set: StatefulSet, pod: Pod, ordinal: number): Record<string, string> | undefined {
  const wanted = identityLabels(set, ordinal)
  return Object.entries(wanted).every(([key, value]) => pod.metadata.labels?.[key] === value) ? undefined : wanted
}

export function revisionOfPod(pod: Pod): string {
  return pod.metadata.labels?.[revisionLabel] ?? ''
}
