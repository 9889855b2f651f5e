/** daemonset-controller: one pod on each node that fits, updated in rolling fashion. */
import { nameOf, namespaceOf, uidOf } from '#engine/api/meta'
import { labelSelectorOf } from '#engine/api/selector'
import type { ControllerRevision, DaemonSet, Node, Pod, PodTemplateSpec } from '#engine/api/kinds'
import { equalJson, keyOf } from '#engine/api/object'
import { isReason } from '#engine/api/status'
import { Backoff } from '#engine/client/backoff'
import type { EventRecorder } from '#engine/client/events'
import { Expectations } from '#engine/client/expectations'
import { byController, byLabel, bySelector, controllerOf, selecting } from '#engine/client/indexes'
import type { Informer } from '#engine/client/informer'
import { controllerRevisions, daemonSets, nodes, pods as podResource } from '#engine/client/resources'
import type { Workqueue } from '#engine/client/workqueue'
import { claim, resolveOwner } from '#engine/controllers/claim'
import { withoutZeros } from '#engine/controllers/conditions'
import { type Controller, type ControllerContext, informersOf, startQueue } from '#engine/controllers/controller'
import { scaledValue } from '#engine/controllers/intstr'
import { isNamespaceTerminating, PodControl, slowStart } from '#engine/controllers/pod-control'
import { availableInMs, isPodAvailable, isPodReady, podFromTemplate } from '#engine/controllers/pods'
import { type History, syncHistory, trimHistory } from '#engine/controllers/revisions'
import { templateHash } from '#engine/controllers/common/templatehash/hash'
import { boundTo, fitsNode, targetNode, withDaemonTolerations } from './placement'

const generationAnnotation = 'deprecated.daemonset.template.generation'
const generationLabel = 'pod-template-generation'
const hashLabel = 'controller-revision-hash'
const burst = 250

export const daemonSetController: Controller = {
  name: 'daemonset-controller',
  aliases: ['daemonset'],
  account: 'daemon-set-controller',
  start(context) {
    new DaemonSetController(context)
  },
}

class DaemonSetController {
  private readonly sets: Informer<DaemonSet>
  private readonly pods: Informer<Pod>
  private readonly nodes: Informer<Node>
  private readonly revisions: Informer<ControllerRevision>
  private readonly events: EventRecorder
  private readonly control: PodControl
  private readonly expectations: Expectations
  private readonly queue: Workqueue
  private readonly failedBackoff = new Map<string, { readonly backoff: Backoff; until: number }>()

  constructor(private readonly context: ControllerContext) {
    const { informers } = context
    this.sets = informers.of(daemonSets).addIndexers(bySelector((set: DaemonSet) => set.spec?.selector as { matchLabels?: Record<string, string> } | undefined))
    this.pods = informers.of(podResource).addIndexers({ ...byController, ...byLabel })
    this.nodes = informers.of(nodes)
    this.revisions = informers.of(controllerRevisions).addIndexers(byController)
    this.events = context.events('daemonset-controller')
    this.control = new PodControl(context.client, this.events)
    this.expectations = new Expectations(context.clock)
    this.queue = startQueue(context, 'daemonset-controller', informersOf(this.sets, this.pods, this.nodes, this.revisions), (key) => this.reconcile(key), { workers: context.options.concurrent['daemonsets'] ?? 2, quiet: isNamespaceTerminating })
    this.watch()
  }

  private watch(): void {
    const enqueue = (set: DaemonSet): void => this.queue.add(keyOf(set))
    this.sets.addHandlers({ added: enqueue, updated: enqueue, deleted: (set) => { this.expectations.forget(keyOf(set)); enqueue(set) } })
    this.pods.addHandlers({ added: (pod) => this.podAdded(pod), updated: (next, previous) => this.podUpdated(next, previous), deleted: (pod) => this.podGone(pod) })
    this.nodes.addHandlers({
      added: (node) => { for (const set of this.sets.store.list()) if (fitsNode(set, node).run) enqueue(set) },
      updated: (next, previous) => this.nodeUpdated(next, previous),
      deleted: () => { for (const set of this.sets.store.list()) enqueue(set) },
    })
  }

