/** NodeResourcesFit and NodeResourcesBalancedAllocation: room on the node, and how well it is used. */
import type { Node, Pod } from '#engine/api/kinds'
import { type ClusterEvent, maxScore, type PluginFactory, type Status } from '#engine/scheduler/framework'
import type { NodeInfo } from '#engine/scheduler/node-info'
import { type PodInfo, podRequests } from '#engine/scheduler/pod-info'
import { amountsOf, type Amounts, getAmount, type QuantityMap } from '#engine/scheduler/resources'

interface WeightedResource {
  readonly name: string
  readonly weight: number
}

interface Strategy {
  readonly type: string
  readonly resources: readonly WeightedResource[]
  readonly shape: readonly { readonly utilization: number; readonly score: number }[]
}

interface FitArgs {
  readonly ignoredResources?: readonly string[]
  readonly ignoredResourceGroups?: readonly string[]
  readonly scoringStrategy?: { readonly type?: string; readonly resources?: readonly { readonly name: string; readonly weight?: number }[]; readonly requestedToCapacityRatio?: { readonly shape?: Strategy['shape'] } }
}

const defaultResources: readonly WeightedResource[] = [{ name: 'cpu', weight: 1 }, { name: 'memory', weight: 1 }]

export const nodeResourcesFit: PluginFactory = {
  name: 'NodeResourcesFit',
  create(_handle, args) {
    const fit = (args ?? {}) as FitArgs
    const strategy = strategyOf(fit)
    const ignored = (resource: string): boolean => (fit.ignoredResources ?? []).includes(resource) || (resource.includes('/') && (fit.ignoredResourceGroups ?? []).includes(resource.slice(0, resource.indexOf('/'))))
    return {
      name: 'NodeResourcesFit',
      filter: (_state, info, node) => fits(info, node, ignored),
      score: (_state, info, node) => strategyScore(strategy, info, node),
      helps(event, pod) {
        if (event.kind === 'UnscheduledPod') return true
        if (event.kind === 'AssignedPod') return event.action === 'delete' || (event.action === 'update' && asksForLess(event))
        return event.kind === 'Node' && nodeHelps(event, amountsOfPod(pod))
      },
    }
  },
}

function amountsOfPod(pod: { spec?: { containers?: { resources?: { requests?: unknown } }[] } }): Amounts[] {
  return (pod.spec?.containers ?? []).map((container) => amountsOf(container.resources?.requests as QuantityMap | undefined))
}

/** A pod that was resized downwards. */
function asksForLess(event: ClusterEvent): boolean {
  const [before, after] = [podRequests(event.previous as Pod), podRequests(event.next as Pod)]
  return after.milliCpu < before.milliCpu || after.memory < before.memory
}

/** A node helps if it is new or has more of something, and could hold each container by itself. */
function nodeHelps(event: ClusterEvent, containers: readonly Amounts[]): boolean {
  const next = event.next as Node | undefined
  if (!next) return false
  if (event.previous && JSON.stringify((event.previous as Node).status?.allocatable) === JSON.stringify(next.status?.allocatable)) return false
  const room = amountsOf(next.status?.allocatable as QuantityMap | undefined)
  return containers.every((own) => own.milliCpu <= room.milliCpu && own.memory <= room.memory && [...own.scalar].every(([name, value]) => value <= (room.scalar.get(name) ?? 0)))
}

function fits(info: PodInfo, node: NodeInfo, ignored: (resource: string) => boolean): Status | undefined {
  const reasons: string[] = []
  let hopeless = false
  if (node.pods.size + 1 > node.allowedPods) reasons.push('Too many pods')
  const check = (resource: string, wanted: number): void => {
    const allocatable = getAmount(node.allocatable, resource)
    if (wanted <= allocatable - getAmount(node.requested, resource)) return
    reasons.push(`Insufficient ${resource}`)
    if (wanted > allocatable) hopeless = true
  }
  const { milliCpu, memory, ephemeral, scalar } = info.requests
  if (milliCpu > 0) check('cpu', milliCpu)
  if (memory > 0) check('memory', memory)
  if (ephemeral > 0) check('ephemeral-storage', ephemeral)
  for (const [resource, wanted] of scalar) if (wanted > 0 && !ignored(resource)) check(resource, wanted)
  if (reasons.length === 0) return undefined
  return { code: hopeless ? 'UnschedulableAndUnresolvable' : 'Unschedulable', reasons }
}

