/** Subresources that are more than a view: what answers them, by `group/resource/subresource`. */
import type { HttpResponse } from '#engine/base/http'
import type { ServedResource, SubresourceEntry } from '#engine/apiserver/catalog'
import type { Call } from '#engine/apiserver/chain/call'
import type { RestCore } from '#engine/apiserver/rest/core'
import type { TokenSigner } from './token'

export interface ActionRequest {
  readonly call: Call
  readonly served: ServedResource
  readonly core: RestCore
  readonly entry: SubresourceEntry
  readonly tokenSigner?: TokenSigner
}

export type Action = (request: ActionRequest) => Promise<HttpResponse>

export const actions: Readonly<Record<string, Action>> = {}
