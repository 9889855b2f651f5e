/** pod-garbage-collector-controller: deletes pods whose node is gone, and the oldest of very many ended ones. */
import type { Pod } from '#engine/api/kinds'
import { keyOf, splitKey } from '#engine/api/object'
import { isReason } from '#engine/api/status'
import { byNode } from '#engine/client/indexes'
import { nodes, pods as podResource } from '#engine/client/resources'
import { unlessNotFound } from '#engine/client/retry'
import { apiTime } from '#engine/client/time'
import { type Controller, type ControllerContext, informersOf, startQueue } from '#engine/controllers/controller'
import { isPodTerminal } from '#engine/controllers/pods'

/** The real one looks every 20 s, and lets a node be gone for 40 s. */
const quarantineMs = 40_000

export const podGcController: Controller = {
  name: 'pod-garbage-collector-controller',
  aliases: ['podgc'],
  account: 'pod-garbage-collector',
  start(context) {
    const pods = context.informers.of(podResource).addIndexers({ ...byNode, ended: (pod: Pod) => (isPodTerminal(pod) ? ['yes'] : []) })
    const nodeInformer = context.informers.of(nodes)
    const gone = new Map<string, number>()
    const queue = startQueue(context, 'pod-garbage-collector-controller', informersOf(pods, nodeInformer), async (node) => {
      if (node === '') return collectEnded(context, pods.store.byIndex('ended', 'yes'))
      const since = gone.get(node)
      if (since === undefined || nodeInformer.store.byKey(node)) return void gone.delete(node)
      const left = since + quarantineMs - context.clock.now()
      if (left > 0) return { againAfterMs: left }
      if (await unlessNotFound(context.client.of(nodes).get('', node))) return void gone.delete(node)
      for (const pod of pods.store.byIndex('node', node)) await remove(context, pod, !isPodTerminal(pod))
      return undefined
    }, { workers: 1 })
    const orphaned = (pod: Pod): void => {
      const node = pod.spec?.nodeName
      if (!node || !nodeInformer.hasSynced || nodeInformer.store.byKey(node)) return
      if (!gone.has(node)) gone.set(node, context.clock.now())
      queue.add(node)
    }
    pods.addHandlers({
      added: orphaned,
      updated: (next, previous) => {
        if (next.spec?.nodeName !== previous.spec?.nodeName) orphaned(next)
        if (pods.store.countIndex('ended', 'yes') > context.options.terminatedPodGcThreshold && context.options.terminatedPodGcThreshold > 0) queue.add('')
        // A pod that is being deleted without ever having had a node has nobody to end it.
        if (next.metadata.deletionTimestamp !== undefined && !next.spec?.nodeName) void remove(context, next, false).catch(() => undefined)
      },
    })
    nodeInformer.addHandlers({
      deleted: (node) => {
        gone.set(keyOf(node), context.clock.now())
        queue.add(keyOf(node))
      },
    })
    void Promise.all([pods.whenSynced(), nodeInformer.whenSynced()]).then(() => pods.store.list().forEach(orphaned))
  },
}

async function collectEnded(context: ControllerContext, ended: readonly Pod[]): Promise<undefined> {
  const excess = ended.length - context.options.terminatedPodGcThreshold
  const oldest = [...ended].sort((a, b) => ((a.metadata.creationTimestamp ?? '') < (b.metadata.creationTimestamp ?? '') ? -1 : 1))
  for (const pod of oldest.slice(0, Math.max(0, excess))) await remove(context, pod, false)
  return undefined
}

async function remove(context: ControllerContext, pod: Pod, orphan: boolean): Promise<void> {
  const { namespace, name } = splitKey(keyOf(pod))
  const resource = context.client.of(podResource)
  try {
    if (orphan) {
      const condition = { type: 'DisruptionTarget', status: 'True', reason: 'DeletionByPodGC', message: 'PodGC: node no longer exists', lastTransitionTime: apiTime(context.clock.now()), lastProbeTime: null }
      await resource.patch(namespace, name, 'strategic', { status: { phase: 'Failed', conditions: [condition] } }, { subresource: 'status' })
    }
    await resource.delete(namespace, name, { gracePeriodSeconds: 0 })
  } catch (error) {
    if (!isReason(error, 'NotFound')) throw error
  }
}
