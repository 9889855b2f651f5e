/** ttl-controller: tells kubelets by an annotation how long they may cache secrets and config maps, by the cluster's size. */
import { keyOf } from '#engine/api/object'
import { isReason } from '#engine/api/status'
import { nodes } from '#engine/client/resources'
import { type Controller, informersOf, startQueue } from '#engine/controllers/controller'

const annotation = 'node.alpha.kubernetes.io/ttl'
const steps = [{ upTo: 100, seconds: 0 }, { upTo: 500, seconds: 15 }, { upTo: 1000, seconds: 30 }, { upTo: 2000, seconds: 60 }, { upTo: Number.POSITIVE_INFINITY, seconds: 300 }]

export const ttlController: Controller = {
  name: 'ttl-controller',
  aliases: ['ttl'],
  start(context) {
    const informer = context.informers.of(nodes)
    const wanted = (): string => String(steps.find((step) => informer.store.size <= step.upTo)?.seconds ?? 0)
    const queue = startQueue(context, 'ttl-controller', informersOf(informer), async (name) => {
      const node = informer.store.byKey(name)
      if (!node || node.metadata.annotations?.[annotation] === wanted()) return
      try {
        await context.client.of(nodes).patch('', name, 'strategic', { metadata: { annotations: { [annotation]: wanted() } } })
      } catch (error) {
        if (!isReason(error, 'NotFound')) throw error
      }
    }, { workers: 1 })
    informer.addHandlers({ added: (node) => queue.add(keyOf(node)), updated: (node) => node.metadata.annotations?.[annotation] === undefined && queue.add(keyOf(node)) })
  },
}
