/** What an event of a container is about: its pod, and the field of the container in it. */
import type { ObjectReference, Pod } from '#engine/api/kinds'
import { uidOf } from '../pods/names'

export function podReference(pod: Pod): ObjectReference {
  const { name, namespace, resourceVersion } = pod.metadata
  return { kind: 'Pod', apiVersion: 'v1', ...(namespace ? { namespace } : {}), ...(name ? { name } : {}), uid: uidOf(pod), ...(resourceVersion ? { resourceVersion } : {}) }
}

export function containerReference(pod: Pod, container: string): ObjectReference {
  const spec = pod.spec
  const field = (spec?.containers ?? []).some((item) => item.name === container) ? 'containers' : (spec?.initContainers ?? []).some((item) => item.name === container) ? 'initContainers' : 'ephemeralContainers'
  return { ...podReference(pod), fieldPath: `spec.${field}{${container}}` }
}
