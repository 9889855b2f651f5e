/** A deployment's replica sets: which is new, which are old; making, scaling and cleaning them up. */
import type { Deployment, PodTemplateSpec, ReplicaSet } from '#engine/api/kinds'
import { nameOf, namespaceOf } from '#engine/api/meta'
import { copyObject, type KubeObject } from '#engine/api/object'
import { isReason } from '#engine/api/status'
import type { Client } from '#engine/client/client'
import type { EventRecorder } from '#engine/client/events'
import { controllerOf } from '#engine/client/indexes'
import { deployments, replicaSets } from '#engine/client/resources'
import { type Condition, findCondition } from '#engine/controllers/conditions'
import { canonical } from '#engine/controllers/hash'
import { templateHash } from '#engine/controllers/common/templatehash/hash'
import { controllerRefTo } from '#engine/controllers/pods'
import { annotationsForNew, replicaAnnotationsDiffer, revisionAnnotation, revisionOf, withReplicaAnnotations } from './annotations'
import { byCreation, maxSurge, newReplicaSetSize, replicasOf, wantedReplicas } from './sizes'
import { hasProgressDeadline, withCondition } from './status'

const hashLabel = 'pod-template-hash'

export interface Rollout {
  readonly deployment: Deployment
  readonly fresh: ReplicaSet | undefined
  readonly old: readonly ReplicaSet[]
}

export function allOf(rollout: Rollout): ReplicaSet[] {
  return rollout.fresh ? [...rollout.old, rollout.fresh] : [...rollout.old]
}

export class ReplicaSets {
  constructor(
    private readonly client: Client,
    private readonly events: EventRecorder,
    private readonly now: () => number,
  ) {}

  /** Finds (or with `create` makes) the new replica set and sets revisions. */
  async sort(deployment: Deployment, owned: readonly ReplicaSet[], create: boolean): Promise<Rollout> {
    const found = findNew(deployment, owned)
    const old = owned.filter((replicaSet) => replicaSet.metadata.uid !== found?.metadata.uid)
    const revision = Math.max(0, ...old.map(revisionOf)) + 1
    if (found) return this.existing(deployment, found, old, revision)
    if (!create) return { deployment, fresh: undefined, old }
    return this.make(deployment, old, revision)
  }

  private async existing(deployment: Deployment, found: ReplicaSet, old: readonly ReplicaSet[], revision: number): Promise<Rollout> {
    const annotations = annotationsForNew(deployment, found, revision, true)
    const minReadySeconds = deployment.spec?.minReadySeconds ?? 0
    if (!sameRecord(annotations, found.metadata.annotations) || (found.spec?.minReadySeconds ?? 0) !== minReadySeconds) {
      const spec = { ...found.spec, minReadySeconds } as ReplicaSet['spec']
      const fresh = await this.client.of(replicaSets).update({ ...found, metadata: { ...found.metadata, annotations }, spec } as ReplicaSet)
      return { deployment, fresh, old }
    }
    const known = findCondition(deployment.status?.conditions as Condition[] | undefined, 'Progressing')
    const condition = hasProgressDeadline(deployment) && !known ? { type: 'Progressing', status: 'True', reason: 'FoundNewReplicaSet', message: `Found new replica set ${JSON.stringify(nameOf(found))}` } : undefined
    return { deployment: await this.note(deployment, found.metadata.annotations?.[revisionAnnotation], condition), fresh: found, old }
  }

  private async make(deployment: Deployment, old: readonly ReplicaSet[], revision: number): Promise<Rollout> {
    const size = newReplicaSetSize(deployment, old, 0)
    const wanted = this.newReplicaSet(deployment, size, revision)
    let fresh: ReplicaSet
    let existed = false
    try {
      fresh = await this.client.of(replicaSets).create(wanted)
    } catch (error) {
      if (isReason(error, 'AlreadyExists')) {
        existed = true
        fresh = await this.afterCollision(deployment, wanted, error)
      } else throw await this.creationFailed(deployment, wanted, error)
    }
    if (!existed && size > 0) this.events.event(deployment, 'Normal', 'ScalingReplicaSet', `Scaled up replica set ${nameOf(fresh)} from 0 to ${size}`)
    const condition = !existed && hasProgressDeadline(deployment) ? { type: 'Progressing', status: 'True', reason: 'NewReplicaSetCreated', message: `Created new replica set ${JSON.stringify(nameOf(fresh))}` } : undefined
    return { deployment: await this.note(deployment, fresh.metadata.annotations?.[revisionAnnotation], condition), fresh, old }
  }

  private newReplicaSet(deployment: Deployment, size: number, revision: number): ReplicaSet {
    const template = copyObject(deployment.spec?.template ?? {}) as PodTemplateSpec & { metadata?: { labels?: Record<string, string> } }
    const hash = templateHash(template, deployment.status?.collisionCount ?? 0)
    template.metadata = { ...template.metadata, labels: { ...template.metadata?.labels, [hashLabel]: hash } }
    const selector = deployment.spec?.selector
    const annotations = withReplicaAnnotations(annotationsForNew(deployment, { metadata: {} }, revision, false), wantedReplicas(deployment), wantedReplicas(deployment) + maxSurge(deployment))
    return {
      apiVersion: 'apps/v1',
      kind: 'ReplicaSet',
      metadata: { name: `${nameOf(deployment)}-${hash}`, namespace: namespaceOf(deployment), ownerReferences: [controllerRefTo(deployment)], labels: { ...template.metadata.labels }, annotations },
      spec: { replicas: size, ...(deployment.spec?.minReadySeconds ? { minReadySeconds: deployment.spec.minReadySeconds } : {}), selector: { ...selector, matchLabels: { ...selector?.matchLabels, [hashLabel]: hash } }, template },
    } as ReplicaSet
  }

