/** Defaults of the smaller kinds of the core group. */
import type { KubeObject } from '#engine/api/object'
import { defaultPodTemplate } from '#engine/apiserver/registry/core/pods/defaults'
import { defaultVolumeSource } from '#engine/apiserver/registry/core/pods/volume-defaults'
import { fallback, fallbackText, listOf } from '#engine/apiserver/registry/free'
import type { Free } from '#engine/apiserver/registry/free'

export function defaultNamespace(object: KubeObject): void {
  fallbackText((object.status ??= {}), 'phase', 'Active')
  const { name } = object.metadata
  if (name) (object.metadata.labels ??= {})['kubernetes.io/metadata.name'] = name
}

export function defaultNode(object: KubeObject): void {
  const status = object.status as Free
  if (status?.capacity && !status.allocatable) status.allocatable = { ...status.capacity }
}

export function defaultPersistentVolume(object: KubeObject): void {
  const spec = (object.spec ??= {}) as Free
  fallbackText((object.status ??= {}), 'phase', 'Pending')
  fallbackText(spec, 'persistentVolumeReclaimPolicy', 'Retain')
  fallback(spec, 'volumeMode', 'Filesystem')
  defaultVolumeSource(spec)
}

export function defaultPersistentVolumeClaim(object: KubeObject): void {
  fallbackText((object.status ??= {}), 'phase', 'Pending')
  fallback((object.spec ??= {}), 'volumeMode', 'Filesystem')
}

export function defaultSecret(object: KubeObject): void {
  fallbackText(object, 'type', 'Opaque')
}

export function defaultEndpoints(object: KubeObject): void {
  for (const subset of listOf(object.subsets)) for (const port of listOf(subset.ports)) fallbackText(port, 'protocol', 'TCP')
}

export function defaultPodTemplateObject(object: KubeObject): void {
  defaultPodTemplate((object.template ??= {}))
}

export function defaultReplicationController(object: KubeObject): void {
  const spec = (object.spec ??= {}) as Free
  const labels = spec.template?.metadata?.labels as Record<string, string> | undefined
  if (labels) {
    if (Object.keys(spec.selector ?? {}).length === 0) spec.selector = { ...labels }
    if (Object.keys(object.metadata.labels ?? {}).length === 0) object.metadata.labels = { ...labels }
  }
  fallback(spec, 'replicas', 1)
  defaultPodTemplate(spec.template)
}

/** For containers a maximum is the default limit, and a default limit the default request. */
export function defaultLimitRange(object: KubeObject): void {
  for (const item of listOf(object.spec?.limits)) {
    if (item.type !== 'Container') continue
    item.default = { ...item.max, ...item.default }
    item.defaultRequest = { ...item.min, ...item.default, ...item.defaultRequest }
    for (const field of ['default', 'defaultRequest']) if (Object.keys(item[field]).length === 0) delete item[field]
  }
}
