/** What the server sets in the smaller kinds of the core group. */
import { encodeUtf8, toBase64 } from '#engine/base/bytes'
import type { KubeObject } from '#engine/api/object'
import { listOf } from '#engine/apiserver/registry/free'
import type { Free } from '#engine/apiserver/registry/free'
import type { RequestContext } from '#engine/apiserver/registry/resource'

export function prepareNamespace(object: KubeObject): void {
  object.status = { phase: 'Active' }
  const spec = (object.spec ??= {}) as Free
  if (!listOf(spec.finalizers).includes('kubernetes')) spec.finalizers = [...listOf(spec.finalizers), 'kubernetes']
  const { name } = object.metadata
  if (name) (object.metadata.labels ??= {})['kubernetes.io/metadata.name'] = name
}

/** Finalizers of the spec change by `/finalize` only. */
export function prepareNamespaceUpdate(next: KubeObject, previous: KubeObject): void {
  next.spec = { ...next.spec, finalizers: previous.spec?.finalizers as unknown }
  next.status = previous.status as unknown
}

export function preparePersistentVolume(object: KubeObject, context: RequestContext): void {
  object.status = { phase: 'Pending', lastPhaseTransitionTime: timestamp(context.nowMs) }
}

/** When the phase changes, its time does. */
export function preparePersistentVolumeStatus(next: KubeObject, previous: KubeObject, context: RequestContext): void {
  const before = previous.status as Free
  if (!next.status) return
  if (before?.phase !== next.status.phase && (next.status.lastPhaseTransitionTime === undefined || next.status.lastPhaseTransitionTime === before?.lastPhaseTransitionTime)) {
    next.status = { ...next.status, lastPhaseTransitionTime: timestamp(context.nowMs) }
  }
}

export function preparePersistentVolumeClaim(object: KubeObject): void {
  object.status = { phase: 'Pending' }
  normalizeDataSource(object.spec as Free)
}

/** The two ways to say a data source are kept the same. */
function normalizeDataSource(spec: Free): void {
  if (!spec) return
  if (spec.dataSource && !spec.dataSourceRef) spec.dataSourceRef = { ...spec.dataSource }
  else if (spec.dataSourceRef && !spec.dataSource && !spec.dataSourceRef.namespace) {
    const { apiGroup, kind } = spec.dataSourceRef
    const known = ((apiGroup ?? '') === '' && kind === 'PersistentVolumeClaim') || (apiGroup === 'snapshot.storage.k8s.io' && kind === 'VolumeSnapshot')
    if (known || kind) spec.dataSource = { ...spec.dataSourceRef }
  }
}

/** `stringData` is written into `data` and forgotten. */
export function mergeStringData(object: KubeObject): void {
  const text = object.stringData as Record<string, string> | undefined
  if (!text) return
  const data = (object.data ??= {}) as Record<string, string>
  for (const key in text) data[key] = toBase64(encodeUtf8(text[key] ?? ''))
  delete object.stringData
}

export function prepareServiceAccount(object: KubeObject): void {
  if (listOf(object.secrets).length === 0) delete object.secrets
}

export function timestamp(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`
}
