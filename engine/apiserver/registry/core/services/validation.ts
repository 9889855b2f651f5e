/** Services, endpoints and endpoint slices stand next door; this is for services. */
import { equalJson } from '#engine/api/object'
import type { KubeObject } from '#engine/api/object'
import { duplicate, FieldPath, forbidden, invalid, notSupported, required } from '#engine/api/field'
import type { FieldError } from '#engine/api/field'
import { parseAddress, validateLegacyAddress, validateLegacyNetwork } from '#engine/api/validation/addresses'
import { validateLabels } from '#engine/api/validation/meta'
import { dnsLabel, dnsSubdomain, portNumber, qualifiedName } from '#engine/api/validation/names'
import { checkName } from '#engine/apiserver/registry/core/pods/validation/errors'
import { goStruct } from '#engine/apiserver/registry/core/pods/validation/go-text'
import { validatePort } from '#engine/apiserver/registry/core/pods/validation/probes'
import { listOf } from '#engine/apiserver/registry/free'
import type { Free } from '#engine/apiserver/registry/free'
import { validateAddresses, validateAddressesUpdate } from './addresses'
import { isExternallyAccessible } from './defaults'
import { isHeadless } from './families'
import { needsHealthCheckPort } from './patch'

const path = FieldPath.root('spec')
const types = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort']

export function validateService(service: KubeObject): FieldError[] {
  const errors: FieldError[] = []
  const spec = (service.spec ?? {}) as Free
  const ports = listOf(spec.ports)
  if (ports.length === 0 && !isHeadless(spec) && spec.type !== 'ExternalName') errors.push(required(path.child('ports'), ''))
  validateType(errors, spec)
  validatePorts(errors, spec)
  if (spec.selector) errors.push(...validateLabels(spec.selector as Record<string, string>, path.child('selector')))
  validateAffinity(errors, spec)
  validateExternalIps(errors, spec)
  if (!spec.type) errors.push(required(path.child('type'), ''))
  else if (!types.includes(spec.type as string)) errors.push(notSupported(path.child('type'), spec.type, types))
  validateUniquePorts(errors, spec)
  validateSourceRanges(errors, spec)
  if (spec.type !== 'LoadBalancer' && spec.allocateLoadBalancerNodePorts !== undefined) errors.push(forbidden(path.child('allocateLoadBalancerNodePorts'), "may only be used when `type` is 'LoadBalancer'"))
  if (spec.loadBalancerClass !== undefined) {
    if (spec.type !== 'LoadBalancer') errors.push(forbidden(path.child('loadBalancerClass'), "may only be used when `type` is 'LoadBalancer'"))
    else checkName(errors, spec.loadBalancerClass as string, qualifiedName, path.child('loadBalancerClass'))
  }
  validateTraffic(errors, spec)
  errors.push(...validateAddresses(spec))
  return errors
}

function validateType(errors: FieldError[], spec: Free): void {
  if (spec.type === 'LoadBalancer') for (const [index, port] of listOf(spec.ports).entries()) if (port.port === 10250) errors.push(invalid(path.child('ports').index(index).child('port'), 10250, 'may not expose port 10250 externally since it is used by kubelet'))
  if (spec.type === 'LoadBalancer' && isHeadless(spec)) errors.push(invalid(path.child('clusterIPs').index(0), 'None', "may not be set to 'None' for LoadBalancer services"))
  if (spec.type === 'NodePort' && isHeadless(spec)) errors.push(invalid(path.child('clusterIPs').index(0), 'None', "may not be set to 'None' for NodePort services"))
  if (spec.type === 'ExternalName') validateExternalName(errors, spec)
}

function validateExternalName(errors: FieldError[], spec: Free): void {
  if (listOf(spec.clusterIPs).length > 0) errors.push(forbidden(path.child('clusterIPs'), 'may not be set for ExternalName services'))
  if (listOf(spec.ipFamilies).length > 0) errors.push(forbidden(path.child('ipFamilies'), 'may not be set for ExternalName services'))
  if (spec.ipFamilyPolicy !== undefined) errors.push(forbidden(path.child('ipFamilyPolicy'), 'may not be set for ExternalName services'))
  const name = ((spec.externalName ?? '') as string).replace(/\.$/, '')
  if (name === '') errors.push(required(path.child('externalName'), ''))
  else checkName(errors, name, dnsSubdomain, path.child('externalName'))
}

