import { bindingColumns } from '#engine/apiserver/registry/rbac/bindings'
import { defineResource } from '#engine/apiserver/registry/resource'
import { identity } from '#engine/apiserver/registry/identities'
import { defaultBinding } from '#engine/apiserver/registry/rbac/defaults'

export const clusterRoleBindings = defineResource({ ...identity('rbac.authorization.k8s.io/v1/clusterrolebindings'), defaults: defaultBinding, hasGeneration: false, nameFormat: 'path-segment', columns: bindingColumns('ClusterRoleBinding') })
