/** deployment-controller: rolls replica sets forth as a Deployment's strategy says. */
import { namespaceOf, uidOf } from '#engine/api/meta'
import { labelSelectorOf } from '#engine/api/selector'
import type { Deployment, Pod, ReplicaSet } from '#engine/api/kinds'
import { equalJson, keyOf } from '#engine/api/object'
import type { EventRecorder } from '#engine/client/events'
import { byController, byLabel, bySelector, controllerOf, selecting } from '#engine/client/indexes'
import type { Informer } from '#engine/client/informer'
import { deployments, pods as podResource, replicaSets } from '#engine/client/resources'
import type { Workqueue } from '#engine/client/workqueue'
import { claim, resolveOwner } from '#engine/controllers/claim'
import { type Condition, findCondition } from '#engine/controllers/conditions'
import { type Controller, type ControllerContext, informersOf, startQueue } from '#engine/controllers/controller'
import { isNamespaceTerminating } from '#engine/controllers/pod-control'
import { isPodTerminal } from '#engine/controllers/pods'
import { desiredReplicas } from './annotations'
import { allOf, ReplicaSets, type Rollout } from './replica-sets'
import { byCreation, isRolling, maxUnavailable, newReplicaSetSize, proportionalSizes, replicasOf, sumReplicas, sumStatus, wantedReplicas } from './sizes'
import { calculateStatus, type DeploymentStatus, hasProgressDeadline, isComplete, rolloutStatus, stuckCheckMs, withCondition } from './status'

export const deploymentController: Controller = {
  name: 'deployment-controller',
  aliases: ['deployment'],
  start(context) {
    new DeploymentController(context)
  },
}

class DeploymentController {
  private readonly deployments: Informer<Deployment>
  private readonly sets: Informer<ReplicaSet>
  private readonly pods: Informer<Pod>
  private readonly events: EventRecorder
  private readonly replicaSets: ReplicaSets
  private readonly queue: Workqueue

  constructor(private readonly context: ControllerContext) {
    this.deployments = context.informers.of(deployments).addIndexers(bySelector((deployment: Deployment) => deployment.spec?.selector as { matchLabels?: Record<string, string> } | undefined))
    this.sets = context.informers.of(replicaSets).addIndexers(byController)
    this.pods = context.informers.of(podResource).addIndexers({ ...byController, ...byLabel })
    this.events = context.events('deployment-controller')
    this.replicaSets = new ReplicaSets(context.client, this.events, () => context.clock.now())
    this.queue = startQueue(context, 'deployment-controller', informersOf(this.deployments, this.sets, this.pods), (key) => this.reconcile(key), { workers: context.options.concurrent['deployments'] ?? 5, quiet: isNamespaceTerminating })
    this.watch()
  }

  private watch(): void {
    const enqueue = (deployment: Deployment): void => this.queue.add(keyOf(deployment))
    this.deployments.addHandlers({ added: enqueue, updated: enqueue, deleted: enqueue })
    this.sets.addHandlers({
      added: (set) => this.setChanged(set),
      updated: (next, previous) => {
        if (controllerOf(previous)?.uid !== controllerOf(next)?.uid) this.enqueueOwner(previous)
        this.setChanged(next)
      },
      deleted: (set) => this.enqueueOwner(set),
    })
    this.pods.addHandlers({ deleted: (pod) => this.podDeleted(pod) })
  }

  private setChanged(set: ReplicaSet): void {
    if (controllerOf(set)) return this.enqueueOwner(set)
    for (const deployment of selecting(this.deployments.store, namespaceOf(set), set.metadata.labels)) this.queue.add(keyOf(deployment))
  }

  private enqueueOwner(set: ReplicaSet): void {
    const deployment = resolveOwner(this.deployments.store, set, 'Deployment')
    if (deployment) this.queue.add(keyOf(deployment))
  }

  /** A Recreate rollout goes on when the last old pod is gone. */
  private podDeleted(pod: Pod): void {
    const set = resolveOwner(this.sets.store, pod, 'ReplicaSet')
    const deployment = set && resolveOwner(this.deployments.store, set, 'Deployment')
    if (deployment && !isRolling(deployment)) this.queue.add(keyOf(deployment))
  }

