/** A claim that names no storage class gets the default one, the newest where there are several. */
import type { AdmissionAttributes, AdmissionRegistration } from '#engine/apiserver/admission/plugin'
import type { ServerServices } from '#engine/apiserver/services'

export const defaultStorageClass: AdmissionRegistration = {
  name: 'DefaultStorageClass',
  enabledByDefault: true,
  create: (services) => ({ name: 'DefaultStorageClass', handles: (operation) => operation === 'CREATE', admit: (attributes) => (attributes.resource === 'persistentvolumeclaims' ? admit(attributes, services) : undefined) }),
}

async function admit({ resource, group, subresource, object }: AdmissionAttributes, services: ServerServices): Promise<void> {
  if (resource !== 'persistentvolumeclaims' || group !== '' || subresource !== '' || !object) return
  if (object.spec?.storageClassName !== undefined || object.metadata.annotations?.['volume.beta.kubernetes.io/storage-class'] !== undefined) return
  const defaults = (await services.reader.list('storageclasses.storage.k8s.io')).filter(({ metadata: { annotations = {} } }) =>
    annotations['storageclass.kubernetes.io/is-default-class'] === 'true' || annotations['storageclass.beta.kubernetes.io/is-default-class'] === 'true')
  const [first] = [...defaults].sort((a, b) => {
    const newer = (b.metadata.creationTimestamp ?? '').localeCompare(a.metadata.creationTimestamp ?? '')
    return newer !== 0 ? newer : (a.metadata.name ?? '').localeCompare(b.metadata.name ?? '')
  })
  if (first) object.spec = { ...object.spec, storageClassName: first.metadata.name }
}
