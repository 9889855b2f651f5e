/** Parts of device requests and of devices: selectors in CEL, drivers' configuration, attributes, capacities. */
import { checkExpression } from '#engine/api/cel/complaint'
import { celEnvironment } from '#engine/api/cel/environment'
import { invalid, required, tooMany } from '#engine/api/field'
import type { FieldError , FieldPath} from '#engine/api/field'
import { byteLength, cIdentifier, dnsSubdomain } from '#engine/api/validation/names'
import { checkName } from '#engine/apiserver/registry/core/pods/validation/errors'
import { listOf } from '#engine/apiserver/registry/free'
import type { Free } from '#engine/apiserver/registry/free'

const mostAttributes = 32
const longestAttribute = 64
const versionForm = /^\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?$/

export function validateSelectors(errors: FieldError[], selectors: readonly Free[], at: FieldPath): void {
  if (selectors.length > 32) errors.push(tooMany(at, selectors.length, 32))
  for (const [index, selector] of selectors.entries()) {
    const where = at.index(index)
    if (!selector.cel) errors.push(required(where.child('cel'), ''))
    else if (!selector.cel.expression) errors.push(required(where.child('cel', 'expression'), ''))
    else validateExpression(errors, selector.cel.expression as string, where.child('cel', 'expression'))
  }
}

function validateExpression(errors: FieldError[], expression: string, at: FieldPath): void {
  const { problem, type } = checkExpression(celEnvironment(['device']), expression)
  if (problem !== undefined) errors.push(invalid(at, expression, `compilation failed: ${problem}`))
  else if (type !== 'bool' && type !== 'dyn') errors.push(invalid(at, expression, `must evaluate to bool or the unknown type, not ${type}`))
}

export function validateDriver(errors: FieldError[], name: string, at: FieldPath): void {
  if (name === '') {
    errors.push(required(at, ''))
    return
  }
  if (name.length > 63) errors.push({ type: 'FieldValueTooLong', field: at.toString(), body: 'Too long: may not be more than 63 bytes' })
  checkName(errors, name, dnsSubdomain, at)
}

export function validateOpaque(errors: FieldError[], opaque: Free, at: FieldPath): void {
  validateDriver(errors, (opaque.driver ?? '') as string, at.child('driver'))
  const parameters = opaque.parameters as unknown
  if (parameters === undefined || parameters === null) errors.push(required(at.child('parameters'), ''))
  else if (typeof parameters !== 'object' || Array.isArray(parameters)) errors.push(invalid(at.child('parameters'), '<value omitted>', 'must be a JSON object'))
}

/** `model`, or `gpu.example.com/model`. */
function validateQualified(errors: FieldError[], name: string, at: FieldPath): void {
  if (name === '') {
    errors.push(required(at, 'name required'))
    return
  }
  const parts = name.split('/')
  if (parts.length > 2) errors.push(invalid(at, name, 'must contain at most one slash'))
  if (parts.length > 1) validateDriver(errors, parts[0] ?? '', at)
  const id = parts.at(-1) ?? ''
  if (byteLength(id) > 32) errors.push({ type: 'FieldValueTooLong', field: at.toString(), body: 'Too long: may not be more than 32 bytes' })
  for (const text of cIdentifier(id)) errors.push(invalid(at, id, text))
}

/** An attribute by which devices are held together names its domain, too. */
export function validateFullyQualified(errors: FieldError[], name: string, at: FieldPath): void {
  validateQualified(errors, name, at)
  if (name !== '' && !name.includes('/')) errors.push(invalid(at, name, 'must include a domain'))
}

export function validateDeviceParts(errors: FieldError[], device: Free, at: FieldPath): void {
  const attributes = Object.entries((device.attributes ?? {}) as Record<string, Free>)
  const capacities = Object.keys((device.capacity ?? {}) as object)
  if (attributes.length + capacities.length > mostAttributes) errors.push(invalid(at, attributes.length + capacities.length, `the total number of attributes and capacities must not exceed ${mostAttributes}`))
  for (const [name, value] of attributes) {
    validateQualified(errors, name, at.child('attributes').key(name))
    validateAttribute(errors, value, at.child('attributes').key(name))
  }
  for (const name of capacities) validateQualified(errors, name, at.child('capacity').key(name))
  for (const [index, taint] of listOf(device.taints).entries()) if (!taint.effect) errors.push(required(at.child('taints').index(index).child('effect'), ''))
}

function validateAttribute(errors: FieldError[], value: Free, at: FieldPath): void {
  const kinds = ['int', 'bool', 'string', 'version'].filter((kind) => value?.[kind] !== undefined && value[kind] !== null)
  if (kinds.length === 0) errors.push(required(at, 'exactly one value must be specified'))
  if (kinds.length > 1) errors.push(invalid(at, { IntValue: value.int ?? null, BoolValue: value.bool ?? null, StringValue: value.string ?? null, VersionValue: value.version ?? null }, 'exactly one value must be specified'))
  for (const kind of ['string', 'version']) if (byteLength((value?.[kind] ?? '') as string) > longestAttribute) errors.push({ type: 'FieldValueTooLong', field: at.child(kind).toString(), body: `Too long: may not be more than ${longestAttribute} bytes` })
  if (typeof value?.version === 'string' && !versionForm.test(value.version)) errors.push(invalid(at.child('version'), value.version, 'must be a string compatible with semver.org spec 2.0.0'))
}
