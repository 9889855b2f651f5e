/** statefulset-controller: pods with a number and an identity, started and stopped in order. */
import { nameOf, namespaceOf } from '#engine/api/meta'
import { labelSelectorOf } from '#engine/api/selector'
import type { ControllerRevision, PersistentVolumeClaim, Pod, StatefulSet } from '#engine/api/kinds'
import { equalJson, keyOf } from '#engine/api/object'
import { isReason } from '#engine/api/status'
import type { EventRecorder } from '#engine/client/events'
import { byController, byLabel, bySelector, controllerOf, selecting } from '#engine/client/indexes'
import type { Informer } from '#engine/client/informer'
import { controllerRevisions, persistentVolumeClaims, pods as podResource, statefulSets } from '#engine/client/resources'
import type { Workqueue } from '#engine/client/workqueue'
import { claim, resolveOwner } from '#engine/controllers/claim'
import { type Controller, type ControllerContext, informersOf, startQueue } from '#engine/controllers/controller'
import { isNamespaceTerminating } from '#engine/controllers/pod-control'
import { availableInMs, isPodAvailable, isPodReady } from '#engine/controllers/pods'
import { type History, ownedRevisions, syncHistory, trimHistory } from '#engine/controllers/revisions'
import { revisionHash } from '#engine/controllers/common/templatehash/hash'
import { StatefulClaims } from './claims'
import { firstOrdinal, ordinalOf, revisionOfPod, wantedReplicas } from './identity'
import { Rollout } from './rollout'

export const statefulSetController: Controller = {
  name: 'statefulset-controller',
  aliases: ['statefulset'],
  start(context) {
    new StatefulSetController(context)
  },
}

class StatefulSetController {
  private readonly sets: Informer<StatefulSet>
  private readonly pods: Informer<Pod>
  private readonly revisions: Informer<ControllerRevision>
  private readonly claimInformer: Informer<PersistentVolumeClaim>
  private readonly events: EventRecorder
  private readonly claims: StatefulClaims
  private readonly queue: Workqueue

  constructor(private readonly context: ControllerContext) {
    const { informers } = context
    this.sets = informers.of(statefulSets).addIndexers(bySelector((set: StatefulSet) => set.spec?.selector as { matchLabels?: Record<string, string> } | undefined))
    this.pods = informers.of(podResource).addIndexers({ ...byController, ...byLabel })
    this.revisions = informers.of(controllerRevisions).addIndexers(byController)
    this.claimInformer = informers.of(persistentVolumeClaims)
    this.events = context.events('statefulset-controller')
    this.claims = new StatefulClaims(context.client, this.claimInformer.store, this.events)
    this.queue = startQueue(context, 'statefulset-controller', informersOf(this.sets, this.pods, this.revisions, this.claimInformer), (key) => this.reconcile(key), { workers: context.options.concurrent['statefulsets'] ?? 5, quiet: isNamespaceTerminating })
    const enqueue = (set: StatefulSet): void => this.queue.add(keyOf(set))
    this.sets.addHandlers({ added: enqueue, updated: enqueue, deleted: enqueue })
    this.pods.addHandlers({
      added: (pod) => this.podChanged(pod),
      updated: (next, previous) => {
        if (controllerOf(previous)?.uid !== controllerOf(next)?.uid) this.podChanged(previous)
        this.podChanged(next)
      },
      deleted: (pod) => this.podChanged(pod),
    })
  }

  private podChanged(pod: Pod): void {
    const set = resolveOwner(this.sets.store, pod, 'StatefulSet')
    if (set) this.queue.add(keyOf(set))
    else if (!controllerOf(pod)) for (const candidate of selecting(this.sets.store, namespaceOf(pod), pod.metadata.labels)) this.queue.add(keyOf(candidate))
  }

