/** Keeps as many pods as a replica set or replication controller asks for. */
import { nameOf, namespaceOf, uidOf } from '#engine/api/meta'
import { labelSelectorOf, matchesLabels } from '#engine/api/selector'
import type { Pod, PodTemplateSpec } from '#engine/api/kinds'
import { copyObject, equalJson, keyOf, type KubeObject, splitKey } from '#engine/api/object'
import { isReason } from '#engine/api/status'
import { Expectations } from '#engine/client/expectations'
import { byController, byLabel, bySelector, controllerOf, selecting } from '#engine/client/indexes'
import type { Informer } from '#engine/client/informer'
import { pods as podResource, type ResourceRef } from '#engine/client/resources'
import { apiTime } from '#engine/client/time'
import type { Workqueue } from '#engine/client/workqueue'
import { claim, resolveOwner } from '#engine/controllers/claim'
import { type Condition, findCondition, withoutCondition, withoutZeros } from '#engine/controllers/conditions'
import { type ControllerContext, informersOf, startQueue } from '#engine/controllers/controller'
import { isNamespaceTerminating, PodControl, slowStart } from '#engine/controllers/pod-control'
import { availableInMs, deletionOrder, isPodActive, isPodAvailable, isPodReady, isPodTerminal, podEventsMs } from '#engine/controllers/pods'

/** At most this many creations or deletions in one pass. */
const burstReplicas = 500

interface Selector {
  matchLabels?: Record<string, string>
  matchExpressions?: { key: string; operator: string; values?: string[] }[]
}

export interface ReplicaOwner extends KubeObject {
  spec?: { replicas?: number; minReadySeconds?: number; template?: PodTemplateSpec }
  status?: Record<string, unknown> & { conditions?: Condition[]; observedGeneration?: number; replicas?: number }
}

export interface ReplicaKind<T extends ReplicaOwner> {
  readonly resource: ResourceRef<T>
  readonly component: string
  readonly logger: string
  selectorOf(owner: T): Selector | undefined
  readonly countsTerminating?: boolean
}

export class ReplicaManager<T extends ReplicaOwner> {
  private readonly owners: Informer<T>
  private readonly pods: Informer<Pod>
  private readonly expectations: Expectations
  private readonly control: PodControl
  private readonly queue: Workqueue

  constructor(
    private readonly context: ControllerContext,
    private readonly kind: ReplicaKind<T>,
  ) {
    this.owners = context.informers.of(kind.resource).addIndexers({ ...bySelector((owner: T) => kind.selectorOf(owner)), ...(byController as object) })
    this.pods = context.informers.of(podResource).addIndexers({ ...byController, ...byLabel })
    this.expectations = new Expectations(context.clock)
    this.control = new PodControl(context.client, context.events(kind.component))
    this.queue = startQueue(context, kind.logger, informersOf(this.owners, this.pods), (key) => this.reconcile(key), { workers: context.options.concurrent[kind.resource.resource] ?? 5, quiet: isNamespaceTerminating })
    this.watch()
  }

  private watch(): void {
    const enqueue = (owner: T): void => this.queue.add(keyOf(owner))
    this.owners.addHandlers({
      added: enqueue,
      updated: (next, previous) => {
        if (next.metadata.uid !== previous.metadata.uid) this.expectations.forget(keyOf(previous))
        enqueue(next)
      },
      deleted: (owner) => {
        this.expectations.forget(keyOf(owner))
        enqueue(owner)
      },
    })
    this.pods.addHandlers({ added: (pod) => this.podAdded(pod), updated: (next, previous) => this.podUpdated(next, previous), deleted: (pod) => this.podDeleted(pod) })
  }

  private podAdded(pod: Pod): void {
    if (pod.metadata.deletionTimestamp !== undefined) return this.podDeleted(pod)
    const owner = resolveOwner(this.owners.store, pod, this.kind.resource.kind)
    if (owner) {
      this.expectations.creationObserved(keyOf(owner))
      this.queue.addAfter(keyOf(owner), podEventsMs)
    } else this.enqueueSelecting(pod)
  }

