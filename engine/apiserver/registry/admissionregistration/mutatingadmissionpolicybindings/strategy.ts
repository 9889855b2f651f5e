import { defineResource } from '#engine/apiserver/registry/resource'
import { identity } from '#engine/apiserver/registry/identities'
import { defaultPolicyBinding } from '#engine/apiserver/registry/admissionregistration/defaults'
import { validateBinding } from '#engine/apiserver/registry/admissionregistration/policy-validation'
import { bindingColumns } from '#engine/apiserver/registry/admissionregistration/policy-cells'

export const mutatingAdmissionPolicyBindings = defineResource({
  ...identity('admissionregistration.k8s.io/v1beta1/mutatingadmissionpolicybindings'),
  validate: validateBinding,
  defaults: defaultPolicyBinding,
  columns: bindingColumns,
})
