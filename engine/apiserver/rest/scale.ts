/** The scale subresource: a small object of autoscaling/v1 over three fields of another. */
import { badRequestError, invalidError } from '#engine/api/errors'
import { copyObject, type KubeObject } from '#engine/api/object'
import { labelSelectorOf, labelSelectorText } from '#engine/api/selector'
import type { ServedResource } from '#engine/apiserver/catalog'
import type { Call } from '#engine/apiserver/chain/call'
import { builtinTypeOfKind } from '#engine/apiserver/schema/builtin'
import { canonical } from '#engine/apiserver/schema/canonical'
import { anyType, type Type } from '#engine/apiserver/schema/type'
import type { Subresource } from '#engine/apiserver/registry/resource'
import { readObject } from './body'
import { checkOptions, presented, storeOf, type Answer, type RestCore } from './core'
import { patched, patchKind, readPatch } from './patch'
import { notFoundError } from '#engine/api/errors'
import { groupResource } from './core'
import { change } from './update'

type Paths = NonNullable<Subresource['scale']>

function scaleType(): Type {
  return builtinTypeOfKind('autoscaling', 'v1', 'Scale') ?? anyType
}

export async function scale(core: RestCore, call: Call, served: ServedResource, paths: Paths): Promise<Answer> {
  if (call.info.verb === 'get') {
    const store = storeOf(served)
    const stored = await store.get(store.key(call.info.namespace, call.info.name))
    if (!stored) throw notFoundError(groupResource(served), call.info.name)
    return { status: 200, object: scaleOf(await presented(served, stored.object), paths) }
  }
  checkOptions(call)
  const wanted = call.info.verb === 'patch' ? await patchedScale(call, served, paths) : await putScale(call, served, paths)
  const object = await change(core, call, served, {
    make: (current) => Promise.resolve(wanted(current)), subresource: 'scale', optionsKind: call.info.verb === 'patch' ? 'PatchOptions' : 'UpdateOptions', retry: true,
  })
  return { status: 200, object: scaleOf(object, paths) }
}

type Wanted = (current: KubeObject) => KubeObject

async function putScale(call: Call, served: ServedResource, paths: Paths): Promise<Wanted> {
  const given = (call.audited = await readObject(call, { group: 'autoscaling', version: 'v1', kind: 'Scale', type: scaleType() }))
  const name = given.metadata.name ?? ''
  if (name !== '' && name !== call.info.name) throw badRequestError(`the name of the object (${name}) does not match the name on the URL (${call.info.name})`)
  return (current) => withReplicas(served, current, given, paths)
}

async function patchedScale(call: Call, served: ServedResource, paths: Paths): Promise<Wanted> {
  const view: ServedResource = { ...served, type: scaleType(), definition: { ...served.definition, group: 'autoscaling', version: 'v1', kind: 'Scale', defaults: () => undefined } }
  const kind = patchKind(call, served)
  const body = await readPatch(call, kind)
  return (current) => withReplicas(served, current, patched(call, view, kind, scaleOf(current, paths), body), paths)
}

function withReplicas(served: ServedResource, current: KubeObject, given: KubeObject, paths: Paths): KubeObject {
  const replicas = ((given['spec'] as { replicas?: number } | undefined)?.replicas ?? 0)
  if (replicas < 0) throw invalidError('autoscaling', 'Scale', current.metadata.name ?? '', [{ type: 'FieldValueInvalid', field: 'spec.replicas', body: `Invalid value: ${replicas}: must be greater than or equal to 0` }])
  const next = copyObject(current)
  if (given.metadata.resourceVersion && given.metadata.resourceVersion !== current.metadata.resourceVersion) next.metadata.resourceVersion = given.metadata.resourceVersion
  const parts = paths.specReplicasPath.replace(/^\./, '').split('.')
  let holder: Record<string, unknown> = next
  for (const part of parts.slice(0, -1)) holder = (holder[part] ??= {}) as Record<string, unknown>
  holder[parts[parts.length - 1] as string] = replicas
  return next
}

function read(object: unknown, path: string): unknown {
  let value: unknown = object
  for (const part of path.replace(/^\./, '').split('.')) value = value !== null && typeof value === 'object' ? (value as Record<string, unknown>)[part] : undefined
  return value
}

export function scaleOf(object: KubeObject, paths: Paths): KubeObject {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata
  const selector = selectorText(paths.selectorPath ? read(object, paths.selectorPath) : undefined)
  return canonical(scaleType(), {
    kind: 'Scale', apiVersion: 'autoscaling/v1', metadata: { name, namespace, uid, resourceVersion, creationTimestamp } as KubeObject['metadata'],
    spec: { replicas: read(object, paths.specReplicasPath) ?? 0 }, status: { replicas: read(object, paths.statusReplicasPath) ?? 0, ...(selector ? { selector } : {}) },
  })
}

function selectorText(value: unknown): string {
  if (typeof value === 'string') return value
  if (value === null || typeof value !== 'object') return ''
  const asObject = value as { matchLabels?: Record<string, string>; matchExpressions?: [] }
  const isSelector = 'matchLabels' in asObject || 'matchExpressions' in asObject
  return labelSelectorText(labelSelectorOf(isSelector ? asObject : { matchLabels: value as Record<string, string> }) ?? [])
}
