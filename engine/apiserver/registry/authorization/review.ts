/** Answering the SubjectAccessReview family. */
import type { FieldError } from '#engine/api/field'
import { FieldPath, invalid } from '#engine/api/field'
import type { KubeObject } from '#engine/api/object'
import { failure } from '#engine/api/status'
import type { AuthorizationAttributes } from '#engine/apiserver/authorization/authorizer'
import { listOf } from '#engine/apiserver/registry/free'
import type { Free } from '#engine/apiserver/registry/free'
import type { UserInfo } from '#engine/apiserver/authentication/user'
import type { ServerServices } from '#engine/apiserver/services'

const spec = FieldPath.root('spec')

export function validateReview(object: KubeObject, ofSelf: boolean): FieldError[] {
  const errors: FieldError[] = []
  const { resourceAttributes, nonResourceAttributes, user = '', groups } = (object.spec ?? {}) as Free
  if (resourceAttributes && nonResourceAttributes) errors.push(invalid(spec.child('nonResourceAttributes'), nonResourceAttributes, 'cannot be specified in combination with resourceAttributes'))
  if (!resourceAttributes && !nonResourceAttributes) errors.push(invalid(spec.child('resourceAttributes'), resourceAttributes, 'exactly one of nonResourceAttributes or resourceAttributes must be specified'))
  if (!ofSelf && user === '' && listOf(groups).length === 0) errors.push(invalid(spec.child('user'), user, 'at least one of user or group must be specified'))
  return errors
}

export function validateLocalReview(object: KubeObject): FieldError[] {
  const errors = validateReview(object, false)
  const asked = object.spec?.resourceAttributes?.namespace as string | undefined
  if (object.spec?.nonResourceAttributes) errors.push(invalid(spec.child('nonResourceAttributes'), object.spec.nonResourceAttributes, 'disallowed on this kind of request'))
  if (object.spec?.resourceAttributes && asked !== object.metadata.namespace) errors.push(invalid(spec.child('resourceAttributes', 'namespace'), asked ?? '', 'must match metadata.namespace'))
  return errors
}

/** Who a review that names its subject asks for. */
export function subjectOf(object: KubeObject): UserInfo {
  const { user = '', uid, groups, extra } = (object.spec ?? {}) as Free
  return { username: user, groups: listOf(groups) as string[], ...(uid === undefined ? {} : { uid }), ...(extra === undefined ? {} : { extra }) }
}

export async function answerReview(object: KubeObject, user: UserInfo, services: ServerServices): Promise<KubeObject> {
  const { decision, reason, evaluationError } = await services.authorizer.authorize(attributesOf(object.spec as Free, user))
  const status = { allowed: decision === 'allow', ...(decision === 'deny' ? { denied: true } : {}), ...(reason === '' ? {} : { reason }), ...(evaluationError === undefined ? {} : { evaluationError }) }
  return { ...object, status }
}

function attributesOf(review: Free, user: UserInfo): AuthorizationAttributes {
  const none = { group: '', version: '', resource: '', subresource: '', namespace: '', name: '', path: '' }
  const path = review.nonResourceAttributes
  if (path) return { ...none, user, verb: path.verb ?? '', isResource: false, path: path.path ?? '' }
  const { verb = '', group = '', version = '', resource = '', subresource = '', namespace = '', name = '' } = review.resourceAttributes ?? {}
  return { ...none, user, verb, isResource: true, group, version, resource, subresource, namespace, name, ...fieldSelectorOf(review.resourceAttributes) }
}

function fieldSelectorOf(asked: Free): Pick<AuthorizationAttributes, 'fieldSelector'> {
  const list = listOf(asked?.fieldSelector?.requirements)
  if (list.length === 0) return {}
  return { fieldSelector: list.filter((item) => listOf(item.values).length === 1).map((item) => ({ field: item.key as string, operator: item.operator === 'NotIn' ? ('!=' as const) : ('=' as const), value: item.values[0] as string })) }
}

export async function answerRulesReview(object: KubeObject, user: UserInfo, services: ServerServices): Promise<KubeObject> {
  const namespace = (object.spec?.namespace ?? '') as string
  if (namespace === '') throw failure(400, 'BadRequest', 'no namespace on request')
  const rules = await services.authorizer.rulesFor?.(user, namespace)
  if (!rules) throw failure(400, 'BadRequest', 'the authorizer does not support user rule resolution')
  const { resourceRules, nonResourceRules, incomplete, evaluationError } = rules
  return { ...object, status: { resourceRules, nonResourceRules, incomplete, ...(evaluationError === undefined ? {} : { evaluationError }) } }
}