  private async afterCollision(deployment: Deployment, wanted: ReplicaSet, error: unknown): Promise<ReplicaSet> {
    const there = await this.client.of(replicaSets).get(namespaceOf(wanted), nameOf(wanted))
    if (controllerOf(there)?.uid === deployment.metadata.uid && sameTemplate(there.spec?.template, wanted.spec?.template)) return there
    const collisionCount = (deployment.status?.collisionCount ?? 0) + 1
    await this.client.of(deployments).updateStatus({ ...deployment, status: { ...deployment.status, collisionCount } } as Deployment)
    throw error
  }

  private async creationFailed(deployment: Deployment, wanted: ReplicaSet, error: unknown): Promise<unknown> {
    const message = `Failed to create new replica set ${JSON.stringify(nameOf(wanted))}: ${(error as Error).message}`
    await this.note(deployment, undefined, { type: 'Progressing', status: 'False', reason: 'ReplicaSetCreateError', message })
    return error
  }

  /** Writes the revision and a condition to the deployment, if they are news. */
  private async note(deployment: Deployment, revision: string | undefined, condition: Condition | undefined): Promise<Deployment> {
    const revisionNews = revision !== undefined && deployment.metadata.annotations?.[revisionAnnotation] !== revision
    if (!revisionNews && !condition) return deployment
    const metadata = revisionNews ? { ...deployment.metadata, annotations: { ...deployment.metadata.annotations, [revisionAnnotation]: revision } } : deployment.metadata
    const conditions = condition ? withCondition(deployment.status?.conditions as Condition[] | undefined, condition, this.now()) : deployment.status?.conditions
    return this.client.of(deployments).updateStatus({ ...deployment, metadata, status: { ...deployment.status, ...(conditions ? { conditions } : {}) } } as Deployment)
  }

  /** Sets a size and the sizes it was derived from; true if the size changed. */
  async scale(deployment: Deployment, replicaSet: ReplicaSet, size: number): Promise<boolean> {
    const before = replicasOf(replicaSet)
    const wanted = wantedReplicas(deployment)
    const max = wanted + maxSurge(deployment)
    if (before === size && !replicaAnnotationsDiffer(replicaSet, wanted, max)) return false
    const annotations = withReplicaAnnotations(replicaSet.metadata.annotations, wanted, max)
    await this.client.of(replicaSets).update({ ...replicaSet, metadata: { ...replicaSet.metadata, annotations }, spec: { ...replicaSet.spec, replicas: size } } as ReplicaSet)
    if (before === size) return false
    this.events.event(deployment, 'Normal', 'ScalingReplicaSet', `Scaled ${size > before ? 'up' : 'down'} replica set ${nameOf(replicaSet)} from ${before} to ${size}`)
    return true
  }

  /** Deletes old ones past the history limit, the oldest revisions first. */
  async cleanUp({ deployment, old }: Rollout): Promise<void> {
    const limit = deployment.spec?.revisionHistoryLimit
    if (limit === undefined || limit === 2147483647) return
    const alive = old.filter((replicaSet) => replicaSet.metadata.deletionTimestamp === undefined)
    const excess = alive.length - limit
    if (excess <= 0) return
    for (const replicaSet of [...alive].sort((a, b) => revisionOf(a) - revisionOf(b)).slice(0, excess)) {
      if (!isBusy(replicaSet)) await this.remove(replicaSet)
    }
  }

  private async remove(replicaSet: KubeObject): Promise<void> {
    try {
      await this.client.of(replicaSets).delete(namespaceOf(replicaSet), nameOf(replicaSet))
    } catch (error) {
      if (!isReason(error, 'NotFound')) throw error
    }
  }
}

function isBusy(replicaSet: ReplicaSet): boolean {
  return (replicaSet.status?.replicas ?? 0) !== 0 || replicasOf(replicaSet) !== 0 || (replicaSet.metadata.generation ?? 0) > (replicaSet.status?.observedGeneration ?? 0)
}

/** The oldest with the deployment's template. */
function findNew(deployment: Deployment, owned: readonly ReplicaSet[]): ReplicaSet | undefined {
  return [...owned].sort(byCreation).find((replicaSet) => sameTemplate(replicaSet.spec?.template, deployment.spec?.template))
}

function sameTemplate(a: PodTemplateSpec | undefined, b: PodTemplateSpec | undefined): boolean {
  return canonical(withoutHash(a)) === canonical(withoutHash(b))
}

function withoutHash(template: PodTemplateSpec | undefined): unknown {
  const labels = template?.metadata?.labels as Record<string, string> | undefined
  if (!labels || !(hashLabel in labels)) return template
  const { [hashLabel]: _hash, ...rest } = labels
  return { ...template, metadata: { ...template?.metadata, labels: rest } }
}

function sameRecord(a: Record<string, string> | undefined, b: Record<string, string> | undefined): boolean {
  return canonical(a ?? {}) === canonical(b ?? {})
}
