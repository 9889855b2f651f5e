/** Resources of a running pod, within what it was. */
import { FieldPath, forbidden, invalid } from '#engine/api/field'
import type { FieldError } from '#engine/api/field'
import { equalJson, type KubeObject } from '#engine/api/object'
import { listOf } from '#engine/apiserver/registry/free'
import type { Free } from '#engine/apiserver/registry/free'
import { qosClassOf } from '../qos'
import { validatePodSpec } from './spec'

const specPath = FieldPath.root('spec')
const nowhere = FieldPath.root('[]')

export function validateResize(next: KubeObject, previous: KubeObject): FieldError[] {
  const now = next.spec as Free
  const before = previous.spec as Free
  const errors = validatePodSpec(now, specPath)
  if (previous.metadata.annotations?.['kubernetes.io/config.mirror'] !== undefined) return [forbidden(nowhere, 'static pods cannot be resized')]
  if (before.os?.name === 'windows') return [forbidden(nowhere, 'windows pods cannot be resized')]
  if (qosClassOf(now) !== qosClassOf(before)) errors.push(invalid(specPath, qosClassOf(before), 'Pod QOS Class may not change as a result of resizing'))
  if (!nodeResizes(previous)) errors.push(forbidden(specPath, 'Pod running on node without support for resize'))
  if (hasPodResources(before) || hasPodResources(now)) return [...errors, forbidden(nowhere, 'resize of pods with pod-level resources is forbidden when InPlacePodLevelResourcesVerticalScalingEnabled feature gate is disabled')]
  const misplaced = [...placeErrors(now, before, 'containers'), ...placeErrors(now, before, 'initContainers')]
  if (misplaced.length > 0) return [...errors, ...misplaced]
  errors.push(...removalErrors(now, before, 'initContainers', isSidecar), ...removalErrors(now, before, 'containers', () => true), ...changeErrors(now, before))
  return errors
}

/** Nodes that resize say which resources a running container has. */
function nodeResizes(pod: KubeObject): boolean {
  const running = listOf(pod.status?.containerStatuses).find((status) => status.state?.running)
  return !running || running.resources !== undefined
}

function hasPodResources({ resources }: Free): boolean {
  return Object.keys({ ...resources?.requests, ...resources?.limits } as object).length > 0
}

function isSidecar(container: Free): boolean {
  return container.restartPolicy === 'Always'
}

type Kind = 'containers' | 'initContainers'

function placeErrors(now: Free, before: Free, kind: Kind): FieldError[] {
  const next = listOf(now[kind])
  const previous = listOf(before[kind])
  if (next.length !== previous.length) return [forbidden(specPath.child(kind), `${kind} may not be added or removed on resize`)]
  return previous.flatMap((old, index) => (next[index]?.name === old.name ? [] : [forbidden(specPath.child(kind).index(index).child('name'), `${kind} may not be renamed or reordered on resize`)]))
}

function removalErrors(now: Free, before: Free, kind: Kind, meant: (container: Free) => boolean): FieldError[] {
  return listOf(before[kind]).flatMap((old, index) => {
    if (!meant(old)) return []
    const next = (listOf(now[kind])[index]?.resources ?? {}) as Free
    return ['requests', 'limits'].flatMap((list) => (Object.keys((old.resources?.[list] ?? {}) as object).every((name) => next[list]?.[name] !== undefined) ? [] : [forbidden(specPath.child(kind).index(index).child('resources', list), `resource ${list} cannot be removed`)]))
  })
}

function changeErrors(now: Free, before: Free): FieldError[] {
  const changed = (kind: Kind, index: number): boolean => !equalJson(withoutResizable(listOf(now[kind])[index]), withoutResizable(listOf(before[kind])[index]))
  const errors = listOf(before.containers).flatMap((_, index) => (changed('containers', index) ? [forbidden(specPath, 'only cpu and memory resources are mutable')] : []))
  for (const [index, old] of listOf(before.initContainers).entries()) {
    if (!isSidecar(old)) {
      if (!equalJson(listOf(now.initContainers)[index], old)) errors.push(forbidden(specPath, 'resources for non-sidecar init containers are immutable'))
    } else if (changed('initContainers', index)) errors.push(forbidden(specPath, 'only cpu and memory resources for sidecar containers are mutable'))
  }
  return errors
}

function withoutResizable(container: Free): unknown {
  const { resources = {}, ...rest } = container as { readonly resources?: Free }
  const others = (list: Free): unknown => Object.fromEntries(Object.entries((list ?? {}) as object).filter(([name]) => name !== 'cpu' && name !== 'memory'))
  return { ...rest, resources: { ...resources, requests: others(resources.requests), limits: others(resources.limits) } }
}
