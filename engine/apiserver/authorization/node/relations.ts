/** Does a pod that is bound to the node need the object? Found by looking at that node's pods, through the cache's index. */
import type { KubeObject } from '#engine/api/object'
import { listOf } from '#engine/apiserver/registry/free'
import type { Free } from '#engine/apiserver/registry/free'
import type { ObjectReader } from '#engine/apiserver/services'

export type Kind = 'secret' | 'configmap' | 'persistentvolumeclaim' | 'persistentvolume' | 'serviceaccount' | 'resourceclaim' | 'volumeattachment' | 'pod'

export async function isRelated(reader: ObjectReader, node: string, kind: Kind, namespace: string, name: string): Promise<boolean> {
  if (kind === 'volumeattachment') return (await reader.get('volumeattachments.storage.k8s.io', '', name))?.spec?.nodeName === node
  const pods = await reader.indexed('pods', 'spec.nodeName', node)
  if (kind === 'persistentvolume') return volumeIsUsed(reader, pods, name)
  const local = pods.filter((pod) => pod.metadata.namespace === namespace)
  if (kind === 'pod') return local.some((pod) => pod.metadata.name === name)
  if (kind === 'persistentvolumeclaim') return local.some((pod) => claimsOf(pod).includes(name))
  // A mirror pod may stand for anything: it gets nothing.
  const real = local.filter((pod) => pod.metadata.annotations?.['kubernetes.io/config.mirror'] === undefined)
  if (kind === 'secret' && real.some((pod) => secretsOf(pod.spec as Free).has(name))) return true
  if (kind === 'secret') return volumeSecretIsUsed(reader, pods, namespace, name)
  if (kind === 'configmap') return real.some((pod) => configMapsOf(pod.spec as Free).has(name))
  if (kind === 'serviceaccount') return real.some((pod) => pod.spec?.serviceAccountName === name)
  return real.some((pod) => resourceClaimsOf(pod).includes(name))
}

function containersOf(spec: Free): Free[] {
  return [...listOf(spec.initContainers), ...listOf(spec.containers), ...listOf(spec.ephemeralContainers)]
}

function secretsOf(spec: Free): Set<string> {
  const names = new Set<string>(listOf(spec.imagePullSecrets).map((item) => item.name as string))
  for (const container of containersOf(spec)) {
    for (const source of listOf(container.envFrom)) if (source.secretRef?.name) names.add(source.secretRef.name as string)
    for (const item of listOf(container.env)) if (item.valueFrom?.secretKeyRef?.name) names.add(item.valueFrom.secretKeyRef.name as string)
  }
  for (const volume of listOf(spec.volumes)) {
    if (volume.secret?.secretName) names.add(volume.secret.secretName as string)
    for (const part of listOf(volume.projected?.sources)) if (part.secret?.name) names.add(part.secret.name as string)
    for (const source of [volume.cephfs, volume.iscsi, volume.rbd, volume.flexVolume, volume.storageos, volume.scaleIO]) if (source?.secretRef?.name) names.add(source.secretRef.name as string)
    if (volume.csi?.nodePublishSecretRef?.name) names.add(volume.csi.nodePublishSecretRef.name as string)
    if (volume.azureFile?.secretName) names.add(volume.azureFile.secretName as string)
  }
  return names
}

function configMapsOf(spec: Free): Set<string> {
  const names = new Set<string>()
  for (const container of containersOf(spec)) {
    for (const source of listOf(container.envFrom)) if (source.configMapRef?.name) names.add(source.configMapRef.name as string)
    for (const item of listOf(container.env)) if (item.valueFrom?.configMapKeyRef?.name) names.add(item.valueFrom.configMapKeyRef.name as string)
  }
  for (const volume of listOf(spec.volumes)) {
    if (volume.configMap?.name) names.add(volume.configMap.name as string)
    for (const part of listOf(volume.projected?.sources)) if (part.configMap?.name) names.add(part.configMap.name as string)
  }
  return names
}

function claimsOf(pod: KubeObject): string[] {
  return listOf(pod.spec?.volumes).flatMap((volume) => {
    if (volume.persistentVolumeClaim) return [volume.persistentVolumeClaim.claimName as string]
    return volume.ephemeral ? [`${pod.metadata.name ?? ''}-${volume.name as string}`] : []
  })
}

function resourceClaimsOf(pod: KubeObject): string[] {
  return [...listOf(pod.spec?.resourceClaims).map((item) => item.resourceClaimName), ...listOf(pod.status?.resourceClaimStatuses).map((item) => item.resourceClaimName)].filter((item): item is string => typeof item === 'string')
}

async function volumesOf(reader: ObjectReader, pods: readonly KubeObject[]): Promise<KubeObject[]> {
  const out: KubeObject[] = []
  for (const pod of pods) {
    for (const claim of claimsOf(pod)) {
      const bound = (await reader.get('persistentvolumeclaims', pod.metadata.namespace ?? '', claim))?.spec?.volumeName as string | undefined
      const volume = bound ? await reader.get('persistentvolumes', '', bound) : undefined
      if (volume) out.push(volume)
    }
  }
  return out
}

async function volumeIsUsed(reader: ObjectReader, pods: readonly KubeObject[], name: string): Promise<boolean> {
  return (await volumesOf(reader, pods)).some((volume) => volume.metadata.name === name)
}

async function volumeSecretIsUsed(reader: ObjectReader, pods: readonly KubeObject[], namespace: string, name: string): Promise<boolean> {
  const volumes = await volumesOf(reader, pods)
  return volumes.some((volume) => Object.values((volume.spec ?? {}) as Record<string, Free>).some((source) => {
    const refs = [source?.secretRef, source?.nodePublishSecretRef, source?.nodeStageSecretRef, source?.nodeExpandSecretRef]
    return refs.some((ref) => ref?.name === name && (ref.namespace ?? namespace) === namespace)
  }))
}
