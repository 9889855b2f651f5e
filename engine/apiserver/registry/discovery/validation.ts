/** Endpoint slices, and Endpoints, their forebear. */
import { equalJson } from '#engine/api/object'
import type { KubeObject } from '#engine/api/object'
import { duplicate, FieldPath, invalid, notSupported, required, tooMany } from '#engine/api/field'
import type { FieldError } from '#engine/api/field'
import { parseAddress, validateLegacyAddress } from '#engine/api/validation/addresses'
import { validateImmutable } from '#engine/api/validation/meta'
import { dnsLabel, dnsSubdomain, portNumber, qualifiedName, labelValue } from '#engine/api/validation/names'
import { checkName } from '#engine/apiserver/registry/core/pods/validation/errors'
import { specialAddress } from '#engine/apiserver/registry/core/services/validation'
import { listOf } from '#engine/apiserver/registry/free'
import type { Free } from '#engine/apiserver/registry/free'

const addressTypes = ['FQDN', 'IPv4', 'IPv6']
const protocols = ['SCTP', 'TCP', 'UDP']

export function validateEndpointSlice(object: KubeObject): FieldError[] {
  const errors: FieldError[] = []
  const type = (object.addressType ?? '') as string
  const at = FieldPath.root('addressType')
  if (type === '') errors.push(required(at, ''))
  else if (!addressTypes.includes(type)) errors.push(notSupported(at, type, addressTypes))
  validatePorts(errors, listOf(object.ports), FieldPath.root('ports'))
  const endpoints = listOf(object.endpoints)
  if (endpoints.length > 1000) errors.push(tooMany(FieldPath.root('endpoints'), endpoints.length, 1000))
  else for (const [index, endpoint] of endpoints.entries()) validateEndpoint(errors, endpoint, type, FieldPath.root('endpoints').index(index))
  return errors
}

function validatePorts(errors: FieldError[], ports: readonly Free[], path: FieldPath): void {
  if (ports.length > 100) {
    errors.push(tooMany(path, ports.length, 100))
    return
  }
  const names = new Set<string>()
  for (const [index, port] of ports.entries()) {
    const at = path.index(index)
    const name = (port.name ?? '') as string
    if (name !== '') checkName(errors, name, dnsLabel, at.child('name'))
    if (names.has(name)) errors.push(duplicate(at.child('name'), name))
    names.add(name)
    if (!port.protocol) errors.push(required(at.child('protocol'), ''))
    else if (!protocols.includes(port.protocol as string)) errors.push(notSupported(at.child('protocol'), port.protocol, protocols))
    if (port.port !== undefined && (port.port < 0 || port.port > 65535)) for (const text of portNumber(port.port as number)) errors.push(invalid(at.child('port'), port.port, text))
    if (port.appProtocol !== undefined) checkName(errors, port.appProtocol as string, qualifiedName, at.child('appProtocol'))
  }
}

function validateEndpointAddresses(errors: FieldError[], list: readonly string[], type: string, at: FieldPath): void {
  for (const [index, text] of list.entries()) {
    if (type === 'FQDN') checkName(errors, text, dnsSubdomain, at.index(index))
    if (type !== 'IPv4' && type !== 'IPv6') continue
    const wrong = validateLegacyAddress(text, at.index(index))
    errors.push(...wrong)
    if (wrong.length > 0) continue
    if (`IPv${parseAddress(text)?.family ?? 0}` !== type) errors.push(invalid(at, text, `must be an ${type} address`))
    errors.push(...specialAddress(text, at.index(index)))
  }
}

function validateEndpoint(errors: FieldError[], endpoint: Free, type: string, path: FieldPath): void {
  const list = listOf(endpoint.addresses) as string[]
  const at = path.child('addresses')
  if (list.length === 0) errors.push(required(at, 'must contain at least 1 address'))
  if (list.length > 100) errors.push(tooMany(at, list.length, 100))
  validateEndpointAddresses(errors, list, type, at)
  if (endpoint.nodeName !== undefined) checkName(errors, endpoint.nodeName as string, dnsSubdomain, path.child('nodeName'))
  for (const [key, value] of Object.entries((endpoint.deprecatedTopology ?? {}) as Record<string, string>)) {
    checkName(errors, key, qualifiedName, path.child('deprecatedTopology'))
    checkName(errors, value, labelValue, path.child('deprecatedTopology'))
  }
  if (endpoint.hostname !== undefined) checkName(errors, endpoint.hostname as string, dnsLabel, path.child('hostname'))
  const zones = listOf(endpoint.hints?.forZones)
  if (zones.length > 8) errors.push(tooMany(path.child('hints', 'forZones'), zones.length, 8))
}

/** Endpoints that stay as they were are not looked at again. */
export function validateEndpointSliceUpdate(next: KubeObject, previous: KubeObject): FieldError[] {
  const same = equalJson(next.endpoints ?? [], previous.endpoints ?? [])
  const errors = validateEndpointSlice(next).filter((error) => !same || !error.field.startsWith('endpoints'))
  return [...errors, ...validateAddressType(next, previous)]
}

function validateAddressType(next: KubeObject, previous: KubeObject): FieldError[] {
  return validateImmutable(next.addressType, previous.addressType, FieldPath.root('addressType'))
}

export function validateEndpoints(object: KubeObject): FieldError[] {
  const errors: FieldError[] = []
  for (const [index, subset] of listOf(object.subsets).entries()) {
    const path = FieldPath.root('subsets').index(index)
    const ready = listOf(subset.addresses)
    const others = listOf(subset.notReadyAddresses)
    if (ready.length === 0 && others.length === 0) errors.push(required(path, 'must specify `addresses` or `notReadyAddresses`'))
    validateSubsetAddresses(errors, ready, path.child('addresses'))
    validateSubsetAddresses(errors, others, path.child('notReadyAddresses'))
    validateSubsetPorts(errors, listOf(subset.ports), path.child('ports'))
  }
  return errors
}

function validateSubsetAddresses(errors: FieldError[], addresses: readonly Free[], path: FieldPath): void {
  for (const [position, address] of addresses.entries()) {
    const at = path.index(position)
    errors.push(...validateLegacyAddress((address.ip ?? '') as string, at.child('ip')))
    if (address.hostname) checkName(errors, address.hostname as string, dnsLabel, at.child('hostname'))
    if (address.nodeName !== undefined) checkName(errors, address.nodeName as string, dnsSubdomain, at.child('nodeName'))
    errors.push(...specialAddress((address.ip ?? '') as string, at.child('ip')))
  }
}

function validateSubsetPorts(errors: FieldError[], ports: readonly Free[], path: FieldPath): void {
  for (const [position, port] of ports.entries()) {
    const at = path.index(position)
    if (ports.length > 1 && !port.name) errors.push(required(at.child('name'), ''))
    else if (port.name) checkName(errors, port.name as string, dnsLabel, at.child('name'))
    for (const text of portNumber((port.port ?? 0) as number)) errors.push(invalid(at.child('port'), port.port ?? 0, text))
    if (!port.protocol) errors.push(required(at.child('protocol'), ''))
    else if (!protocols.includes(port.protocol as string)) errors.push(notSupported(at.child('protocol'), port.protocol, protocols))
  }
}

