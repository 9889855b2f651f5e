import { checkBindingEscalation } from '#engine/apiserver/authorization/rbac/escalation'
import { bindingColumns } from '#engine/apiserver/registry/rbac/bindings'
import { defaultBinding } from '#engine/apiserver/registry/rbac/defaults'
import { defineResource } from '#engine/apiserver/registry/resource'
import { identity } from '#engine/apiserver/registry/identities'
import { validateBinding, validateBindingUpdate } from '#engine/apiserver/registry/rbac/validation'

export const clusterRoleBindings = defineResource({
  ...identity('rbac.authorization.k8s.io/v1/clusterrolebindings'),
  validate: validateBinding, validateUpdate: validateBindingUpdate,
  defaults: defaultBinding,
  hasGeneration: false,
  nameFormat: 'path-segment',
  columns: bindingColumns('ClusterRoleBinding'),
  begin: async (next, previous, services, context) => {
    await checkBindingEscalation(next, previous, services, context, 'clusterrolebindings')
    return undefined
  },
})
