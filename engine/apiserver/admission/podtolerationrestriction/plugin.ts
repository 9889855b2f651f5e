/** Tolerations a namespace gives its pods, and those it lets them have. */
import { equalJson } from '#engine/api/object'
import { admissionForbidden } from '#engine/apiserver/admission/plugin'
import type { AdmissionAttributes, AdmissionRegistration } from '#engine/apiserver/admission/plugin'
import { isPod } from '#engine/apiserver/admission/shared/pods'
import { qosClassOf } from '#engine/apiserver/registry/core/pods/qos'
import { listOf } from '#engine/apiserver/registry/free'
import type { Free } from '#engine/apiserver/registry/free'
import type { ServerServices } from '#engine/apiserver/services'

const prefix = 'scheduler.alpha.kubernetes.io/'

export const podTolerationRestriction: AdmissionRegistration = {
  name: 'PodTolerationRestriction',
  enabledByDefault: false,
  create: (services) => ({ name: 'PodTolerationRestriction', handles: (operation) => operation === 'CREATE' || operation === 'UPDATE', admit: (attributes) => admit(attributes, services), validate: (attributes) => validate(attributes, services) }),
}

async function listIn(attributes: AdmissionAttributes, services: ServerServices, key: string): Promise<Free[] | undefined> {
  const text = (await services.reader.get('namespaces', '', attributes.namespace))?.metadata.annotations?.[prefix + key]
  if (text === undefined || text === '') return undefined
  try {
    return listOf(JSON.parse(text))
  } catch (error) {
    throw admissionForbidden(attributes, error instanceof Error ? error.message : String(error))
  }
}

async function admit(attributes: AdmissionAttributes, services: ServerServices): Promise<void> {
  const pod = attributes.object
  if (!pod || !isPod(attributes)) return
  const spec = pod.spec as Free
  const defaults = attributes.operation === 'CREATE' ? ((await listIn(attributes, services, 'defaultTolerations')) ?? []) : []
  const extra = [...defaults, ...(qosClassOf(spec) === 'BestEffort' ? [] : [{ key: 'node.kubernetes.io/memory-pressure', operator: 'Exists', effect: 'NoSchedule' }])]
  const tolerations = listOf(spec.tolerations)
  for (const item of extra) if (!tolerations.some((other) => equalJson(other, item))) tolerations.push(item)
  if (tolerations.length > 0) spec.tolerations = tolerations
}

async function validate(attributes: AdmissionAttributes, services: ServerServices): Promise<void> {
  if (!attributes.object || !isPod(attributes)) return
  const allowed = await listIn(attributes, services, 'tolerationsWhitelist')
  if (!allowed || allowed.length === 0) return
  const covers = (rule: Free, item: Free): boolean => (!rule.key || rule.key === item.key) && (!rule.effect || rule.effect === item.effect) && (rule.operator === 'Exists' || (rule.value ?? '') === (item.value ?? ''))
  const wrong = listOf(attributes.object.spec?.tolerations).some((item) => !allowed.some((rule) => covers(rule, item)))
  if (wrong) throw admissionForbidden(attributes, 'pod tolerations (possibly merged with namespace default tolerations) conflict with its namespace whitelist')
}
