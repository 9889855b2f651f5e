/** Dynamic resource allocation: classes, claims and slices. */
import { equalJson } from '#engine/api/object'
import type { KubeObject } from '#engine/api/object'
import { validateDeviceParts, validateDriver, validateFullyQualified, validateOpaque, validateSelectors } from './devices'
import { duplicate, FieldPath, invalid, notSupported, required, tooMany } from '#engine/api/field'
import type { FieldError } from '#engine/api/field'
import { dnsLabel, dnsSubdomain } from '#engine/api/validation/names'
import { checkName } from '#engine/apiserver/registry/core/pods/validation/errors'
import { listOf } from '#engine/apiserver/registry/free'
import type { Free } from '#engine/apiserver/registry/free'

const path = FieldPath.root('spec')

export function validateDeviceClass(object: KubeObject): FieldError[] {
  const errors: FieldError[] = []
  validateSelectors(errors, listOf(object.spec?.selectors), path.child('selectors'))
  const configs = listOf(object.spec?.config)
  for (const [index, config] of configs.entries()) {
    const at = path.child('config').index(index)
    if (!config.opaque) errors.push(required(at, 'exactly one type must be specified'))
    else validateOpaque(errors, config.opaque, at.child('opaque'))
  }
  return errors
}

export function validateResourceClaim(object: KubeObject): FieldError[] {
  const errors: FieldError[] = []
  validateDevices(errors, object.spec?.devices ?? {}, path.child('devices'))
  return errors
}

export function validateResourceClaimTemplate(object: KubeObject): FieldError[] {
  const errors: FieldError[] = []
  validateDevices(errors, object.spec?.spec?.devices ?? {}, path.child('spec', 'devices'))
  return errors
}

function validateDevices(errors: FieldError[], devices: Free, at: FieldPath): void {
  const requests = listOf(devices.requests)
  if (requests.length > 32) errors.push(tooMany(at.child('requests'), requests.length, 32))
  const names = new Set<string>()
  for (const [index, request] of requests.entries()) validateRequest(errors, request, names, at.child('requests').index(index))
  for (const [index, constraint] of listOf(devices.constraints).entries()) validateConstraint(errors, constraint, at.child('constraints').index(index))
  for (const [index, config] of listOf(devices.config).entries()) if (config.opaque) validateOpaque(errors, config.opaque, at.child('config').index(index).child('opaque'))
  for (const kind of ['constraints', 'config']) {
    for (const [index, item] of listOf(devices[kind]).entries()) {
      for (const [position, name] of (listOf(item.requests) as string[]).entries()) if (!names.has(name) && !names.has(name.split('/')[0] ?? '')) errors.push(invalid(at.child(kind).index(index).child('requests').index(position), name, "must be the name of a request in the claim or the name of a request and a subrequest separated by '/'"))
    }
  }
}

function validateConstraint(errors: FieldError[], constraint: Free, at: FieldPath): void {
  const fields = ['matchAttribute', 'distinctAttribute'].filter((field) => constraint[field] !== undefined && constraint[field] !== null)
  if (fields.length === 0) errors.push(required(at.child('matchAttribute'), ''))
  for (const field of fields) validateFullyQualified(errors, constraint[field] as string, at.child(field))
}

function validateRequest(errors: FieldError[], request: Free, names: Set<string>, at: FieldPath): void {
  const name = (request.name ?? '') as string
  if (name === '') errors.push(required(at.child('name'), ''))
  else checkName(errors, name, dnsLabel, at.child('name'))
  if (names.has(name)) errors.push(duplicate(at.child('name'), name))
  names.add(name)
  const alternatives = listOf(request.firstAvailable)
  if (request.exactly && alternatives.length > 0) errors.push(invalid(at, null, 'exactly one of `exactly` or `firstAvailable` is required, but multiple fields are set'))
  else if (request.exactly) validateDevice(errors, request.exactly, at.child('exactly'))
  else if (alternatives.length === 0) errors.push(required(at, 'exactly one of `exactly` or `firstAvailable` is required'))
  for (const [index, item] of alternatives.entries()) {
    const where = at.child('firstAvailable').index(index)
    if (!item.name) errors.push(required(where.child('name'), ''))
    else checkName(errors, item.name as string, dnsLabel, where.child('name'))
    names.add(`${name}/${(item.name ?? '') as string}`)
    validateDevice(errors, item, where)
  }
}

function validateDevice(errors: FieldError[], device: Free, at: FieldPath): void {
  if (!device.deviceClassName) errors.push(required(at.child('deviceClassName'), ''))
  else checkName(errors, device.deviceClassName as string, dnsSubdomain, at.child('deviceClassName'))
  validateSelectors(errors, listOf(device.selectors), at.child('selectors'))
  if (device.allocationMode === 'All') {
    if (device.count) errors.push(invalid(at.child('count'), device.count, "must not be specified when allocationMode is 'All'"))
  } else if (device.allocationMode === 'ExactCount') {
    if ((device.count ?? 0) <= 0) errors.push(invalid(at.child('count'), device.count ?? 0, 'must be greater than zero'))
  } else errors.push(notSupported(at.child('allocationMode'), device.allocationMode ?? '', ['All', 'ExactCount']))
}

export function validateSpecImmutable(next: KubeObject, previous: KubeObject): FieldError[] {
  return equalJson(next.spec, previous.spec) ? [] : [invalid(path, next.spec, 'field is immutable')]
}

export function validateResourceSlice(object: KubeObject): FieldError[] {
  const errors: FieldError[] = []
  const spec = (object.spec ?? {}) as Free
  validateDriver(errors, (spec.driver ?? '') as string, path.child('driver'))
  if (!spec.pool?.name) errors.push(required(path.child('pool', 'name'), ''))
  if ((spec.pool?.generation ?? 0) < 0) errors.push(invalid(path.child('pool', 'generation'), spec.pool.generation, 'must be greater than or equal to zero'))
  if ((spec.pool?.resourceSliceCount ?? 0) <= 0) errors.push(invalid(path.child('pool', 'resourceSliceCount'), spec.pool?.resourceSliceCount ?? 0, 'must be greater than zero'))
  const places = ['nodeName', 'nodeSelector', 'allNodes', 'perDeviceNodeSelection'].filter((field) => spec[field])
  if (places.length !== 1) errors.push(places.length === 0 ? required(path, 'exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required') : invalid(path, `{${places.map((field) => `\`${field}\``).join(', ')}}`, 'exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required, but multiple fields are set'))
  const seen = new Set<string>()
  for (const [index, device] of listOf(spec.devices).entries()) {
    const at = path.child('devices').index(index).child('name')
    checkName(errors, (device.name ?? '') as string, dnsLabel, at)
    if (seen.has(device.name as string)) errors.push(duplicate(at, device.name))
    seen.add(device.name as string)
    validateDeviceParts(errors, device, path.child('devices').index(index))
  }
  return errors
}

/** A slice stays with its driver, its pool and its node. */
export function validateResourceSliceUpdate(next: KubeObject, previous: KubeObject): FieldError[] {
  const now = (next.spec ?? {}) as Free
  const before = (previous.spec ?? {}) as Free
  const fixed: readonly (readonly [FieldPath, unknown, unknown])[] = [[path.child('driver'), now.driver, before.driver], [path.child('pool', 'name'), now.pool?.name, before.pool?.name], [path.child('nodeName'), now.nodeName, before.nodeName]]
  return fixed.flatMap(([at, value, old]) => (equalJson(value, old) ? [] : [invalid(at, value ?? null, 'field is immutable')]))
}
