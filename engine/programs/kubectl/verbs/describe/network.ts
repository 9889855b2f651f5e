/** Services, endpoints, ingresses, network policies. */
import { query } from '#engine/client/client'
import { builtin, resourcePath, services, type Session } from '#engine/programs/kubectl/session/session'
import { events, formatMap, formatSelector, head, labels, type Loose, metadata, annotations, rfc1123 } from './common'
import type { Describer } from './table'
import type { Writer } from './writer'

const endpointSlices = builtin('discovery.k8s.io', 'v1', 'endpointslices', 'EndpointSlice')

async function slicesOf(session: Session, namespace: string, service: string): Promise<Loose[]> {
  return (await session.request<{ items?: Loose[] }>('GET', resourcePath(endpointSlices, namespace) + query({ labelSelector: `kubernetes.io/service-name=${service}` }))).items ?? []
}

/** At most three addresses, and how many more. */
function endpointsText(slices: Loose[], port: string): string {
  if (slices.length === 0) return '<none>'
  const list: string[] = []
  let count = 0
  const add = (endpoint: Loose, suffix: string): void => {
    if (endpoint.conditions?.ready === false) return
    const address = String(endpoint.addresses?.[0] ?? '')
    if (list.length < 3) list.push(suffix === '' ? address : `${address.includes(':') ? `[${address}]` : address}${suffix}`)
    count++
  }
  for (const slice of slices) {
    if (!slice.ports?.length) for (const endpoint of slice.endpoints ?? []) add(endpoint, '')
    for (const entry of slice.ports ?? []) if ((entry.name ?? '') === port) for (const endpoint of slice.endpoints ?? []) add(endpoint, `:${entry.port}`)
  }
  return count > 3 ? `${list.join(',')} + ${count - 3} more...` : list.join(',')
}

export const service: Describer = async (w, object, context) => {
  const spec = object['spec'] ?? {}
  head(w, object)
  metadata(w, object)
  w.line(0, `Selector:\t${formatMap(spec.selector)}`)
  w.line(0, `Type:\t${spec.type ?? ''}`)
  if (spec.ipFamilyPolicy) w.line(0, `IP Family Policy:\t${spec.ipFamilyPolicy}`)
  w.line(0, `IP Families:\t${spec.ipFamilies?.length ? spec.ipFamilies.join(',') : '<none>'}`)
  w.line(0, `IP:\t${spec.clusterIP ?? ''}`)
  w.line(0, `IPs:\t${spec.clusterIPs?.length ? spec.clusterIPs.join(',') : '<none>'}`)
  outsideAddresses(w, object)
  const slices = await slicesOf(context.session, object.metadata.namespace ?? '', object.metadata.name ?? '')
  for (const port of spec.ports ?? []) servicePort(w, port, slices)
  w.line(0, `Session Affinity:\t${spec.sessionAffinity ?? ''}`)
  trafficOf(w, object)
  events(w, context.events, context.nowMs)
}

function outsideAddresses(w: Writer, object: Loose): void {
  const spec = object['spec'] ?? {}
  if (spec.externalIPs?.length) w.line(0, `External IPs:\t${spec.externalIPs.join(',')}`)
  if (spec.loadBalancerIP) w.line(0, `Desired LoadBalancer IP:\t${spec.loadBalancerIP}`)
  if (spec.externalName) w.line(0, `External Name:\t${spec.externalName}`)
  const ingress = object['status']?.loadBalancer?.ingress ?? []
  if (ingress.length > 0) w.line(0, `LoadBalancer Ingress:\t${ingress.map((entry: Loose) => `${entry.ip ?? entry.hostname ?? ''}${entry.ipMode ? ` (${entry.ipMode})` : ''}`).join(', ')}`)
}

function trafficOf(w: Writer, object: Loose): void {
  const spec = object['spec'] ?? {}
  if (spec.externalTrafficPolicy) w.line(0, `External Traffic Policy:\t${spec.externalTrafficPolicy}`)
  if (spec.internalTrafficPolicy) w.line(0, `Internal Traffic Policy:\t${spec.internalTrafficPolicy}`)
  if (spec.healthCheckNodePort) w.line(0, `HealthCheck NodePort:\t${spec.healthCheckNodePort}`)
  if (spec.loadBalancerSourceRanges?.length) w.line(0, `LoadBalancer Source Ranges:\t${spec.loadBalancerSourceRanges.join(',')}`)
  if (spec.trafficDistribution) w.line(0, `Traffic Distribution:\t${spec.trafficDistribution}`)
}

function servicePort(w: Writer, port: Loose, slices: Loose[]): void {
  const name = port.name || '<unset>'
  w.line(0, `Port:\t${name}\t${port.port}/${port.protocol ?? ''}`)
  w.line(0, `TargetPort:\t${port.targetPort ?? 0}/${port.protocol ?? ''}`)
  if (port.nodePort) w.line(0, `NodePort:\t${name}\t${port.nodePort}/${port.protocol ?? ''}`)
  w.line(0, `Endpoints:\t${endpointsText(slices, port.name ?? '')}`)
}

