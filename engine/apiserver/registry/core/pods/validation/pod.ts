/** Pods: creation, update, and the subresources that change them. */
import { equalJson } from '#engine/api/object'
import type { KubeObject } from '#engine/api/object'
import { FieldPath, forbidden, invalid } from '#engine/api/field'
import type { FieldError } from '#engine/api/field'
import { listOf } from '#engine/apiserver/registry/free'
import type { Free } from '#engine/apiserver/registry/free'
import { podSpecDiff } from './diff'
import type { Errors } from './errors'
import { validateNarrowing } from './gated'
import { validatePodSpec } from './spec'

const specPath = FieldPath.root('spec')
const mirror = 'kubernetes.io/config.mirror'

export function validatePod(pod: KubeObject): FieldError[] {
  const spec = (pod.spec ?? {}) as Free
  const errors: Errors = []
  const note = pod.metadata.annotations?.[mirror]
  if (note !== undefined && !spec.nodeName) errors.push(invalid(FieldPath.root('metadata').child('annotations').key(mirror), note, 'must set spec.nodeName if mirror pod annotation is set'))
  errors.push(...validatePodSpec(spec, specPath))
  for (const kind of ['containers', 'initContainers']) {
    for (const [index, container] of listOf(spec[kind]).entries()) {
      const image = (container.image ?? '') as string
      if (image !== image.trim()) errors.push(invalid(specPath.child(kind).index(index).child('image'), image, 'must not have leading or trailing whitespace'))
    }
  }
  return errors
}

/** What only a new pod may not have. */
export function validateNewPod(pod: KubeObject): FieldError[] {
  const errors = validatePod(pod)
  const spec = (pod.spec ?? {}) as Free
  if (listOf(spec.ephemeralContainers).length > 0) errors.push(forbidden(specPath.child('ephemeralContainers'), 'cannot be set on create'))
  if (spec.nodeName && listOf(spec.schedulingGates).length > 0) errors.push(forbidden(specPath.child('nodeName'), 'cannot be set until all schedulingGates have been cleared'))
  return errors
}

const updatable = '`spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)'

export function validatePodUpdate(next: KubeObject, previous: KubeObject): FieldError[] {
  const now = (next.spec ?? {}) as Free
  const before = (previous.spec ?? {}) as Free
  for (const kind of ['containers', 'initContainers']) if (listOf(now[kind]).length !== listOf(before[kind]).length) return [forbidden(specPath.child(kind), 'pod updates may not add or remove containers')]
  const errors: Errors = []
  if (!validateDeadline(errors, now, before)) return errors
  validateAddedTolerations(errors, now, before)
  const gates = listOf(before.schedulingGates).map((gate) => gate.name as string)
  const added = listOf(now.schedulingGates).filter((gate) => !gates.includes(gate.name as string))
  if (added.length > 0) errors.push(forbidden(specPath.child('schedulingGates').index(listOf(now.schedulingGates).indexOf(added[0])).child('name'), `only deletion is allowed, but found new scheduling gate '${added[0].name as string}'`))
  if (errors.length > 0) return errors
  if (isGated(before)) validateNarrowing(errors, now, before, specPath)
  const munged = mungeSpec(now, before)
  if (!equalJson(munged, before)) errors.push(forbidden(specPath, `pod updates may not change fields other than ${updatable}\n${podSpecDiff(before, munged)}`))
  return errors
}

/** False when nothing else is worth looking at. */
function validateDeadline(errors: Errors, now: Free, before: Free): boolean {
  const path = specPath.child('activeDeadlineSeconds')
  const old = before.activeDeadlineSeconds as number | undefined
  const value = now.activeDeadlineSeconds as number | undefined
  if (value === undefined || value === null) {
    if (old !== undefined) errors.push(invalid(path, null, 'must not update from a positive integer to nil value'))
    return true
  }
  if (value < 0 || value > 2147483647) errors.push(invalid(path, value, 'must be between 0 and 2147483647, inclusive'))
  else if (old !== undefined && old < value) errors.push(invalid(path, value, 'must be less than or equal to previous value'))
  return errors.length === 0
}

function validateAddedTolerations(errors: Errors, now: Free, before: Free): void {
  const key = (item: Free): string => JSON.stringify([item.key, item.operator, item.value, item.effect])
  const keys = new Set(listOf(now.tolerations).map(key))
  if (listOf(before.tolerations).some((item) => !keys.has(key(item)))) errors.push(forbidden(specPath.child('tolerations'), 'existing toleration can not be modified except its tolerationSeconds'))
}

/** The new spec with all that may change put back to what it was. */
function mungeSpec(now: Free, before: Free): Free {
  const munged = { ...now }
  for (const kind of ['containers', 'initContainers']) if (now[kind]) munged[kind] = listOf(now[kind]).map((container, index) => ({ ...container, image: listOf(before[kind])[index]?.image }))
  restore(munged, before, ['activeDeadlineSeconds', 'tolerations', 'schedulingGates'])
  if ((before.terminationGracePeriodSeconds ?? 0) < 0 && now.terminationGracePeriodSeconds === 1) munged.terminationGracePeriodSeconds = before.terminationGracePeriodSeconds
  if (isGated(before)) restoreNodeChoice(munged, before)
  return munged
}

const isGated = (spec: Free): boolean => listOf(spec.schedulingGates).length > 0

/** Where a pod may run, but not beside whom. */
function restoreNodeChoice(munged: Free, before: Free): void {
  restore(munged, before, ['nodeSelector'])
  const affinity = { ...munged.affinity }
  restore(affinity, (before.affinity ?? {}) as Free, ['nodeAffinity'])
  if (before.affinity || Object.keys(affinity as object).length > 0) munged.affinity = affinity
  else delete munged.affinity
}

function restore(target: Free, from: Free, fields: readonly string[]): void {
  for (const field of fields) {
    if (from[field] === undefined) delete target[field]
    else target[field] = from[field]
  }
}

export function validateEphemeralUpdate(next: KubeObject, previous: KubeObject): FieldError[] {
  const errors = validatePodSpec(next.spec, specPath)
  const path = specPath.child('ephemeralContainers')
  const now = new Map(listOf(next.spec?.ephemeralContainers).map((item) => [item.name as string, item as Free]))
  const removed: string[] = []
  const changed: string[] = []
  for (const old of listOf(previous.spec?.ephemeralContainers)) {
    const item = now.get(old.name as string)
    if (!item) removed.push(old.name as string)
    else if (!equalJson(item, old)) changed.push(old.name as string)
  }
  for (const name of removed) errors.push(forbidden(path, `existing ephemeral containers ${JSON.stringify(name)} may not be removed`))
  for (const name of changed) errors.push(forbidden(path, `existing ephemeral containers ${JSON.stringify(name)} may not be changed`))
  return errors
}
