import { defineResource } from '#engine/apiserver/registry/resource'
import { identity } from '#engine/apiserver/registry/identities'
import { ageColumn, column, nameColumn } from '#engine/apiserver/registry/cells'
import { validateLease } from '#engine/apiserver/registry/scheduling/validation'

export const leases = defineResource({
  ...identity('coordination.k8s.io/v1/leases'),
  validate: validateLease,
  hasGeneration: false,
  createOnUpdate: true,
  columns: [nameColumn, column('Holder', (object) => (object.spec?.holderIdentity ?? '') as string, { docOf: 'io.k8s.api.coordination.v1.LeaseSpec#holderIdentity' }), ageColumn],
})
