/** The node's lease, renewed four times in its life; what fails is told as the lease controller of client-go tells it. */
import { copyObject } from '#engine/api/object'
import { isReason } from '#engine/api/status'
import type { Lease } from '#engine/api/kinds'
import { type Client, timedClient } from '#engine/client/client'
import { leases } from '#engine/client/resources'
import { microTime, parseTime } from '#engine/client/time'
import { errorText } from '#engine/cri/rpc'
import type { KubeletContext } from '../context'

const namespace = 'kube-node-lease'
const updateTries = 5
const firstPauseMs = 200
const longestPauseMs = 7000

export class NodeLease {
  private lease: Lease | undefined
  private readonly client: Client

  constructor(
    private readonly context: KubeletContext,
    client: Client,
    private readonly nodeUid: () => string | undefined,
  ) {
    this.client = timedClient(client, 10, 'kubelet')
  }

  /** Until the process dies. */
  async keep(): Promise<never> {
    const { clock, config } = this.context
    const periodMs = (config.nodeLeaseDurationSeconds * 1000) / 4
    if (this.context.process.resumed) await this.takeUp(periodMs)
    for (;;) {
      if (!(await this.update())) await this.ensure()
      await clock.sleep(periodMs * (1 + this.context.process.random.next() * 0.04))
    }
  }

  /** A node that comes back from a snapshot renews its lease when that is due, not before. */
  private async takeUp(periodMs: number): Promise<void> {
    const { clock, nodeName } = this.context
    const lease = await this.client.of(leases).get(namespace, nodeName).catch(unlessKilled)
    if (!lease || lease.spec?.holderIdentity !== nodeName) return
    this.lease = lease
    const dueMs = (parseTime(lease.spec.renewTime) ?? 0) + periodMs - clock.now()
    if (dueMs > 0 && dueMs <= periodMs) await clock.sleep(dueMs)
  }

  /** Some tries in a row; false where none went through. */
  private async update(): Promise<boolean> {
    if (!this.lease) return false
    for (let tries = 0; tries < updateTries; tries++) {
      try {
        this.lease = await this.client.of(leases).update(this.renewed(this.lease))
        return true
      } catch (error) {
        if ((error as Error).name === 'ProcessKilled') throw error
        this.context.klog.error('controller.go:195', errorText(error), 'Failed to update lease')
        if (isReason(error, 'Conflict')) return false
      }
    }
    this.context.klog.line('I', 'controller.go:115', `"Failed to update lease using latest lease, fallback to ensure lease" err="failed ${updateTries} attempts to update lease"`)
    return false
  }

  /** Again and again, with growing pauses, until the lease is there and renewed. */
  private async ensure(): Promise<void> {
    const { clock, klog } = this.context
    for (let pause = firstPauseMs; ; pause = Math.min(pause * 2, longestPauseMs)) {
      try {
        this.lease = await this.fetchOrCreate()
        return
      } catch (error) {
        if ((error as Error).name === 'ProcessKilled') throw error
        klog.error('controller.go:145', errorText(error), 'Failed to ensure lease exists, will retry', { interval: pause < 1000 ? `${pause}ms` : `${pause / 1000}s` })
        await clock.sleep(pause)
      }
    }
  }

  private async fetchOrCreate(): Promise<Lease> {
    const { nodeName } = this.context
    const api = this.client.of(leases)
    try {
      return await api.update(this.renewed(await api.get(namespace, nodeName)))
    } catch (error) {
      if (!isReason(error, 'NotFound')) throw error
      return api.create(this.renewed({ apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name: nodeName, namespace } } as Lease))
    }
  }

  /** Belongs to its node, as soon as that is known. */
  private renewed(lease: Lease): Lease {
    const { nodeName, config, clock } = this.context
    const next = copyObject(lease)
    const uid = this.nodeUid()
    if (uid !== undefined && !next.metadata.ownerReferences?.length) next.metadata = { ...next.metadata, ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name: nodeName, uid }] }
    next.spec = { ...next.spec, holderIdentity: nodeName, leaseDurationSeconds: config.nodeLeaseDurationSeconds, renewTime: microTime(clock.now()) }
    return next
  }
}

/** Whatever else it is will be met again, and told, where the lease is due. */
function unlessKilled(error: unknown): undefined {
  if ((error as Error).name === 'ProcessKilled') throw error
  return undefined
}
