/** What a pod's runtime class adds: overhead, node selector, tolerations. */
import { equalJson } from '#engine/api/object'
import type { KubeObject } from '#engine/api/object'
import { admissionForbidden } from '#engine/apiserver/admission/plugin'
import type { AdmissionAttributes, AdmissionRegistration } from '#engine/apiserver/admission/plugin'
import { isPod } from '#engine/apiserver/admission/shared/pods'
import { canonicalQuantity, tryQuantity } from '#engine/api/quantity'
import { listOf } from '#engine/apiserver/registry/free'
import type { Free } from '#engine/apiserver/registry/free'
import type { ServerServices } from '#engine/apiserver/services'

export const runtimeClass: AdmissionRegistration = {
  name: 'RuntimeClass',
  enabledByDefault: true,
  create: (services) => ({
    name: 'RuntimeClass',
    handles: (operation) => operation === 'CREATE',
    admit: (attributes) => (isPod(attributes) ? admit(attributes, services) : undefined),
    validate: (attributes) => (isPod(attributes) ? validate(attributes, services) : undefined),
  }),
}

async function classOf(attributes: AdmissionAttributes, services: ServerServices): Promise<KubeObject | undefined> {
  const name = attributes.object?.spec?.runtimeClassName as string | undefined
  if (name === undefined || name === '') return undefined
  const found = await services.reader.get('runtimeclasses.node.k8s.io', '', name)
  if (!found) throw admissionForbidden(attributes, `pod rejected: RuntimeClass ${JSON.stringify(name)} not found`)
  return found
}

async function admit(attributes: AdmissionAttributes, services: ServerServices): Promise<void> {
  const pod = attributes.object
  if (!pod || !isPod(attributes)) return
  const found = await classOf(attributes, services)
  const spec = pod.spec as Free
  if (found?.overhead?.podFixed) {
    if (spec.overhead && !sameQuantities(spec.overhead, found.overhead.podFixed)) throw admissionForbidden(attributes, "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead")
    spec.overhead = { ...found.overhead.podFixed }
  }
  if (found?.scheduling) schedule(attributes, spec, found.scheduling as Free)
}

function schedule(attributes: AdmissionAttributes, spec: Free, scheduling: Free): void {
  const wanted = (scheduling.nodeSelector ?? {}) as Record<string, string>
  for (const key of Object.keys(wanted).sort()) {
    const given = spec.nodeSelector?.[key] as string | undefined
    if (given !== undefined && given !== wanted[key]) throw admissionForbidden(attributes, `conflict: runtimeClass.scheduling.nodeSelector[${key}] = ${wanted[key] ?? ''}; pod.spec.nodeSelector[${key}] = ${given}`)
  }
  if (Object.keys(wanted).length > 0) spec.nodeSelector = { ...spec.nodeSelector, ...wanted }
  const tolerations = listOf(spec.tolerations)
  for (const toleration of listOf(scheduling.tolerations)) if (!tolerations.some((item) => equalJson(item, toleration))) tolerations.push(toleration)
  if (tolerations.length > 0) spec.tolerations = tolerations
}

async function validate(attributes: AdmissionAttributes, services: ServerServices): Promise<void> {
  const pod = attributes.object
  if (!pod || !isPod(attributes)) return
  const found = await classOf(attributes, services)
  const overhead = pod.spec?.overhead as Free
  const fixed = found?.overhead?.podFixed as Free
  if (fixed && (!overhead || !sameQuantities(overhead, fixed))) throw admissionForbidden(attributes, "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead")
  if (!fixed && overhead && Object.keys(overhead as object).length > 0) throw admissionForbidden(attributes, 'pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead')
}

function sameQuantities(a: Free, b: Free): boolean {
  const canonical = (list: Record<string, string>): Record<string, string> => Object.fromEntries(Object.entries(list).map(([key, value]) => [key, tryQuantity(value) ? canonicalQuantity(value) : value]))
  return equalJson(canonical(a), canonical(b))
}
