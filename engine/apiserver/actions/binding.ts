/** pods/binding (and bindings): puts a pod on a node. */
import type { HttpResponse } from '#engine/base/http'
import { conflictError } from '#engine/api/errors'
import { copyObject, type KubeObject } from '#engine/api/object'
import { failure } from '#engine/api/status'
import { jsonResponse } from '#engine/apiserver/chain/respond'
import { builtinTypeOfKind } from '#engine/apiserver/schema/builtin'
import { anyType } from '#engine/apiserver/schema/type'
import { readObject } from '#engine/apiserver/rest/body'
import { checkOptions, timestamp } from '#engine/apiserver/rest/core'
import { change } from '#engine/apiserver/rest/update'
import { allow, success, type ActionRequest } from './action'

interface Target {
  readonly kind?: string
  readonly name?: string
}

export async function binding(request: ActionRequest): Promise<HttpResponse> {
  allow(request)
  const { core, call, served } = request
  checkOptions(call)
  const given = await readObject(call, { group: '', version: 'v1', kind: 'Binding', type: builtinTypeOfKind('', 'v1', 'Binding') ?? anyType })
  const target = (given['target'] ?? {}) as Target
  check(target)
  const name = call.info.name || (given.metadata.name ?? '')
  const named = { ...call, info: { ...call.info, name, subresource: 'binding' } }
  await change(core, named, served, { make: (pod) => Promise.resolve(bound(pod, given, target, call.nowMs)), subresource: 'binding', ownsManagedFields: true, optionsKind: 'UpdateOptions', retry: true, view: { kind: 'view' } })
  return jsonResponse(201, success)
}

function check(target: Target): void {
  if (target.kind && target.kind !== 'Node') throw failure(500, '', `target.kind: Unsupported value: ${JSON.stringify(target.kind)}: supported values: "Node", "<empty>"`)
  if (!target.name) throw failure(500, '', 'target.name: Required value')
}

function bound(pod: KubeObject, given: KubeObject, target: Target, nowMs: number): KubeObject {
  const name = pod.metadata.name ?? ''
  const resource = { group: '', resource: 'pods/binding' }
  if (given.metadata.uid && given.metadata.uid !== pod.metadata.uid) throw conflictError(resource, name, `Precondition failed: UID in precondition: ${given.metadata.uid}, UID in object meta: ${pod.metadata.uid ?? ''}`)
  if (pod.metadata.deletionTimestamp) throw conflictError(resource, name, `pod ${name} is being deleted, cannot be assigned to a host`)
  const spec = pod['spec'] as { nodeName?: string; schedulingGates?: unknown[] }
  if (spec.nodeName) throw conflictError(resource, name, `pod ${name} is already assigned to node ${JSON.stringify(spec.nodeName)}`)
  if (spec.schedulingGates?.length) throw conflictError(resource, name, `pod ${name} has non-empty .spec.schedulingGates`)
  const next = copyObject(pod)
  ;(next['spec'] as { nodeName?: string }).nodeName = target.name as string
  if (given.metadata.annotations) next.metadata.annotations = { ...next.metadata.annotations, ...given.metadata.annotations }
  if (given.metadata.labels) next.metadata.labels = { ...next.metadata.labels, ...given.metadata.labels }
  schedule(next, nowMs)
  return next
}

function schedule(pod: KubeObject, nowMs: number): void {
  const status = (pod['status'] ??= {}) as { conditions?: Record<string, unknown>[] }
  const conditions = (status.conditions ??= [])
  const made = { type: 'PodScheduled', ...(pod.metadata.generation === undefined ? {} : { observedGeneration: pod.metadata.generation }), status: 'True', lastProbeTime: null, lastTransitionTime: timestamp(nowMs) }
  const at = conditions.findIndex((condition) => condition['type'] === 'PodScheduled')
  if (at >= 0) conditions[at] = made
  else conditions.push(made)
}
