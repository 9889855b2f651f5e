import { defineResource } from '#engine/apiserver/registry/resource'
import { identity } from '#engine/apiserver/registry/identities'
import { statusView } from '#engine/apiserver/registry/views'
import { certificateSigningRequestColumns } from './columns'

export const certificateSigningRequests = defineResource({
  ...identity('certificates.k8s.io/v1/certificatesigningrequests'),
  hasGeneration: false,
  columns: certificateSigningRequestColumns,
  subresources: { status: statusView(), approval: statusView() },
  selectableFields: { 'spec.signerName': (object) => (object.spec?.signerName ?? '') as string },
})
