/** A claim grows only where its storage class allows it. */
import type { KubeObject } from '#engine/api/object'
import { compareQuantities, tryQuantity } from '#engine/api/quantity'
import { admissionForbidden } from '#engine/apiserver/admission/plugin'
import type { AdmissionAttributes, AdmissionRegistration } from '#engine/apiserver/admission/plugin'
import type { ServerServices } from '#engine/apiserver/services'

export const persistentVolumeClaimResize: AdmissionRegistration = {
  name: 'PersistentVolumeClaimResize',
  enabledByDefault: true,
  create: (services) => ({ name: 'PersistentVolumeClaimResize', handles: (operation) => operation === 'UPDATE', validate: (attributes) => (attributes.resource === 'persistentvolumeclaims' ? validate(attributes, services) : undefined) }),
}

async function validate(attributes: AdmissionAttributes, services: ServerServices): Promise<void> {
  const { resource, group, subresource, object, oldObject } = attributes
  const isClaim = resource === 'persistentvolumeclaims' && group === '' && subresource === ''
  if (!isClaim || !object || !oldObject || !grows(object, oldObject)) return
  if (oldObject.status?.phase !== 'Bound') throw admissionForbidden(attributes, 'Only bound persistent volume claims can be expanded')
  const name = classOf(object)
  const storageClass = name === '' ? undefined : await services.reader.get('storageclasses.storage.k8s.io', '', name)
  if (storageClass?.allowVolumeExpansion !== true) throw admissionForbidden(attributes, 'only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize')
}

function grows(now: KubeObject, before: KubeObject): boolean {
  const sizeOf = (claim: KubeObject): unknown => claim.spec?.resources?.requests?.storage
  const wanted = tryQuantity(sizeOf(now))
  const held = tryQuantity(sizeOf(before))
  return wanted !== undefined && held !== undefined && compareQuantities(wanted, held) > 0
}

function classOf(claim: KubeObject): string {
  return (claim.metadata.annotations?.['volume.beta.kubernetes.io/storage-class'] ?? claim.spec?.storageClassName ?? '') as string
}
