import type { KubeObject } from '#engine/api/object'
import { defineResource } from '#engine/apiserver/registry/resource'
import { identity } from '#engine/apiserver/registry/identities'
import { ageColumn, column, nameColumn } from '#engine/apiserver/registry/cells'
import { separateStatus, statusView } from '#engine/apiserver/registry/views'
import { defaultResourceClaim } from '#engine/apiserver/registry/resource/defaults'
import { validateResourceClaim, validateSpecImmutable } from '#engine/apiserver/registry/resource/validation'

export const resourceClaims = defineResource({
  ...identity('resource.k8s.io/v1/resourceclaims'),
  validate: validateResourceClaim, validateUpdate: validateSpecImmutable,
  ...separateStatus,
  defaults: defaultResourceClaim,
  hasGeneration: false,
  columns: [nameColumn, column('State', stateCell, { says: 'A summary of the current state (allocated, pending, reserved, etc.).' }), ageColumn],
  subresources: { status: statusView() },
})

function stateCell(object: KubeObject): string {
  const deleted = object.metadata.deletionTimestamp !== undefined
  const states = deleted ? ['deleted'] : []
  if (object.status?.allocation) {
    states.push('allocated')
    if (((object.status.reservedFor ?? []) as unknown[]).length > 0) states.push('reserved')
  } else if (!deleted) states.push('pending')
  return states.join(',')
}
