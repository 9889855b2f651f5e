/** A copy of an object whose metadata a writer will change; the rest is shared and stays as it is. */
import type { KubeObject } from '#engine/api/object'

export function copyForWrite(object: KubeObject): KubeObject {
  return { ...object, metadata: { ...object.metadata } }
}
