/** service-cidr-controller: a range of service addresses is ready, and stays while addresses of it are in use. */
import { parseCIDR, parse as parseIp } from 'ipaddr.js'
import { nameOf } from '#engine/api/meta'
import { keyOf, type KubeObject } from '#engine/api/object'
import { ipAddresses, serviceCidrs } from '#engine/client/resources'
import { unlessNotFound } from '#engine/client/retry'
import { type Condition, findCondition, setCondition } from '#engine/controllers/conditions'
import { type Controller, informersOf, startQueue } from '#engine/controllers/controller'

const finalizer = 'networking.k8s.io/service-cidr-finalizer'

export const serviceCidrController: Controller = {
  name: 'service-cidr-controller',
  account: 'service-cidrs-controller',
  start(context) {
    const ranges = context.informers.of(serviceCidrs)
    const addresses = context.informers.of(ipAddresses)
    const of = context.client.of(serviceCidrs)
    const queue = startQueue(context, 'service-cidr-controller', informersOf(ranges, addresses), async (key) => {
      const range = ranges.store.byKey(key)
      if (!range) return
      const finalizers = range.metadata.finalizers ?? []
      if (range.metadata.deletionTimestamp !== undefined) {
        if (!finalizers.includes(finalizer)) return
        if (inUse(range, addresses.store.list(), ranges.store.list())) {
          await ready(range, { type: 'Ready', status: 'False', reason: 'Terminating', message: 'There are still IPAddresses referencing the ServiceCIDR, please remove them or create a new ServiceCIDR' })
          return
        }
        const left = finalizers.filter((entry) => entry !== finalizer)
        await unlessNotFound(of.patch('', key, 'merge', { metadata: { finalizers: left.length > 0 ? left : null, resourceVersion: range.metadata.resourceVersion } }))
        return
      }
      if (!finalizers.includes(finalizer)) await unlessNotFound(of.patch('', key, 'merge', { metadata: { finalizers: [...finalizers, finalizer] } }))
      await ready(ranges.store.byKey(key) ?? range, { type: 'Ready', status: 'True', reason: '', message: 'Kubernetes Service CIDR is ready' })
    }, { workers: 1 })
    const ready = async (range: KubeObject, condition: Condition): Promise<void> => {
      const conditions = (range['status'] as { conditions?: Condition[] } | undefined)?.conditions
      const known = findCondition(conditions, 'Ready')
      if (known?.status === condition.status && known.message === condition.message) return
      await unlessNotFound(of.patch('', keyOf(range), 'merge', { status: { conditions: setCondition(conditions, condition, context.clock.now()) } }, { subresource: 'status' }))
    }
    ranges.addHandlers({ added: (range) => queue.add(keyOf(range)), updated: (range) => queue.add(keyOf(range)) })
    addresses.addHandlers({ deleted: () => { for (const range of ranges.store.list()) if (range.metadata.deletionTimestamp !== undefined) queue.add(keyOf(range)) } })
  },
}

function contains(range: KubeObject, address: string): boolean {
  const parsed = parseIp(address)
  return ((range['spec'] as { cidrs?: string[] } | undefined)?.cidrs ?? []).some((cidr) => {
    const [network, bits] = parseCIDR(cidr)
    return network.kind() === parsed.kind() && parsed.match(network, bits)
  })
}

/** An address that another range has too does not hold this one. */
function inUse(range: KubeObject, addresses: readonly KubeObject[], all: readonly KubeObject[]): boolean {
  const others = all.filter((other) => other !== range && other.metadata.deletionTimestamp === undefined)
  return addresses.some((address) => contains(range, nameOf(address)) && !others.some((other) => contains(other, nameOf(address))))
}
