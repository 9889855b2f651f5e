import type { KubeObject } from '#engine/api/object'
import { defineResource } from '#engine/apiserver/registry/resource'
import { identity } from '#engine/apiserver/registry/identities'
import { column, nameColumn } from '#engine/apiserver/registry/cells'

interface Condition { readonly type: string; readonly status: string; readonly message?: string; readonly error?: string }

export const componentStatuses = defineResource({
  ...identity('/v1/componentstatuses'),
  hasGeneration: false,
  columns: [
    nameColumn,
    column('Status', (object) => statusWord(healthy(object)), { says: 'Status of the component conditions' }),
    column('Message', (object) => healthy(object)?.message ?? '', { says: 'Message of the component conditions' }),
    column('Error', (object) => healthy(object)?.error ?? '', { says: 'Error of the component conditions' }),
  ],
})

function healthy(object: KubeObject): Condition | undefined {
  return ((object.conditions ?? []) as Condition[]).find((item) => item.type === 'Healthy')
}

function statusWord(condition: Condition | undefined): string {
  if (!condition) return 'Unknown'
  return condition.status === 'True' ? 'Healthy' : 'Unhealthy'
}