  private async reconcile(key: string): Promise<void> {
    const set = this.sets.store.byKey(key)
    if (!set) return
    const selector = labelSelectorOf(set.spec?.selector as Parameters<typeof labelSelectorOf>[0])
    if (!selector || selector.length === 0) return
    const { client } = this.context
    const owned = await claim({ client, owner: set, ownerResource: statefulSets, resource: podResource, store: this.pods.store, selector, keep: (pod) => ordinalOf(set, pod) !== undefined })
    if (set.metadata.deletionTimestamp !== undefined) return
    const history = await this.history(set)
    const current = ownedRevisions(this.revisions.store, set).find((revision) => revision.metadata.name === set.status?.currentRevision) ?? history.current
    const rollout = new Rollout({ context: this.context, events: this.events, claims: this.claims, set, pods: owned, current, update: history.current })
    let failure: unknown
    try {
      await rollout.run()
    } catch (error) {
      failure = error
    }
    await this.writeStatus(key, set, history, current, rollout)
    const live = new Set([...owned.map(revisionOfPod), nameOf(current)])
    await trimHistory(client, history, set.spec?.revisionHistoryLimit ?? 10, live)
    if (failure !== undefined) throw failure
  }

  private history(set: StatefulSet): Promise<History> {
    return syncHistory(this.context.client, this.revisions.store, {
      owner: set,
      template: set.spec?.template,
      collisionCount: set.status?.collisionCount ?? 0,
      hashLabel: 'controller.kubernetes.io/hash', hashOf: revisionHash,
      labels: (set.spec?.template?.metadata?.labels ?? {}) as Record<string, string>,
      ...(set.metadata.annotations ? { annotations: set.metadata.annotations } : {}),
    })
  }

  private async writeStatus(key: string, set: StatefulSet, history: History, current: ControllerRevision, rollout: Rollout): Promise<void> {
    const status = this.statusOf(set, history, current, rollout.alive())
    const minReadySeconds = set.spec?.minReadySeconds ?? 0
    const waits = rollout.alive().map((pod) => availableInMs(pod, minReadySeconds, this.context.clock.now())).filter((ms) => ms !== undefined)
    if (waits.length > 0) this.queue.addAfter(key, Math.min(...waits))
    if (equalJson(status, set.status ?? {})) return
    try {
      await this.context.client.of(statefulSets).updateStatus({ ...set, status } as unknown as StatefulSet)
    } catch (error) {
      if (!isReason(error, 'NotFound')) throw error
    }
  }

  private statusOf(set: StatefulSet, history: History, current: ControllerRevision, pods: readonly Pod[]): Record<string, unknown> {
    const now = this.context.clock.now()
    const updateName = nameOf(history.current)
    let currentName = nameOf(current)
    const first = firstOrdinal(set)
    const own = pods.filter((pod) => (ordinalOf(set, pod) ?? -1) >= first && (ordinalOf(set, pod) ?? 0) < first + wantedReplicas(set))
    const ready = pods.filter(isPodReady).length
    const updated = own.filter((pod) => revisionOfPod(pod) === updateName && pod.metadata.deletionTimestamp === undefined).length
    let currents = own.filter((pod) => revisionOfPod(pod) === currentName && pod.metadata.deletionTimestamp === undefined).length
    const rolling = set.spec?.updateStrategy?.type !== 'OnDelete'
    if (rolling && updated === pods.length && ready === pods.length) [currentName, currents] = [updateName, updated]
    return {
      observedGeneration: set.metadata.generation ?? 0,
      replicas: pods.length,
      ...(ready > 0 ? { readyReplicas: ready } : {}),
      ...(currents > 0 ? { currentReplicas: currents } : {}),
      ...(updated > 0 ? { updatedReplicas: updated } : {}),
      currentRevision: currentName,
      updateRevision: updateName,
      collisionCount: history.collisionCount,
      availableReplicas: pods.filter((pod) => isPodAvailable(pod, set.spec?.minReadySeconds ?? 0, now)).length,
      ...(set.status?.conditions ? { conditions: set.status.conditions } : {}),
    }
  }
}
