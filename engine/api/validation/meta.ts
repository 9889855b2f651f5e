/** Validation of `metadata`, as apimachinery's `api/validation`. */
import type { KubeObject, ManagedFieldsEntry, ObjectMeta, OwnerReference } from '#engine/api/object'
import { equalJson } from '#engine/api/object'
import type { FieldError, FieldPath } from '#engine/api/field'
import { forbidden, invalid, required, tooLong } from '#engine/api/field'
import { asPrefix, byteLength, dns1035Label, dnsLabel, dnsSubdomain, labelValue, pathSegment, qualifiedName } from '#engine/api/validation/names'
import type { Check } from '#engine/api/validation/names'

export type NameFormat = 'dns-subdomain' | 'dns-label' | 'dns1035-label' | 'path-segment'

const nameChecks: Readonly<Record<NameFormat, Check>> = { 'dns-subdomain': dnsSubdomain, 'dns-label': dnsLabel, 'dns1035-label': dns1035Label, 'path-segment': pathSegment }
const prefixChecks: Readonly<Record<NameFormat, Check>> = { 'dns-subdomain': asPrefix(dnsSubdomain), 'dns-label': asPrefix(dnsLabel), 'dns1035-label': asPrefix(dns1035Label), 'path-segment': pathSegment }

const largestAnnotations = 256 * 1024

export function validateObjectMeta(meta: ObjectMeta, namespaced: boolean, format: NameFormat | Check, path: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  const check = typeof format === 'string' ? nameChecks[format] : format
  const checkPrefix = typeof format === 'string' ? prefixChecks[format] : asPrefix(format)
  if (meta.generateName) for (const text of checkPrefix(meta.generateName)) errors.push(invalid(path.child('generateName'), meta.generateName, text))
  if (!meta.name) errors.push(required(path.child('name'), 'name or generateName is required'))
  else for (const text of check(meta.name)) errors.push(invalid(path.child('name'), meta.name, text))
  if (!namespaced) {
    if (meta.namespace) errors.push(forbidden(path.child('namespace'), 'not allowed on this type'))
  } else if (!meta.namespace) errors.push(required(path.child('namespace'), ''))
  else for (const text of dnsLabel(meta.namespace)) errors.push(invalid(path.child('namespace'), meta.namespace, text))
  if ((meta.generation ?? 0) < 0) errors.push(invalid(path.child('generation'), meta.generation, 'must be greater than or equal to 0'))
  validateLabelsInto(errors, meta.labels, path.child('labels'))
  validateAnnotationsInto(errors, meta.annotations, path.child('annotations'))
  validateOwnersInto(errors, meta.ownerReferences, path.child('ownerReferences'))
  validateFinalizersInto(errors, meta.finalizers, path.child('finalizers'))
  validateManagedFieldsInto(errors, meta.managedFields, path.child('managedFields'))
  return errors
}

export function validateObjectMetaUpdate(next: ObjectMeta, previous: ObjectMeta, path: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  if (previous.deletionTimestamp) refuseNewFinalizers(errors, next, previous, path.child('finalizers'))
  if (!next.resourceVersion) errors.push(invalid(path.child('resourceVersion'), next.resourceVersion ?? '', 'must be specified for an update'))
  if ((next.generation ?? 0) < (previous.generation ?? 0)) errors.push(invalid(path.child('generation'), next.generation ?? 0, 'must not be decremented'))
  for (const field of ['name', 'namespace', 'uid', 'creationTimestamp', 'deletionTimestamp', 'deletionGracePeriodSeconds'] as const) {
    if (next[field] !== previous[field]) errors.push(invalid(path.child(field), next[field] ?? (field === 'name' || field === 'namespace' || field === 'uid' ? '' : null), 'field is immutable'))
  }
  validateLabelsInto(errors, next.labels, path.child('labels'))
  validateAnnotationsInto(errors, next.annotations, path.child('annotations'))
  validateOwnersInto(errors, next.ownerReferences, path.child('ownerReferences'))
  validateManagedFieldsInto(errors, next.managedFields, path.child('managedFields'))
  return errors
}

export function validateLabels(labels: Readonly<Record<string, string>> | undefined, path: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  validateLabelsInto(errors, labels, path)
  return errors
}

export function validateAnnotations(annotations: Readonly<Record<string, string>> | undefined, path: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  validateAnnotationsInto(errors, annotations, path)
  return errors
}

/** `field is immutable`, where the two differ. */
export function validateImmutable(next: unknown, previous: unknown, path: FieldPath): FieldError[] {
  return equalJson(next, previous) ? [] : [invalid(path, next, 'field is immutable')]
}

