/** What one object uses of the resources a quota can count. Shared by nobody: the controller counts in its own room. */
import { addQuantities, formatQuantity, parseQuantity, tryQuantity, zeroQuantity } from '#engine/api/quantity'
import type { Quantity } from '#engine/api/quantity'
import type { KubeObject } from '#engine/api/object'
import { listOf } from '#engine/apiserver/registry/free'
import type { Free } from '#engine/apiserver/registry/free'

export type Usage = Record<string, Quantity>

const one = parseQuantity('1')

export function countName(group: string, resource: string): string {
  return group === '' ? `count/${resource}` : `count/${resource}.${group}`
}

const plainCounts = new Set(['configmaps', 'secrets', 'replicationcontrollers', 'resourcequotas', 'services', 'persistentvolumeclaims'])

export function usageOf(group: string, resource: string, object: KubeObject): Usage {
  const usage: Usage = { [countName(group, resource)]: one }
  if (group !== '') return usage
  if (plainCounts.has(resource)) usage[resource] = one
  if (resource === 'pods') Object.assign(usage, podUsage(object))
  if (resource === 'services') Object.assign(usage, serviceUsage(object))
  if (resource === 'persistentvolumeclaims') Object.assign(usage, claimUsage(object))
  return usage
}

/** A pod that has ended uses nothing but its count. */
export function isTerminal(pod: KubeObject, nowMs: number): boolean {
  const phase = pod.status?.phase as string | undefined
  if (phase === 'Failed' || phase === 'Succeeded') return true
  const { deletionTimestamp, deletionGracePeriodSeconds } = pod.metadata
  return deletionTimestamp !== undefined && deletionGracePeriodSeconds !== undefined && nowMs > Date.parse(deletionTimestamp)
}

function podUsage(pod: KubeObject): Usage {
  const usage: Usage = { pods: one }
  for (const field of ['requests', 'limits'] as const) {
    for (const [name, value] of Object.entries(resourceTotals(pod.spec as Free, field))) {
      if (field === 'limits') {
        if (['cpu', 'memory', 'ephemeral-storage'].includes(name)) usage[`limits.${name}`] = value
        continue
      }
      if (['cpu', 'memory', 'ephemeral-storage'].includes(name)) usage[name] = value
      if (name.startsWith('hugepages-')) usage[name] = value
      usage[`requests.${name}`] = value
    }
  }
  return usage
}

type Totals = Record<string, Quantity>

function addTo(sums: Totals, list: Record<string, string> | undefined): void {
  for (const [name, text] of Object.entries(list ?? {})) sums[name] = addQuantities(sums[name] ?? zeroQuantity, tryQuantity(text) ?? zeroQuantity)
}

function resourceTotals(spec: Free, field: 'requests' | 'limits'): Totals {
  const sums: Totals = {}
  for (const container of listOf(spec?.containers)) addTo(sums, container.resources?.[field])
  const peaks = initPeaks(spec, field, sums)
  for (const [name, value] of Object.entries(peaks)) if (value.nano > (sums[name]?.nano ?? 0n)) sums[name] = value
  for (const [name, text] of Object.entries((spec?.resources?.[field] ?? {}) as Record<string, string>)) sums[name] = parseQuantity(text)
  if (field === 'requests' || Object.keys(sums).length > 0) addTo(sums, spec?.overhead as Record<string, string> | undefined)
  return sums
}

/** The most an init container needs beside the sidecars that run by then; sidecars are added to the sums. */
function initPeaks(spec: Free, field: 'requests' | 'limits', sums: Totals): Totals {
  const sidecars: Totals = {}
  const peaks: Totals = {}
  for (const container of listOf(spec?.initContainers)) {
    const list = (container.resources?.[field] ?? {}) as Record<string, string>
    if (container.restartPolicy === 'Always') {
      addTo(sums, list)
      addTo(sidecars, list)
      continue
    }
    for (const [name, text] of Object.entries(list)) {
      const value = addQuantities(parseQuantity(text), sidecars[name] ?? zeroQuantity)
      if (value.nano > (peaks[name]?.nano ?? 0n)) peaks[name] = value
    }
  }
  return peaks
}

function serviceUsage(service: KubeObject): Usage {
  const ports = listOf(service.spec?.ports).length
  const count = (value: number): Quantity => parseQuantity(String(value))
  switch (service.spec?.type) {
    case 'NodePort': return { 'services.nodeports': count(ports) }
    case 'LoadBalancer': return { 'services.loadbalancers': one, 'services.nodeports': count(service.spec.allocateLoadBalancerNodePorts === false ? listOf(service.spec.ports).filter((port) => port.nodePort).length : ports) }
    default: return {}
  }
}

function claimUsage(claim: KubeObject): Usage {
  const text = claim.spec?.resources?.requests?.storage as string | undefined
  const storage = tryQuantity(text)
  const storageClass = (claim.metadata.annotations?.['volume.beta.kubernetes.io/storage-class'] ?? claim.spec?.storageClassName ?? '') as string
  const usage: Usage = {}
  if (storage) usage['requests.storage'] = storage
  if (storageClass === '') return usage
  usage[`${storageClass}.storageclass.storage.k8s.io/persistentvolumeclaims`] = one
  if (storage) usage[`${storageClass}.storageclass.storage.k8s.io/requests.storage`] = storage
  return usage
}

export function subtract(a: Usage, b: Usage): Usage {
  const out: Usage = { ...a }
  for (const [name, value] of Object.entries(b)) out[name] = { nano: (out[name]?.nano ?? 0n) - value.nano, format: out[name]?.format ?? value.format }
  return out
}

/** `cpu=1,pods=1`, sorted. */
export function usageText(usage: Usage): string {
  return Object.keys(usage).sort().map((name) => `${name}=${formatQuantity(usage[name] ?? zeroQuantity)}`).join(',')
}
