/** Limit ranges: defaults for containers that say nothing, bounds for all that is made. */
import type { KubeObject } from '#engine/api/object'
import { admissionForbidden } from '#engine/apiserver/admission/plugin'
import type { AdmissionAttributes, AdmissionRegistration } from '#engine/apiserver/admission/plugin'
import { isPod } from '#engine/apiserver/admission/shared/pods'
import { listOf } from '#engine/apiserver/registry/free'
import type { Free } from '#engine/apiserver/registry/free'
import type { ServerServices } from '#engine/apiserver/services'
import { checkClaim, checkPod } from './bounds'

export const limitRanger: AdmissionRegistration = {
  name: 'LimitRanger',
  enabledByDefault: true,
  create: (services) => ({
    name: 'LimitRanger',
    handles: (operation) => operation === 'CREATE' || operation === 'UPDATE',
    admit: (attributes) => run(attributes, services, mutate),
    validate: (attributes) => run(attributes, services, check),
  }),
}

function run(attributes: AdmissionAttributes, services: ServerServices, step: (attributes: AdmissionAttributes, range: KubeObject) => void): Promise<void> | undefined {
  const { object, operation, resource, subresource } = attributes
  if (!object || attributes.group !== '' || object.metadata.deletionTimestamp) return undefined
  const concerned = resource === 'pods' ? (operation === 'CREATE' ? subresource === '' : subresource === 'resize') : resource === 'persistentvolumeclaims' && subresource === ''
  if (!concerned || services.reader.hasNone('limitranges')) return undefined
  return eachRange(attributes, services, step)
}

async function eachRange(attributes: AdmissionAttributes, services: ServerServices, step: (attributes: AdmissionAttributes, range: KubeObject) => void): Promise<void> {
  for (const range of await services.reader.list('limitranges', attributes.namespace)) step(attributes, range)
}

function mutate(attributes: AdmissionAttributes, range: KubeObject): void {
  if (!isPod(attributes) || attributes.operation !== 'CREATE') return
  const limits: Record<string, string> = {}
  const requests: Record<string, string> = {}
  for (const item of listOf(range.spec?.limits)) {
    if (item.type !== 'Container') continue
    Object.assign(requests, item.defaultRequest)
    Object.assign(limits, item.default)
  }
  const pod = attributes.object as KubeObject
  const notes: string[] = []
  for (const container of listOf(pod.spec?.containers)) fill(container, 'container', limits, requests, notes)
  for (const container of listOf(pod.spec?.initContainers)) fill(container, 'init container', limits, requests, notes)
  if (notes.length > 0) (pod.metadata.annotations ??= {})['kubernetes.io/limit-ranger'] = `LimitRanger plugin set: ${notes.join('; ')}`
}

function fill(container: Free, word: string, limits: Readonly<Record<string, string>>, requests: Readonly<Record<string, string>>, notes: string[]): void {
  const resources = (container.resources ??= {})
  const given: string[] = []
  for (const [field, defaults, what] of [['requests', requests, 'request'], ['limits', limits, 'limit']] as const) {
    const missing = Object.keys(defaults).filter((name) => resources[field]?.[name] === undefined).sort()
    if (missing.length === 0) continue
    resources[field] = { ...resources[field] }
    for (const name of missing) resources[field][name] = defaults[name]
    given.push(`${missing.join(', ')} ${what} for ${word} ${container.name as string}`)
  }
  notes.push(...given)
}

function check(attributes: AdmissionAttributes, range: KubeObject): void {
  const object = attributes.object as KubeObject
  const complaints = attributes.resource === 'pods' ? checkPod(listOf(range.spec?.limits), object.spec as Free) : checkClaim(listOf(range.spec?.limits), object)
  const distinct = [...new Set(complaints)]
  if (distinct.length > 0) throw admissionForbidden(attributes, distinct.length === 1 ? (distinct[0] ?? '') : `[${distinct.join(', ')}]`)
}
