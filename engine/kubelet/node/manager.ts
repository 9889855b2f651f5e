/** The node's registration, its status (at changes, at least every five minutes) and its lease (every ten seconds). */
import { equalJson } from '#engine/api/object'
import { canonicalQuantity } from '#engine/api/quantity'
import { isReason } from '#engine/api/status'
import type { Node } from '#engine/api/kinds'
import type { Client } from '#engine/client/client'
import { nodes } from '#engine/client/resources'
import { parseTime } from '#engine/client/time'
import { errorText } from '#engine/cri/rpc'
import type { KubeletContext } from '../context'
import { ensureCsiNode } from './csinode'
import { NodeLease } from './lease'
import { SchedulableWatch } from './schedulable'
import { nodeLabels, nodeStatus, type NodeInputs } from './status'

const retryMaxMs = 7000

export class NodeManager {
  private current: Node | undefined
  private lastStatus = ''
  /** After a snapshot: the status that the API has. */
  private reported: Node['status']
  private lastReportMs = 0
  private updating: Promise<void> | undefined
  private again = false
  private leased = false
  private readonly registered: Promise<void>
  private announce: () => void = () => undefined
  private readonly schedulable: SchedulableWatch

  constructor(
    private readonly context: KubeletContext,
    private readonly gather: () => Promise<NodeInputs>,
  ) {
    this.schedulable = new SchedulableWatch(context, () => this.current, (reason, message) => this.event(reason, message))
    this.registered = new Promise((resolve) => {
      this.announce = resolve
    })
  }

  whenRegistered(): Promise<void> {
    return this.registered
  }

  node(): Node | undefined {
    return this.current
  }

  /** From the API's watch: labels, taints, the pod CIDR. */
  observe(node: Node | undefined): void {
    this.current = node
    this.schedulable.observe(node)
  }

  start(): void {
    const { process } = this.context
    process.background(async () => {
      if (this.context.config.registerNode) await this.register()
      else this.keepLease()
      this.announce()
      process.background(() => this.statusLoop())
      if (this.context.config.registerNode && !process.resumed) process.background(() => ensureCsiNode(this.context))
    })
  }

  /** Something that the status tells has changed. Calls while an update runs join the next one. */
  update(): void {
    if (!this.current) return
    if (this.updating) {
      this.again = true
      return
    }
    this.updating = this.report().finally(() => {
      this.updating = undefined
      if (!this.again) return
      this.again = false
      this.update()
    })
    this.context.process.background(() => this.updating ?? Promise.resolve())
  }

  private async register(): Promise<void> {
    const { client, klog, nodeName, clock } = this.context
    if (!client) return
    for (let wait = 100; ; wait = Math.min(wait * 2, retryMaxMs)) {
      klog.info('kubelet_node_status.go:74', 'Attempting to register node', { node: nodeName })
      try {
        await this.registerOnce()
        klog.info('kubelet_node_status.go:77', 'Successfully registered node', { node: nodeName })
        return this.keepLease()
      } catch (error) {
        if ((error as Error).name === 'ProcessKilled') throw error
        klog.error('kubelet_node_status.go:108', errorText(error), 'Unable to register node with API server', { node: nodeName })
      }
      // It is the first attempt that both wait for: the lease is kept whether the node could be registered or not.
      this.keepLease()
      await clock.sleep(wait)
    }
  }

  private keepLease(): void {
    const { client, process } = this.context
    if (!client || this.leased) return
    this.leased = true
    process.background(() => new NodeLease(this.context, client, () => this.current?.metadata.uid).keep())
  }