export const endpoints: Describer = (w, object, context) => {
  head(w, object)
  metadata(w, object)
  w.line(0, 'Subsets:')
  for (const subset of object['subsets'] ?? []) {
    const addresses = (list: Loose[] | undefined): string => (list ?? []).map((entry) => entry.ip as string).join(',') || '<none>'
    w.line(1, `Addresses:\t${addresses(subset.addresses)}`)
    w.line(1, `NotReadyAddresses:\t${addresses(subset.notReadyAddresses)}`)
    if (subset.ports?.length) {
      w.line(1, 'Ports:')
      w.line(2, 'Name\tPort\tProtocol')
      w.line(2, '----\t----\t--------')
      for (const port of subset.ports) w.line(2, `${port.name || '<unset>'}\t${port.port}\t${port.protocol ?? ''}`)
    }
    w.line(0, '')
  }
  events(w, context.events, context.nowMs)
}

export const endpointSlice: Describer = (w, object, context) => {
  head(w, object)
  metadata(w, object)
  w.line(0, `AddressType:\t${object['addressType'] ?? ''}`)
  const ports: Loose[] = object['ports'] ?? []
  if (ports.length === 0) w.line(0, 'Ports: <unset>')
  else {
    w.line(0, 'Ports:')
    w.line(1, 'Name\tPort\tProtocol')
    w.line(1, '----\t----\t--------')
    for (const port of ports) w.line(1, `${port.name || '<unset>'}\t${port.port ?? '<unset>'}\t${port.protocol ?? ''}`)
  }
  const list: Loose[] = object['endpoints'] ?? []
  w.line(0, list.length === 0 ? 'Endpoints: <none>' : 'Endpoints:')
  for (const entry of list) {
    w.line(1, `- Addresses:\t${(entry.addresses ?? []).join(', ') || '<none>'}`)
    w.line(2, 'Conditions:')
    w.line(3, `Ready:\t${entry.conditions?.ready ?? '<unset>'}`)
    w.line(2, `Hostname:\t${entry.hostname ?? '<unset>'}`)
    if (entry.targetRef) w.line(2, `TargetRef:\t${entry.targetRef.kind}/${entry.targetRef.name}`)
    w.line(2, `NodeName:\t${entry.nodeName ?? '<unset>'}`)
    w.line(2, `Zone:\t${entry.zone ?? '<unset>'}`)
  }
  events(w, context.events, context.nowMs)
}

export const ingress: Describer = async (w, object, context) => {
  const spec = object['spec'] ?? {}
  const namespace = object.metadata.namespace ?? ''
  w.line(0, `Name:\t${object.metadata.name ?? ''}`)
  labels(w, 'Labels', object.metadata.labels)
  w.line(0, `Namespace:\t${namespace}`)
  w.line(0, `Address:\t${[...new Set((object['status']?.loadBalancer?.ingress ?? []).map((entry: Loose) => entry.ip || entry.hostname))].sort().join(',')}`)
  w.line(0, `Ingress Class:\t${spec.ingressClassName ?? '<none>'}`)
  const fallback = spec.defaultBackend ? await backendText(context.session, namespace, spec.defaultBackend) : '<default>'
  w.line(0, `Default backend:\t${fallback}`)
  if (spec.tls?.length) {
    w.line(0, 'TLS:')
    for (const entry of spec.tls) w.line(1, entry.secretName ? `${entry.secretName} terminates ${(entry.hosts ?? []).join(',')}` : `SNI routes ${(entry.hosts ?? []).join(',')}`)
  }
  w.line(0, 'Rules:\n  Host\tPath\tBackends')
  w.line(1, '----\t----\t--------')
  const rules: Loose[] = (spec.rules ?? []).filter((rule: Loose) => rule.http)
  for (const rule of rules) {
    w.line(1, `${rule.host || '*'}\t`)
    for (const path of rule.http.paths ?? []) w.line(2, `\t${path.path ?? ''} \t${await backendText(context.session, namespace, path.backend)}`)
  }
  if (rules.length === 0) w.line(1, `*\t*\t${fallback}`)
  annotations(w, 'Annotations', object.metadata.annotations)
  events(w, context.events, context.nowMs)
}

async function backendText(session: Session, namespace: string, backend: Loose): Promise<string> {
  if (backend.resource) return `APIGroup: ${backend.resource.apiGroup ?? '<none>'}, Kind: ${backend.resource.kind}, Name: ${backend.resource.name}`
  if (!backend.service) return ''
  const { name, port } = backend.service
  const text = `${name}:${port?.number || port?.name || ''}`
  try {
    const slices = await slicesOf(session, namespace, name)
    const found: Loose = await session.get(services, namespace, name)
    const match = (found.spec?.ports ?? []).find((entry: Loose) => (port?.number ? entry.port === port.number : entry.name === port?.name))
    return `${text} (${endpointsText(slices, match?.name ?? '')})`
  } catch (error) {
    if ((error as Error).name === 'ProcessKilled') throw error
    return `${text} (<error: ${(error as Error).message}>)`
  }
}

