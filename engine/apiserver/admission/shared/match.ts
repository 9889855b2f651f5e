/** Which requests a webhook or a policy is meant for. */
import { selectorMatches, isEmptySelector } from '#engine/api/validation/selectors'
import type { LabelSelectorLike } from '#engine/api/validation/selectors'
import type { AdmissionAttributes } from '#engine/apiserver/admission/plugin'
import { listOf } from '#engine/apiserver/registry/free'
import type { Free } from '#engine/apiserver/registry/free'
import type { ServerServices } from '#engine/apiserver/services'

/** The configurations themselves are never subject to what they configure. */
const exempt = new Set(['validatingwebhookconfigurations', 'mutatingwebhookconfigurations', 'validatingadmissionpolicies', 'validatingadmissionpolicybindings', 'mutatingadmissionpolicies', 'mutatingadmissionpolicybindings'])

export function isExempt(attributes: AdmissionAttributes): boolean {
  return attributes.group === 'admissionregistration.k8s.io' && exempt.has(attributes.resource)
}

export function ruleMatches(rule: Free, attributes: AdmissionAttributes, namespaced: boolean): boolean {
  const has = (list: Free, value: string): boolean => listOf(list).includes('*') || listOf(list).includes(value)
  if (!has(rule.operations, attributes.operation) || !has(rule.apiGroups, attributes.group) || !has(rule.apiVersions, attributes.version)) return false
  const scope = (rule.scope ?? '*') as string
  if (scope === 'Namespaced' && !namespaced) return false
  if (scope === 'Cluster' && namespaced) return false
  if (listOf(rule.resourceNames).length > 0 && !listOf(rule.resourceNames).includes(attributes.name)) return false
  const { resource, subresource } = attributes
  return (listOf(rule.resources) as string[]).some((item) => {
    const [wanted, sub] = item.split('/')
    if (wanted !== '*' && wanted !== resource) return false
    return sub === undefined ? subresource === '' : sub === '*' || sub === subresource
  })
}

/** A namespace is judged by its own labels, what lies in one by its namespace's, all else matches. */
export async function namespaceMatches(selector: LabelSelectorLike | undefined, attributes: AdmissionAttributes, services: ServerServices): Promise<boolean> {
  if (!selector || isEmptySelector(selector)) return true
  if (attributes.resource === 'namespaces' && attributes.group === '') return selectorMatches(selector, (attributes.object ?? attributes.oldObject)?.metadata.labels)
  if (attributes.namespace === '') return true
  const namespace = await services.reader.get('namespaces', '', attributes.namespace)
  return namespace !== undefined && selectorMatches(selector, namespace.metadata.labels)
}

export function objectMatches(selector: LabelSelectorLike | undefined, attributes: AdmissionAttributes): boolean {
  if (!selector || isEmptySelector(selector)) return true
  return [attributes.object, attributes.oldObject].some((object) => object !== undefined && selectorMatches(selector, object.metadata.labels ?? {}))
}

/** What the request is, as webhooks and expressions are told. */
export function requestOf(attributes: AdmissionAttributes, uid: string): Free {
  const kind = { group: attributes.kindGroup, version: attributes.kindVersion, kind: attributes.kind }
  const resource = { group: attributes.group, version: attributes.version, resource: attributes.resource }
  const { username, uid: userUid, groups, extra } = attributes.user
  return {
    uid, kind, resource, ...(attributes.subresource === '' ? {} : { subResource: attributes.subresource }),
    requestKind: kind, requestResource: resource, ...(attributes.subresource === '' ? {} : { requestSubResource: attributes.subresource }),
    ...(attributes.name === '' ? {} : { name: attributes.name }), ...(attributes.namespace === '' ? {} : { namespace: attributes.namespace }), operation: attributes.operation,
    userInfo: { username, ...(userUid === undefined ? {} : { uid: userUid }), groups, ...(extra === undefined ? {} : { extra }) },
    object: attributes.object ?? null, oldObject: attributes.oldObject ?? null, dryRun: attributes.dryRun, options: attributes.options ?? null,
  }
}

export const expressionVariables = ['object', 'oldObject', 'request', 'params', 'namespaceObject', 'authorizer', 'variables']
