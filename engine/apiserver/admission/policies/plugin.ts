/** ValidatingAdmissionPolicy: CEL rules, bound to requests by bindings. */
import type { KubeObject } from '#engine/api/object'
import { admissionForbidden } from '#engine/apiserver/admission/plugin'
import type { AdmissionAttributes, AdmissionRegistration } from '#engine/apiserver/admission/plugin'
import { isExempt } from '#engine/apiserver/admission/shared/match'
import { matchesResources, paramsOf } from '#engine/apiserver/admission/shared/bindings'
import { listOf } from '#engine/apiserver/registry/free'
import type { ServerServices } from '#engine/apiserver/services'
import { evaluatePolicy } from './evaluate'
import type { Decision } from './evaluate'

const group = 'admissionregistration.k8s.io'

export const validatingAdmissionPolicy: AdmissionRegistration = {
  name: 'ValidatingAdmissionPolicy',
  enabledByDefault: true,
  create: (services) => ({ name: 'ValidatingAdmissionPolicy', handles: () => true, validate: (attributes) => (services.reader.hasNone(`validatingadmissionpolicybindings.${group}`) ? undefined : validate(attributes, services)) }),
}

async function validate(attributes: AdmissionAttributes, services: ServerServices): Promise<void> {
  if (isExempt(attributes)) return
  const bindings = await services.reader.list(`validatingadmissionpolicybindings.${group}`)
  if (bindings.length === 0) return
  for (const policy of await services.reader.list(`validatingadmissionpolicies.${group}`)) {
    const mine = bindings.filter((binding) => binding.spec?.policyName === policy.metadata.name)
    if (mine.length === 0 || !(await matchesResources(policy.spec?.matchConstraints, attributes, services, true))) continue
    for (const binding of mine) if (!binding.spec?.matchResources || (await matchesResources(binding.spec.matchResources, attributes, services, false))) await judge(policy, binding, attributes, services)
  }
}

async function judge(policy: KubeObject, binding: KubeObject, attributes: AdmissionAttributes, services: ServerServices): Promise<void> {
  const params = await paramsOf(policy, binding, attributes, services)
  if ('problem' in params) {
    if (policy.spec?.failurePolicy === 'Ignore') return
    return act({ message: `failed to configure binding: ${params.problem}`, reason: '', index: -1 }, policy, binding, attributes, ['Deny'])
  }
  const namespace = attributes.namespace === '' ? undefined : await services.reader.get('namespaces', '', attributes.namespace)
  for (const param of params.list) {
    const { denied, annotations } = await evaluatePolicy(policy, attributes, param, namespace, services.authorizer)
    for (const [key, value] of Object.entries(annotations)) attributes.annotate(`${policy.metadata.name ?? ''}/${key}`, value)
    for (const decision of denied) act(decision, policy, binding, attributes, listOf(binding.spec?.validationActions) as string[])
  }
}

const codes: Readonly<Record<string, number>> = { Forbidden: 403, Unauthorized: 401, RequestEntityTooLarge: 413, Invalid: 422 }

function act(decision: Decision, policy: KubeObject, binding: KubeObject, attributes: AdmissionAttributes, actions: readonly string[]): void {
  const where = `ValidatingAdmissionPolicy '${policy.metadata.name ?? ''}' with binding '${binding.metadata.name ?? ''}'`
  if (actions.includes('Audit')) attributes.annotate('validation.policy.admission.k8s.io/validation_failure', JSON.stringify([{ message: decision.message, policy: policy.metadata.name, binding: binding.metadata.name, expressionIndex: decision.index, validationActions: actions }]))
  if (actions.includes('Warn')) attributes.warn(`Validation failed for ${where}: ${decision.message}`)
  if (!actions.includes('Deny')) return
  const message = `${where} denied request: ${decision.message}`
  const error = admissionForbidden(attributes, message)
  const reason = decision.reason === '' ? 'Invalid' : decision.reason
  Object.assign(error.status, { reason, code: codes[reason] ?? 422 })
  error.status.details = { ...error.status.details, causes: [{ message }] }
  throw error
}
