/** taint-eviction-controller: deletes pods that do not bear their node's NoExecute taints, once what they tolerate is over. */
import type { Timer } from '#engine/base/clock'
import type { Node, Pod, Taint } from '#engine/api/kinds'
import { keyOf, splitKey } from '#engine/api/object'
import { isReason } from '#engine/api/status'
import { tolerates } from '#engine/api/tolerations'
import type { EventRecorder } from '#engine/client/events'
import { byNode } from '#engine/client/indexes'
import type { Informer } from '#engine/client/informer'
import { nodes, pods as podResource } from '#engine/client/resources'
import { apiTime } from '#engine/client/time'
import type { Workqueue } from '#engine/client/workqueue'
import { type Controller, type ControllerContext, informersOf, startQueue } from '#engine/controllers/controller'

export const taintEvictionController: Controller = {
  name: 'taint-eviction-controller',
  aliases: ['taint-eviction'],
  account: 'node-controller',
  start(context) {
    new TaintEviction(context)
  },
}

interface Planned {
  readonly at: number
  readonly timer: Timer
}

class TaintEviction {
  private readonly nodes: Informer<Node>
  private readonly pods: Informer<Pod>
  private readonly events: EventRecorder
  private readonly planned = new Map<string, Planned>()
  private readonly podQueue: Workqueue
  private readonly deletions: Workqueue

  constructor(private readonly context: ControllerContext) {
    this.nodes = context.informers.of(nodes)
    this.pods = context.informers.of(podResource).addIndexers(byNode)
    this.events = context.events('taint-eviction-controller')
    const needed = informersOf(this.nodes, this.pods)
    this.podQueue = startQueue(context, 'taint-eviction-controller', needed, (key) => Promise.resolve(this.consider(key)), { workers: 8 })
    this.deletions = startQueue(context, 'taint-eviction-controller', needed, (key) => this.evict(key), { workers: 8 })
    this.nodes.addHandlers({
      added: (node) => this.nodeChanged(node),
      updated: (next, previous) => JSON.stringify(noExecute(next)) !== JSON.stringify(noExecute(previous)) && this.nodeChanged(next),
    })
    this.pods.addHandlers({
      added: (pod) => pod.spec?.nodeName && this.podQueue.add(keyOf(pod)),
      updated: (next, previous) => next.spec?.nodeName && (previous.spec?.nodeName !== next.spec.nodeName || next.spec.tolerations !== previous.spec?.tolerations) && this.podQueue.add(keyOf(next)),
      deleted: (pod) => this.cancel(keyOf(pod)),
    })
  }

  private nodeChanged(node: Node): void {
    for (const pod of this.pods.store.byIndex('node', keyOf(node))) this.podQueue.add(keyOf(pod))
  }

  private consider(key: string): void {
    const pod = this.pods.store.byKey(key)
    const node = pod?.spec?.nodeName ? this.nodes.store.byKey(pod.spec.nodeName) : undefined
    const taints = node ? noExecute(node) : []
    if (!pod || taints.length === 0) return this.spare(key)
    const wait = toleratedMs(pod, taints)
    if (wait === undefined) return this.spare(key)
    if (wait <= 0) {
      this.cancel(key)
      this.deletions.add(key)
      return
    }
    if (this.planned.has(key)) return
    const at = this.context.clock.now() + wait
    const timer = this.context.clock.after(wait, () => {
      this.planned.delete(key)
      this.deletions.add(key)
    })
    this.planned.set(key, { at, timer })
  }

  private spare(key: string): void {
    if (!this.cancel(key)) return
    const { namespace, name } = splitKey(key)
    this.events.event({ kind: 'Pod', apiVersion: 'v1', name, namespace }, 'Normal', 'TaintManagerEviction', `Cancelling deletion of Pod ${key}`)
  }

  private cancel(key: string): boolean {
    const known = this.planned.get(key)
    known?.timer.cancel()
    return this.planned.delete(key)
  }

  private async evict(key: string): Promise<void> {
    const pod = this.pods.store.byKey(key)
    if (!pod || pod.metadata.deletionTimestamp !== undefined) return
    const { namespace, name } = splitKey(key)
    this.events.event({ kind: 'Pod', apiVersion: 'v1', name, namespace }, 'Normal', 'TaintManagerEviction', `Marking for deletion Pod ${key}`)
    try {
      const condition = { type: 'DisruptionTarget', status: 'True', reason: 'DeletionByTaintManager', message: 'Taint manager: deleting due to NoExecute taint', lastTransitionTime: apiTime(this.context.clock.now()), lastProbeTime: null, ...(pod.metadata.generation ? { observedGeneration: pod.metadata.generation } : {}) }
      await this.context.client.of(podResource).patch(namespace, name, 'strategic', { status: { conditions: [condition] } }, { subresource: 'status' })
      await this.context.client.of(podResource).delete(namespace, name)
    } catch (error) {
      if (!isReason(error, 'NotFound')) throw error
    }
  }
}

function noExecute(node: Node): Taint[] {
  return (node.spec?.taints ?? []).filter((taint) => taint.effect === 'NoExecute')
}

/** How long all taints are borne: undefined for ever, 0 or less not at all. */
function toleratedMs(pod: Pod, taints: readonly Taint[]): number | undefined {
  let least: number | undefined
  for (const taint of taints) {
    const matching = (pod.spec?.tolerations ?? []).filter((toleration) => tolerates(toleration, taint))
    if (matching.length === 0) return 0
    for (const { tolerationSeconds } of matching) if (tolerationSeconds !== undefined) least = Math.min(least ?? Number.POSITIVE_INFINITY, Math.max(0, tolerationSeconds) * 1000)
  }
  return least
}