function validateLabelsInto(errors: FieldError[], labels: Readonly<Record<string, string>> | undefined, path: FieldPath): void {
  if (!labels) return
  for (const key in labels) {
    for (const text of qualifiedName(key)) errors.push(invalid(path, key, text))
    const value = labels[key] ?? ''
    for (const text of labelValue(value)) errors.push(invalid(path, value, text))
  }
}

function validateAnnotationsInto(errors: FieldError[], annotations: Readonly<Record<string, string>> | undefined, path: FieldPath): void {
  if (!annotations) return
  let size = 0
  for (const key in annotations) {
    for (const text of qualifiedName(key.toLowerCase())) errors.push(invalid(path, key, text))
    size += byteLength(key) + byteLength(annotations[key] ?? '')
  }
  if (size > largestAnnotations) errors.push(tooLong(path, largestAnnotations))
}

function validateOwnersInto(errors: FieldError[], owners: readonly OwnerReference[] | undefined, path: FieldPath): void {
  let first = ''
  for (const owner of owners ?? []) {
    if (!owner.apiVersion || owner.apiVersion.endsWith('/')) errors.push(invalid(path.child('apiVersion'), owner.apiVersion ?? '', 'version must not be empty'))
    for (const field of ['kind', 'name', 'uid'] as const) if (!owner[field]) errors.push(invalid(path.child(field), owner[field] ?? '', 'must not be empty'))
    if (owner.apiVersion === 'v1' && owner.kind === 'Event') errors.push(invalid(path, owner, '/v1, Kind=Event is disallowed from being an owner'))
    if (!owner.controller) continue
    const name = `${owner.kind}/${owner.name}`
    if (first !== '') errors.push(invalid(path, owners, `Only one reference can have Controller set to true. Found "true" in references for ${first} and ${name}`))
    else first = name
  }
}

const standardFinalizers = new Set(['orphan', 'foregroundDeletion', 'kubernetes'])

function validateFinalizersInto(errors: FieldError[], finalizers: readonly string[] | undefined, path: FieldPath): void {
  if (!finalizers) return
  for (const finalizer of finalizers) for (const text of qualifiedName(finalizer)) errors.push(invalid(path, finalizer, text))
  if (finalizers.includes('orphan') && finalizers.includes('foregroundDeletion')) errors.push(invalid(path, finalizers, 'finalizer orphan and foregroundDeletion cannot be both set'))
}

/** Core kinds ask for more of a finalizer: a prefix, or one of the standard names. */
export function validateCoreFinalizers(meta: ObjectMeta, path: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  for (const [index, finalizer] of (meta.finalizers ?? []).entries()) {
    if (finalizer.includes('/') || standardFinalizers.has(finalizer)) continue
    errors.push(invalid(path.index(index), finalizer, 'name is neither a standard finalizer name nor is it fully qualified'))
  }
  return errors
}

function refuseNewFinalizers(errors: FieldError[], next: ObjectMeta, previous: ObjectMeta, path: FieldPath): void {
  const extra = [...new Set(next.finalizers ?? [])].filter((item) => !previous.finalizers?.includes(item)).sort()
  if (extra.length > 0) errors.push(forbidden(path, `no new finalizers can be added if the object is being deleted, found new finalizers []string{${extra.map((item) => JSON.stringify(item)).join(', ')}}`))
}

function validateManagedFieldsInto(errors: FieldError[], list: readonly ManagedFieldsEntry[] | undefined, path: FieldPath): void {
  if (!list) return
  for (const [index, entry] of list.entries()) {
    const at = path.index(index)
    if (entry.operation !== 'Apply' && entry.operation !== 'Update') errors.push(invalid(at.child('operation'), entry.operation ?? '', 'must be `Apply` or `Update`'))
    if (entry.fieldsType && entry.fieldsType !== 'FieldsV1') errors.push(invalid(at.child('fieldsType'), entry.fieldsType, 'must be `FieldsV1`'))
    errors.push(...validateFieldManager(entry.manager ?? '', at.child('manager')))
    if (byteLength(entry.subresource ?? '') > 256) errors.push(tooLong(at.child('subresource'), 256))
  }
}

export function validateFieldManager(manager: string, path: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  if (manager.length <= 42 && /^[ -~]*$/.test(manager)) return errors
  if (byteLength(manager) > 128) errors.push(tooLong(path, 128))
  for (const [index, character] of [...manager].entries()) {
    const code = character.codePointAt(0) ?? 0
    if (code < 32 || code === 127) errors.push(invalid(path, manager, `invalid character U+${code.toString(16).toUpperCase().padStart(4, '0')} (at position ${index})`))
  }
  return errors
}

/** The name a path is checked by, for whoever makes a name (generateName is finished by the server before it is validated). */
export function nameComplaints(object: KubeObject, format: NameFormat): readonly string[] {
  return nameChecks[format](object.metadata.name ?? '')
}
