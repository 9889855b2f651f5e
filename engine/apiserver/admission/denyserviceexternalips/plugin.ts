/** No new external IPs: whoever may write services could take anybody's traffic. */
import { admissionForbidden } from '#engine/apiserver/admission/plugin'
import type { AdmissionAttributes, AdmissionRegistration } from '#engine/apiserver/admission/plugin'
import { listOf } from '#engine/apiserver/registry/free'

export const denyServiceExternalIps: AdmissionRegistration = {
  name: 'DenyServiceExternalIPs',
  enabledByDefault: false,
  create: () => ({ name: 'DenyServiceExternalIPs', handles: (operation) => operation === 'CREATE' || operation === 'UPDATE', validate }),
}

function validate(attributes: AdmissionAttributes): void {
  const { resource, group, object, oldObject } = attributes
  if (resource !== 'services' || group !== '' || !object) return
  const before = new Set(listOf(oldObject?.spec?.externalIPs))
  if (listOf(object.spec?.externalIPs).some((item) => !before.has(item))) throw admissionForbidden(attributes, 'Use of external IPs is denied by admission control.')
}
