/** An audit policy: the first rule that speaks of a request says how much of it is kept. */
import type { RequestInfo } from '#engine/apiserver/chain/info'
import type { UserInfo } from '#engine/apiserver/authentication/user'

export type Level = 'None' | 'Metadata' | 'Request' | 'RequestResponse'
export type Stage = 'RequestReceived' | 'ResponseStarted' | 'ResponseComplete' | 'Panic'

export interface Rule {
  readonly level?: Level
  readonly users?: readonly string[]
  readonly userGroups?: readonly string[]
  readonly verbs?: readonly string[]
  readonly resources?: readonly { readonly group?: string; readonly resources?: readonly string[]; readonly resourceNames?: readonly string[] }[]
  readonly namespaces?: readonly string[]
  readonly nonResourceURLs?: readonly string[]
  readonly omitStages?: readonly string[]
  readonly omitManagedFields?: boolean
}

export interface PolicyDocument {
  readonly kind: string
  readonly apiVersion: string
  readonly rules: readonly Rule[]
  readonly omitStages?: readonly string[]
  readonly omitManagedFields?: boolean
}

export interface AuditDecision {
  readonly level: Level
  readonly omitStages: readonly string[]
  readonly omitManagedFields: boolean
}

export class AuditPolicy {
  constructor(private readonly document: PolicyDocument) {}

  decide(info: RequestInfo, user: UserInfo | undefined): AuditDecision {
    const { rules, omitStages = [], omitManagedFields = false } = this.document
    const rule = rules.find((item) => matches(item, info, user))
    return { level: rule?.level ?? 'None', omitStages: [...omitStages, ...(rule?.omitStages ?? [])], omitManagedFields: rule?.omitManagedFields ?? omitManagedFields }
  }
}

function matches(rule: Rule, info: RequestInfo, user: UserInfo | undefined): boolean {
  if (!allows(rule.users, user ? [user.username] : []) || !allows(rule.userGroups, user?.groups ?? []) || !allows(rule.verbs, [info.verb])) return false
  if (rule.namespaces?.length || rule.resources?.length) return info.isResource && matchesResource(rule, info)
  return !rule.nonResourceURLs?.length || (!info.isResource && rule.nonResourceURLs.some((pattern) => matchesPath(pattern, info.path)))
}

/** A list that is not there allows everything. */
function allows(list: readonly string[] | undefined, values: readonly string[]): boolean {
  return !list?.length || values.some((value) => list.includes(value))
}

function matchesPath(pattern: string, path: string): boolean {
  return pattern === path || (pattern.endsWith('*') && path.startsWith(pattern.slice(0, -1)))
}

function matchesResource(rule: Rule, info: RequestInfo): boolean {
  if (rule.namespaces?.length && !rule.namespaces.includes(info.namespace)) return false
  if (!rule.resources?.length) return true
  return rule.resources.some((item) => {
    if ((item.group ?? '') !== info.group) return false
    if (!item.resources?.length) return true
    if (item.resourceNames?.length && !item.resourceNames.includes(info.name)) return false
    return item.resources.some((pattern) => isResource(pattern, info))
  })
}

/** `pods`, `pods/log`, `pods/*`, and for any resource `*`, and of its subresources the scale alone: a star, `/scale`. */
function isResource(pattern: string, { resource, subresource }: RequestInfo): boolean {
  const full = subresource === '' ? resource : `${resource}/${subresource}`
  return pattern === '*' || pattern === full || pattern === `${resource}/*` || (subresource !== '' && pattern === `*/${subresource}`)
}
