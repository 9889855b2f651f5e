import { defineResource } from '#engine/apiserver/registry/resource'
import { identity } from '#engine/apiserver/registry/identities'
import { defaultPolicyBinding } from '#engine/apiserver/registry/admissionregistration/defaults'
import { validatePolicyBinding } from '#engine/apiserver/registry/admissionregistration/policy-validation'
import { bindingColumns } from '#engine/apiserver/registry/admissionregistration/policy-cells'

export const validatingAdmissionPolicyBindings = defineResource({
  ...identity('admissionregistration.k8s.io/v1/validatingadmissionpolicybindings'),
  validate: validatePolicyBinding,
  defaults: defaultPolicyBinding,
  columns: bindingColumns,
})
