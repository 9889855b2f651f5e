/** One policy's mutations of one object. */
import { copyObject } from '#engine/api/object'
import type { KubeObject } from '#engine/api/object'
import { applyJsonPatch, type JsonPatchOperation } from '#engine/api/patch/json'
import type { AdmissionAttributes } from '#engine/apiserver/admission/plugin'
import { withAuthorizer } from '#engine/apiserver/admission/shared/asked'
import { conditionsHold } from '#engine/apiserver/admission/shared/conditions'
import { run, variablesOf, words, type Bindings } from '#engine/apiserver/admission/shared/evaluation'
import { requestOf } from '#engine/apiserver/admission/shared/match'
import { merge } from '#engine/apiserver/managedfields/typed'
import { listOf } from '#engine/apiserver/registry/free'
import type { Free } from '#engine/apiserver/registry/free'
import { builtinTypeOfKind } from '#engine/apiserver/schema/builtin'
import { anyType } from '#engine/apiserver/schema/type'
import type { ServerServices } from '#engine/apiserver/services'
import { atomicPaths } from './atomic'

/** The object as the policy leaves it; throws the words of what went wrong. */
export async function mutatePolicy(policy: KubeObject, attributes: AdmissionAttributes, params: KubeObject | null, namespace: KubeObject | undefined, services: ServerServices): Promise<KubeObject | undefined> {
  const spec = (policy.spec ?? {}) as Free
  let object = attributes.object
  for (const mutation of listOf(spec.mutations)) {
    const current = object as KubeObject
    const outcome = await withAuthorizer(attributes, services.authorizer, (authorizer) => {
      const bindings: Bindings = { object: current, oldObject: attributes.oldObject ?? null, request: requestOf(attributes, '') as unknown, params, namespaceObject: namespace ?? null, authorizer, variables: {} }
      return evaluate(spec, mutation, bindings)
    })
    if (outcome === undefined) return object
    object = applied(mutation, current, outcome, attributes)
    if (attributes.subresource === '') services.resources.find(attributes.group, attributes.version, attributes.resource)?.defaults?.(object)
  }
  return object
}

/** What the expression gives, as plain JSON; undefined when the policy does not want this request. */
function evaluate(spec: Free, mutation: Free, bindings: Bindings): unknown {
  const matched = conditionsHold(spec.matchConditions, bindings)
  if (matched === false) return undefined
  if (matched !== true) throw new Error(matched)
  bindings.variables = variablesOf(spec, bindings)
  const expression = expressionOf(mutation)
  try {
    return plain(run(expression, bindings))
  } catch (error) {
    throw new Error(`expression '${expression}' resulted in error: ${words(error)}`, { cause: error })
  }
}

function expressionOf(mutation: Free): string {
  return ((mutation.patchType === 'JSONPatch' ? mutation.jsonPatch : mutation.applyConfiguration)?.expression ?? '') as string
}

/** Of CEL's values: integers are numbers, maps are objects. */
function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value)
  if (Array.isArray(value)) return value.map(plain)
  if (value instanceof Map) return Object.fromEntries([...(value as Map<string, unknown>)].map(([key, item]) => [key, plain(item)]))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]))
}

function applied(mutation: Free, object: KubeObject, outcome: unknown, attributes: AdmissionAttributes): KubeObject {
  const copy = copyObject(object)
  if (mutation.patchType === 'JSONPatch') return applyJsonPatch(copy, outcome as JsonPatchOperation[]) as KubeObject
  const type = builtinTypeOfKind(attributes.kindGroup, attributes.kindVersion, attributes.kind) ?? anyType
  const atomic = atomicPaths(type, outcome)
  if (atomic.length > 0) throw new Error(`error applying patch: invalid ApplyConfiguration: may not mutate atomic arrays, maps or structs: ${atomic.join(', ')}`)
  return merge(type, copy, { apiVersion: object.apiVersion, kind: object.kind, ...(outcome as object) }) as KubeObject
}
