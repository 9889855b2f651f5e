import { defineResource } from '#engine/apiserver/registry/resource'
import { identity } from '#engine/apiserver/registry/identities'
import { ageColumn, column, nameColumn } from '#engine/apiserver/registry/cells'
import { defaultPolicyBinding } from '#engine/apiserver/registry/admissionregistration/defaults'
import { validateMutatingBinding } from '#engine/apiserver/registry/admissionregistration/mutating-validation'
import { paramRefCell } from '#engine/apiserver/registry/admissionregistration/policy-cells'

export const mutatingAdmissionPolicyBindings = defineResource({
  ...identity('admissionregistration.k8s.io/v1beta1/mutatingadmissionpolicybindings'),
  validate: validateMutatingBinding,
  defaults: defaultPolicyBinding,
  columns: [
    nameColumn,
    column('PolicyName', (object) => (object.spec?.policyName ?? '') as string, { says: 'PolicyName indicates the policy definition which the policy binding binded to' }),
    column('ParamRef', paramRefCell, { says: 'ParamRef indicates the param resource which sets the configuration param' }),
    ageColumn,
  ],
})
