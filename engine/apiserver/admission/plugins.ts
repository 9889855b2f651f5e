/** Every admission plugin, in the order in which the server runs them. */
import type { AdmissionRegistration } from '#engine/apiserver/admission/plugin'

export const admissionPlugins: readonly AdmissionRegistration[] = []
