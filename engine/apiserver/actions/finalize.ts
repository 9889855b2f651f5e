/** namespaces/finalize: the finalizers of a namespace's spec. */
import type { HttpResponse } from '#engine/base/http'
import type { KubeObject } from '#engine/api/object'
import { objectResponse } from '#engine/apiserver/chain/shape'
import { update } from '#engine/apiserver/rest/update'
import { allow, type ActionRequest } from './action'

export async function finalize(request: ActionRequest): Promise<HttpResponse> {
  allow(request)
  const { core, call, served } = request
  const answer = await update(core, call, served, { kind: 'view', take })
  return objectResponse(call, served, answer.status, answer.object)
}

function take(next: KubeObject, previous: KubeObject): KubeObject {
  return { ...previous, metadata: { ...previous.metadata, ...(next.metadata.resourceVersion ? { resourceVersion: next.metadata.resourceVersion } : {}) }, spec: { ...(previous['spec'] as object), finalizers: (next['spec'] as { finalizers?: string[] } | undefined)?.finalizers ?? [] } }
}
