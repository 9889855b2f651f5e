/** Impersonation and authorization of a request. */
import type { HttpRequest } from '#engine/base/http'
import { failure, type StatusError } from '#engine/api/status'
import { forbiddenError } from '#engine/api/errors'
import { parseFieldSelector, parseLabelSelector } from '#engine/api/selector'
import { authenticated, extraOf, listOf } from '#engine/apiserver/authentication/authenticator'
import type { AuthorizationAttributes, AuthorizationDecision, Authorizer } from '#engine/apiserver/authorization/authorizer'
import type { UserInfo } from '#engine/apiserver/authentication/user'
import type { RequestInfo } from './info'

export function attributesOf(user: UserInfo, info: RequestInfo): AuthorizationAttributes {
  const base = {
    user, verb: info.verb, isResource: info.isResource, group: info.group, version: info.version, resource: info.resource,
    subresource: info.subresource, namespace: info.namespace, name: info.name, path: info.path,
  }
  if (!['list', 'watch', 'deletecollection'].includes(info.verb)) return base
  const selectors = selectorsOf(info)
  // A list of the one object of a name is a question about that object: the node authorizer stands on it.
  const named = selectors.fieldSelector?.find((item) => item.field === 'metadata.name' && item.operator === '=')
  return { ...base, ...selectors, ...(base.name === '' && named ? { name: named.value } : {}) }
}

function selectorsOf(info: RequestInfo): Pick<AuthorizationAttributes, 'fieldSelector' | 'labelSelector'> {
  const fields = info.query.get('fieldSelector')
  const labels = info.query.get('labelSelector')
  try {
    return {
      ...(fields ? { fieldSelector: parseFieldSelector(fields) } : {}),
      ...(labels ? { labelSelector: parseLabelSelector(labels) } : {}),
    }
  } catch {
    return {}
  }
}

/** Throws where the user may not, at once where the answer has not to be waited for. */
export function authorize(authorizer: Authorizer, user: UserInfo, info: RequestInfo, annotations: Record<string, string>): void | Promise<void> {
  const attributes = attributesOf(user, info)
  const decision = authorizer.authorize(attributes)
  return decision instanceof Promise ? decision.then((later) => heed(later, attributes, annotations)) : heed(decision, attributes, annotations)
}

function heed({ decision, reason }: AuthorizationDecision, attributes: AuthorizationAttributes, annotations: Record<string, string>): void {
  annotations['authorization.k8s.io/decision'] = decision === 'allow' ? 'allow' : 'forbid'
  annotations['authorization.k8s.io/reason'] = reason
  if (decision !== 'allow') throw refusal(attributes, reason)
}

/** `pods is forbidden: User "x" cannot list resource "pods" in API group "" in the namespace "default"` */
export function refusal(attributes: AuthorizationAttributes, reason: string): StatusError {
  const tail = reason === '' ? '' : `: ${reason}`
  const user = JSON.stringify(attributes.user.username)
  if (!attributes.isResource) return failure(403, 'Forbidden', `forbidden: User ${user} cannot ${attributes.verb} path ${JSON.stringify(attributes.path)}${tail}`, {})
  const resource = attributes.subresource === '' ? attributes.resource : `${attributes.resource}/${attributes.subresource}`
  const where = attributes.namespace === '' ? 'at the cluster scope' : `in the namespace ${JSON.stringify(attributes.namespace)}`
  return forbiddenError({ group: attributes.group, resource: attributes.resource }, attributes.name, `User ${user} cannot ${attributes.verb} resource ${JSON.stringify(resource)} in API group ${JSON.stringify(attributes.group)} ${where}${tail}`)
}

/** Whether a request is meant to be somebody else's. */
export function impersonates(request: HttpRequest): boolean {
  for (const name in request.headers) if (name.startsWith('impersonate-')) return true
  return false
}

/** The user that the request wants to be, checked against what the real one may. */
export async function impersonated(authorizer: Authorizer, user: UserInfo, request: HttpRequest): Promise<UserInfo | undefined> {
  const name = request.headers['impersonate-user'] ?? ''
  const groups = listOf(request.headers['impersonate-group'])
  const extra = extraOf(request, ['impersonate-extra-'])
  const uid = request.headers['impersonate-uid'] ?? ''
  if (name === '' && groups.length === 0 && Object.keys(extra).length === 0 && uid === '') return undefined
  if (name === '') throw failure(500, 'InternalError', `Internal error occurred: requested [{ImpersonateGroup  ${groups[0] ?? ''}  {}}] without impersonating a user`, { causes: [{ message: 'requested without impersonating a user' }] })
  await mayBe(authorizer, user, name, groups, extra, uid)
  return target(name, groups, extra, uid)
}

async function mayBe(authorizer: Authorizer, user: UserInfo, name: string, groups: readonly string[], extra: Readonly<Record<string, readonly string[]>>, uid: string): Promise<void> {
  const account = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(name)
  const ask = (group: string, resource: string, subresource: string, target: string, namespace = ''): Promise<void> => mayImpersonate(authorizer, user, group, resource, subresource, target, namespace)
  if (account) await ask('', 'serviceaccounts', '', account[2] as string, account[1] as string)
  else await ask('', 'users', '', name)
  for (const group of groups) await ask('', 'groups', '', group)
  for (const [key, values] of Object.entries(extra)) for (const value of values) await ask('authentication.k8s.io', 'userextras', key, value)
  if (uid !== '') await ask('authentication.k8s.io', 'uids', '', uid)
}

async function mayImpersonate(authorizer: Authorizer, user: UserInfo, group: string, resource: string, subresource: string, name: string, namespace: string): Promise<void> {
  const attributes: AuthorizationAttributes = { user, verb: 'impersonate', isResource: true, group, version: 'v1', resource, subresource, namespace, name, path: '' }
  const { decision, reason } = await authorizer.authorize(attributes)
  if (decision !== 'allow') throw refusal(attributes, reason)
}

function target(name: string, groups: string[], extra: Record<string, string[]>, uid: string): UserInfo {
  const account = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(name)
  const all = account && groups.length === 0 ? ['system:serviceaccounts', `system:serviceaccounts:${account[1] as string}`] : groups
  const made: UserInfo = { username: name, groups: all, ...(uid === '' ? {} : { uid }), ...(Object.keys(extra).length > 0 ? { extra } : {}) }
  if (name === 'system:anonymous') return all.includes('system:unauthenticated') ? made : { ...made, groups: [...all, 'system:unauthenticated'] }
  return authenticated(made)
}
