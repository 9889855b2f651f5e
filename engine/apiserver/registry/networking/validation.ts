/** Network policies, service networks and IP addresses; ingresses stand in their own folder. */
import { equalJson } from '#engine/api/object'
import type { KubeObject } from '#engine/api/object'
import { FieldPath, forbidden, invalid, notSupported, required } from '#engine/api/field'
import type { FieldError } from '#engine/api/field'
import { formatAddress, networkContains, parseAddress, parseNetwork, validateLegacyNetwork, validateNetwork } from '#engine/api/validation/addresses'
import { validateImmutable } from '#engine/api/validation/meta'
import { dnsSubdomain, pathSegment } from '#engine/api/validation/names'
import { validateLabelSelector } from '#engine/api/validation/selectors'
import { checkName } from '#engine/apiserver/registry/core/pods/validation/errors'
import { validatePort } from '#engine/apiserver/registry/core/pods/validation/probes'
import { listOf } from '#engine/apiserver/registry/free'
import type { Free } from '#engine/apiserver/registry/free'

const path = FieldPath.root('spec')
const protocols = ['SCTP', 'TCP', 'UDP']

export function validateNetworkPolicy(object: KubeObject): FieldError[] {
  const errors: FieldError[] = []
  const spec = (object.spec ?? {}) as Free
  errors.push(...validateLabelSelector(spec.podSelector, path.child('podSelector')))
  for (const [field, side] of [['ingress', 'from'], ['egress', 'to']] as const) {
    for (const [index, rule] of listOf(spec[field]).entries()) {
      const at = path.child(field).index(index)
      for (const [position, port] of listOf(rule.ports).entries()) validatePolicyPort(errors, port, at.child('ports').index(position))
      for (const [position, peer] of listOf(rule[side]).entries()) validatePeer(errors, peer, at.child(side).index(position))
    }
  }
  const kinds = listOf(spec.policyTypes) as string[]
  if (kinds.length > 2) {
    errors.push(invalid(path.child('policyTypes'), kinds, 'may not specify more than two policyTypes'))
    return errors
  }
  for (const [index, kind] of kinds.entries()) if (kind !== 'Ingress' && kind !== 'Egress') errors.push(notSupported(path.child('policyTypes').index(index), kind, ['Egress', 'Ingress']))
  return errors
}

function validatePolicyPort(errors: FieldError[], port: Free, at: FieldPath): void {
  if (port.protocol !== undefined && !protocols.includes(port.protocol as string)) errors.push(notSupported(at.child('protocol'), port.protocol, protocols))
  if (port.port !== undefined) {
    validatePort(errors, port.port, at.child('port'))
    if (port.endPort === undefined) return
    if (typeof port.port === 'string') errors.push(invalid(at.child('endPort'), port.endPort, 'may not be specified when `port` is non-numeric'))
    else if (port.endPort < port.port) errors.push(invalid(at.child('endPort'), port.endPort, 'must be greater than or equal to `port`'))
    if (port.endPort < 1 || port.endPort > 65535) errors.push(invalid(at.child('endPort'), port.endPort, 'must be between 1 and 65535, inclusive'))
  } else if (port.endPort !== undefined) errors.push(required(at.child('port'), 'must be specified when `endPort` is specified'))
}

function validatePeer(errors: FieldError[], peer: Free, at: FieldPath): void {
  const selectors = ['podSelector', 'namespaceSelector'].filter((field) => peer[field])
  for (const field of selectors) errors.push(...validateLabelSelector(peer[field], at.child(field)))
  if (peer.ipBlock) validateBlock(errors, peer.ipBlock, at.child('ipBlock'))
  if (selectors.length === 0 && !peer.ipBlock) errors.push(required(at, 'must specify a peer'))
  if (selectors.length > 0 && peer.ipBlock) errors.push(forbidden(at, 'may not specify both ipBlock and another peer'))
}

function validateBlock(errors: FieldError[], block: Free, at: FieldPath): void {
  const cidr = (block.cidr ?? '') as string
  if (cidr === '') {
    errors.push(required(at.child('cidr'), ''))
    return
  }
  errors.push(...validateLegacyNetwork(cidr, at.child('cidr')))
  const outer = parseNetwork(cidr)
  if (!outer) return
  for (const [index, text] of (listOf(block.except) as string[]).entries()) {
    const where = at.child('except').index(index)
    const wrong = validateLegacyNetwork(text, where)
    errors.push(...wrong)
    const inner = parseNetwork(text)
    if (!inner) continue
    if (!networkContains(outer, { family: inner.family, value: inner.base }) || inner.prefix <= outer.prefix) errors.push(invalid(where, text, 'must be a strict subset of `cidr`'))
  }
}

export function validateServiceCidr(object: KubeObject): FieldError[] {
  const errors: FieldError[] = []
  const list = listOf(object.spec?.cidrs) as string[]
  const at = path.child('cidrs')
  if (list.length === 0) {
    errors.push(required(at, 'at least one CIDR required'))
    return errors
  }
  if (list.length > 2) {
    errors.push(invalid(path, { CIDRs: list }, 'may only hold up to 2 values'))
    return errors
  }
  for (const [index, text] of list.entries()) errors.push(...validateNetwork(text, at.index(index)))
  const families = list.map((text) => parseNetwork(text)?.family)
  if (list.length === 2 && families[0] === families[1]) errors.push(invalid(path, { CIDRs: list }, 'may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64'))
  return errors
}

export function validateServiceCidrUpdate(next: KubeObject, previous: KubeObject): FieldError[] {
  return equalJson(next.spec?.cidrs, previous.spec?.cidrs) ? [] : [invalid(path.child('cidrs').index(0), (listOf(next.spec?.cidrs) as string[])[0] ?? '', 'field is immutable')]
}

/** The name is the address, in its canonical form. */
export function ipAddressName(value: string): readonly string[] {
  const address = parseAddress(value)
  if (!address) return ['must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)']
  return formatAddress(address) === value ? [] : ['must be a canonical format IP address']
}

export function validateIpAddress(object: KubeObject): FieldError[] {
  const errors: FieldError[] = []
  const parent = object.spec?.parentRef
  const at = path.child('parentRef')
  if (!parent) {
    errors.push(required(at, ''))
    return errors
  }
  if (parent.group) checkName(errors, parent.group as string, dnsSubdomain, at.child('group'))
  if (!parent.resource) errors.push(required(at.child('resource'), ''))
  else checkName(errors, parent.resource as string, pathSegment, at.child('resource'))
  if (!parent.name) errors.push(required(at.child('name'), ''))
  else checkName(errors, parent.name as string, pathSegment, at.child('name'))
  if (parent.namespace) checkName(errors, parent.namespace as string, pathSegment, at.child('namespace'))
  return errors
}

export function validateIpAddressUpdate(next: KubeObject, previous: KubeObject): FieldError[] {
  return validateImmutable(next.spec?.parentRef, previous.spec?.parentRef, path.child('parentRef'))
}

