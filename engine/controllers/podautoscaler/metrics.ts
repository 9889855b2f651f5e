/** Usage of pods from metrics.k8s.io, and the replica counts that follow from it. */
import { nameOf } from '#engine/api/meta'
import { labelSelectorText, type LabelSelector } from '#engine/api/selector'
import { parseQuantity, quantityMilliValue } from '#engine/api/quantity'
import type { Pod } from '#engine/api/kinds'
import type { KubeObject } from '#engine/api/object'
import type { Client } from '#engine/client/client'
import type { ResourceRef } from '#engine/client/resources'
import { parseTime } from '#engine/client/time'
import type { ControllerOptions } from '#engine/controllers/options'
import { podCondition } from '#engine/controllers/pods'

const podMetrics: ResourceRef = { group: 'metrics.k8s.io', version: 'v1beta1', resource: 'pods', kind: 'PodMetrics', namespaced: true }

export interface PodUsage {
  /** Thousandths: milli-cores, or bytes times 1000. */
  readonly value: number
  readonly at: number
  readonly windowMs: number
}

export type Usages = Map<string, PodUsage>

/** Of the whole pod, or of one container. */
export async function resourceUsages(client: Client, namespace: string, selector: LabelSelector, resource: string, container: string | undefined): Promise<Usages> {
  let items: readonly KubeObject[]
  try {
    items = (await client.of(podMetrics).list(namespace, { labelSelector: labelSelectorText(selector) })).items
  } catch (error) {
    throw new Error(`unable to fetch metrics from resource metrics API: ${(error as Error).message}`)
  }
  if (items.length === 0) throw new Error('no metrics returned from resource metrics API')
  const out: Usages = new Map()
  for (const item of items) {
    const containers = (item['containers'] ?? []) as { name: string; usage: Record<string, string> }[]
    const chosen = container === undefined ? containers : containers.filter((entry) => entry.name === container)
    if (chosen.length === 0 || chosen.some((entry) => entry.usage[resource] === undefined)) continue
    out.set(nameOf(item), { value: chosen.reduce((sum, entry) => sum + quantityMilliValue(parseQuantity(entry.usage[resource] ?? '0')), 0), at: parseTime(item['timestamp'] as string) ?? 0, windowMs: Number.parseFloat(String(item['window'] ?? '0')) * 1000 || 0 })
  }
  return out
}

export interface Proposal {
  readonly replicas: number
  readonly utilization?: number
  /** Thousandths, per pod. */
  readonly average: number
}

interface Grouped {
  readonly ready: number
  readonly unready: ReadonlySet<string>
  readonly missing: ReadonlySet<string>
  readonly ignored: ReadonlySet<string>
}

export interface Calculation {
  readonly pods: readonly Pod[]
  readonly usages: Usages
  readonly resource: string
  readonly container: string | undefined
  readonly current: number
  readonly tolerance: { readonly up: number; readonly down: number }
  readonly options: ControllerOptions
  readonly now: number
}

export function byUtilization(input: Calculation, target: number): Proposal {
  const { usages, groups } = prepare(input)
  const requests = requestsOf(input)
  const ratioOf = (): { ratio: number; utilization: number; average: number } => {
    let usage = 0
    let asked = 0
    let count = 0
    for (const [name, { value }] of usages) {
      const request = requests.get(name)
      if (request === undefined) continue
      usage += value
      asked += request
      count++
    }
    if (asked === 0) throw new Error('no metrics returned matched known pods')
    const utilization = Math.trunc((usage * 100) / asked)
    return { ratio: utilization / target, utilization, average: Math.trunc(usage / count) }
  }
  const first = ratioOf()
  const replicas = settle(input, usages, groups, first.ratio, () => ratioOf().ratio, (name, scaleDown) => (scaleDown ? Math.trunc(((requests.get(name) ?? 0) * Math.max(100, target)) / 100) : 0))
  return { replicas, utilization: first.utilization, average: first.average }
}

