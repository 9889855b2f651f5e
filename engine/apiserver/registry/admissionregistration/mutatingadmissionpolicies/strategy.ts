import { defineResource } from '#engine/apiserver/registry/resource'
import { identity } from '#engine/apiserver/registry/identities'
import { ageColumn, column, nameColumn } from '#engine/apiserver/registry/cells'
import { defaultMutatingPolicy } from '#engine/apiserver/registry/admissionregistration/defaults'
import { validateMutatingPolicy } from '#engine/apiserver/registry/admissionregistration/mutating-validation'
import { paramKindCell } from '#engine/apiserver/registry/admissionregistration/policy-cells'

export const mutatingAdmissionPolicies = defineResource({
  ...identity('admissionregistration.k8s.io/v1beta1/mutatingadmissionpolicies'),
  validate: validateMutatingPolicy,
  defaults: defaultMutatingPolicy,
  columns: [
    nameColumn,
    column('Mutations', (object) => ((object.spec?.mutations ?? []) as unknown[]).length, { type: 'integer', says: 'Mutations indicates the number of mutations rules defined in this configuration' }),
    column('ParamKind', paramKindCell, { says: 'ParamKind specifies the kind of resources used to parameterize this policy' }),
    ageColumn,
  ],
})
