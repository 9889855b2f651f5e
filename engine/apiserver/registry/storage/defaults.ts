/** Defaults of the storage group. */
import type { KubeObject } from '#engine/api/object'
import { fallback, fallbackText, listOf } from '#engine/apiserver/registry/free'
import type { Free } from '#engine/apiserver/registry/free'

export function defaultStorageClass(object: KubeObject): void {
  fallbackText(object, 'reclaimPolicy', 'Delete')
  fallbackText(object, 'volumeBindingMode', 'Immediate')
}

export function defaultCsiDriver(object: KubeObject): void {
  const spec = (object.spec ??= {}) as Free
  fallback(spec, 'attachRequired', true)
  for (const field of ['podInfoOnMount', 'storageCapacity', 'requiresRepublish', 'seLinuxMount']) fallback(spec, field, false)
  fallbackText(spec, 'fsGroupPolicy', 'ReadWriteOnceWithFSType')
  if (listOf(spec.volumeLifecycleModes).length === 0) spec.volumeLifecycleModes = ['Persistent']
}