/** `target` in thousandths. */
export function byAverage(input: Calculation, target: number): Proposal {
  const { usages, groups } = prepare(input)
  if (usages.size === 0) throw new Error('no metrics returned matched known pods')
  const mean = (): number => [...usages.values()].reduce((sum, usage) => sum + usage.value, 0) / usages.size
  const average = Math.trunc(mean())
  return { replicas: settle(input, usages, groups, mean() / target, () => mean() / target, (_name, scaleDown) => (scaleDown ? target : 0)), average }
}

function prepare(input: Calculation): { usages: Usages; groups: Grouped } {
  if (input.pods.length === 0) throw new Error('no pods returned by selector while calculating replica count')
  const groups = group(input)
  const usages: Usages = new Map(input.usages)
  for (const name of [...groups.ignored, ...groups.unready]) usages.delete(name)
  return { usages, groups }
}

/** Pods without numbers are taken for what makes the change smaller. */
function settle(input: Calculation, usages: Usages, groups: Grouped, ratio: number, again: () => number, stand: (name: string, scaleDown: boolean) => number): number {
  const within = (value: number): boolean => value >= 1 - input.tolerance.down && value <= 1 + input.tolerance.up
  const countUnready = groups.unready.size > 0 && ratio > 1
  if (!countUnready && groups.missing.size === 0) return within(ratio) ? input.current : Math.ceil(ratio * groups.ready)
  for (const name of groups.missing) usages.set(name, { value: stand(name, ratio < 1), at: 0, windowMs: 0 })
  if (countUnready) for (const name of groups.unready) usages.set(name, { value: 0, at: 0, windowMs: 0 })
  const next = again()
  return within(next) || turned(ratio, next) ? input.current : sameWay(next, Math.ceil(next * usages.size), input.current)
}

/** The guess for the missing ones must not turn growing into shrinking, nor the other way round. */
function turned(ratio: number, next: number): boolean {
  return (ratio < 1 && next > 1) || (ratio > 1 && next < 1)
}

function sameWay(ratio: number, replicas: number, current: number): number {
  return (ratio < 1 && replicas > current) || (ratio > 1 && replicas < current) ? current : replicas
}

function group(input: Calculation): Grouped {
  const unready = new Set<string>()
  const missing = new Set<string>()
  const ignored = new Set<string>()
  let ready = 0
  for (const pod of input.pods) {
    const name = nameOf(pod)
    const usage = input.usages.get(name)
    if (pod.metadata.deletionTimestamp !== undefined || pod.status?.phase === 'Failed') ignored.add(name)
    else if (pod.status?.phase === 'Pending') unready.add(name)
    else if (!usage) missing.add(name)
    else if (input.resource === 'cpu' && isWarmingUp(pod, usage, input)) unready.add(name)
    else ready++
  }
  return { ready, unready, missing, ignored }
}

/** The first minutes of a pod say little about its load. */
function isWarmingUp(pod: Pod, usage: PodUsage, { options, now }: Calculation): boolean {
  const condition = podCondition(pod, 'Ready')
  const start = parseTime(pod.status?.startTime)
  if (!condition || start === undefined) return true
  const since = parseTime(condition.lastTransitionTime) ?? start
  if (start + options.hpaCpuInitializationPeriodMs > now) return condition.status === 'False' || usage.at < since + usage.windowMs
  return condition.status === 'False' && start + options.hpaInitialReadinessDelayMs > since
}

function requestsOf({ pods, resource, container }: Calculation): Map<string, number> {
  const out = new Map<string, number>()
  for (const pod of pods) {
    const sidecars = (pod.spec?.initContainers ?? []).filter((entry) => entry.restartPolicy === 'Always')
    const chosen = [...(pod.spec?.containers ?? []), ...sidecars].filter((entry) => container === undefined || entry.name === container)
    if (container !== undefined && chosen.length === 0) throw new Error(`container ${container} not found in Pod ${nameOf(pod)}`)
    let sum = 0
    for (const entry of chosen) {
      const request = (entry.resources?.requests as Record<string, string> | undefined)?.[resource]
      if (request === undefined) throw new Error(`missing request for ${resource} in container ${entry.name} of Pod ${nameOf(pod)}`)
      sum += quantityMilliValue(parseQuantity(request))
    }
    out.set(nameOf(pod), sum)
  }
  return out
}