  private async registerOnce(): Promise<void> {
    const { client, config, nodeName, klog, process } = this.context
    if (!client || (process.resumed && (await this.standsAlready(client)))) return
    const inputs = await this.gather()
    const node: Node = {
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name: nodeName, labels: nodeLabels(this.context, inputs.hostname), annotations: { 'volumes.kubernetes.io/controller-managed-attach-detach': 'true' } },
      spec: { ...(config.registerWithTaints.length > 0 ? { taints: config.registerWithTaints.map((taint) => ({ ...taint })) } : {}), ...(config.providerID ? { providerID: config.providerID } : {}) },
      status: nodeStatus(inputs, undefined),
    } as Node
    try {
      this.current = await client.of(nodes).create(node)
      this.lastStatus = statusText(node.status)
      this.lastReportMs = this.context.clock.now()
      return
    } catch (error) {
      if (!isReason(error, 'AlreadyExists') && !isReason(error, 'Forbidden')) throw error
      try {
        this.current = await client.of(nodes).get('', nodeName)
      } catch {
        throw error
      }
    }
    klog.info('kubelet_node_status.go:123', 'Node was previously registered', { node: nodeName })
    await this.reconcile(this.current, node)
  }

  /** After a snapshot the node is what it was: it was registered before, and what its status tells is known. */
  private async standsAlready(client: Client): Promise<boolean> {
    try {
      this.current = await client.of(nodes).get('', this.context.nodeName)
    } catch (error) {
      if ((error as Error).name === 'ProcessKilled') throw error
      return false
    }
    this.reported = this.current.status
    return true
  }

  /** What was told before the snapshot need not be told again. */
  private compareWithTold(status: NonNullable<Node['status']>): void {
    const { reported } = this
    this.reported = undefined
    const heard = parseTime(reported?.conditions?.find((condition) => condition.type === 'Ready')?.lastHeartbeatTime)
    if (!reported || heard === undefined || !saysAll(status, reported)) return
    this.lastStatus = statusText(status)
    this.lastReportMs = heard
  }

  /** Labels and annotations that are the kubelet's to set are made so. */
  private async reconcile(existing: Node, wanted: Node): Promise<void> {
    const labels = Object.entries(wanted.metadata.labels ?? {}).filter(([key, value]) => existing.metadata.labels?.[key] !== value)
    const annotations = Object.entries(wanted.metadata.annotations ?? {}).filter(([key, value]) => existing.metadata.annotations?.[key] !== value)
    if (labels.length === 0 && annotations.length === 0) return
    const patch = { metadata: { ...(labels.length > 0 ? { labels: Object.fromEntries(labels) } : {}), ...(annotations.length > 0 ? { annotations: Object.fromEntries(annotations) } : {}) } }
    if (this.context.client) this.current = await this.context.client.of(nodes).patch('', this.context.nodeName, 'strategic', patch)
  }

  private async statusLoop(): Promise<void> {
    for (;;) {
      this.update()
      await this.context.clock.sleep(this.context.config.nodeStatusReportFrequencyMs)
    }
  }

  private async report(): Promise<void> {
    const { client, klog, clock, config, nodeName } = this.context
    if (!client) return
    for (let attempt = 0; attempt < 5; attempt++) {
      try {
        const inputs = await this.gather()
        const status = nodeStatus(inputs, this.current)
        this.compareWithTold(status)
        const text = statusText(status)
        if (text === this.lastStatus && clock.now() - this.lastReportMs < config.nodeStatusReportFrequencyMs) return
        const before = this.current?.status?.conditions?.find((condition) => condition.type === 'Ready')?.status
        this.tellReboot(status)
        this.current = await client.of(nodes).patch('', nodeName, 'strategic', { status: { ...status, conditions: status.conditions } }, { subresource: 'status' })
        this.tellReady(before, status)
        this.lastStatus = text
        this.lastReportMs = clock.now()
        return
      } catch (error) {
        if ((error as Error).name === 'ProcessKilled') throw error
        klog.error('kubelet_node_status.go:474', errorText(error), 'Error updating node status, will retry')
      }
    }
    klog.error('kubelet_node_status.go:461', 'update node status exceeds retry count', 'Unable to update node status')
    await clock.sleep(config.nodeStatusUpdateFrequencyMs)
    this.again = true
  }

  private tellReboot(status: NonNullable<Node['status']>): void {
    const before = this.current?.status?.nodeInfo?.bootID
    const after = status.nodeInfo?.bootID ?? ''
    if (before && before !== after) this.event('Rebooted', `Node ${this.context.nodeName} has been rebooted, boot id: ${after}`, 'Warning')
  }

  private tellReady(before: string | undefined, status: NonNullable<Node['status']>): void {
    const ready = status.conditions?.find((condition) => condition.type === 'Ready')
    const after = ready?.status
    if (before === after) return
    const reason = after === 'True' ? 'NodeReady' : 'NodeNotReady'
    const { klog, nodeName } = this.context
    if (after === 'True') klog.info('kubelet_node_status.go:427', 'Fast updating node status as it just became ready', {})
    else if (ready) klog.line('I', 'setters.go:618', `"Node became not ready" node=${JSON.stringify(nodeName)} condition=${JSON.stringify({ type: ready.type, status: ready.status, lastHeartbeatTime: ready.lastHeartbeatTime, lastTransitionTime: ready.lastTransitionTime, reason: ready.reason, message: ready.message })}`)
    this.context.events.event(this.reference(), 'Normal', reason, `Node ${this.context.nodeName} status is now: ${reason}`)
  }

  event(reason: string, message: string, type: 'Normal' | 'Warning' = 'Normal'): void {
    this.context.events.event(this.reference(), type, reason, message)
  }

  private reference(): { kind: string; name: string; uid: string; apiVersion: string } {
    return { kind: 'Node', apiVersion: '', name: this.context.nodeName, uid: this.context.nodeName }
  }
}

/** Whether `told` has every field of a status, heartbeats aside. */
function saysAll(status: NonNullable<Node['status']>, told: NonNullable<Node['status']>): boolean {
  return Object.entries(withoutHeartbeats(status)).every(([key, value]) => sameField(key, value, (withoutHeartbeats(told) as Record<string, unknown>)[key]))
}

/** The API writes quantities in its own way. */
function sameField(key: string, a: unknown, b: unknown): boolean {
  if (key !== 'capacity' && key !== 'allocatable') return equalJson(a, b)
  const amounts = (list: unknown): object => Object.fromEntries(Object.entries(list ?? {}).map(([name, text]) => [name, canonicalQuantity(String(text))]))
  return equalJson(amounts(a), amounts(b))
}

function withoutHeartbeats(status: NonNullable<Node['status']>): object {
  return { ...status, conditions: (status.conditions ?? []).map(({ lastHeartbeatTime: _time, ...rest }) => rest) }
}

/** The status without its heartbeats: what counts as a change. */
function statusText(status: Node['status']): string {
  return JSON.stringify(withoutHeartbeats(status ?? {}))
}
