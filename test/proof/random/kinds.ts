/** All kinds of the built-in resources, with their types. */
import { resourceDefinitions } from '#engine/apiserver/registry/resources'
import { builtinTypeOfKind } from '#engine/apiserver/schema/builtin'
import type { Type } from '#engine/apiserver/schema/type'

export interface Kind {
  readonly group: string
  readonly version: string
  readonly kind: string
  readonly type: Type
  /** Where its objects live, in the namespace `default`; empty for what is only sent to subresources. */
  readonly path: string
}

/** Kinds that are only sent to subresources. */
const sent = [['policy', 'v1', 'Eviction'], ['authentication.k8s.io', 'v1', 'TokenRequest'], ['autoscaling', 'v1', 'Scale'], ['', 'v1', 'Binding']] as const

function kindAt(group: string, version: string, kind: string, path: string): Kind[] {
  const type = builtinTypeOfKind(group, version, kind)
  return type ? [{ group, version, kind, type, path }] : []
}

const list = [
  ...resourceDefinitions.flatMap(({ group, version, kind, plural, scope }) => kindAt(group, version, kind, `${group === '' ? '/api' : `/apis/${group}`}/${version}${scope === 'namespaced' ? '/namespaces/default' : ''}/${plural}`)),
  ...sent.flatMap(([group, version, kind]) => kindAt(group, version, kind, '')),
]

/** By a name that reads well in a report: `apps/v1/Deployment`. */
export const kinds: ReadonlyMap<string, Kind> = new Map(list.map((kind) => [`${kind.group}/${kind.version}/${kind.kind}`, kind]))
