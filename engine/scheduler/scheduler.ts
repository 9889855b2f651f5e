/** kube-scheduler without its process: follows the cluster, takes pods from its queue, and binds them to nodes. */
import type { Clock } from '#engine/base/clock'
import type { Klog } from '#engine/base/klog'
import type { Random } from '#engine/base/random'
import type { Pod } from '#engine/api/kinds'
import { isReason } from '#engine/api/status'
import { keyOf, type KubeObject } from '#engine/api/object'
import type { Client } from '#engine/client/client'
import type { Informers } from '#engine/client/informers'
import { pods, type ResourceRef } from '#engine/client/resources'
import type { SeriesEventRecorder } from '#engine/client/series-events'
import { SchedulerCache } from '#engine/scheduler/cache'
import type { SchedulerConfig } from '#engine/scheduler/config'
import { followCluster } from '#engine/scheduler/cluster-events'
import { selectNode } from '#engine/scheduler/cycle'
import { fitErrorText } from '#engine/scheduler/fit-error'
import { type ClusterEvent, CycleState, type PluginHandle, type Status } from '#engine/scheduler/framework'
import type { NodeInfo } from '#engine/scheduler/node-info'
import { podInfo, type PodInfo } from '#engine/scheduler/pod-info'
import { PodStatusWriter } from '#engine/scheduler/pod-status'
import { buildProfile, type Profile } from '#engine/scheduler/profile'
import { type QueuedPod, SchedulingQueue } from '#engine/scheduler/queue'

export interface SchedulerServices {
  readonly client: Client
  readonly informers: Informers
  readonly clock: Clock
  readonly random: Random
  readonly log: Klog
  /** One recorder a profile. */
  readonly recorder: (schedulerName: string) => SeriesEventRecorder
  readonly maxUnschedulableMs?: number
}

export class Scheduler {
  readonly cache = new SchedulerCache()
  readonly queue: SchedulingQueue
  private readonly profiles: ReadonlyMap<string, Profile>
  private readonly nominated = new Map<string, { readonly info: PodInfo; readonly node: string }>()
  private readonly status: PodStatusWriter
  private nextStart = 0

  constructor(
    private readonly services: SchedulerServices,
    config: SchedulerConfig,
  ) {
    const { clock } = services
    this.queue = new SchedulingQueue(clock, { initialBackoffMs: config.podInitialBackoffSeconds * 1000, maxBackoffMs: config.podMaxBackoffSeconds * 1000, maxUnschedulableMs: services.maxUnschedulableMs ?? 300_000, priority: (pod) => pod.spec?.priority ?? 0 })
    this.status = new PodStatusWriter(services.client, clock)
    this.profiles = new Map(config.profiles.map((entry) => [entry.schedulerName, this.profileOf(entry)]))
  }

  private profileOf(entry: SchedulerConfig['profiles'][number]): Profile {
    const holder: { profile?: Profile } = {}
    const handle = this.handle(entry.schedulerName, () => holder.profile?.all ?? [], (state, info, node) => this.runFilters(holder.profile as Profile, state, info, node))
    holder.profile = buildProfile(entry, handle)
    return holder.profile
  }

  private handle(schedulerName: string, plugins: PluginHandle['plugins'], runFilters: PluginHandle['runFilters']): PluginHandle {
    const { client, informers, random, clock } = this.services
    return {
      client, informers, cache: this.cache, random: random.fork('scheduler'), now: () => clock.now(), plugins, runFilters,
      nominatedTo: (node) => [...this.nominated.values()].filter((entry) => entry.node === node).map((entry) => entry.info),
      event: (about, related, type, reason, action, note) => this.services.recorder(schedulerName).event(about, related, type, reason, action, note),
      until: (resource, concerns, check, timeoutMs) => this.until(resource, concerns, check, timeoutMs),
      clearNomination: (pod) => {
        this.nominated.delete(keyOf(pod))
        void this.status.nominate(pod, '')
      },
    }
  }

