import { defineResource } from '#engine/apiserver/registry/resource'
import { identity } from '#engine/apiserver/registry/identities'
import { ageColumn, column, nameColumn } from '#engine/apiserver/registry/cells'
import { separateStatus, statusView } from '#engine/apiserver/registry/views'
import { validateBudgetStatus, validatePodDisruptionBudget } from './validation'

export const podDisruptionBudgets = defineResource({
  ...identity('policy/v1/poddisruptionbudgets'),
  validate: validatePodDisruptionBudget,
  ...separateStatus,
  columns: [
    nameColumn,
    column('Min Available', (object) => String(object.spec?.minAvailable ?? 'N/A'), { says: 'The minimum number of pods that must be available.' }),
    column('Max Unavailable', (object) => String(object.spec?.maxUnavailable ?? 'N/A'), { says: 'The maximum number of pods that may be unavailable.' }),
    column('Allowed Disruptions', (object) => (object.status?.disruptionsAllowed ?? 0) as number, { type: 'integer', says: 'Calculated number of pods that may be disrupted at this time.' }),
    ageColumn,
  ],
  subresources: { status: statusView({ validateUpdate: validateBudgetStatus }) },
})
