/** Nobody hands out rights he does not have, unless he may `escalate` roles or `bind` to them. */
import { failure } from '#engine/api/status'
import type { KubeObject } from '#engine/api/object'
import type { AuthorizationAttributes } from '#engine/apiserver/authorization/authorizer'
import type { UserInfo } from '#engine/apiserver/authentication/user'
import type { RequestContext } from '#engine/apiserver/registry/resource'
import type { ServerServices } from '#engine/apiserver/services'
import { RuleResolver } from './resolver'
import { compactRules, ruleText, uncovered } from './rules'
import type { PolicyRule } from './rules'

const group = 'rbac.authorization.k8s.io'

/** For roles: the rules must be covered by what the user has. */
export async function checkRoleEscalation(role: KubeObject, previous: KubeObject | undefined, services: ServerServices, context: RequestContext, plural: 'roles' | 'clusterroles'): Promise<void> {
  if (previous && JSON.stringify(previous.rules ?? []) === JSON.stringify(role.rules ?? []) && JSON.stringify(previous.aggregationRule ?? null) === JSON.stringify(role.aggregationRule ?? null)) return
  if (isMaster(context.user) || (await mayDo(services, context, 'escalate', plural, role.metadata.namespace ?? '', role.metadata.name ?? ''))) return
  const everything: PolicyRule[] = [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }, { verbs: ['*'], nonResourceURLs: ['*'] }]
  if (role.aggregationRule && JSON.stringify(previous?.aggregationRule ?? null) !== JSON.stringify(role.aggregationRule)) {
    const complaint = await complain(services, context.user, '', everything)
    if (complaint) throw forbidden(plural, role, 'must have cluster-admin privileges to use the aggregationRule')
  }
  const complaint = await complain(services, context.user, role.metadata.namespace ?? '', (role.rules ?? []) as PolicyRule[])
  if (complaint) throw forbidden(plural, role, complaint)
}

/** For bindings: the same of the role that is bound. */
export async function checkBindingEscalation(binding: KubeObject, previous: KubeObject | undefined, services: ServerServices, context: RequestContext, plural: 'rolebindings' | 'clusterrolebindings'): Promise<void> {
  const unchanged = previous && JSON.stringify(previous.subjects ?? []) === JSON.stringify(binding.subjects ?? []) && JSON.stringify(previous.roleRef) === JSON.stringify(binding.roleRef)
  if (unchanged || isMaster(context.user)) return
  const ref = binding.roleRef as { kind: string; name: string }
  const namespace = binding.metadata.namespace ?? ''
  const target = ref.kind === 'ClusterRole' ? 'clusterroles' : 'roles'
  if (await mayDo(services, context, 'bind', target, namespace, ref.name)) return
  const rules = await new RuleResolver(services.reader).rulesOf(ref, namespace)
  if (!rules) throw failure(404, 'NotFound', `${target}.${group} ${JSON.stringify(ref.name)} not found`, { name: ref.name, group, kind: target })
  const complaint = await complain(services, context.user, namespace, rules)
  if (complaint) throw forbidden(plural, binding, complaint)
}

function isMaster(user: UserInfo): boolean {
  return user.groups.includes('system:masters')
}

async function mayDo(services: ServerServices, context: RequestContext, verb: string, resource: string, namespace: string, name: string): Promise<boolean> {
  const attributes: AuthorizationAttributes = { user: context.user, verb, isResource: true, group, version: 'v1', resource, subresource: '', namespace, name, path: '' }
  return (await services.authorizer.authorize(attributes)).decision === 'allow'
}

async function complain(services: ServerServices, user: UserInfo, namespace: string, wanted: readonly PolicyRule[]): Promise<string | undefined> {
  const { grants, errors } = await new RuleResolver(services.reader).grantsOf(user, namespace)
  const missing = uncovered(grants.flatMap((grant) => grant.rules), wanted)
  if (missing.length === 0) return undefined
  const groups = `[${user.groups.map((item) => JSON.stringify(item)).join(' ')}]`
  const lines = compactRules(missing).map(ruleText).sort()
  const resolution = errors.length > 0 ? `; resolution errors: [${errors.join(', ')}]` : ''
  return `user ${JSON.stringify(user.username)} (groups=${groups}) is attempting to grant RBAC permissions not currently held:\n${lines.join('\n')}${resolution}`
}

function forbidden(plural: string, object: KubeObject, message: string): Error {
  const name = object.metadata.name ?? ''
  return failure(403, 'Forbidden', `${plural}.${group} ${JSON.stringify(name)} is forbidden: ${message}`, { name, group, kind: plural })
}