  private nodeUpdated(next: Node, previous: Node): void {
    if (equalJson(next.metadata.labels, previous.metadata.labels) && equalJson(next.spec?.taints, previous.spec?.taints)) return
    for (const set of this.sets.store.list()) if (!equalJson(fitsNode(set, previous), fitsNode(set, next))) this.queue.add(keyOf(set))
  }

  private podAdded(pod: Pod): void {
    if (pod.metadata.deletionTimestamp !== undefined) return this.podGone(pod)
    const set = resolveOwner(this.sets.store, pod, 'DaemonSet')
    if (set) {
      this.expectations.creationObserved(keyOf(set))
      this.queue.add(keyOf(set))
    } else if (!controllerOf(pod)) for (const candidate of selecting(this.sets.store, namespaceOf(pod), pod.metadata.labels)) this.queue.add(keyOf(candidate))
  }

  private podUpdated(next: Pod, previous: Pod): void {
    if (next.metadata.deletionTimestamp !== undefined) return this.podGone(next)
    const former = controllerOf(previous)?.uid === controllerOf(next)?.uid ? undefined : resolveOwner(this.sets.store, previous, 'DaemonSet')
    if (former) this.queue.add(keyOf(former))
    const set = resolveOwner(this.sets.store, next, 'DaemonSet')
    if (set) this.queue.add(keyOf(set))
    else if (!controllerOf(next)) for (const candidate of selecting(this.sets.store, namespaceOf(next), next.metadata.labels)) this.queue.add(keyOf(candidate))
  }

  private podGone(pod: Pod): void {
    const set = resolveOwner(this.sets.store, pod, 'DaemonSet')
    if (!set) return
    this.expectations.deletionObserved(keyOf(set), keyOf(pod))
    this.queue.add(keyOf(set))
  }

  private async reconcile(key: string): Promise<void> {
    const set = this.sets.store.byKey(key)
    if (!set) return this.expectations.forget(key)
    const selector = labelSelectorOf(set.spec?.selector as Parameters<typeof labelSelectorOf>[0])
    if (!selector || selector.length === 0) {
      this.events.event(set, 'Warning', 'SelectingAll', 'This daemon set is selecting all pods. A non-empty selector is required.')
      return
    }
    if (set.metadata.deletionTimestamp !== undefined) return
    const history = await this.history(set)
    const hash = history.current.metadata.labels?.[hashLabel] ?? ''
    const { client } = this.context
    const owned = await claim({ client, owner: set, ownerResource: daemonSets, resource: podResource, store: this.pods.store, selector })
    const failure = this.expectations.satisfied(key) ? await this.bringAbout(key, set, owned, hash) : undefined
    await trimHistory(client, history, set.spec?.revisionHistoryLimit ?? 10, liveRevisions(set, owned))
    await this.writeStatus(key, set, this.ownedNow(set), hash, history.collisionCount)
    if (failure !== undefined) throw failure
  }

  private async bringAbout(key: string, set: DaemonSet, owned: readonly Pod[], hash: string): Promise<unknown> {
    const failure = await this.manage(key, set, owned, hash)
    if (failure === undefined && this.expectations.satisfied(key) && set.spec?.updateStrategy?.type !== 'OnDelete') await this.rollingUpdate(key, set, this.ownedNow(set), hash)
    return failure
  }

  private ownedNow(set: DaemonSet): Pod[] {
    return this.pods.store.byIndex('controller', uidOf(set))
  }

