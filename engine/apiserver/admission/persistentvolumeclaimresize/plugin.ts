/** A claim grows only where its storage class allows it. */
import { compareQuantities, tryQuantity } from '#engine/api/quantity'
import { admissionForbidden } from '#engine/apiserver/admission/plugin'
import type { AdmissionAttributes, AdmissionRegistration } from '#engine/apiserver/admission/plugin'
import type { ServerServices } from '#engine/apiserver/services'

export const persistentVolumeClaimResize: AdmissionRegistration = {
  name: 'PersistentVolumeClaimResize',
  enabledByDefault: true,
  create: (services) => ({ name: 'PersistentVolumeClaimResize', handles: (operation) => operation === 'UPDATE', validate: (attributes) => validate(attributes, services) }),
}

async function validate(attributes: AdmissionAttributes, services: ServerServices): Promise<void> {
  const { resource, group, subresource, object, oldObject } = attributes
  if (resource !== 'persistentvolumeclaims' || group !== '' || subresource !== '' || !object || !oldObject) return
  const now = tryQuantity(object.spec?.resources?.requests?.storage)
  const before = tryQuantity(oldObject.spec?.resources?.requests?.storage)
  if (!now || !before || compareQuantities(now, before) <= 0) return
  if (oldObject.status?.phase !== 'Bound') throw admissionForbidden(attributes, 'Only bound persistent volume claims can be expanded')
  const name = (object.metadata.annotations?.['volume.beta.kubernetes.io/storage-class'] ?? object.spec?.storageClassName ?? '') as string
  const storageClass = name === '' ? undefined : await services.reader.get('storageclasses.storage.k8s.io', '', name)
  if (storageClass?.allowVolumeExpansion !== true) throw admissionForbidden(attributes, 'only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize')
}
