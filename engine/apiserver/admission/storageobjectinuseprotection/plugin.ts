/** Volumes, claims and volume attributes classes are not removed while they are used: a finalizer holds them. */
import type { AdmissionAttributes, AdmissionRegistration } from '#engine/apiserver/admission/plugin'

const finalizers: Readonly<Record<string, string>> = {
  '/persistentvolumes': 'kubernetes.io/pv-protection',
  '/persistentvolumeclaims': 'kubernetes.io/pvc-protection',
  'storage.k8s.io/volumeattributesclasses': 'kubernetes.io/vac-protection',
}

export const storageObjectInUseProtection: AdmissionRegistration = {
  name: 'StorageObjectInUseProtection',
  enabledByDefault: true,
  create: () => ({ name: 'StorageObjectInUseProtection', handles: (operation) => operation === 'CREATE', admit }),
}

function admit({ resource, group, subresource, object }: AdmissionAttributes): void {
  const finalizer = finalizers[`${group}/${resource}`]
  if (!finalizer || subresource !== '' || !object || object.metadata.finalizers?.includes(finalizer)) return
  object.metadata.finalizers = [...(object.metadata.finalizers ?? []), finalizer]
}
