/** Audit policy, and events as the log backend writes them: one JSON line each. */
import type { Random } from '#engine/base/random'
import type { Call } from '#engine/apiserver/chain/call'
import type { UserInfo } from '#engine/apiserver/registry/resource'
import type { AuditRecord } from './audit'

type Level = 'None' | 'Metadata' | 'Request' | 'RequestResponse'

interface Rule {
  readonly level: Level
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

export class AuditPolicy {
  constructor(private readonly document: PolicyDocument) {}

  decide(call: Call, user: UserInfo): { level: Level; omitStages: readonly string[] } {
    const rule = this.document.rules.find((item) => matches(item, call, user))
    return { level: rule?.level ?? 'None', omitStages: [...(this.document.omitStages ?? []), ...(rule?.omitStages ?? [])] }
  }
}

function matches(rule: Rule, { info }: Call, user: UserInfo): boolean {
  if (!allows(rule.users, [user.username]) || !allows(rule.userGroups, user.groups) || !allows(rule.verbs, [info.verb])) return false
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

function matchesResource(rule: Rule, info: Call['info']): boolean {
  if (rule.namespaces?.length && !rule.namespaces.includes(info.namespace)) return false
  if (!rule.resources?.length) return true
  const full = info.subresource === '' ? info.resource : `${info.resource}/${info.subresource}`
  return rule.resources.some((item) => {
    if ((item.group ?? '') !== info.group) return false
    if (!item.resources?.length) return true
    if (item.resourceNames?.length && !item.resourceNames.includes(info.name)) return false
    return item.resources.some((pattern) => pattern === '*' || pattern === full || pattern === `${info.resource}/*` && info.subresource !== '' || pattern === `*/${info.subresource}`)
  })
}

/** The lines of one request: its stages that the policy keeps. */
export function auditLine(policy: AuditPolicy, record: AuditRecord, nowMs: number, random: Random): string[] {
  const { call, realUser } = record
  const { level, omitStages } = policy.decide(call, realUser)
  if (level === 'None') return []
  const id = random.uuid()
  const event = (stage: string, more: object): string => `${JSON.stringify({ ...eventHead(record, level, id, stage), ...more })}\n`
  const out: string[] = []
  if (!omitStages.includes('RequestReceived')) out.push(event('RequestReceived', { requestReceivedTimestamp: micros(record.started), stageTimestamp: micros(record.started) }))
  const watches = call.info.verb === 'watch'
  const stage = watches ? 'ResponseStarted' : 'ResponseComplete'
  if (!omitStages.includes(stage)) out.push(event(stage, completion(record, level, nowMs)))
  return out
}

function eventHead({ call, realUser }: AuditRecord, level: Level, id: string, stage: string): object {
  const { info, http } = call
  return {
    kind: 'Event', apiVersion: 'audit.k8s.io/v1', level, auditID: id, stage, requestURI: http.path, verb: info.verb,
    user: userOf(realUser), ...(call.user === realUser ? {} : { impersonatedUser: userOf(call.user) }), sourceIPs: [http.peer?.address ?? '127.0.0.1'],
    ...(http.headers['user-agent'] ? { userAgent: http.headers['user-agent'] } : {}), ...(info.isResource ? { objectRef: referenceOf(info) } : {}),
  }
}

function userOf(user: UserInfo): object {
  return { username: user.username, ...(user.uid ? { uid: user.uid } : {}), groups: user.groups, ...(user.extra ? { extra: user.extra } : {}) }
}

function referenceOf(info: Call['info']): object {
  return {
    resource: info.resource, ...(info.namespace ? { namespace: info.namespace } : {}), ...(info.name ? { name: info.name } : {}), ...(info.group ? { apiGroup: info.group } : {}),
    apiVersion: info.version, ...(info.subresource ? { subresource: info.subresource } : {}),
  }
}

function completion(record: AuditRecord, level: Level, nowMs: number): object {
  const { call, response, started } = record
  const answer = response.body.value as { kind?: string; status?: string; message?: string; reason?: string; code?: number } | undefined
  const failed = answer?.kind === 'Status' && answer.status === 'Failure'
  return {
    responseStatus: failed ? { metadata: {}, status: 'Failure', message: answer.message, reason: answer.reason, code: response.status } : { metadata: {}, code: response.status },
    ...(level === 'Request' || level === 'RequestResponse' ? { requestObject: requestObject(call) } : {}), ...(level === 'RequestResponse' && call.info.verb !== 'watch' && answer !== undefined ? { responseObject: answer } : {}),
    requestReceivedTimestamp: micros(started), stageTimestamp: micros(nowMs), annotations: call.annotations,
  }
}

function requestObject(call: Call): unknown {
  return call.audit?.requestObject ?? call.http.body.value
}

function micros(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 23)}${String(Math.floor((ms % 1) * 1000)).padStart(3, '0')}Z`
}

