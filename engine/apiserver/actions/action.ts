/** What an action gets. */
import type { HttpResponse } from '#engine/base/http'
import { failure } from '#engine/api/status'
import { notFoundError } from '#engine/api/errors'
import type { KubeObject } from '#engine/api/object'
import type { ServedResource, SubresourceEntry } from '#engine/apiserver/catalog'
import type { Call } from '#engine/apiserver/chain/call'
import { groupResource, storeOf, type RestCore } from '#engine/apiserver/rest/core'

export interface TokenSigner {
  sign(claims: Readonly<Record<string, unknown>>): string
  /** `--service-account-extend-token-expiration` */
  readonly extend: boolean
  readonly maxExpirationSeconds?: number
}

export interface ActionRequest {
  readonly call: Call
  readonly served: ServedResource
  readonly core: RestCore
  readonly entry: SubresourceEntry
  readonly tokenSigner?: TokenSigner
}

export type Action = (request: ActionRequest) => Promise<HttpResponse>

export function allow(request: ActionRequest): void {
  if (!request.entry.verbs.includes(request.call.info.verb)) throw failure(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource', {})
}

/** The object the subresource belongs to, from the store. */
export async function subjectOf({ served, call }: Pick<ActionRequest, 'served' | 'call'>): Promise<KubeObject> {
  const store = storeOf(served)
  const stored = await store.get(store.key(call.info.namespace, call.info.name))
  if (!stored) throw notFoundError(groupResource(served), call.info.name)
  return stored.object
}

export const success = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 } as const