  private async reconcile(key: string): Promise<void> {
    const deployment = this.deployments.store.byKey(key)
    if (!deployment) return
    const selector = labelSelectorOf(deployment.spec?.selector as Parameters<typeof labelSelectorOf>[0])
    if (!selector || selector.length === 0) {
      this.events.event(deployment, 'Warning', 'SelectingAll', 'This deployment is selecting all pods. A non-empty selector is required.')
      return
    }
    const { client } = this.context
    const owned = await claim({ client, owner: deployment, ownerResource: deployments, resource: replicaSets, store: this.sets.store, selector })
    if (deployment.metadata.deletionTimestamp !== undefined) return this.writeStatus(deployment, (current) => calculateStatus(current, owned, undefined, this.context.clock.now()))
    const current = await this.notePause(deployment)
    if (current.spec?.paused === true || isScaling(current, owned)) return this.rescale(current, owned)
    return isRolling(current) ? this.roll(current, owned) : this.recreate(current, owned)
  }

  private async notePause(deployment: Deployment): Promise<Deployment> {
    if (!hasProgressDeadline(deployment)) return deployment
    const condition = findCondition(deployment.status?.conditions as Condition[] | undefined, 'Progressing')
    if (condition?.reason === 'ProgressDeadlineExceeded') return deployment
    const noted = condition?.reason === 'DeploymentPaused'
    if ((deployment.spec?.paused === true) === noted) return deployment
    const news = noted ? { reason: 'DeploymentResumed', message: 'Deployment is resumed' } : { reason: 'DeploymentPaused', message: 'Deployment is paused' }
    const conditions = withCondition(deployment.status?.conditions as Condition[] | undefined, { type: 'Progressing', status: 'Unknown', ...news }, this.context.clock.now())
    return this.context.client.of(deployments).updateStatus({ ...deployment, status: { ...deployment.status, conditions } } as Deployment)
  }

  private async roll(deployment: Deployment, owned: readonly ReplicaSet[]): Promise<void> {
    const rollout = await this.replicaSets.sort(deployment, owned, true)
    const changed = (await this.growNew(rollout)) || (await this.shrinkOld(rollout))
    if (!changed && isComplete(rollout.deployment, (rollout.deployment.status ?? {}) as DeploymentStatus)) await this.replicaSets.cleanUp(rollout)
    await this.writeRolloutStatus(rollout)
  }

  private async growNew({ deployment, fresh, old }: Rollout): Promise<boolean> {
    if (!fresh) return false
    const wanted = wantedReplicas(deployment)
    const size = replicasOf(fresh)
    if (size === wanted) return false
    return this.replicaSets.scale(deployment, fresh, size > wanted ? wanted : newReplicaSetSize(deployment, [...old, fresh], size))
  }

  private async shrinkOld(rollout: Rollout): Promise<boolean> {
    const { deployment, fresh } = rollout
    const old = rollout.old.filter((set) => replicasOf(set) > 0).sort(byCreation)
    if (old.length === 0) return false
    const minAvailable = wantedReplicas(deployment) - maxUnavailable(deployment)
    const unavailableNew = replicasOf(fresh) - (fresh?.status?.availableReplicas ?? 0)
    const room = sumReplicas(allOf(rollout)) - minAvailable - unavailableNew
    if (room <= 0) return false
    const sizes = new Map(old.map((set) => [set, replicasOf(set)]))
    let total = 0
    // First the pods of old sets that do not work anyway.
    for (const set of old) {
      const unhealthy = Math.min(room - total, replicasOf(set) - (set.status?.availableReplicas ?? 0))
      if (unhealthy <= 0) continue
      const size = replicasOf(set) - unhealthy
      await this.replicaSets.scale(deployment, set, size)
      sizes.set(set, size)
      total += unhealthy
    }
    if (total > 0) return true
    return this.shrinkAvailable(deployment, old, sumStatus(allOf(rollout), 'availableReplicas') - minAvailable)
  }

  private async shrinkAvailable(deployment: Deployment, old: readonly ReplicaSet[], spare: number): Promise<boolean> {
    let left = spare
    let changed = false
    for (const set of old) {
      if (left <= 0) break
      const down = Math.min(left, replicasOf(set))
      changed = (await this.replicaSets.scale(deployment, set, replicasOf(set) - down)) || changed
      left -= down
    }
    return changed
  }

