import type { KubeObject } from '#engine/api/object'
import { defineResource } from '#engine/apiserver/registry/resource'
import { identity } from '#engine/apiserver/registry/identities'
import { ageColumn, column, nameColumn } from '#engine/apiserver/registry/cells'
import { separateStatus, statusView } from '#engine/apiserver/registry/views'
import { validateQuotaStatus, validateResourceQuota, validateResourceQuotaUpdate } from '#engine/apiserver/registry/core/limits-validation'

export const resourceQuotas = defineResource({
  ...identity('/v1/resourcequotas'),
  validate: validateResourceQuota, validateUpdate: validateResourceQuotaUpdate,
  ...separateStatus,
  hasGeneration: false,
  columns: [
    nameColumn,
    column('Request', (quota) => usage(quota, false), { says: 'Request represents a minimum amount of cpu/memory that a container may consume.' }),
    column('Limit', (quota) => usage(quota, true), { says: 'Limits control the maximum amount of cpu/memory that a container may use independent of contention on the node.' }),
    ageColumn,
  ],
  subresources: { status: statusView({ validateUpdate: validateQuotaStatus }) },
})

function usage(quota: KubeObject, limits: boolean): string {
  const hard = (quota.status?.hard ?? {}) as Record<string, string>
  const used = (quota.status?.used ?? {}) as Record<string, string>
  const names = Object.keys(hard).sort().filter((name) => name.startsWith('limits.') === limits)
  return names.map((name) => `${name}: ${used[name] ?? '0'}/${hard[name] ?? '0'}`).join(', ')
}