  /** Follows the cluster at once, and schedules until the signal from when it is `elected`. Informers are the caller's to start. */
  start(signal: AbortSignal, elected = Promise.resolve()): void {
    followCluster(this.services.informers, {
      node: (next, previous) => (next ? this.cache.setNode(next) : this.cache.removeNode(previous?.metadata.name ?? '')),
      pod: (next, previous) => this.podChanged(next, previous),
      event: (event) => this.clusterEvent(event),
    })
    signal.addEventListener('abort', () => this.queue.close(), { once: true })
    const { informers } = this.services
    void Promise.all([informers.whenSynced(), elected]).then(() => this.run(signal))
  }

  private podChanged(next: Pod | undefined, previous: Pod | undefined): void {
    const pod = next ?? previous
    if (!pod) return
    const key = keyOf(pod)
    if (next?.spec?.nodeName && !isTerminal(next)) this.assigned(key, next, previous)
    else if (!next || isTerminal(next)) this.gone(key, previous ?? pod)
    else this.pending(key, next, previous)
  }

  private assigned(key: string, next: Pod, previous: Pod | undefined): void {
    this.queue.remove(key)
    this.nominated.delete(key)
    const fresh = !previous?.spec?.nodeName
    this.cache.setPod(next)
    this.clusterEvent({ kind: 'AssignedPod', action: fresh ? 'add' : 'update', next, ...(previous ? { previous } : {}) })
  }

  private gone(key: string, last: Pod): void {
    this.queue.remove(key)
    const freed = this.nominated.delete(key) || this.cache.hasPod(key)
    this.cache.removePod(key)
    if (freed) this.clusterEvent({ kind: 'AssignedPod', action: 'delete', previous: last })
  }

  private pending(key: string, next: Pod, previous: Pod | undefined): void {
    const profile = this.profiles.get(next.spec?.schedulerName ?? 'default-scheduler')
    if (!profile || next.metadata.deletionTimestamp !== undefined) return this.queue.remove(key)
    this.noteNomination(key, next)
    const queued = this.queue.get(key)
    if (this.cache.isAssumed(key)) return
    const gate = profile.at.preEnqueue.find((plugin) => plugin.preEnqueue?.(next))?.name
    if (!queued) return this.queue.add(next, gate)
    this.queue.refresh(next)
    if (queued.gatedBy !== undefined && gate === undefined) return this.queue.ungate(queued)
    if (previous && specChanged(previous, next)) {
      const event: ClusterEvent = { kind: 'UnscheduledPod', action: 'update', previous, next }
      this.queue.moveAll((entry) => entry === queued && this.helps(event, entry))
    }
  }

  private noteNomination(key: string, pod: Pod): void {
    const node = pod.status?.nominatedNodeName
    if (node) this.nominated.set(key, { info: podInfo(pod), node })
    else this.nominated.delete(key)
  }

  private clusterEvent(event: ClusterEvent): void {
    this.queue.moveAll((entry) => this.helps(event, entry))
  }

  private helps(event: ClusterEvent, entry: QueuedPod): boolean {
    const profile = this.profiles.get(entry.pod.spec?.schedulerName ?? 'default-scheduler')
    if (!profile || entry.rejectedBy.size === 0) return true
    return profile.all.some((plugin) => entry.rejectedBy.has(plugin.name) && (plugin.helps?.(event, entry.pod) ?? true))
  }

