/** Events of the core group and of events.k8s.io: the same facts under other names. */
import type { KubeObject } from '#engine/api/object'

const pairs = [['involvedObject', 'regarding'], ['message', 'note'], ['reportingComponent', 'reportingController'], ['source', 'deprecatedSource'], ['firstTimestamp', 'deprecatedFirstTimestamp'], ['lastTimestamp', 'deprecatedLastTimestamp'], ['count', 'deprecatedCount']] as const

export function eventToEvents(object: KubeObject): KubeObject {
  return renamed(object, 'events.k8s.io/v1', pairs)
}

export function eventToCore(object: KubeObject): KubeObject {
  return renamed(object, 'v1', pairs.map(([core, events]) => [events, core] as const))
}

function renamed(object: KubeObject, apiVersion: string, names: readonly (readonly [string, string])[]): KubeObject {
  const table = new Map(names)
  const out: KubeObject = { apiVersion, kind: 'Event', metadata: object.metadata }
  for (const [key, value] of Object.entries(object)) if (key !== 'apiVersion' && key !== 'kind' && key !== 'metadata') out[table.get(key) ?? key] = value as unknown
  return out
}