  private async recreate(deployment: Deployment, owned: readonly ReplicaSet[]): Promise<void> {
    let rollout = await this.replicaSets.sort(deployment, owned, false)
    let changed = false
    for (const set of rollout.old.filter((old) => replicasOf(old) > 0)) changed = (await this.replicaSets.scale(rollout.deployment, set, 0)) || changed
    if (changed || this.oldPodsRun(rollout)) return this.writeRolloutStatus(rollout)
    if (!rollout.fresh) rollout = await this.replicaSets.sort(rollout.deployment, owned, true)
    if (rollout.fresh) await this.replicaSets.scale(rollout.deployment, rollout.fresh, wantedReplicas(rollout.deployment))
    if (isComplete(rollout.deployment, (rollout.deployment.status ?? {}) as DeploymentStatus)) await this.replicaSets.cleanUp(rollout)
    await this.writeRolloutStatus(rollout)
  }

  private oldPodsRun({ old }: Rollout): boolean {
    return old.some((set) => (set.status?.replicas ?? 0) > 0 || this.pods.store.byIndex('controller', uidOf(set)).some((pod) => !isPodTerminal(pod)))
  }

  /** Scaled or paused: sizes follow, no rollout is begun. */
  private async rescale(deployment: Deployment, owned: readonly ReplicaSet[]): Promise<void> {
    const rollout = await this.replicaSets.sort(deployment, owned, false)
    await this.scaleAll(rollout)
    if (deployment.spec?.paused === true) await this.replicaSets.cleanUp(rollout)
    await this.writeStatus(rollout.deployment, (current) => calculateStatus(current, allOf(rollout), rollout.fresh, this.context.clock.now()))
  }

  private async scaleAll(rollout: Rollout): Promise<void> {
    const { deployment, fresh, old } = rollout
    const only = activeOrLatest(rollout)
    if (only) {
      await this.replicaSets.scale(deployment, only, wantedReplicas(deployment))
      return
    }
    if (isSaturated(deployment, fresh)) {
      for (const set of old.filter((candidate) => replicasOf(candidate) > 0)) await this.replicaSets.scale(deployment, set, 0)
      return
    }
    if (!isRolling(deployment)) return
    const active = allOf(rollout).filter((set) => replicasOf(set) > 0)
    for (const [set, size] of proportionalSizes(deployment, active)) await this.replicaSets.scale(deployment, set, size)
  }

  private async writeRolloutStatus(rollout: Rollout): Promise<void> {
    const { deployment } = rollout
    const key = keyOf(deployment)
    await this.writeStatus(deployment, (current) => rolloutStatus(current, allOf(rollout), rollout.fresh, this.context.clock.now()), (status) => {
      const wait = stuckCheckMs(deployment, status, this.context.clock.now())
      if (wait !== undefined) this.queue.addAfter(key, wait)
    })
  }

  private async writeStatus(deployment: Deployment, make: (deployment: Deployment) => DeploymentStatus, unchanged?: (status: DeploymentStatus) => void): Promise<void> {
    const status = make(deployment)
    if (equalJson(status, deployment.status ?? {})) unchanged?.(status)
    else await this.context.client.of(deployments).updateStatus({ ...deployment, status } as Deployment)
  }
}

function isScaling(deployment: Deployment, owned: readonly ReplicaSet[]): boolean {
  return owned.some((set) => {
    const desired = replicasOf(set) > 0 ? desiredReplicas(set) : undefined
    return desired !== undefined && desired !== wantedReplicas(deployment)
  })
}

/** The one replica set that takes all: the only active one, or where none is active the new or newest. */
function activeOrLatest(rollout: Rollout): ReplicaSet | undefined {
  const active = allOf(rollout).filter((set) => replicasOf(set) > 0)
  if (active.length > 1) return undefined
  return active[0] ?? rollout.fresh ?? [...rollout.old].sort(byCreation).at(-1)
}

function isSaturated(deployment: Deployment, fresh: ReplicaSet | undefined): boolean {
  if (!fresh) return false
  const wanted = wantedReplicas(deployment)
  return replicasOf(fresh) === wanted && desiredReplicas(fresh) === wanted && (fresh.status?.availableReplicas ?? 0) === wanted
}
