/** One pass over a stateful set's pods: create, replace, scale down, update. In order it stops at the first that is not yet there. */
import type { ControllerRevision, Pod, StatefulSet } from '#engine/api/kinds'
import { nameOf, namespaceOf } from '#engine/api/meta'
import { isReason } from '#engine/api/status'
import type { EventRecorder } from '#engine/client/events'
import { pods as podResource } from '#engine/client/resources'
import type { ControllerContext } from '#engine/controllers/controller'
import { scaledValue } from '#engine/controllers/intstr'
import { isPodAvailable, isPodReady, isPodTerminal } from '#engine/controllers/pods'
import type { StatefulClaims } from './claims'
import { firstOrdinal, missingLabels, newPod, ordinalOf, podName, revisionOfPod, wantedReplicas } from './identity'

export interface RolloutInput {
  readonly context: ControllerContext
  readonly events: EventRecorder
  readonly claims: StatefulClaims
  readonly set: StatefulSet
  readonly pods: readonly Pod[]
  readonly current: ControllerRevision
  readonly update: ControllerRevision
}

export class Rollout {
  private readonly byOrdinal = new Map<number, Pod>()
  private readonly parallel: boolean

  constructor(private readonly input: RolloutInput) {
    for (const pod of input.pods) this.byOrdinal.set(ordinalOf(input.set, pod) ?? -1, pod)
    this.parallel = input.set.spec?.podManagementPolicy === 'Parallel'
  }

  /** The pods there are after the pass. */
  alive(): Pod[] {
    return [...this.byOrdinal.values()]
  }

  async run(): Promise<void> {
    if (!(await this.ensureReplicas()) || !(await this.condemn())) return
    if (this.input.set.spec?.updateStrategy?.type !== 'OnDelete') await this.updatePods()
  }

  /** False where the pass has to wait. */
  private async ensureReplicas(): Promise<boolean> {
    const first = firstOrdinal(this.input.set)
    const last = first + wantedReplicas(this.input.set)
    if (this.parallel) {
      const outcomes = await Promise.allSettled(Array.from({ length: last - first }, (_, index) => this.ensureOne(first + index)))
      const failed = outcomes.find((outcome) => outcome.status === 'rejected')
      if (failed) throw failed.reason
      return true
    }
    for (let ordinal = first; ordinal < last; ordinal++) if (!(await this.ensureOne(ordinal))) return false
    return true
  }

  private async ensureOne(ordinal: number): Promise<boolean> {
    const { set, claims, events } = this.input
    const pod = this.byOrdinal.get(ordinal)
    if (!pod) {
      await this.create(ordinal)
      return false
    }
    if (isPodTerminal(pod)) {
      if (pod.metadata.deletionTimestamp === undefined) {
        const failed = pod.status?.phase === 'Failed'
        const what = failed ? 'failed' : 'terminated'
        events.event(set, failed ? 'Warning' : 'Normal', failed ? 'RecreatingFailedPod' : 'RecreatingTerminatedPod', `StatefulSet ${namespaceOf(set)}/${nameOf(set)} is recreating ${what} Pod ${nameOf(pod)}`)
        await this.delete(pod)
      }
      return false
    }
    if (pod.metadata.deletionTimestamp !== undefined || !isPodReady(pod) || !this.available(pod)) return false
    const labels = missingLabels(set, pod, ordinal)
    if (labels) await this.input.context.client.of(podResource).patch(namespaceOf(pod), nameOf(pod), 'strategic', { metadata: { labels } })
    await claims.retain(set, pod, ordinal, false)
    return true
  }

