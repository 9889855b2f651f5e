import type { KubeObject } from '#engine/api/object'
import { failure } from '#engine/api/status'
import { defineResource } from '#engine/apiserver/registry/resource'
import { identity } from '#engine/apiserver/registry/identities'
import { defaultColumns } from '#engine/apiserver/registry/cells'
import type { ServerServices } from '#engine/apiserver/services'

export const tokenReviews = defineResource({ ...identity('authentication.k8s.io/v1/tokenreviews'), columns: defaultColumns, review: answer })

async function answer(object: KubeObject, services: ServerServices): Promise<KubeObject> {
  const token = (object.spec?.token ?? '') as string
  if (token === '') throw failure(400, 'BadRequest', 'token is required for TokenReview in authentication')
  const audiences = (object.spec?.audiences ?? []) as string[]
  const found = await services.authenticateToken(token, audiences.length > 0 ? audiences : services.settings.apiAudiences)
  if (!found) return { ...object, status: { user: {}, error: 'invalid bearer token' } }
  if ('error' in found) return { ...object, status: { user: {}, error: found.error } }
  const { username, uid, groups, extra } = found.user
  const user = { username, ...(uid === undefined ? {} : { uid }), groups, ...(extra === undefined ? {} : { extra }) }
  return { ...object, status: { authenticated: true, user, ...(audiences.length > 0 ? { audiences: found.audiences } : {}) } }
}
