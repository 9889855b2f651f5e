/** The split between what a user asks for and what the system reports, which most kinds share. */
import type { KubeObject } from '#engine/api/object'
import type { Subresource } from '#engine/apiserver/registry/resource'

/** A new object has no status but the one its strategy gives it. */
export function dropStatus(object: KubeObject): void {
  delete object.status
}

/** An update of the object itself never touches the status. */
export function keepStatus(next: KubeObject, previous: KubeObject): void {
  if (previous.status === undefined) delete next.status
  else next.status = previous.status as unknown
}

/** `/status`: takes the status and the metadata of the new object, all else stays. */
export function statusView(options: Omit<Subresource, 'kind' | 'take'> = {}): Subresource {
  return { kind: 'view', verbs: ['get', 'patch', 'update'], take: takeStatus, ...options }
}

function takeStatus(next: KubeObject, previous: KubeObject): KubeObject {
  const out: KubeObject = { ...previous, metadata: next.metadata }
  if (next.status === undefined) delete out.status
  else out.status = next.status as unknown
  return out
}

export function scaleView(selectorPath = 'spec.selector'): Subresource {
  return { kind: 'scale', verbs: ['get', 'patch', 'update'], scale: { specReplicasPath: 'spec.replicas', statusReplicasPath: 'status.replicas', selectorPath } }
}

/** Spread into a definition whose status is reported by others. */
export const separateStatus = { prepareForCreate: dropStatus, prepareForUpdate: keepStatus } as const
