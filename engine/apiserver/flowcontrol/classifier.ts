/** Finds the flow schema of a request: the first by precedence whose rules speak of the user and of what is asked. */
import type { KubeObject } from '#engine/api/object'
import type { RequestInfo } from '#engine/apiserver/chain/info'
import type { UserInfo } from '#engine/apiserver/authentication/user'

interface Subject {
  readonly kind: string
  readonly user?: { readonly name: string }
  readonly group?: { readonly name: string }
  readonly serviceAccount?: { readonly namespace: string; readonly name: string }
}

interface ResourceRule {
  readonly verbs: readonly string[]
  readonly apiGroups: readonly string[]
  readonly resources: readonly string[]
  readonly clusterScope?: boolean
  readonly namespaces?: readonly string[]
}

interface Rule {
  readonly subjects?: readonly Subject[]
  readonly resourceRules?: readonly ResourceRule[]
  readonly nonResourceRules?: readonly { readonly verbs: readonly string[]; readonly nonResourceURLs: readonly string[] }[]
}

export interface FlowSchema extends KubeObject {
  readonly spec: { readonly matchingPrecedence?: number; readonly priorityLevelConfiguration: { readonly name: string }; readonly rules?: readonly Rule[] }
}

export function byPrecedence(a: FlowSchema, b: FlowSchema): number {
  return (a.spec.matchingPrecedence ?? 1000) - (b.spec.matchingPrecedence ?? 1000) || ((a.metadata.name ?? '') < (b.metadata.name ?? '') ? -1 : 1)
}

/** `schemas` in order of precedence. */
export function classify(schemas: readonly FlowSchema[], user: UserInfo, info: RequestInfo): FlowSchema | undefined {
  return schemas.find((schema) => (schema.spec.rules ?? []).some((rule) => (rule.subjects ?? []).some((subject) => isOf(subject, user)) && speaksOf(rule, info)))
}

function isOf(subject: Subject, user: UserInfo): boolean {
  switch (subject.kind) {
    case 'User': return has([subject.user?.name ?? ''], user.username)
    case 'Group': return subject.group?.name === '*' || user.groups.includes(subject.group?.name ?? '')
    case 'ServiceAccount': {
      const account = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(user.username)
      return account !== null && account[1] === subject.serviceAccount?.namespace && has([subject.serviceAccount?.name ?? ''], account[2] ?? '')
    }
    default: return false
  }
}

function speaksOf(rule: Rule, info: RequestInfo): boolean {
  if (info.isResource) return (rule.resourceRules ?? []).some((item) => speaksOfResource(item, info))
  return (rule.nonResourceRules ?? []).some((item) => has(item.verbs, info.verb) && item.nonResourceURLs.some((pattern) => pattern === '*' || pattern === info.path || (pattern.endsWith('*') && info.path.startsWith(pattern.slice(0, -1)))))
}

function speaksOfResource(rule: ResourceRule, info: RequestInfo): boolean {
  const resource = info.subresource === '' ? info.resource : `${info.resource}/${info.subresource}`
  if (!has(rule.verbs, info.verb) || !has(rule.apiGroups, info.group) || !has(rule.resources, resource)) return false
  return info.namespace === '' ? rule.clusterScope === true : has(rule.namespaces ?? [], info.namespace)
}

function has(list: readonly string[], value: string): boolean {
  return list.includes('*') || list.includes(value)
}
