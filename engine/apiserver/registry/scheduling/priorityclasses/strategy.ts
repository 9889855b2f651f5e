import { defineResource } from '#engine/apiserver/registry/resource'
import { identity } from '#engine/apiserver/registry/identities'
import { fallbackText } from '#engine/apiserver/registry/free'
import { ageColumn, column, nameColumn } from '#engine/apiserver/registry/cells'
import { validatePriorityClass, validatePriorityClassUpdate } from '#engine/apiserver/registry/scheduling/validation'

const schema = 'io.k8s.api.scheduling.v1.PriorityClass'

const systemClasses = ['system-node-critical', 'system-cluster-critical']

export const priorityClasses = defineResource({
  ...identity('scheduling.k8s.io/v1/priorityclasses'),
  validate: validatePriorityClass, validateUpdate: validatePriorityClassUpdate,
  defaults: (object) => fallbackText(object, 'preemptionPolicy', 'PreemptLowerPriority'),
  keeps: (name) => (systemClasses.includes(name) ? 'this is a system priority class and cannot be deleted' : undefined),
  columns: [
    nameColumn,
    column('Value', (object) => (object.value ?? 0) as number, { type: 'integer', docOf: `${schema}#value` }),
    column('Global-Default', (object) => (object.globalDefault ?? false) as boolean, { type: 'boolean', docOf: `${schema}#globalDefault` }),
    ageColumn,
    column('PreemptionPolicy', (object) => (object.preemptionPolicy ?? '') as string, { docOf: `${schema}#preemptionPolicy` }),
  ],
})
