/** Writing what must be there at the server's start, where it is not yet. */
import { isReason } from '#engine/api/status'
import type { KubeObject } from '#engine/api/object'
import type { ServerServices } from '#engine/apiserver/services'

/** Creates the object unless one of its name is there. True when it was made. */
export async function ensure(services: ServerServices, resource: string, object: KubeObject): Promise<boolean> {
  const { namespace = '', name = '' } = object.metadata
  if (await services.reader.get(resource, namespace, name)) return false
  try {
    await services.client.create(resource, namespace, object)
    return true
  } catch (error) {
    if (isReason(error, 'AlreadyExists')) return false
    throw error
  }
}
