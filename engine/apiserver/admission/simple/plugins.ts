/** AlwaysAdmit and AlwaysDeny. */
import { admissionForbidden } from '#engine/apiserver/admission/plugin'
import type { AdmissionRegistration } from '#engine/apiserver/admission/plugin'

export const alwaysAdmit: AdmissionRegistration = { name: 'AlwaysAdmit', enabledByDefault: false, create: () => ({ name: 'AlwaysAdmit', handles: () => true }) }

export const alwaysDeny: AdmissionRegistration = {
  name: 'AlwaysDeny',
  enabledByDefault: false,
  create: () => ({
    name: 'AlwaysDeny',
    handles: () => true,
    validate(attributes) {
      throw admissionForbidden(attributes, 'admission control is denying all modifications')
    },
  }),
}