  private async create(ordinal: number): Promise<void> {
    const { set, claims, events, context } = this.input
    await claims.create(set, ordinal)
    const name = podName(set, ordinal)
    try {
      const made = await context.client.of(podResource).create(newPod(set, this.revisionFor(ordinal), ordinal))
      this.byOrdinal.set(ordinal, made)
      events.event(set, 'Normal', 'SuccessfulCreate', `Create Pod ${name} in StatefulSet ${nameOf(set)} successful`)
    } catch (error) {
      if (isReason(error, 'AlreadyExists')) throw error
      events.event(set, 'Warning', 'FailedCreate', `Create Pod ${name} in StatefulSet ${nameOf(set)} failed error: ${(error as Error).message}`)
      throw error
    }
  }

  /** Below the partition, and while the others still run it, the old revision; who deletes by hand gets the new one. */
  private revisionFor(ordinal: number): ControllerRevision {
    const { set, current, update } = this.input
    const strategy = set.spec?.updateStrategy
    const kept = strategy?.type === 'OnDelete' ? 0 : (strategy?.rollingUpdate?.partition ?? set.status?.currentReplicas ?? 0)
    return ordinal < firstOrdinal(set) + kept ? current : update
  }

  private async condemn(): Promise<boolean> {
    const { set, claims } = this.input
    const first = firstOrdinal(set)
    const last = first + wantedReplicas(set)
    const condemned = [...this.byOrdinal].filter(([ordinal]) => ordinal < first || ordinal >= last).sort(([a], [b]) => b - a)
    const unhealthy = [...this.byOrdinal.values()].sort((a, b) => (ordinalOf(set, a) ?? 0) - (ordinalOf(set, b) ?? 0)).find((pod) => !isPodReady(pod) || pod.metadata.deletionTimestamp !== undefined)
    for (const [ordinal, pod] of condemned) {
      if (pod.metadata.deletionTimestamp !== undefined) {
        if (!this.parallel) return false
        continue
      }
      if (!this.parallel && !isPodReady(pod) && pod !== unhealthy) return false
      await claims.retain(set, pod, ordinal, true)
      await this.delete(pod)
      if (!this.parallel) return false
    }
    return true
  }

  /** From the top down: old pods go once all above them run the new revision. */
  private async updatePods(): Promise<void> {
    const { set, update } = this.input
    const rolling = set.spec?.updateStrategy?.rollingUpdate
    const first = firstOrdinal(set)
    const from = first + (rolling?.partition ?? 0)
    const limit = Math.max(1, scaledValue((rolling as { maxUnavailable?: number | string } | undefined)?.maxUnavailable ?? 1, wantedReplicas(set), 'up'))
    const target = [...this.byOrdinal].filter(([ordinal]) => ordinal >= from && ordinal < first + wantedReplicas(set)).sort(([a], [b]) => b - a).map(([, pod]) => pod)
    let unavailable = this.alive().filter((pod) => !this.healthy(pod)).length
    for (const pod of target) {
      const healthy = this.healthy(pod)
      if (revisionOfPod(pod) === update.metadata.name || pod.metadata.deletionTimestamp !== undefined) {
        if (!healthy && limit === 1) return
        continue
      }
      if (healthy && unavailable >= limit) return
      await this.delete(pod)
      if (healthy) unavailable++
      if (unavailable >= limit) return
    }
  }

  private healthy(pod: Pod): boolean {
    return pod.metadata.deletionTimestamp === undefined && isPodReady(pod) && this.available(pod)
  }

  private available(pod: Pod): boolean {
    return isPodAvailable(pod, this.input.set.spec?.minReadySeconds ?? 0, this.input.context.clock.now())
  }

  private async delete(pod: Pod): Promise<void> {
    const { set, events, context } = this.input
    const name = nameOf(pod)
    try {
      await context.client.of(podResource).delete(namespaceOf(pod), name)
      events.event(set, 'Normal', 'SuccessfulDelete', `Delete Pod ${name} in StatefulSet ${nameOf(set)} successful`)
    } catch (error) {
      if (isReason(error, 'NotFound')) return
      events.event(set, 'Warning', 'FailedDelete', `Delete Pod ${name} in StatefulSet ${nameOf(set)} failed error: ${(error as Error).message}`)
      throw error
    }
  }
}
