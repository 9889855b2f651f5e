/** MutatingAdmissionPolicy: which policies a request meets, in which order, and which of them once more. */
import { equalJson } from '#engine/api/object'
import type { KubeObject } from '#engine/api/object'
import { admissionForbidden } from '#engine/apiserver/admission/plugin'
import type { AdmissionAttributes, AdmissionRegistration } from '#engine/apiserver/admission/plugin'
import { matchesResources, paramsOf } from '#engine/apiserver/admission/shared/bindings'
import { isExempt } from '#engine/apiserver/admission/shared/match'
import type { ServerServices } from '#engine/apiserver/services'
import { mutatePolicy } from './mutate'

const group = 'admissionregistration.k8s.io'

export const mutatingAdmissionPolicy: AdmissionRegistration = {
  name: 'MutatingAdmissionPolicy',
  enabledByDefault: true,
  create: (services) => ({ name: 'MutatingAdmissionPolicy', handles: () => services.resources.named(`mutatingadmissionpolicies.${group}`) !== undefined, admit: (attributes) => admit(attributes, services) }),
}

interface Bound {
  readonly policy: KubeObject
  readonly binding: KubeObject
}

async function admit(attributes: AdmissionAttributes, services: ServerServices): Promise<void> {
  if (isExempt(attributes) || !attributes.object) return
  const bound = await boundPolicies(services)
  const again: Bound[] = []
  for (const [index, one] of bound.entries()) {
    const changed = await invoke(one, attributes, services)
    if (changed) for (const earlier of bound.slice(0, index)) if (earlier.policy !== one.policy && earlier.policy.spec?.reinvocationPolicy === 'IfNeeded' && !again.includes(earlier)) again.push(earlier)
  }
  for (const one of again) await invoke(one, attributes, services)
}

async function boundPolicies(services: ServerServices): Promise<Bound[]> {
  const bindings = await services.reader.list(`mutatingadmissionpolicybindings.${group}`)
  if (bindings.length === 0) return []
  const byName = (a: KubeObject, b: KubeObject): number => ((a.metadata.name ?? '') < (b.metadata.name ?? '') ? -1 : 1)
  const policies = [...(await services.reader.list(`mutatingadmissionpolicies.${group}`))].sort(byName)
  return policies.flatMap((policy) => [...bindings].sort(byName).filter((binding) => binding.spec?.policyName === policy.metadata.name).map((binding) => ({ policy, binding })))
}

/** True when the object was changed. */
async function invoke({ policy, binding }: Bound, attributes: AdmissionAttributes, services: ServerServices): Promise<boolean> {
  if (!(await matchesResources(policy.spec?.matchConstraints, attributes, services, true))) return false
  if (binding.spec?.matchResources && !(await matchesResources(binding.spec.matchResources, attributes, services, false))) return false
  const before = attributes.object
  try {
    const params = await paramsOf(policy, binding, attributes, services)
    if ('problem' in params) throw new Error(`failed to configure binding: ${params.problem}`)
    const namespace = attributes.namespace === '' ? undefined : await services.reader.get('namespaces', '', attributes.namespace)
    for (const param of params.list) attributes.object = await mutatePolicy(policy, attributes, param, namespace, services)
  } catch (error) {
    attributes.object = before
    if (policy.spec?.failurePolicy === 'Ignore') return false
    throw refused(attributes, policy, binding, error instanceof Error ? error.message : String(error))
  }
  return !equalJson(before, attributes.object)
}

function refused(attributes: AdmissionAttributes, policy: KubeObject, binding: KubeObject, problem: string): Error {
  const message = `policy '${policy.metadata.name ?? ''}' with binding '${binding.metadata.name ?? ''}' denied request: ${problem}`
  const error = admissionForbidden(attributes, message)
  Object.assign(error.status, { reason: 'Invalid' })
  error.status.details = { ...error.status.details, causes: [{ message }] }
  return error
}
