import type { KubeObject } from '#engine/api/object'
import { defineResource } from '#engine/apiserver/registry/resource'
import { identity } from '#engine/apiserver/registry/identities'
import { ageColumn, column, nameColumn } from '#engine/apiserver/registry/cells'
import { separateStatus, statusView } from '#engine/apiserver/registry/views'
import { defaultPriorityLevel } from '#engine/apiserver/registry/flowcontrol/defaults'
import { validatePriorityLevel } from '#engine/apiserver/registry/flowcontrol/validation'
import { validateMandatory } from '#engine/apiserver/registry/flowcontrol/mandatory'

const queuing = 'io.k8s.api.flowcontrol.v1.QueuingConfiguration'

export const priorityLevelConfigurations = defineResource({
  ...identity('flowcontrol.apiserver.k8s.io/v1/prioritylevelconfigurations'),
  validate: (object) => [...validatePriorityLevel(object), ...validateMandatory(object)],
  ...separateStatus,
  defaults: defaultPriorityLevel,
  columns: [
    nameColumn,
    column('Type', (object) => (object.spec?.type ?? '') as string, { docOf: 'io.k8s.api.flowcontrol.v1.PriorityLevelConfigurationSpec#type' }),
    column('NominalConcurrencyShares', (object) => (object.spec?.limited ? ((object.spec.limited.nominalConcurrencyShares ?? 0) as number) : '<none>'), { docOf: 'io.k8s.api.flowcontrol.v1.LimitedPriorityLevelConfiguration#nominalConcurrencyShares' }),
    column('Queues', (object) => queue(object, 'queues'), { docOf: `${queuing}#queues` }),
    column('HandSize', (object) => queue(object, 'handSize'), { docOf: `${queuing}#handSize` }),
    column('QueueLengthLimit', (object) => queue(object, 'queueLengthLimit'), { docOf: `${queuing}#queueLengthLimit` }),
    ageColumn,
  ],
  subresources: { status: statusView() },
})

function queue(object: KubeObject, field: string): number | string {
  const settings = object.spec?.limited?.limitResponse?.queuing as Record<string, number> | undefined
  return settings ? (settings[field] ?? 0) : '<none>'
}
