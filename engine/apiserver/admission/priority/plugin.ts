/** Turns the name of a priority class into a pod's priority, and keeps one default class at most. */
import type { KubeObject } from '#engine/api/object'
import { admissionForbidden } from '#engine/apiserver/admission/plugin'
import type { AdmissionAttributes, AdmissionRegistration } from '#engine/apiserver/admission/plugin'
import { isPod } from '#engine/apiserver/admission/shared/pods'
import type { Free } from '#engine/apiserver/registry/free'
import type { ServerServices } from '#engine/apiserver/services'

const classes = 'priorityclasses.scheduling.k8s.io'

export const priority: AdmissionRegistration = {
  name: 'Priority',
  enabledByDefault: true,
  create: (services) => ({
    name: 'Priority',
    handles: (operation) => operation !== 'CONNECT',
    admit: (attributes) => (isPod(attributes) ? admit(attributes, services) : undefined),
    validate: (attributes) => (attributes.resource === 'priorityclasses' ? validate(attributes, services) : undefined),
  }),
}

async function admit(attributes: AdmissionAttributes, services: ServerServices): Promise<void> {
  const pod = attributes.object
  if (!pod || !isPod(attributes)) return
  const spec = pod.spec as Free
  if (attributes.operation === 'UPDATE') return keep(spec, attributes.oldObject?.spec as Free)
  const { name, value, policy } = await classOf(attributes, spec, services)
  if (name !== '') spec.priorityClassName = name
  if (spec.priority !== undefined && spec.priority !== value) throw admissionForbidden(attributes, `the integer value of priority (${spec.priority as number}) must not be provided in pod spec; priority admission controller computed ${value} from the given PriorityClass name`)
  if (spec.preemptionPolicy !== undefined && spec.preemptionPolicy !== policy) throw admissionForbidden(attributes, `the string value of PreemptionPolicy (${spec.preemptionPolicy as string}) must not be provided in pod spec; priority admission controller computed ${policy} from the given PriorityClass name`)
  spec.priority = value
  spec.preemptionPolicy = policy
}

/** An update that leaves the priority out does not take it away. */
function keep(spec: Free, old: Free): void {
  if (spec.priority === undefined && old?.priority !== undefined) spec.priority = old.priority
  if (spec.preemptionPolicy === undefined && old?.preemptionPolicy !== undefined) spec.preemptionPolicy = old.preemptionPolicy
}

async function classOf(attributes: AdmissionAttributes, spec: Free, services: ServerServices): Promise<{ name: string; value: number; policy: string }> {
  const wanted = spec.priorityClassName as string | undefined
  const found = wanted ? await services.reader.get(classes, '', wanted) : await defaultClass(services)
  if (!found && wanted) throw admissionForbidden(attributes, `no PriorityClass with name ${wanted} was found`)
  if (!found) return { name: '', value: 0, policy: 'PreemptLowerPriority' }
  return { name: found.metadata.name ?? '', value: (found.value ?? 0) as number, policy: (found.preemptionPolicy ?? 'PreemptLowerPriority') as string }
}

/** Should there be several, the lowest counts. */
async function defaultClass(services: ServerServices): Promise<KubeObject | undefined> {
  const list = (await services.reader.list(classes)).filter((item) => item.globalDefault === true)
  return [...list].sort((a, b) => ((a.value ?? 0) as number) - ((b.value ?? 0) as number))[0]
}

async function validate(attributes: AdmissionAttributes, services: ServerServices): Promise<void> {
  const { resource, group, object, operation } = attributes
  if (resource !== 'priorityclasses' || group !== 'scheduling.k8s.io' || !object?.globalDefault || operation === 'DELETE') return
  const other = await defaultClass(services)
  if (other && (operation === 'CREATE' || other.metadata.name !== object.metadata.name)) throw admissionForbidden(attributes, `PriorityClass ${other.metadata.name ?? ''} is already marked as default. Only one default can exist`)
}
