import { defineResource } from '#engine/apiserver/registry/resource'
import { identity } from '#engine/apiserver/registry/identities'
import { ageColumn, column, nameColumn } from '#engine/apiserver/registry/cells'
import { separateStatus, statusView } from '#engine/apiserver/registry/views'
import { defaultPolicy } from '#engine/apiserver/registry/admissionregistration/defaults'
import { validatePolicy } from '#engine/apiserver/registry/admissionregistration/policy-validation'
import { paramKindCell } from '#engine/apiserver/registry/admissionregistration/policy-cells'
import { FieldPath } from '#engine/api/field'
import { validateConditions } from '#engine/apiserver/registry/conditions'

export const validatingAdmissionPolicies = defineResource({
  ...identity('admissionregistration.k8s.io/v1/validatingadmissionpolicies'),
  validate: validatePolicy,
  ...separateStatus,
  defaults: defaultPolicy,
  columns: [
    nameColumn,
    column('Validations', (object) => ((object.spec?.validations ?? []) as unknown[]).length, { type: 'integer', says: 'Validations indicates the number of validation rules defined in this configuration' }),
    column('ParamKind', paramKindCell, { says: 'ParamKind specifies the kind of resources used to parameterize this policy' }),
    ageColumn,
  ],
  subresources: { status: statusView({ validateUpdate: (next) => validateConditions(next.status?.conditions, FieldPath.root('status').child('conditions')) }) },
})
