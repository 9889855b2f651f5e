/** Extension points, as in kube-scheduler's framework. Everything up to Reserve is synchronous: it reads caches only. */
import type { Node, Pod } from '#engine/api/kinds'
import type { KubeObject } from '#engine/api/object'
import type { Random } from '#engine/base/random'
import type { Client } from '#engine/client/client'
import type { Informers } from '#engine/client/informers'
import type { ResourceRef } from '#engine/client/resources'
import type { SchedulerCache } from '#engine/scheduler/cache'
import type { NodeInfo } from '#engine/scheduler/node-info'
import type { PodInfo } from '#engine/scheduler/pod-info'

export type Code = 'Error' | 'Unschedulable' | 'UnschedulableAndUnresolvable' | 'Skip'

/** Why not; undefined is success. */
export interface Status {
  readonly code: Code
  readonly reasons: readonly string[]
  readonly plugin?: string
}

export function reject(...reasons: string[]): Status {
  return { code: 'Unschedulable', reasons }
}

export function rejectForGood(...reasons: string[]): Status {
  return { code: 'UnschedulableAndUnresolvable', reasons }
}

export function failed(error: unknown): Status {
  return { code: 'Error', reasons: [error instanceof Error ? error.message : String(error)] }
}

export const skip: Status = { code: 'Skip', reasons: [] }

/** What plugins hand from one extension point to the next, by plugin. */
export class CycleState {
  private readonly values = new Map<string, unknown>()
  readonly skipFilter = new Set<string>()
  readonly skipScore = new Set<string>()

  read<T>(key: string): T | undefined {
    return this.values.get(key) as T | undefined
  }

  write(key: string, value: unknown): void {
    this.values.set(key, value)
  }

  /** For a simulation: `copies` are put over the values of this state. */
  derive(copies: ReadonlyMap<string, unknown>): CycleState {
    const state = new CycleState()
    for (const [key, value] of this.values) state.write(key, copies.has(key) ? copies.get(key) : value)
    for (const name of this.skipFilter) state.skipFilter.add(name)
    return state
  }
}

export type Kind = 'Pod' | 'AssignedPod' | 'UnscheduledPod' | 'Node' | 'PersistentVolume' | 'PersistentVolumeClaim' | 'StorageClass' | 'CSINode' | 'CSIDriver' | 'CSIStorageCapacity' | 'VolumeAttachment' | 'ResourceClaim' | 'ResourceSlice' | 'DeviceClass'

/** Something that happened in the cluster and may make a pod schedulable. */
export interface ClusterEvent {
  readonly kind: Kind
  readonly action: 'add' | 'update' | 'delete'
  readonly previous?: KubeObject
  readonly next?: KubeObject
}

export interface PreFilterResult {
  /** Only these nodes need to be looked at. */
  readonly nodeNames?: ReadonlySet<string>
  readonly status?: Status
}

export interface PostFilterResult {
  readonly nominatedNode?: string
  readonly status?: Status
}

export interface Plugin {
  readonly name: string
  /** Keeps a pod out of the queue. */
  preEnqueue?(pod: Pod): Status | undefined
  preFilter?(state: CycleState, pod: PodInfo, nodes: readonly NodeInfo[]): PreFilterResult | undefined
  filter?(state: CycleState, pod: PodInfo, node: NodeInfo): Status | undefined
  /** For simulations: a copy of the state of preFilter, and what another pod's coming or going changes in it. */
  cloneState?(state: CycleState): unknown
  simulate?(state: CycleState, pod: PodInfo, other: PodInfo, node: NodeInfo, by: 1 | -1): void
  postFilter?(state: CycleState, pod: PodInfo, statuses: ReadonlyMap<string, Status>): Promise<PostFilterResult>
  preScore?(state: CycleState, pod: PodInfo, nodes: readonly NodeInfo[]): Status | undefined
  score?(state: CycleState, pod: PodInfo, node: NodeInfo): number
  /** Brings the raw scores to 0..100. */
  normalize?(state: CycleState, pod: PodInfo, scores: Map<NodeInfo, number>): void
  reserve?(state: CycleState, pod: PodInfo, node: string): Status | undefined
  unreserve?(state: CycleState, pod: PodInfo, node: string): void
  preBind?(state: CycleState, pod: PodInfo, node: string): Promise<Status | undefined>
  bind?(state: CycleState, pod: PodInfo, node: string): Promise<Status | undefined>
  /** Whether an event may help a pod this plugin turned away. Without it every event may. */
  helps?(event: ClusterEvent, pod: Pod): boolean
}

export interface PluginHandle {
  readonly client: Client
  readonly informers: Informers
  readonly cache: SchedulerCache
  readonly random: Random
  readonly now: () => number
  /** Runs the filters for a pod on a node as it stands in `node`. */
  runFilters(state: CycleState, pod: PodInfo, node: NodeInfo): Status | undefined
  readonly plugins: () => readonly Plugin[]
  /** Pods nominated to a node by preemption, with their priority. */
  nominatedTo(node: string): readonly PodInfo[]
  event(about: KubeObject, related: KubeObject | undefined, type: 'Normal' | 'Warning', reason: string, action: string, note: string): void
  /** Waits until an object of the kind changes so that `check` is decided; fails after the timeout. */
  until<T extends KubeObject>(resource: ResourceRef<T>, concerns: (object: T) => boolean, check: () => Status | 'done' | undefined, timeoutMs: number): Promise<Status | undefined>
  /** Takes a nomination back from pods of lower priority. */
  clearNomination(pod: Pod): void
}

/** Makes a plugin with its arguments of KubeSchedulerConfiguration. */
export interface PluginFactory {
  readonly name: string
  create(handle: PluginHandle, args: Readonly<Record<string, unknown>> | undefined): Plugin
}

export const maxScore = 100

/** Shares of the largest; with `reverse` the largest becomes 0. */
export function normalizeByMax(scores: Map<NodeInfo, number>, reverse: boolean): void {
  let max = 0
  for (const score of scores.values()) max = Math.max(max, score)
  for (const [node, score] of scores) {
    const share = max === 0 ? 0 : Math.floor((maxScore * score) / max)
    scores.set(node, reverse ? maxScore - share : share)
  }
}

/** The names of the taints, labels and fields a node update may change. */
export function nodeChanged(event: ClusterEvent, field: (node: Node) => unknown): boolean {
  if (event.action !== 'update' || !event.previous || !event.next) return true
  return JSON.stringify(field(event.previous as Node)) !== JSON.stringify(field(event.next as Node))
}

/** Whether an update of a pod changed its labels or began its deletion: what other pods' rules look at. */
export function podRelationsChanged(event: ClusterEvent): boolean {
  if (event.action !== 'update' || !event.previous || !event.next) return true
  const view = (pod: KubeObject): string => JSON.stringify([pod.metadata.labels, pod.metadata.deletionTimestamp])
  return view(event.previous) !== view(event.next)
}