  private async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const entry = this.queue.popNow() ?? (await this.queue.pop())
      if (!entry || signal.aborted) return
      const profile = this.profiles.get(entry.pod.spec?.schedulerName ?? 'default-scheduler')
      if (!profile || entry.pod.metadata.deletionTimestamp !== undefined) {
        this.queue.remove(entry.key)
        continue
      }
      await this.scheduleOne(profile, entry)
    }
  }

  /** Waits only where preemption has to write; bindings run on behind. */
  private scheduleOne(profile: Profile, entry: QueuedPod): Promise<void> | undefined {
    const info = podInfo(entry.pod)
    const state = new CycleState()
    const found = selectNode({ profile, cache: this.cache, random: this.services.random, state, info, start: this.nextStart, nominatedNode: this.nominated.get(info.key)?.node, filter: (node) => this.runFiltersWithNominated(profile, state, info, node) })
    this.nextStart = found.nextStart
    if (!('node' in found)) return this.unschedulable(profile, entry, info, state, found)
    this.cache.assume(info, found.node)
    for (const plugin of profile.at.reserve) {
      const status = plugin.reserve?.(state, info, found.node)
      if (status) return this.undo(profile, entry, info, state, found.node, { ...status, plugin: plugin.name })
    }
    void this.bind(profile, entry, info, state, found.node)
    return undefined
  }

  private async bind(profile: Profile, entry: QueuedPod, info: PodInfo, state: CycleState, node: string): Promise<void> {
    for (const plugin of [...profile.at.preBind, ...profile.at.bind]) {
      const status = await (plugin.preBind ?? plugin.bind)?.call(plugin, state, info, node)
      if (status) return this.undo(profile, entry, info, state, node, { ...status, plugin: plugin.name })
    }
    this.queue.scheduled(entry.key)
    this.nominated.delete(entry.key)
    this.services.recorder(profile.schedulerName).event(info.pod, undefined, 'Normal', 'Scheduled', 'Binding', `Successfully assigned ${info.key} to ${node}`)
  }

  private async undo(profile: Profile, entry: QueuedPod, info: PodInfo, state: CycleState, node: string, status: Status): Promise<void> {
    for (const plugin of [...profile.at.reserve].reverse()) plugin.unreserve?.(state, info, node)
    this.cache.forget(info.key)
    this.clusterEvent({ kind: 'AssignedPod', action: 'delete', previous: info.pod })
    const bindFailed = profile.at.bind.some((plugin) => plugin.name === status.plugin)
    const text = status.code === 'Error' ? (bindFailed ? `binding rejected: running Bind plugin ${JSON.stringify(status.plugin ?? '')}: ${status.reasons.join(', ')}` : `running PreBind plugin ${JSON.stringify(status.plugin ?? '')}: ${status.reasons.join(', ')}`) : status.reasons.join(', ')
    await this.turnAway(profile, entry, status.code === 'Error' ? new Set() : new Set([status.plugin ?? '']), status.code === 'Error', text, undefined)
  }

  private async unschedulable(profile: Profile, entry: QueuedPod, info: PodInfo, state: CycleState, found: { statuses: ReadonlyMap<string, Status>; rejectedBy: ReadonlySet<string>; preFilter?: string; error?: string; noNodes?: boolean }): Promise<void> {
    if (found.error !== undefined) return this.turnAway(profile, entry, new Set(), true, found.error, undefined)
    if (found.noNodes) return this.turnAway(profile, entry, new Set(), false, 'no nodes available to schedule pods', undefined)
    const { message, node } = await this.postFilter(profile, info, state, found.statuses)
    const text = fitErrorText(this.cache.nodeCount, found.statuses, found.preFilter, message)
    await this.turnAway(profile, entry, found.rejectedBy, false, text, node)
  }

  private async postFilter(profile: Profile, info: PodInfo, state: CycleState, statuses: ReadonlyMap<string, Status>): Promise<{ message?: string; node?: string }> {
    const reasons: string[] = []
    try {
      for (const plugin of profile.at.postFilter) {
        const result = await plugin.postFilter?.(state, info, statuses)
        if (!result) continue
        if (!result.status) return result.nominatedNode ? { node: result.nominatedNode } : {}
        if (result.status.code === 'Error') return { message: result.status.reasons.join(', ') }
        reasons.push(...result.status.reasons)
      }
    } catch (error) {
      return { message: `preemption: ${error instanceof Error ? error.message : String(error)}` }
    }
    return reasons.length > 0 ? { message: reasons.join(', ') } : {}
  }

  private async turnAway(profile: Profile, entry: QueuedPod, rejectedBy: ReadonlySet<string>, error: boolean, text: string, nominatedNode: string | undefined): Promise<void> {
    const { log, informers, recorder } = this.services
    const current = informers.of(pods).store.byKey(entry.key)
    if (!current || current.metadata.uid !== entry.pod.metadata.uid || current.spec?.nodeName) {
      this.queue.remove(entry.key)
      return
    }
    if (error) log.error('schedule_one.go:1153', text, 'Error scheduling pod; retrying', { pod: entry.key })
    else log.info('schedule_one.go:1145', 'Unable to schedule pod; no fit; waiting', { pod: entry.key, err: text })
    if (nominatedNode !== undefined) this.nominated.set(entry.key, { info: podInfo(current), node: nominatedNode })
    this.queue.turnedAway(entry, rejectedBy, error)
    recorder(profile.schedulerName).event(current, undefined, 'Warning', 'FailedScheduling', 'Scheduling', text)
    await this.status.unscheduled(current, error ? 'SchedulerError' : 'Unschedulable', text, nominatedNode).catch((failure: unknown) => {
      if (!isReason(failure, 'NotFound')) log.error('schedule_one.go:1193', (failure as Error).message, 'Error updating pod', { pod: entry.key })
    })
  }

  private runFilters(profile: Profile, state: CycleState, info: PodInfo, node: NodeInfo): Status | undefined {
    for (const plugin of profile.at.filter) {
      if (state.skipFilter.has(plugin.name)) continue
      const status = plugin.filter?.(state, info, node)
      if (status) return { ...status, plugin: plugin.name }
    }
    return undefined
  }

  /** Pods nominated to the node with the same or a higher priority count as if they ran there. */
  private runFiltersWithNominated(profile: Profile, state: CycleState, info: PodInfo, node: NodeInfo): Status | undefined {
    if (this.nominated.size > 0) {
      const guests = [...this.nominated.values()].filter((entry) => entry.node === node.name && entry.info.key !== info.key && entry.info.priority >= info.priority && !node.pods.has(entry.info.key))
      if (guests.length > 0) {
        const copies = new Map<string, unknown>()
        for (const plugin of profile.all) if (plugin.cloneState && state.read(plugin.name) !== undefined) copies.set(plugin.name, plugin.cloneState(state))
        const trial = state.derive(copies)
        const copy = node.clone()
        for (const guest of guests) {
          copy.addPod(guest.info)
          for (const plugin of profile.all) if (plugin.simulate && trial.read(plugin.name) !== undefined) plugin.simulate(trial, info, guest.info, copy, 1)
        }
        const status = this.runFilters(profile, trial, info, copy)
        if (status) return status
      }
    }
    return this.runFilters(profile, state, info, node)
  }

  private until<T extends KubeObject>(resource: ResourceRef<T>, concerns: (object: T) => boolean, check: () => Status | 'done' | undefined, timeoutMs: number): Promise<Status | undefined> {
    return new Promise((resolve) => {
      let over = false
      const end = (status: Status | undefined): void => {
        over = true
        timer.cancel()
        resolve(status)
      }
      const look = (object: T): void => {
        if (over || !concerns(object)) return
        const outcome = check()
        if (outcome !== undefined) end(outcome === 'done' ? undefined : outcome)
      }
      const timer = this.services.clock.after(timeoutMs, () => end({ code: 'Error', reasons: ['binding volumes: context deadline exceeded'] }))
      this.services.informers.of(resource).addHandlers({ updated: look, deleted: look })
    })
  }
}

function isTerminal(pod: Pod): boolean {
  return pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed'
}

/** Anything but the status, and what every write changes. */
function specChanged(previous: Pod, next: Pod): boolean {
  const view = (pod: Pod): string => JSON.stringify([pod.spec, pod.metadata.labels, pod.metadata.annotations, pod.metadata.deletionTimestamp])
  return previous.metadata.generation !== next.metadata.generation || view(previous) !== view(next)
}

