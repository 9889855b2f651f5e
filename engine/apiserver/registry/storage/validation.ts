/** The storage group. */
import { equalJson } from '#engine/api/object'
import type { KubeObject } from '#engine/api/object'
import { duplicate, FieldPath, forbidden, invalid, notSupported, required } from '#engine/api/field'
import type { FieldError } from '#engine/api/field'
import { formatQuantity, tryQuantity } from '#engine/api/quantity'
import { validateImmutable } from '#engine/api/validation/meta'
import { dnsSubdomain, qualifiedName } from '#engine/api/validation/names'
import { validateLabelSelector } from '#engine/api/validation/selectors'
import { checkName, needed, notNegative } from '#engine/apiserver/registry/core/pods/validation/errors'
import { validateDriverName } from '#engine/apiserver/registry/core/pods/validation/remote-volumes'
import { listOf } from '#engine/apiserver/registry/free'
import type { Free } from '#engine/apiserver/registry/free'

const root = (name: string): FieldPath => FieldPath.root(name)

export function validateStorageClass(object: KubeObject): FieldError[] {
  const errors: FieldError[] = []
  if (!object.provisioner) errors.push(required(root('provisioner'), ''))
  else checkName(errors, (object.provisioner as string).toLowerCase(), qualifiedName, root('provisioner'))
  validateParameters(errors, object.parameters as Record<string, string> | undefined, false)
  if (object.reclaimPolicy && !['Delete', 'Retain'].includes(object.reclaimPolicy as string)) errors.push(notSupported(root('reclaimPolicy'), object.reclaimPolicy, ['Delete', 'Retain']))
  if (!object.volumeBindingMode) errors.push(required(root('volumeBindingMode'), ''))
  else if (!['Immediate', 'WaitForFirstConsumer'].includes(object.volumeBindingMode as string)) errors.push(notSupported(root('volumeBindingMode'), object.volumeBindingMode, ['Immediate', 'WaitForFirstConsumer']))
  validateTopologies(errors, listOf(object.allowedTopologies), root('allowedTopologies'))
  return errors
}

function validateTopologies(errors: FieldError[], terms: readonly Free[], path: FieldPath): void {
  for (const [index, term] of terms.entries()) {
    const keys = new Set<string>()
    for (const [position, item] of listOf(term.matchLabelExpressions).entries()) {
      const at = path.index(index).child('matchLabelExpressions').index(position)
      const values = listOf(item.values) as string[]
      const key = (item.key ?? '') as string
      if (values.length === 0) errors.push(required(at.child('values'), ''))
      for (const [place, value] of values.entries()) if (values.indexOf(value) < place) errors.push(duplicate(at.child('values').index(place), value))
      checkName(errors, key, qualifiedName, at.child('key'))
      if (keys.has(key)) errors.push(duplicate(at.child('key'), key))
      keys.add(key)
    }
  }
}

function validateParameters(errors: FieldError[], parameters: Record<string, string> | undefined, needed: boolean): void {
  const names = Object.keys(parameters ?? {})
  if (needed && names.length === 0) errors.push(required(root('parameters'), 'must contain at least one key/value pair'))
  if (names.length > 512) errors.push({ type: 'FieldValueTooLong', field: 'Provisioner Parameters', body: 'Too long: may not be more than 512 bytes' })
  for (const name of names) if (name === '') errors.push(invalid(root('parameters'), name, 'field can not be empty.'))
}

export function validateStorageClassUpdate(next: KubeObject, previous: KubeObject): FieldError[] {
  const errors: FieldError[] = []
  for (const field of ['parameters', 'provisioner', 'reclaimPolicy']) if (!equalJson(next[field] ?? null, previous[field] ?? null)) errors.push(forbidden(root(field), `updates to ${field} are forbidden.`))
  errors.push(...validateImmutable(next.volumeBindingMode ?? null, previous.volumeBindingMode ?? null, root('volumeBindingMode')))
  return errors
}

export function validateVolumeAttachment(object: KubeObject): FieldError[] {
  const errors: FieldError[] = []
  const spec = (object.spec ?? {}) as Free
  validateDriverName(errors, (spec.attacher ?? '') as string, root('spec').child('attacher'))
  const { inlineVolumeSpec, persistentVolumeName } = spec.source ?? {}
  const at = root('spec').child('source')
  if (inlineVolumeSpec === undefined && persistentVolumeName === undefined) errors.push(required(at, 'must specify exactly one of inlineVolumeSpec and persistentVolumeName'))
  if (inlineVolumeSpec !== undefined && persistentVolumeName !== undefined) errors.push(forbidden(at, 'must specify exactly one of inlineVolumeSpec and persistentVolumeName'))
  if (persistentVolumeName === '') errors.push(required(at.child('persistentVolumeName'), 'must specify non empty persistentVolumeName'))
  checkName(errors, (spec.nodeName ?? '') as string, dnsSubdomain, root('spec').child('nodeName'))
  return errors
}

