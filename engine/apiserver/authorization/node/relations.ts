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

function environmentNames(spec: Free, source: 'secretRef' | 'configMapRef', key: 'secretKeyRef' | 'configMapKeyRef'): string[] {
  return containersOf(spec).flatMap((container) => [...listOf(container.envFrom).map((item) => item[source]?.name as string | undefined), ...listOf(container.env).map((item) => item.valueFrom?.[key]?.name as string | undefined)]).filter((name): name is string => Boolean(name))
}

const withSecretRef = ['cephfs', 'iscsi', 'rbd', 'flexVolume', 'storageos', 'scaleIO']

function volumeSecrets(volume: Free): (string | undefined)[] {
  return [
    volume.secret?.secretName, volume.csi?.nodePublishSecretRef?.name, volume.azureFile?.secretName,
    ...listOf(volume.projected?.sources).map((part) => part.secret?.name), ...withSecretRef.map((source) => volume[source]?.secretRef?.name),
  ] as (string | undefined)[]
}

function secretsOf(spec: Free): Set<string> {
  const ofVolumes = listOf(spec.volumes).flatMap(volumeSecrets).filter((name): name is string => Boolean(name))
  return new Set([...listOf(spec.imagePullSecrets).map((item) => item.name as string), ...environmentNames(spec, 'secretRef', 'secretKeyRef'), ...ofVolumes])
}

function configMapsOf(spec: Free): Set<string> {
  const ofVolumes = listOf(spec.volumes).flatMap((volume) => [volume.configMap?.name, ...listOf(volume.projected?.sources).map((part) => part.configMap?.name)] as (string | undefined)[])
  return new Set([...environmentNames(spec, 'configMapRef', 'configMapKeyRef'), ...ofVolumes.filter((name): name is string => Boolean(name))])
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
