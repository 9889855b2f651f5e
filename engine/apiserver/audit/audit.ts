/** What the audit log is told of. */
import type { HttpResponse } from '#engine/base/http'
import type { Call } from '#engine/apiserver/chain/call'
import type { UserInfo } from '#engine/apiserver/registry/resource'

export interface AuditRecord {
  readonly call: Call
  /** Who really asked, where somebody is impersonated. */
  readonly realUser: UserInfo
  readonly response: HttpResponse
  readonly started: number
}

export type AuditSink = (record: AuditRecord) => void