export function validateSpecUpdate(next: KubeObject, previous: KubeObject): FieldError[] {
  return equalJson(next.spec, previous.spec) ? [] : [invalid(root('spec'), next.spec, 'field is immutable')]
}

export function validateCsiNode(object: KubeObject): FieldError[] {
  const errors: FieldError[] = []
  const seen = new Set<string>()
  for (const [index, driver] of listOf(object.spec?.drivers).entries()) {
    const at = root('spec').child('drivers').index(index)
    validateDriverName(errors, (driver.name ?? '') as string, at.child('name'))
    needed(errors, driver.nodeID, at.child('nodeID'))
    notNegative(errors, driver.allocatable?.count as number, at.child('allocatable', 'count'))
    for (const key of listOf(driver.topologyKeys)) if (key === '') errors.push(required(at.child('topologyKeys'), ''))
    else checkName(errors, key as string, qualifiedName, at.child('topologyKeys'))
    if (seen.has(driver.name as string)) errors.push(duplicate(at.child('name'), driver.name))
    seen.add(driver.name as string)
  }
  return errors
}

export function validateCsiDriver(object: KubeObject): FieldError[] {
  const errors: FieldError[] = []
  const spec = (object.spec ?? {}) as Free
  const at = root('spec')
  validateDriverName(errors, object.metadata.name ?? '', root('name'))
  const policy = spec.fsGroupPolicy as string | undefined
  if (policy && !['File', 'None', 'ReadWriteOnceWithFSType'].includes(policy)) errors.push(notSupported(at.child('fsGroupPolicy'), policy, ['File', 'None', 'ReadWriteOnceWithFSType']))
  const audiences = new Set<string>()
  for (const [index, token] of listOf(spec.tokenRequests).entries()) {
    const path = at.child('tokenRequests').index(index)
    if (audiences.has(token.audience as string)) errors.push(duplicate(path.child('audience'), token.audience))
    audiences.add(token.audience as string)
    if (token.expirationSeconds !== undefined && token.expirationSeconds < 600) errors.push(invalid(path.child('expirationSeconds'), token.expirationSeconds, 'may not specify a duration less than 10 minutes'))
  }
  for (const [index, mode] of listOf(spec.volumeLifecycleModes).entries()) if (mode !== 'Persistent' && mode !== 'Ephemeral') errors.push(notSupported(at.child('volumeLifecycleModes').index(index), mode, ['Ephemeral', 'Persistent']))
  return errors
}

export function validateCsiDriverUpdate(next: KubeObject, previous: KubeObject): FieldError[] {
  return ['attachRequired', 'volumeLifecycleModes'].flatMap((field) => validateImmutable(next.spec?.[field] ?? null, previous.spec?.[field] ?? null, root('spec').child(field)))
}

export function validateCsiStorageCapacity(object: KubeObject): FieldError[] {
  const errors: FieldError[] = []
  errors.push(...validateLabelSelector(object.nodeTopology as object | undefined, root('nodeTopology')))
  checkName(errors, (object.storageClassName ?? '') as string, dnsSubdomain, root('storageClassName'))
  for (const field of ['capacity', 'maximumVolumeSize']) {
    const quantity = tryQuantity(object[field])
    if (quantity && quantity.nano < 0n) errors.push(invalid(root(field), formatQuantity(quantity), 'must be greater than or equal to 0'))
  }
  return errors
}

export function validateCsiStorageCapacityUpdate(next: KubeObject, previous: KubeObject): FieldError[] {
  return ['nodeTopology', 'storageClassName'].flatMap((field) => validateImmutable(next[field] ?? null, previous[field] ?? null, root(field)))
}

export function validateVolumeAttributesClass(object: KubeObject): FieldError[] {
  const errors: FieldError[] = []
  validateDriverName(errors, (object.driverName ?? '') as string, root('driverName'))
  validateParameters(errors, object.parameters as Record<string, string> | undefined, true)
  return errors
}

export function validateVolumeAttributesClassUpdate(next: KubeObject, previous: KubeObject): FieldError[] {
  const errors: FieldError[] = []
  if (next.driverName !== previous.driverName) errors.push(forbidden(root('driverName'), 'updates to driverName are forbidden.'))
  if (!equalJson(next.parameters, previous.parameters)) errors.push(forbidden(root('parameters'), 'updates to parameters are forbidden.'))
  return errors
}

