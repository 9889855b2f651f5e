/** Quality of service, cgroups and limits of pods and containers. */
import type { Container, Pod } from '#engine/api/kinds'
import { parseQuantity, quantityMilliValue, quantityValue } from '#engine/api/quantity'
import type { LinuxResources } from '#engine/cri/api'
import { isCritical, uidOf } from '../pods/names'

export type QosClass = 'Guaranteed' | 'Burstable' | 'BestEffort'

type Resources = { limits?: Record<string, string | number>; requests?: Record<string, string | number> } | undefined

const counted = ['cpu', 'memory'] as const

export function qosClass(pod: Pod): QosClass {
  const podLevel = (pod.spec as { resources?: Resources } | undefined)?.resources
  const all: Resources[] = podLevel && (podLevel.limits || podLevel.requests) ? [podLevel] : [...(pod.spec?.containers ?? []), ...(pod.spec?.initContainers ?? [])].map((container) => container.resources as Resources)
  const positive = (value: string | number | undefined): boolean => value !== undefined && quantityMilliValue(parseQuantity(String(value))) > 0
  const any = all.some((resources) => counted.some((name) => positive(resources?.limits?.[name]) || positive(resources?.requests?.[name])))
  if (!any) return 'BestEffort'
  const guaranteed = all.every((resources) => counted.every((name) => {
    const limit = resources?.limits?.[name]
    const request = resources?.requests?.[name] ?? limit
    return positive(limit) && quantityMilliValue(parseQuantity(String(limit))) === quantityMilliValue(parseQuantity(String(request)))
  }))
  return guaranteed ? 'Guaranteed' : 'Burstable'
}

/** The pod's cgroup, as the CRI takes it: systemd's slice below its parents. */
export function podCgroup(pod: Pod, driver: string): string {
  const qos = qosClass(pod)
  const uid = uidOf(pod)
  if (driver !== 'systemd') return `/kubepods${qos === 'Guaranteed' ? '' : `/${qos.toLowerCase()}`}/pod${uid}`
  const slice = uid.replace(/-/g, '_')
  if (qos === 'Guaranteed') return `/kubepods.slice/kubepods-pod${slice}.slice`
  const parent = `kubepods-${qos.toLowerCase()}`
  return `/kubepods.slice/${parent}.slice/${parent}-pod${slice}.slice`
}

const minShares = 2
const cfsPeriod = 100_000

export function containerResources(pod: Pod, container: Container, nodeMemoryBytes: number): LinuxResources {
  const resources = container.resources as Resources
  const memory = resources?.limits?.['memory']
  const cpu = resources?.limits?.['cpu']
  const request = resources?.requests?.['cpu'] ?? cpu
  return {
    cpuShares: shares(request === undefined ? 0 : quantityMilliValue(parseQuantity(String(request)))),
    cpuPeriod: cfsPeriod,
    ...(cpu === undefined ? {} : { cpuQuota: Math.max(1000, Math.round((quantityMilliValue(parseQuantity(String(cpu))) * cfsPeriod) / 1000)) }),
    ...(memory === undefined ? {} : { memoryLimitInBytes: quantityValue(parseQuantity(String(memory))) }),
    oomScoreAdj: oomScoreAdj(pod, container, nodeMemoryBytes),
  }
}

function shares(milli: number): number {
  return milli === 0 ? minShares : Math.max(minShares, Math.min(262_144, Math.floor((milli * 1024) / 1000)))
}

export function oomScoreAdj(pod: Pod, container: Container, nodeMemoryBytes: number): number {
  if (isCritical(pod)) return -997
  const qos = qosClass(pod)
  if (qos === 'Guaranteed') return -997
  if (qos === 'BestEffort') return 1000
  const request = (container.resources as Resources)?.requests?.['memory']
  const bytes = request === undefined ? 0 : quantityValue(parseQuantity(String(request)))
  const adjusted = 1000 - Math.floor((1000 * bytes) / nodeMemoryBytes)
  return Math.min(999, Math.max(3, adjusted))
}