function strategyOf(args: FitArgs): Strategy {
  const given = args.scoringStrategy
  return {
    type: given?.type ?? 'LeastAllocated',
    resources: (given?.resources ?? defaultResources).map(({ name, weight }) => ({ name, weight: weight ?? 1 })),
    shape: (given?.requestedToCapacityRatio?.shape ?? []).map(({ utilization, score }) => ({ utilization, score: score * 10 })),
  }
}

function strategyScore(strategy: Strategy, info: PodInfo, node: NodeInfo): number {
  let sum = 0
  let weights = 0
  for (const { name, weight } of strategy.resources) {
    const allocatable = getAmount(node.allocatable, name)
    if (allocatable === 0) continue
    sum += weight * resourceScore(strategy, requestedWith(info, node, name), allocatable)
    weights += weight
  }
  return weights === 0 ? 0 : Math.floor(sum / weights)
}

function resourceScore(strategy: Strategy, requested: number, allocatable: number): number {
  if (strategy.type === 'RequestedToCapacityRatio') return Math.round(onShape(strategy.shape, requested > allocatable ? maxScore : (requested * maxScore) / allocatable))
  if (requested > allocatable) return strategy.type === 'MostAllocated' ? maxScore : 0
  return Math.floor(((strategy.type === 'MostAllocated' ? requested : allocatable - requested) * maxScore) / allocatable)
}

function onShape(shape: Strategy['shape'], utilization: number): number {
  for (let i = 0; i < shape.length; i++) {
    const point = shape[i] as Strategy['shape'][number]
    if (utilization > point.utilization) continue
    const before = shape[i - 1]
    return before ? before.score + ((point.score - before.score) * (utilization - before.utilization)) / (point.utilization - before.utilization) : point.score
  }
  return shape.at(-1)?.score ?? 0
}

function requestedWith(info: PodInfo, node: NodeInfo, resource: string): number {
  if (resource === 'cpu') return node.nonZeroCpu + info.nonZeroCpu
  if (resource === 'memory') return node.nonZeroMemory + info.nonZeroMemory
  return getAmount(node.requested, resource) + getAmount(info.requests, resource)
}

export const nodeResourcesBalancedAllocation: PluginFactory = {
  name: 'NodeResourcesBalancedAllocation',
  create(_handle, args) {
    const resources = ((args?.['resources'] as readonly WeightedResource[] | undefined) ?? defaultResources).map(({ name }) => name)
    return {
      name: 'NodeResourcesBalancedAllocation',
      preScore: (_state, info) => (resources.every((name) => getAmount(info.requests, name) === 0) ? { code: 'Skip', reasons: [] } : undefined),
      score: (_state, info, node) => balance(resources, info, node),
    }
  },
}

function balance(resources: readonly string[], info: PodInfo, node: NodeInfo): number {
  const fractions: number[] = []
  for (const name of resources) {
    const allocatable = getAmount(node.allocatable, name)
    if (allocatable > 0) fractions.push(Math.min(1, (getAmount(node.requested, name) + getAmount(info.requests, name)) / allocatable))
  }
  if (fractions.length === 0) return maxScore
  const mean = fractions.reduce((sum, value) => sum + value, 0) / fractions.length
  const deviation = fractions.length === 2 ? Math.abs(((fractions[0] ?? 0) - (fractions[1] ?? 0)) / 2) : Math.sqrt(fractions.reduce((sum, value) => sum + (value - mean) ** 2, 0) / fractions.length)
  return Math.floor((1 - deviation) * maxScore)
}
