/** Audit events, their fields in the order in which they are written. */
import type { HttpRequest, HttpResponse } from '#engine/base/http'
import type { KubeObject } from '#engine/api/object'
import type { RequestInfo } from '#engine/apiserver/chain/info'
import type { UserInfo } from '#engine/apiserver/authentication/user'
import type { AuditDecision, Stage } from './policy'

export interface AuditEvent {
  readonly kind: 'Event'
  readonly apiVersion: 'audit.k8s.io/v1'
  readonly level: string
  readonly auditID: string
  readonly stage: Stage
  readonly requestURI: string
  readonly verb: string
  readonly user: object
  readonly [field: string]: unknown
}

/** What is known of a request by the time of a stage. */
export interface Told {
  readonly id: string
  readonly request: HttpRequest
  readonly info: RequestInfo
  readonly user: UserInfo | undefined
  readonly impersonated?: UserInfo | undefined
  readonly decision: AuditDecision
  readonly startedMs: number
  readonly nowMs: number
  readonly requestObject?: unknown
  readonly response?: { readonly status: object; readonly object?: unknown }
  readonly annotations?: Readonly<Record<string, string>>
}

export function eventOf(told: Told, stage: Stage): AuditEvent {
  const { request, info, decision, user } = told
  const agent = request.headers['user-agent']
  return {
    kind: 'Event', apiVersion: 'audit.k8s.io/v1', level: decision.level, auditID: told.id, stage, requestURI: request.path, verb: info.verb,
    user: user ? userOf(user) : {}, ...(told.impersonated ? { impersonatedUser: userOf(told.impersonated) } : {}), sourceIPs: sourcesOf(request),
    ...(agent ? { userAgent: agent } : {}), ...(info.isResource ? { objectRef: referenceOf(info, told.requestObject) } : {}), ...bodiesOf(told),
    requestReceivedTimestamp: micros(told.startedMs), stageTimestamp: micros(told.nowMs), ...annotationsOf(told.annotations),
  }
}

function userOf(user: UserInfo): object {
  return { username: user.username, ...(user.uid ? { uid: user.uid } : {}), groups: user.groups, ...(user.extra ? { extra: user.extra } : {}) }
}

function sourcesOf({ headers, peer }: HttpRequest): string[] {
  const forwarded = (headers['x-forwarded-for'] ?? '').split(',').map((part) => part.trim()).filter((part) => part !== '')
  const address = peer?.address ?? '127.0.0.1'
  return forwarded.includes(address) ? forwarded : [...forwarded, address]
}

/** From the path; what that does not say (the name of what is created), from the body. */
function referenceOf(info: RequestInfo, body: unknown): object {
  const metadata = (body as Partial<KubeObject> | undefined)?.metadata
  const name = info.name || metadata?.name
  const namespace = info.namespace || metadata?.namespace
  return {
    resource: info.resource, ...(namespace ? { namespace } : {}), ...(name ? { name } : {}), ...(metadata?.uid ? { uid: metadata.uid } : {}), ...(info.group ? { apiGroup: info.group } : {}),
    apiVersion: info.version, ...(metadata?.resourceVersion ? { resourceVersion: metadata.resourceVersion } : {}), ...(info.subresource ? { subresource: info.subresource } : {}),
  }
}

function bodiesOf({ decision, requestObject, response }: Told): object {
  const kept = (value: unknown): unknown => (decision.omitManagedFields ? withoutManagedFields(value) : value)
  const { level } = decision
  return {
    ...(response ? { responseStatus: response.status } : {}),
    ...(requestObject !== undefined && (level === 'Request' || level === 'RequestResponse') ? { requestObject: kept(requestObject) } : {}),
    ...(response?.object !== undefined && level === 'RequestResponse' ? { responseObject: kept(response.object) } : {}),
  }
}

function withoutManagedFields(value: unknown): unknown {
  if (value === null || typeof value !== 'object') return value
  const object = value as KubeObject & { items?: unknown[] }
  const items = Array.isArray(object.items) ? { items: object.items.map(withoutManagedFields) } : {}
  if (!object.metadata?.managedFields) return { ...object, ...items }
  const { managedFields: _, ...metadata } = object.metadata
  return { ...object, metadata, ...items }
}

function annotationsOf(annotations: Readonly<Record<string, string>> | undefined): object {
  const keys = Object.keys(annotations ?? {}).sort()
  return keys.length === 0 ? {} : { annotations: Object.fromEntries(keys.map((key) => [key, annotations?.[key]])) }
}

/** A Status is told of by its main fields, anything else by its code. */
export function responseOf(response: HttpResponse): NonNullable<Told['response']> {
  const answer = response.body.value as { kind?: string; status?: string; message?: string; reason?: string; details?: object } | undefined
  if (answer?.kind !== 'Status') return { status: { metadata: {}, code: response.status }, ...(answer === undefined ? {} : { object: answer }) }
  const { status, message, reason, details } = answer
  return { status: { metadata: {}, ...(status ? { status } : {}), ...(message ? { message } : {}), ...(reason ? { reason } : {}), ...(details ? { details } : {}), code: response.status }, object: answer }
}

function micros(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 23)}${String(Math.floor((ms % 1) * 1000)).padStart(3, '0')}Z`
}