export const ingressClass: Describer = (w, object, context) => {
  head(w, object, false)
  metadata(w, object)
  w.line(0, `Controller:\t${object['spec']?.controller ?? ''}`)
  const parameters = object['spec']?.parameters
  if (parameters) {
    w.line(0, 'Parameters:')
    if (parameters.apiGroup) w.line(1, `APIGroup:\t${parameters.apiGroup}`)
    w.line(1, `Kind:\t${parameters.kind}`)
    w.line(1, `Name:\t${parameters.name}`)
  }
  events(w, context.events, context.nowMs)
}

export const networkPolicy: Describer = (w, object) => {
  const spec = object['spec'] ?? {}
  const types: string[] = spec.policyTypes ?? []
  head(w, object)
  const created = object.metadata.creationTimestamp ?? ''
  w.line(0, `Created on:\t${created.replace('T', ' ').replace('Z', ' +0000 UTC')}`)
  metadata(w, object)
  w.line(0, 'Spec:')
  const selector = formatSelector(spec.podSelector)
  w.line(1, `PodSelector:     ${selector === '<none>' ? '<none> (Allowing the specific traffic to all pods in this namespace)' : selector}`)
  if (types.includes('Ingress')) {
    w.line(1, 'Allowing ingress traffic:')
    policyRules(w, spec.ingress ?? [], 'ingress')
  } else w.line(1, 'Not affecting ingress traffic')
  if (types.includes('Egress')) {
    w.line(1, 'Allowing egress traffic:')
    policyRules(w, spec.egress ?? [], 'egress')
  } else w.line(1, 'Not affecting egress traffic')
  w.line(1, `Policy Types: ${types.join(', ') || '<none>'}`)
}

function policyRules(w: Writer, rules: Loose[], direction: 'ingress' | 'egress'): void {
  const pad = '    '
  const word = direction === 'ingress' ? 'From' : 'To'
  if (rules.length === 0) return w.line(0, `${pad}<none> (Selected pods are isolated for ${direction} connectivity)`)
  rules.forEach((rule, index) => {
    if (!rule.ports?.length) w.line(0, `${pad}To Port: <any> (traffic allowed to all ports)`)
    for (const port of rule.ports ?? []) w.line(0, port.endPort === undefined ? `${pad}To Port: ${port.port ?? '<nil>'}/${port.protocol ?? 'TCP'}` : `${pad}To Port Range: ${port.port}-${port.endPort}/${port.protocol ?? 'TCP'}`)
    const peers: Loose[] = rule[direction === 'ingress' ? 'from' : 'to'] ?? []
    if (peers.length === 0) w.line(0, `${pad}${word}: <any> (traffic not restricted by ${direction === 'ingress' ? 'source' : 'destination'})`)
    for (const peer of peers) policyPeer(w, peer, pad, word)
    if (index < rules.length - 1) w.line(0, `${pad}----------`)
  })
}

function policyPeer(w: Writer, peer: Loose, pad: string, word: string): void {
  w.line(0, `${pad}${word}:`)
  if (peer.namespaceSelector) w.line(1, `${pad}NamespaceSelector: ${formatSelector(peer.namespaceSelector)}`)
  if (peer.podSelector) w.line(1, `${pad}PodSelector: ${formatSelector(peer.podSelector)}`)
  if (!peer.ipBlock || peer.podSelector || peer.namespaceSelector) return
  w.line(1, `${pad}IPBlock:`)
  w.line(2, `${pad}CIDR: ${peer.ipBlock.cidr}`)
  w.line(2, `${pad}Except: ${(peer.ipBlock.except ?? []).join(', ')}`)
}

export const serviceCidr: Describer = (w, object, context) => {
  head(w, object, false)
  metadata(w, object)
  w.line(0, `CIDRs:\t${(object['spec']?.cidrs ?? []).join(', ')}`)
  const list = object['status']?.conditions
  if (list?.length) {
    w.line(0, 'Status:')
    w.line(0, 'Conditions:')
    w.line(1, 'Type\tStatus\tLastTransitionTime\tReason\tMessage')
    w.line(1, '----\t------\t------------------\t------\t-------')
    for (const entry of list) w.line(1, `${entry.type}\t${entry.status}\t${rfc1123(entry.lastTransitionTime)}\t${entry.reason ?? ''}\t${entry.message ?? ''}`)
  }
  events(w, context.events, context.nowMs)
}

export const ipAddress: Describer = (w, object, context) => {
  head(w, object, false)
  metadata(w, object)
  const parent = object['spec']?.parentRef
  if (parent) {
    w.line(0, 'Parent Reference:')
    w.line(1, `Group:\t${parent.group ?? ''}`)
    w.line(1, `Resource:\t${parent.resource ?? ''}`)
    w.line(1, `Namespace:\t${parent.namespace ?? ''}`)
    w.line(1, `Name:\t${parent.name ?? ''}`)
  }
  events(w, context.events, context.nowMs)
}