  private history(set: DaemonSet): Promise<History> {
    return syncHistory(this.context.client, this.revisions.store, {
      owner: set,
      template: set.spec?.template,
      collisionCount: set.status?.collisionCount ?? 0,
      hashLabel, hashOf: (_data, collisions) => templateHash(set.spec?.template, collisions),
      labels: (set.spec?.template?.metadata?.labels ?? {}) as Record<string, string>,
      ...(set.metadata.annotations ? { annotations: set.metadata.annotations } : {}),
    })
  }

  private async manage(key: string, set: DaemonSet, owned: readonly Pod[], hash: string): Promise<unknown> {
    const byNode = groupByNode(owned)
    const missing: string[] = []
    const surplus: Pod[] = []
    for (const node of this.nodes.store.list()) {
      const { run, stay } = fitsNode(set, node)
      const here = byNode.get(nameOf(node)) ?? []
      byNode.delete(nameOf(node))
      if (run && here.length === 0) missing.push(nameOf(node))
      else if (run || stay) this.judge(set, here, surplus)
      else surplus.push(...here.filter((pod) => pod.metadata.deletionTimestamp === undefined))
    }
    // Pods meant for nodes that are no more, and were never bound.
    for (const [name, left] of byNode) if (name !== '') surplus.push(...left.filter((pod) => !pod.spec?.nodeName && pod.metadata.deletionTimestamp === undefined))
    return this.change(key, set, missing, surplus, hash)
  }

  /** Of the pods on a node the oldest stays; failed ones go, after a pause that grows. */
  private judge(set: DaemonSet, here: readonly Pod[], surplus: Pod[]): void {
    const running: Pod[] = []
    for (const pod of here) {
      if (pod.metadata.deletionTimestamp !== undefined) continue
      if (pod.status?.phase === 'Failed') this.judgeFailed(set, pod, surplus)
      else if (pod.status?.phase === 'Succeeded') {
        this.events.event(set, 'Normal', 'SucceededDaemonPod', `Found succeeded daemon pod ${keyOf(pod)} on node ${targetNode(pod)}, will try to delete it`)
        surplus.push(pod)
      } else running.push(pod)
    }
    if (running.length <= 1 || surgeOf(set, 1) > 0) return
    running.sort(scheduledThenOldest)
    surplus.push(...running.slice(1))
  }

  private judgeFailed(set: DaemonSet, pod: Pod, surplus: Pod[]): void {
    const key = `${uidOf(set)}/${targetNode(pod)}`
    const now = this.context.clock.now()
    const entry = this.failedBackoff.get(key) ?? { backoff: new Backoff({ initialMs: 1000, maxMs: 15 * 60_000 }), until: 0 }
    this.failedBackoff.set(key, entry)
    if (now < entry.until) {
      this.queue.addAfter(keyOf(set), entry.until - now)
      return
    }
    entry.until = now + entry.backoff.step()
    this.events.event(set, 'Warning', 'FailedDaemonPod', `Found failed daemon pod ${keyOf(pod)} on node ${targetNode(pod)}, will try to kill it`)
    surplus.push(pod)
  }

  private async change(key: string, set: DaemonSet, missing: readonly string[], surplus: readonly Pod[], hash: string): Promise<unknown> {
    const creations = missing.slice(0, burst)
    const deletions = surplus.slice(0, burst)
    if (creations.length === 0 && deletions.length === 0) return undefined
    this.expectations.set(key, creations.length, deletions.map(keyOf))
    const made = await slowStart(creations.length, async (index) => {
      try {
        await this.control.create(this.newPod(set, creations[index] ?? '', hash), set)
      } catch (error) {
        if (!isNamespaceTerminating(error)) throw error
        this.expectations.creationObserved(key)
      }
    })
    for (let skipped = creations.length - made.succeeded; skipped > 0; skipped--) this.expectations.creationObserved(key)
    const outcomes = await Promise.allSettled(deletions.map((pod) => this.deletePod(key, set, pod)))
    return made.error ?? outcomes.find((outcome) => outcome.status === 'rejected')?.reason
  }