const protocols = ['SCTP', 'TCP', 'UDP']

function validatePorts(errors: FieldError[], spec: Free): void {
  const ports = listOf(spec.ports)
  const names = new Set<string>()
  for (const [index, port] of ports.entries()) {
    const at = path.child('ports').index(index)
    const name = (port.name ?? '') as string
    if (ports.length > 1 && name === '') errors.push(required(at.child('name'), ''))
    else if (name !== '') validatePortLabel(errors, name, names, at.child('name'))
    for (const text of portNumber((port.port ?? 0) as number)) errors.push(invalid(at.child('port'), port.port ?? 0, text))
    if (!port.protocol) errors.push(required(at.child('protocol'), ''))
    else if (!protocols.includes(port.protocol as string)) errors.push(notSupported(at.child('protocol'), port.protocol, protocols))
    validatePort(errors, port.targetPort, at.child('targetPort'))
    if (port.appProtocol !== undefined) checkName(errors, port.appProtocol as string, qualifiedName, at.child('appProtocol'))
    if ((spec.type === 'ClusterIP' || spec.type === 'ExternalName') && port.nodePort) errors.push(forbidden(at.child('nodePort'), `may not be used when \`type\` is '${spec.type as string}'`))
  }
}

function validatePortLabel(errors: FieldError[], name: string, names: Set<string>, at: FieldPath): void {
  checkName(errors, name, dnsLabel, at)
  if (names.has(name)) errors.push(duplicate(at, name))
  names.add(name)
}

const portFields = [['Name', 'name'], ['Protocol', 'protocol'], ['AppProtocol', 'appProtocol'], ['Port', 'port'], ['TargetPort', 'targetPort'], ['NodePort', 'nodePort']] as const

function validateUniquePorts(errors: FieldError[], spec: Free): void {
  const text = (values: Free): unknown => goStruct(portFields, values as Record<string, unknown>, { name: '', protocol: '', port: 0, targetPort: 0, nodePort: 0 })
  const nodePorts = new Set<string>()
  for (const [index, port] of listOf(spec.ports).entries()) {
    if (!port.nodePort) continue
    const key = `${port.protocol as string}/${port.nodePort as number}`
    if (nodePorts.has(key)) errors.push(duplicate(path.child('ports').index(index).child('nodePort'), text({ protocol: port.protocol, nodePort: port.nodePort })))
    nodePorts.add(key)
  }
  const ports = new Set<string>()
  for (const [index, port] of listOf(spec.ports).entries()) {
    const key = `${port.protocol as string}/${port.port as number}`
    if (ports.has(key)) errors.push(duplicate(path.child('ports').index(index), text({ protocol: port.protocol, port: port.port })))
    ports.add(key)
  }
}

function validateAffinity(errors: FieldError[], spec: Free): void {
  const at = path.child('sessionAffinity')
  if (!spec.sessionAffinity) errors.push(required(at, ''))
  else if (spec.sessionAffinity !== 'ClientIP' && spec.sessionAffinity !== 'None') errors.push(notSupported(at, spec.sessionAffinity, ['ClientIP', 'None']))
  const config = path.child('sessionAffinityConfig')
  if (spec.sessionAffinity === 'ClientIP') {
    const seconds = spec.sessionAffinityConfig?.clientIP?.timeoutSeconds as number | undefined
    if (seconds === undefined) errors.push(required(config, 'when session affinity type is ClientIP'))
    else if (seconds <= 0 || seconds > 86400) errors.push(invalid(config.child('clientIP', 'timeoutSeconds'), seconds, 'must be greater than 0 and less than 86400'))
  } else if (spec.sessionAffinityConfig) errors.push(forbidden(config, 'must not be set when session affinity is None'))
}

function validateExternalIps(errors: FieldError[], spec: Free): void {
  for (const [index, ip] of (listOf(spec.externalIPs) as string[]).entries()) {
    const at = path.child('externalIPs').index(index)
    const wrong = validateLegacyAddress(ip, at)
    errors.push(...(wrong.length > 0 ? wrong : specialAddress(ip, at)))
  }
}

