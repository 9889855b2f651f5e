import { defineResource } from '#engine/apiserver/registry/resource'
import { identity } from '#engine/apiserver/registry/identities'
import { ageColumn, column, formatLabelSelector, nameColumn } from '#engine/apiserver/registry/cells'
import { defaultNetworkPolicy } from '#engine/apiserver/registry/networking/defaults'
import { validateNetworkPolicy } from '#engine/apiserver/registry/networking/validation'

export const networkPolicies = defineResource({
  ...identity('networking.k8s.io/v1/networkpolicies'),
  validate: validateNetworkPolicy,
  defaults: defaultNetworkPolicy,
  columns: [nameColumn, column('Pod-Selector', (object) => formatLabelSelector(object.spec?.podSelector as object | undefined), { docOf: 'io.k8s.api.networking.v1.NetworkPolicySpec#podSelector' }), ageColumn],
})