  private newPod(set: DaemonSet, nodeName: string, hash: string): Pod {
    const pod = podFromTemplate(set.spec?.template as PodTemplateSpec, namespaceOf(set), { generateName: `${nameOf(set)}-` }, set)
    const generation = set.metadata.annotations?.[generationAnnotation]
    pod.metadata.labels = { ...pod.metadata.labels, [hashLabel]: hash, ...(generation ? { [generationLabel]: generation } : {}) }
    const spec = pod.spec as NonNullable<Pod['spec']>
    spec.tolerations = withDaemonTolerations(pod)
    const affinity = boundTo(nodeName, spec.affinity)
    if (affinity) spec.affinity = affinity
    return pod
  }

  private async deletePod(key: string, set: DaemonSet, pod: Pod): Promise<void> {
    try {
      await this.control.delete(namespaceOf(pod), nameOf(pod), set)
    } catch (error) {
      this.expectations.deletionObserved(key, keyOf(pod))
      if (!isReason(error, 'NotFound')) throw error
    }
  }

  private async rollingUpdate(key: string, set: DaemonSet, owned: readonly Pod[], hash: string): Promise<void> {
    const byNode = groupByNode(owned)
    const eligible = this.nodes.store.list().filter((node) => fitsNode(set, node).run)
    const surge = surgeOf(set, eligible.length)
    const states = eligible.map((node) => this.nodeState(set, byNode.get(nameOf(node)) ?? [], hash, nameOf(node)))
    if (surge > 0) return this.surgeUpdate(key, set, states, surge, hash)
    const limit = Math.max(1, scaledValue(set.spec?.updateStrategy?.rollingUpdate?.maxUnavailable ?? 1, eligible.length, 'up'))
    const victims = oldPodsToGo(states, limit)
    await this.change(key, set, [], victims.filter((pod) => pod.metadata.deletionTimestamp === undefined), hash)
  }

  private async surgeUpdate(key: string, set: DaemonSet, states: readonly NodeState[], surge: number, hash: string): Promise<void> {
    let extra = states.filter((state) => state.old && state.fresh && !state.freshAvailable).length
    const missing: string[] = []
    const victims: Pod[] = []
    for (const state of states) {
      if (!state.old) continue
      if (state.fresh) {
        if (state.freshAvailable && state.old.metadata.deletionTimestamp === undefined) victims.push(state.old)
      } else if (extra < surge) {
        missing.push(state.node)
        extra++
      }
    }
    await this.change(key, set, missing, victims, hash)
  }

  private nodeState(set: DaemonSet, here: readonly Pod[], hash: string, node: string): NodeState {
    const now = this.context.clock.now()
    const minReadySeconds = set.spec?.minReadySeconds ?? 0
    const alive = here.filter((pod) => pod.metadata.deletionTimestamp === undefined)
    const available = (pod: Pod): boolean => isPodAvailable(pod, minReadySeconds, now)
    const fresh = alive.find((pod) => isUpdated(set, pod, hash))
    const old = alive.find((pod) => !isUpdated(set, pod, hash))
    return { node, fresh, old, freshAvailable: fresh !== undefined && available(fresh), oldAvailable: old !== undefined && available(old), available: alive.some(available) }
  }

  private async writeStatus(key: string, set: DaemonSet, owned: readonly Pod[], hash: string, collisionCount: number): Promise<void> {
    const status = this.statusOf(key, set, owned, hash)
    if (collisionCount > 0) status['collisionCount'] = collisionCount
    if (equalJson(status, set.status ?? {})) return
    try {
      await this.context.client.of(daemonSets).updateStatus({ ...set, status } as unknown as DaemonSet)
    } catch (error) {
      if (!isReason(error, 'NotFound')) throw error
    }
  }

