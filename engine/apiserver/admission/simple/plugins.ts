/** AlwaysAdmit and AlwaysDeny, and plugins whose kinds a default v1.35 server does not serve: they are known to the flags and see nothing. */
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

const idle = (name: string, enabledByDefault: boolean): AdmissionRegistration => ({ name, enabledByDefault, create: () => ({ name, handles: () => false }) })

/** ClusterTrustBundle and declared node features are behind gates that are off. */
export const clusterTrustBundleAttest = idle('ClusterTrustBundleAttest', true)
export const nodeDeclaredFeatureValidator = idle('NodeDeclaredFeatureValidator', false)
