/** All kinds of the built-in resources, with their types. */
import { resourceDefinitions } from '#engine/apiserver/registry/resources'
import { builtinTypeOfKind } from '#engine/apiserver/schema/builtin'
import type { Type } from '#engine/apiserver/schema/type'

export interface Kind {
  readonly group: string
  readonly version: string
  readonly kind: string
  readonly type: Type
}

/** Kinds that are only sent to subresources. */
const sent = [['policy', 'v1', 'Eviction'], ['authentication.k8s.io', 'v1', 'TokenRequest'], ['autoscaling', 'v1', 'Scale'], ['', 'v1', 'Binding']] as const

const list = [...resourceDefinitions.map(({ group, version, kind }) => [group, version, kind] as const), ...sent].flatMap(([group, version, kind]): Kind[] => {
  const type = builtinTypeOfKind(group, version, kind)
  return type ? [{ group, version, kind, type }] : []
})

/** By a name that reads well in a report: `apps/v1/Deployment`. */
export const kinds: ReadonlyMap<string, Kind> = new Map(list.map((kind) => [`${kind.group}/${kind.version}/${kind.kind}`, kind]))
