/** GET of one object. */
import { notFoundError } from '#engine/api/errors'
import type { ServedResource } from '#engine/apiserver/catalog'
import type { Call } from '#engine/apiserver/chain/call'
import { cacherOf, groupResource, parsedVersion, presented, storeOf, type Answer } from './core'

export async function get(call: Call, served: ServedResource): Promise<Answer> {
  const store = storeOf(served)
  const key = store.key(call.info.namespace, call.info.name)
  const version = call.info.query.get('resourceVersion') ?? ''
  if (version !== '') {
    const cacher = cacherOf(served)
    await cacher.fresh(parsedVersion(version))
    const cached = cacher.get(key)
    if (!cached) throw notFoundError(groupResource(served), call.info.name)
    return { status: 200, object: await presented(served, cached) }
  }
  const stored = await store.get(key)
  if (!stored) throw notFoundError(groupResource(served), call.info.name)
  return { status: 200, object: await presented(served, stored.object) }
}
