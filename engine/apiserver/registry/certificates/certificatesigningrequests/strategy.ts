import { defineResource } from '#engine/apiserver/registry/resource'
import { identity } from '#engine/apiserver/registry/identities'
import { statusView } from '#engine/apiserver/registry/views'
import { certificateSigningRequestColumns } from './columns'
import { keepRequest, prepareApproval, prepareRequest, prepareSigning, validateCertificateSigningRequest, validateDecision, validateSigned } from './validation'

export const certificateSigningRequests = defineResource({
  ...identity('certificates.k8s.io/v1/certificatesigningrequests'),
  validate: validateCertificateSigningRequest,
  prepareForCreate: prepareRequest,
  prepareForUpdate: keepRequest,
  hasGeneration: false,
  columns: certificateSigningRequestColumns,
  subresources: { status: statusView({ prepareForUpdate: prepareSigning, validateUpdate: validateSigned }), approval: statusView({ prepareForUpdate: prepareApproval, validateUpdate: validateDecision }) },
  selectableFields: { 'spec.signerName': (object) => (object.spec?.signerName ?? '') as string },
})
