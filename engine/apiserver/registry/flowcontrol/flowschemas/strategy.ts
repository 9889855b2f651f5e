import type { KubeObject } from '#engine/api/object'
import { defineResource } from '#engine/apiserver/registry/resource'
import { identity } from '#engine/apiserver/registry/identities'
import { ageColumn, column, nameColumn } from '#engine/apiserver/registry/cells'
import { separateStatus, statusView } from '#engine/apiserver/registry/views'
import { defaultFlowSchema } from '#engine/apiserver/registry/flowcontrol/defaults'
import { validateFlowSchema } from '#engine/apiserver/registry/flowcontrol/validation'
import { validateMandatory } from '#engine/apiserver/registry/flowcontrol/mandatory'

const spec = 'io.k8s.api.flowcontrol.v1.FlowSchemaSpec'

export const flowSchemas = defineResource({
  ...identity('flowcontrol.apiserver.k8s.io/v1/flowschemas'),
  validate: (object) => [...validateFlowSchema(object), ...validateMandatory(object)],
  ...separateStatus,
  defaults: defaultFlowSchema,
  columns: [
    nameColumn,
    column('PriorityLevel', (object) => (object.spec?.priorityLevelConfiguration?.name ?? '') as string, { docOf: 'io.k8s.api.flowcontrol.v1.PriorityLevelConfigurationReference#name' }),
    column('MatchingPrecedence', (object) => (object.spec?.matchingPrecedence ?? 0) as number, { docOf: `${spec}#matchingPrecedence` }),
    column('DistinguisherMethod', (object) => (object.spec?.distinguisherMethod?.type ?? '<none>') as string, { docOf: `${spec}#distinguisherMethod` }),
    ageColumn,
    column('MissingPL', danglingCell, { says: 'references a broken or non-existent PriorityLevelConfiguration' }),
  ],
  subresources: { status: statusView() },
})

function danglingCell(object: KubeObject): string {
  return ((object.status?.conditions ?? []) as { type: string; status: string }[]).find((item) => item.type === 'Dangling')?.status ?? '?'
}
