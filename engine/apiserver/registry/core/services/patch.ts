/** What a changed service keeps of what it was given, and what goes with its old type. */
import { equalJson } from '#engine/api/object'
import type { KubeObject } from '#engine/api/object'
import { listOf } from '#engine/apiserver/registry/free'
import type { Free } from '#engine/apiserver/registry/free'
import { isExternallyAccessible } from './defaults'
import { needsClusterIp } from './families'

export function needsNodePort(service: Free): boolean {
  return service.type === 'NodePort' || (service.type === 'LoadBalancer' && service.allocateLoadBalancerNodePorts !== false)
}

export function needsHealthCheckPort(service: Free): boolean {
  return service.type === 'LoadBalancer' && service.externalTrafficPolicy === 'Local'
}

/** An update that leaves out what the server has chosen does not give it away. */
export function keepAllocated(next: KubeObject, previous: KubeObject): void {
  const now = next.spec as Free
  const before = previous.spec as Free
  if (needsClusterIp(before) && needsClusterIp(now)) {
    if (!now.clusterIP) now.clusterIP = before.clusterIP
    if (listOf(now.clusterIPs).length === 0 && now.clusterIP === before.clusterIP) now.clusterIPs = before.clusterIPs
  }
  if (needsNodePort(before) && needsNodePort(now)) keepNodePorts(now, before)
  if (needsHealthCheckPort(before) && needsHealthCheckPort(now) && !now.healthCheckNodePort) now.healthCheckNodePort = before.healthCheckNodePort
}

function keepNodePorts(now: Free, before: Free): void {
  const known = new Map<string, number>()
  const used = new Set<number>()
  for (const item of listOf(before.ports)) if (item.nodePort) known.set(`${item.protocol}/${item.port}`, item.nodePort as number)
  for (const item of listOf(now.ports)) if (item.nodePort) used.add(item.nodePort as number)
  for (const item of listOf(now.ports)) {
    const port = known.get(`${item.protocol}/${item.port}`)
    if (!item.nodePort && port !== undefined && !used.has(port)) item.nodePort = port
  }
}

/** A new type without a word about the fields of the old one: they go. */
export function dropTypeFields(next: KubeObject, previous: KubeObject): void {
  const now = next.spec as Free
  const before = previous.spec as Free
  if (needsClusterIp(before) && !needsClusterIp(now) && sameAddresses(before, now)) for (const field of ['clusterIP', 'clusterIPs', 'ipFamilies', 'ipFamilyPolicy']) delete now[field]
  if (needsNodePort(before) && !needsNodePort(now) && sameNodePorts(before, now)) for (const item of listOf(now.ports)) delete item.nodePort
  const lost = (had: (service: Free) => boolean, fields: readonly string[]): void => {
    if (had(before) && !had(now)) for (const field of fields) if (now[field] === before[field]) delete now[field]
  }
  lost(needsHealthCheckPort, ['healthCheckNodePort'])
  lost((service) => service.type === 'LoadBalancer', ['allocateLoadBalancerNodePorts', 'loadBalancerClass'])
  lost(isExternallyAccessible, ['externalTrafficPolicy'])
  lost((service) => service.type !== 'ExternalName', ['internalTrafficPolicy'])
}

function sameAddresses(before: Free, now: Free): boolean {
  return (now.clusterIP ?? '') === (before.clusterIP ?? '') && equalJson(listOf(now.clusterIPs), listOf(before.clusterIPs))
}

function sameNodePorts(before: Free, now: Free): boolean {
  const set = new Set(listOf(before.ports).map((item) => item.nodePort as number | undefined).filter((item) => item !== undefined))
  const mine = listOf(now.ports).map((item) => item.nodePort as number | undefined).filter((item) => item !== undefined)
  return mine.every((item) => set.has(item)) && set.size === new Set(mine).size
}