  private podUpdated(next: Pod, previous: Pod): void {
    if (next.metadata.deletionTimestamp !== undefined) return this.podDeleted(next)
    const before = controllerOf(previous)
    const after = controllerOf(next)
    if (before?.uid !== after?.uid) {
      const former = resolveOwner(this.owners.store, previous, this.kind.resource.kind)
      if (former) this.queue.addAfter(keyOf(former), podEventsMs)
    }
    const owner = resolveOwner(this.owners.store, next, this.kind.resource.kind)
    if (owner) this.queue.addAfter(keyOf(owner), podEventsMs)
    else if (!after) this.enqueueSelecting(next)
  }

  private podDeleted(pod: Pod): void {
    const owner = resolveOwner(this.owners.store, pod, this.kind.resource.kind)
    if (!owner) return
    this.expectations.deletionObserved(keyOf(owner), keyOf(pod))
    this.queue.addAfter(keyOf(owner), podEventsMs)
  }

  private enqueueSelecting(pod: Pod): void {
    if (controllerOf(pod)) return
    for (const owner of selecting(this.owners.store, namespaceOf(pod), pod.metadata.labels)) this.queue.addAfter(keyOf(owner), podEventsMs)
  }

  private async reconcile(key: string): Promise<void> {
    const owner = this.owners.store.byKey(key)
    if (!owner) return this.expectations.forget(key)
    const selector = labelSelectorOf(this.kind.selectorOf(owner))
    if (!selector || selector.length === 0) return
    const { client } = this.context
    const all = await claim({ client, owner, ownerResource: this.kind.resource, resource: podResource, store: this.pods.store, selector, keep: (pod) => !isPodTerminal(pod) })
    const active = all.filter(isPodActive)
    const terminating = all.length - active.length
    let failure: unknown
    if (owner.metadata.deletionTimestamp === undefined && this.expectations.satisfied(key)) failure = await this.manage(key, owner, active)
    const updated = await this.writeStatus(key, owner, active, terminating, failure)
    this.requeueForAvailability(key, updated, active)
    if (failure !== undefined) throw failure
  }

  private async manage(key: string, owner: T, active: readonly Pod[]): Promise<unknown> {
    const diff = active.length - (owner.spec?.replicas ?? 1)
    if (diff === 0) return undefined
    return diff < 0 ? this.createPods(key, owner, Math.min(-diff, burstReplicas)) : this.deletePods(key, owner, active, Math.min(diff, burstReplicas))
  }

  private async createPods(key: string, owner: T, count: number): Promise<unknown> {
    const template = owner.spec?.template
    if (!template) return undefined
    this.expectations.expectCreations(key, count)
    const { succeeded, error } = await slowStart(count, async () => {
      try {
        await this.control.createFromTemplate(template, owner)
      } catch (failed) {
        // Until the namespace is gone there is no use in trying again.
        if (!isNamespaceTerminating(failed)) throw failed
        this.expectations.creationObserved(key)
      }
    })
    for (let skipped = count - succeeded; skipped > 0; skipped--) this.expectations.creationObserved(key)
    return error
  }

  private async deletePods(key: string, owner: T, active: readonly Pod[], count: number): Promise<unknown> {
    const victims = deletionOrder(active, this.relatedOnNode(owner), this.context.clock.now()).slice(0, count)
    this.expectations.expectDeletions(key, victims.map(keyOf))
    const outcomes = await Promise.allSettled(victims.map((pod) => this.deletePod(key, owner, pod)))
    return outcomes.find((outcome) => outcome.status === 'rejected')?.reason
  }