/** Addresses that lead nowhere else. */
export function specialAddress(text: string, at: FieldPath): FieldError[] {
  const address = parseAddress(text)
  if (!address) return [invalid(at, text, 'must be a valid IP address')]
  const { family, value } = address
  const top = (bits: number): bigint => value >> BigInt((family === 4 ? 32 : 128) - bits)
  if (value === 0n) return [invalid(at, text, `may not be unspecified (${text})`)]
  if (family === 4 ? top(8) === 127n : value === 1n) return [invalid(at, text, 'may not be in the loopback range (127.0.0.0/8, ::1/128)')]
  if (family === 4 ? top(16) === 0xa9fen : top(10) === 0x3fan) return [invalid(at, text, 'may not be in the link-local range (169.254.0.0/16, fe80::/10)')]
  if (family === 4 ? top(24) === 0xe00000n : top(16) === 0xff02n) return [invalid(at, text, 'may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)')]
  return []
}

function validateSourceRanges(errors: FieldError[], spec: Free): void {
  const ranges = listOf(spec.loadBalancerSourceRanges) as string[]
  if (ranges.length === 0) return
  const at = path.child('LoadBalancerSourceRanges')
  if (spec.type !== 'LoadBalancer') errors.push(forbidden(at, "may only be used when `type` is 'LoadBalancer'"))
  for (const [index, range] of ranges.entries()) errors.push(...validateLegacyNetwork(range.trim(), at.index(index)))
}

function validateTraffic(errors: FieldError[], spec: Free): void {
  validateExternalTraffic(errors, spec)
  const internal = spec.internalTrafficPolicy as string | undefined
  if (internal === undefined) {
    if (spec.type !== 'ExternalName') errors.push(required(path.child('internalTrafficPolicy'), ''))
  } else if (internal !== 'Cluster' && internal !== 'Local') errors.push(notSupported(path.child('internalTrafficPolicy'), internal, ['Cluster', 'Local']))
  const distribution = spec.trafficDistribution as string | undefined
  const supported = ['PreferClose', 'PreferSameNode', 'PreferSameZone']
  if (distribution !== undefined && !supported.includes(distribution)) errors.push(notSupported(path.child('trafficDistribution'), distribution, supported))
}

function validateExternalTraffic(errors: FieldError[], spec: Free): void {
  const external = spec.externalTrafficPolicy as string | undefined
  const at = path.child('externalTrafficPolicy')
  if (!isExternallyAccessible(spec)) {
    if (external) errors.push(invalid(at, external, 'may only be set for externally-accessible services'))
  } else if (!external) errors.push(required(at, ''))
  else if (external !== 'Cluster' && external !== 'Local') errors.push(notSupported(at, external, ['Cluster', 'Local']))
  if (!needsHealthCheckPort(spec)) {
    if (spec.healthCheckNodePort) errors.push(invalid(path.child('healthCheckNodePort'), spec.healthCheckNodePort, "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'"))
  } else if (!spec.healthCheckNodePort) errors.push(required(path.child('healthCheckNodePort'), ''))
}

export function validateServiceUpdate(next: KubeObject, previous: KubeObject): FieldError[] {
  const now = (next.spec ?? {}) as Free
  const before = (previous.spec ?? {}) as Free
  const errors = validateAddressesUpdate(next, previous)
  if (now.type === 'LoadBalancer' && before.type === 'LoadBalancer' && !equalJson(before.loadBalancerClass, now.loadBalancerClass)) errors.push(invalid(path.child('loadBalancerClass'), now.loadBalancerClass ?? null, 'may not change once set'))
  return errors
}

/** What the server warns of in a new or changed service. */
export function serviceWarnings(service: KubeObject, previous: KubeObject | undefined): string[] {
  const spec = (service.spec ?? {}) as Free
  const out: string[] = []
  if (previous?.metadata.deletionTimestamp) return out
  if (service.metadata.annotations?.['service.kubernetes.io/topology-aware-hints'] !== undefined) out.push('annotation service.kubernetes.io/topology-aware-hints is deprecated, please use service.kubernetes.io/topology-mode instead')
  if (isHeadless(spec)) {
    if (spec.loadBalancerIP) out.push('spec.loadBalancerIP is ignored for headless services')
    if (listOf(spec.externalIPs).length > 0) out.push('spec.externalIPs is ignored for headless services')
    if (spec.sessionAffinity && spec.sessionAffinity !== 'None') out.push('spec.SessionAffinity is ignored for headless services')
  }
  if (spec.trafficDistribution === 'PreferClose') out.push('spec.trafficDistribution: PreferClose is deprecated; use PreferSameZone')
  if (spec.externalName && spec.type !== 'ExternalName') out.push('spec.externalName is ignored when spec.type is not "ExternalName"')
  return out
}
