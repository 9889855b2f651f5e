/** One request on its way through the chain. */
import type { HttpRequest } from '#engine/base/http'
import type { UserInfo } from '#engine/apiserver/authentication/user'
import type { RequestContext } from '#engine/apiserver/registry/resource'
import type { RequestInfo } from './info'

export interface Call {
  readonly http: HttpRequest
  readonly info: RequestInfo
  readonly user: UserInfo
  readonly nowMs: number
  /** `Warning:` headers of the response, in order. */
  readonly warnings: string[]
  /** Of the audit event. */
  readonly annotations: Record<string, string>
  /** What was sent, read and defaulted: for the audit log. */
  audited?: unknown
}

export function warn(call: Call, text: string): void {
  if (text !== '' && !call.warnings.includes(text)) call.warnings.push(text)
}

export function contextOf(call: Call, more: { namespace?: string; name?: string; dryRun?: boolean } = {}): RequestContext {
  const { info } = call
  return {
    nowMs: call.nowMs, user: call.user, namespace: more.namespace ?? info.namespace, name: more.name ?? info.name, subresource: info.subresource,
    dryRun: more.dryRun ?? info.query.get('dryRun') === 'All',
  }
}

/** The name under which a write is recorded in managedFields. */
export function fieldManagerOf(call: Call): string {
  const given = call.info.query.get('fieldManager')
  if (given) return given
  const agent = call.http.headers['user-agent'] ?? ''
  const slash = agent.indexOf('/')
  const name = (slash < 0 ? agent : agent.slice(0, slash)).split(' ')[0] ?? ''
  return name === '' ? 'unknown' : name.slice(0, 128)
}