  private async deletePod(key: string, owner: T, pod: Pod): Promise<void> {
    try {
      await this.control.delete(namespaceOf(pod), nameOf(pod), owner)
    } catch (error) {
      this.expectations.deletionObserved(key, keyOf(pod))
      if (!isReason(error, 'NotFound')) throw error
    }
  }

  /** Active pods on a node of all sets with the same controller: a rolling update spreads over nodes as one. */
  private relatedOnNode(owner: T): (pod: Pod) => number {
    const deployment = controllerOf(owner)
    const related = deployment ? this.owners.store.byIndex('controller', deployment.uid) : [owner]
    const counts = new Map<string, number>()
    for (const sibling of related)
      for (const pod of this.pods.store.byIndex('controller', uidOf(sibling)))
        if (isPodActive(pod)) counts.set(pod.spec?.nodeName ?? '', (counts.get(pod.spec?.nodeName ?? '') ?? 0) + 1)
    return (pod) => counts.get(pod.spec?.nodeName ?? '') ?? 0
  }

  private async writeStatus(key: string, owner: T, active: readonly Pod[], terminating: number, failure: unknown): Promise<T> {
    const status = this.statusOf(owner, active, terminating, failure)
    if (equalJson(status, owner.status ?? {}) && owner.metadata.generation === owner.status?.observedGeneration) return owner
    status['observedGeneration'] = owner.metadata.generation ?? 0
    let current = owner
    for (let attempt = 0; ; attempt++) {
      try {
        return await this.context.client.of(this.kind.resource).updateStatus({ ...current, status })
      } catch (error) {
        if (isReason(error, 'NotFound')) return owner
        if (attempt > 0) throw error
        const { namespace, name } = splitKey(key)
        current = await this.context.client.of(this.kind.resource).get(namespace, name)
      }
    }
  }

  private statusOf(owner: T, active: readonly Pod[], terminating: number, failure: unknown): Record<string, unknown> {
    const now = this.context.clock.now()
    const template = labelSelectorOf({ matchLabels: { ...owner.spec?.template?.metadata?.labels } }) ?? []
    const minReadySeconds = owner.spec?.minReadySeconds ?? 0
    const counts = {
      fullyLabeledReplicas: active.filter((pod) => matchesLabels(template, pod.metadata.labels)).length,
      readyReplicas: active.filter(isPodReady).length,
      availableReplicas: active.filter((pod) => isPodAvailable(pod, minReadySeconds, now)).length,
    }
    const { conditions: _conditions, fullyLabeledReplicas: _labeled, readyReplicas: _ready, availableReplicas: _available, ...rest } = copyObject(owner.status ?? {}) as Record<string, unknown>
    const conditions = this.conditions(owner, active, failure)
    return { ...rest, replicas: active.length, ...withoutZeros(counts), ...(conditions.length > 0 ? { conditions } : {}), ...(this.kind.countsTerminating ? { terminatingReplicas: terminating } : {}) }
  }

  private conditions(owner: T, active: readonly Pod[], failure: unknown): Condition[] {
    const known = owner.status?.conditions
    if (failure === undefined) return withoutCondition(known, 'ReplicaFailure')
    if (findCondition(known, 'ReplicaFailure')) return [...(known ?? [])]
    const reason = active.length < (owner.spec?.replicas ?? 1) ? 'FailedCreate' : 'FailedDelete'
    return [...(known ?? []), { type: 'ReplicaFailure', status: 'True', lastTransitionTime: apiTime(this.context.clock.now()), reason, message: (failure as Error).message }]
  }

  private requeueForAvailability(key: string, owner: T, active: readonly Pod[]): void {
    const minReadySeconds = owner.spec?.minReadySeconds ?? 0
    if (minReadySeconds === 0) return
    const waits = active.map((pod) => availableInMs(pod, minReadySeconds, this.context.clock.now())).filter((ms) => ms !== undefined)
    if (waits.length > 0) this.queue.addAfter(key, Math.min(...waits))
  }
}
