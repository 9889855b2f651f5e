/** ValidatingAdmissionPolicy: CEL rules, bound to requests by bindings. */
import type { KubeObject } from '#engine/api/object'
import { parseGroupVersion } from '#engine/api/object'
import { selectorMatches } from '#engine/api/validation/selectors'
import { admissionForbidden } from '#engine/apiserver/admission/plugin'
import type { AdmissionAttributes, AdmissionRegistration } from '#engine/apiserver/admission/plugin'
import { isExempt, namespaceMatches, objectMatches, ruleMatches } from '#engine/apiserver/admission/shared/match'
import { listOf } from '#engine/apiserver/registry/free'
import type { Free } from '#engine/apiserver/registry/free'
import type { ServerServices } from '#engine/apiserver/services'
import { evaluatePolicy } from './evaluate'
import type { Decision } from './evaluate'

const group = 'admissionregistration.k8s.io'

export const validatingAdmissionPolicy: AdmissionRegistration = {
  name: 'ValidatingAdmissionPolicy',
  enabledByDefault: true,
  create: (services) => ({ name: 'ValidatingAdmissionPolicy', handles: () => true, validate: (attributes) => validate(attributes, services) }),
}

async function validate(attributes: AdmissionAttributes, services: ServerServices): Promise<void> {
  if (isExempt(attributes)) return
  const bindings = await services.reader.list(`validatingadmissionpolicybindings.${group}`)
  if (bindings.length === 0) return
  for (const policy of await services.reader.list(`validatingadmissionpolicies.${group}`)) {
    const mine = bindings.filter((binding) => binding.spec?.policyName === policy.metadata.name)
    if (mine.length === 0 || !(await matches(policy.spec?.matchConstraints, attributes, services, true))) continue
    for (const binding of mine) if (!binding.spec?.matchResources || (await matches(binding.spec.matchResources, attributes, services, false))) await judge(policy, binding, attributes, services)
  }
}

async function matches(match: Free, attributes: AdmissionAttributes, services: ServerServices, rulesNeeded: boolean): Promise<boolean> {
  const namespaced = attributes.namespace !== '' && !(attributes.group === '' && attributes.resource === 'namespaces')
  if (listOf(match?.excludeResourceRules).some((rule) => ruleMatches(rule, attributes, namespaced))) return false
  const rules = listOf(match?.resourceRules)
  if ((rules.length > 0 || rulesNeeded) && !rules.some((rule) => ruleMatches(rule, attributes, namespaced))) return false
  return objectMatches(match?.objectSelector, attributes) && (await namespaceMatches(match?.namespaceSelector, attributes, services))
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

type Params = { readonly list: readonly (KubeObject | null)[] } | { readonly problem: string }

async function paramsOf(policy: KubeObject, binding: KubeObject, attributes: AdmissionAttributes, services: ServerServices): Promise<Params> {
  const kind = policy.spec?.paramKind as { apiVersion: string; kind: string } | undefined
  const ref = binding.spec?.paramRef as Free
  if (!kind || !ref) return { list: [null] }
  const { group: paramGroup, version } = parseGroupVersion(kind.apiVersion)
  const definition = services.resources.ofKind(paramGroup, kind.kind, version)
  if (!definition) return { problem: `failed to find resource referenced by paramKind: '${kind.apiVersion}, Kind=${kind.kind}'` }
  const name = definition.group === '' ? definition.plural : `${definition.plural}.${definition.group}`
  const namespace = definition.scope === 'cluster' ? '' : ((ref.namespace ?? attributes.namespace) as string)
  if (definition.scope === 'namespaced' && namespace === '') return { problem: 'cannot use namespaced paramRef in policy binding that matches cluster-scoped resources' }
  const found = ref.name ? [await services.reader.get(name, namespace, ref.name as string)].filter((item): item is KubeObject => item !== undefined) : (await services.reader.list(name, namespace)).filter((item) => selectorMatches(ref.selector, item.metadata.labels ?? {}))
  if (found.length > 0) return { list: found }
  return ref.parameterNotFoundAction === 'Allow' ? { list: [] } : { problem: 'no params found for policy binding with `Deny` parameterNotFoundAction' }
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
