import { defineResource } from '#engine/apiserver/registry/resource'
import { identity } from '#engine/apiserver/registry/identities'
import { ageColumn, column, nameColumn } from '#engine/apiserver/registry/cells'
import { separateStatus, statusView } from '#engine/apiserver/registry/views'
import { validateServiceCidr, validateServiceCidrUpdate } from '#engine/apiserver/registry/networking/validation'

export const serviceCidrs = defineResource({
  ...identity('networking.k8s.io/v1/servicecidrs'),
  validate: validateServiceCidr, validateUpdate: validateServiceCidrUpdate,
  ...separateStatus,
  hasGeneration: false,
  columns: [nameColumn, column('CIDRs', (object) => ((object.spec?.cidrs ?? []) as string[]).join(','), { docOf: 'io.k8s.api.networking.v1.ServiceCIDRSpec#cidrs' }), ageColumn],
  subresources: { status: statusView() },
})