  private statusOf(key: string, set: DaemonSet, owned: readonly Pod[], hash: string): Record<string, number> {
    const now = this.context.clock.now()
    const minReadySeconds = set.spec?.minReadySeconds ?? 0
    const byNode = groupByNode(owned)
    const counts = { desired: 0, current: 0, misscheduled: 0, ready: 0, updated: 0, available: 0 }
    for (const node of this.nodes.store.list()) {
      const here = byNode.get(nameOf(node)) ?? []
      if (!fitsNode(set, node).run) {
        if (here.length > 0) counts.misscheduled++
        continue
      }
      counts.desired++
      // The oldest stands for its node, also while a surplus one is being brought up.
      const [oldest] = here.sort(scheduledThenOldest)
      if (!oldest) continue
      counts.current++
      if (isPodReady(oldest)) counts.ready++
      if (isPodAvailable(oldest, minReadySeconds, now)) counts.available++
      if (isUpdated(set, oldest, hash)) counts.updated++
      for (const pod of here) this.recheck(key, pod, minReadySeconds, now)
    }
    return {
      observedGeneration: set.metadata.generation ?? 0,
      desiredNumberScheduled: counts.desired,
      currentNumberScheduled: counts.current,
      numberMisscheduled: counts.misscheduled,
      numberReady: counts.ready,
      ...withoutZeros({ updatedNumberScheduled: counts.updated, numberAvailable: counts.available, numberUnavailable: counts.desired - counts.available }),
    }
  }

  private recheck(key: string, pod: Pod, minReadySeconds: number, now: number): void {
    const wait = availableInMs(pod, minReadySeconds, now)
    if (wait !== undefined) this.queue.addAfter(key, wait)
  }
}

interface NodeState {
  readonly node: string
  readonly fresh: Pod | undefined
  readonly old: Pod | undefined
  readonly freshAvailable: boolean
  readonly oldAvailable: boolean
  readonly available: boolean
}

/** Those that do not work anyway, then as many others as may be missing. */
function oldPodsToGo(states: readonly NodeState[], limit: number): Pod[] {
  let unavailable = states.filter((state) => !state.available).length
  const victims: Pod[] = []
  for (const state of states) if (state.old && !state.oldAvailable && !state.fresh) victims.push(state.old)
  for (const state of states) {
    if (!state.old || !state.oldAvailable || unavailable >= limit) continue
    victims.push(state.old)
    unavailable++
  }
  return victims
}

function isUpdated(set: DaemonSet, pod: Pod, hash: string): boolean {
  const generation = set.metadata.annotations?.[generationAnnotation]
  const labels = pod.metadata.labels ?? {}
  return labels[hashLabel] === hash || (generation !== undefined && labels[generationLabel] === generation)
}

function surgeOf(set: DaemonSet, total: number): number {
  const strategy = set.spec?.updateStrategy
  return strategy?.type === 'OnDelete' ? 0 : scaledValue(strategy?.rollingUpdate?.maxSurge, total, 'up')
}

function groupByNode(owned: readonly Pod[]): Map<string, Pod[]> {
  const out = new Map<string, Pod[]>()
  for (const pod of owned) {
    const name = targetNode(pod)
    const list = out.get(name)
    if (list) list.push(pod)
    else out.set(name, [pod])
  }
  return out
}

function liveRevisions(set: DaemonSet, owned: readonly Pod[]): Set<string> {
  return new Set(owned.map((pod) => `${nameOf(set)}-${pod.metadata.labels?.[hashLabel] ?? ''}`))
}

function scheduledThenOldest(a: Pod, b: Pod): number {
  const scheduled = Number(Boolean(b.spec?.nodeName)) - Number(Boolean(a.spec?.nodeName))
  if (scheduled !== 0) return scheduled
  const made = (a.metadata.creationTimestamp ?? '').localeCompare(b.metadata.creationTimestamp ?? '')
  return made === 0 ? nameOf(a).localeCompare(nameOf(b)) : made
}
