/** Claims, and the claim templates of pods and StatefulSets. */
import { equalJson } from '#engine/api/object'
import type { KubeObject } from '#engine/api/object'
import { FieldPath, forbidden, invalid, notSupported, required } from '#engine/api/field'
import type { FieldError } from '#engine/api/field'
import { compareQuantities, formatQuantity, tryQuantity } from '#engine/api/quantity'
import { validateAnnotations, validateLabels } from '#engine/api/validation/meta'
import { dnsSubdomain } from '#engine/api/validation/names'
import { validateLabelSelector } from '#engine/api/validation/selectors'
import { listOf } from '#engine/apiserver/registry/free'
import type { Free } from '#engine/apiserver/registry/free'
import { goClaimSpec } from './go-claim-spec'

const modes = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod']

export function validateAccessModes(errors: FieldError[], given: Free, path: FieldPath, whenEmpty = 'at least 1 access mode is required'): void {
  const list = listOf(given) as string[]
  if (list.length === 0) errors.push(required(path, whenEmpty))
  for (const mode of list) if (!modes.includes(mode)) errors.push(notSupported(path, mode, modes))
  if (list.includes('ReadWriteOncePod') && list.length > 1) errors.push(forbidden(path, 'may not use ReadWriteOncePod with other access modes'))
}

export function validateClaimSpec(errors: FieldError[], spec: Free, path: FieldPath): void {
  errors.push(...validateLabelSelector(spec.selector, path.child('selector')))
  validateAccessModes(errors, spec.accessModes, path.child('accessModes'))
  const text = spec.resources?.requests?.storage as string | undefined
  const storage = tryQuantity(text)
  if (!storage) errors.push(required(path.child('resources').key('storage'), ''))
  else if (storage.nano <= 0n) errors.push(invalid(path.child('resources').key('storage'), formatQuantity(storage), 'must be greater than zero'))
  if (spec.storageClassName) for (const wrong of dnsSubdomain(spec.storageClassName as string)) errors.push(invalid(path.child('storageClassName'), spec.storageClassName, wrong))
  if (spec.volumeMode && spec.volumeMode !== 'Block' && spec.volumeMode !== 'Filesystem') errors.push(notSupported(path.child('volumeMode'), spec.volumeMode, ['Block', 'Filesystem']))
  validateSource(errors, spec.dataSource, path.child('dataSource'))
  validateSource(errors, spec.dataSourceRef, path.child('dataSourceRef'))
}

function validateSource(errors: FieldError[], source: Free, path: FieldPath): void {
  if (!source) return
  if (!source.name) errors.push(required(path.child('name'), ''))
  if (!source.kind) errors.push(required(path.child('kind'), ''))
  if ((source.apiGroup ?? '') === '' && source.kind !== 'PersistentVolumeClaim') errors.push(invalid(path, source.kind ?? '', 'must be \'PersistentVolumeClaim\' when referencing the default apiGroup'))
}

export function validateClaimTemplate(errors: FieldError[], template: Free, path: FieldPath): void {
  const meta = (template.metadata ?? {}) as Free
  for (const field of Object.keys(meta as object)) if (field !== 'labels' && field !== 'annotations' && meta[field] !== undefined && meta[field] !== null && meta[field] !== '') errors.push(forbidden(path.child('metadata', field), 'cannot be set'))
  errors.push(...validateAnnotations(meta.annotations, path.child('metadata', 'annotations')), ...validateLabels(meta.labels, path.child('metadata', 'labels')))
  validateClaimSpec(errors, template.spec ?? {}, path.child('spec'))
}

export function validatePersistentVolumeClaim(claim: KubeObject): FieldError[] {
  const errors: FieldError[] = []
  validateClaimSpec(errors, claim.spec ?? {}, FieldPath.root('spec'))
  return errors
}

export function validatePersistentVolumeClaimUpdate(next: KubeObject, previous: KubeObject): FieldError[] {
  const errors: FieldError[] = []
  const path = FieldPath.root('spec')
  const now = (next.spec ?? {}) as Free
  const before = (previous.spec ?? {}) as Free
  const munged: Free = { ...now, volumeAttributesClassName: before.volumeAttributesClassName }
  if (!before.volumeName) munged.volumeName = before.volumeName
  const bound = previous.status?.phase === 'Bound'
  if (bound && now.resources) munged.resources = { ...now.resources, requests: { ...now.resources.requests, storage: before.resources?.requests?.storage as unknown } }
  if (before.storageClassName === undefined && now.storageClassName !== undefined) munged.storageClassName = before.storageClassName
  if (!equalJson(munged, before)) errors.push(forbidden(path, `spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims\n${goClaimSpec(before, munged)}`))
  const size = tryQuantity(now.resources?.requests?.storage)
  const old = tryQuantity(before.resources?.requests?.storage)
  const capacity = tryQuantity(previous.status?.capacity?.storage)
  if (size && old && compareQuantities(size, old) < 0 && (!capacity || compareQuantities(size, capacity) <= 0)) errors.push(forbidden(path.child('resources', 'requests', 'storage'), 'field can not be less than status.capacity'))
  return errors
}

const resizeStates = ['ControllerResizeInProgress', 'ControllerResizeInfeasible', 'NodeResizePending', 'NodeResizeInProgress', 'NodeResizeInfeasible']

export function validateClaimStatus(object: KubeObject): FieldError[] {
  const errors: FieldError[] = []
  const at = FieldPath.root('status')
  for (const list of ['capacity', 'allocatedResources']) {
    for (const [name, text] of Object.entries((object.status?.[list] ?? {}) as Record<string, string>)) {
      const amount = tryQuantity(text)
      if (amount && amount.nano < 0n) errors.push(invalid(at.child(list).key(name), formatQuantity(amount), 'must be a valid resource quantity'))
    }
  }
  for (const [name, state] of Object.entries((object.status?.allocatedResourceStatuses ?? {}) as Record<string, string>)) if (!resizeStates.includes(state)) errors.push(notSupported(at.child('allocatedResourceStatus').key(name), state, resizeStates))
  return errors
}
