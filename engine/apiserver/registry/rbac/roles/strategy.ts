import { defineResource } from '#engine/apiserver/registry/resource'
import { identity } from '#engine/apiserver/registry/identities'
import { defaultColumns } from '#engine/apiserver/registry/cells'
import { checkRoleEscalation } from '#engine/apiserver/authorization/rbac/escalation'
import { validateRole } from '#engine/apiserver/registry/rbac/validation'

export const roles = defineResource({
  ...identity('rbac.authorization.k8s.io/v1/roles'),
  validate: validateRole,
  hasGeneration: false,
  nameFormat: 'path-segment',
  columns: defaultColumns,
  begin: async (next, previous, services, context) => {
    await checkRoleEscalation(next, previous, services, context, 'roles')
    return undefined
  },
})
