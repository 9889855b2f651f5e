/**
 * node-lifecycle-controller: nodes that stop renewing their lease become Unknown, get taints, and their pods count as not
 * ready. Nothing polls: each node has one timer, due when its grace period would be over.
 */
import type { Timer } from '#engine/base/clock'
import type { Lease, Node, NodeCondition, Pod, Taint } from '#engine/api/kinds'
import { nameOf, namespaceOf, uidOf } from '#engine/api/meta'
import { equalJson, keyOf } from '#engine/api/object'
import { isReason } from '#engine/api/status'
import type { EventRecorder } from '#engine/client/events'
import { byNode } from '#engine/client/indexes'
import type { Informer } from '#engine/client/informer'
import { leases, nodes, pods as podResource } from '#engine/client/resources'
import { retryOnConflict } from '#engine/client/retry'
import { apiTime } from '#engine/client/time'
import type { Workqueue } from '#engine/client/workqueue'
import { type Controller, type ControllerContext, informersOf, startQueue } from '#engine/controllers/controller'
import { podCondition } from '#engine/controllers/pods'

export const nodeLifecycleController: Controller = {
  name: 'node-lifecycle-controller',
  aliases: ['nodelifecycle'],
  account: 'node-controller',
  start(context) {
    new NodeLifecycle(context)
  },
}

const leaseNamespace = 'kube-node-lease'
const watched = ['Ready', 'MemoryPressure', 'DiskPressure', 'PIDPressure']
const unreachable = 'node.kubernetes.io/unreachable'
const notReady = 'node.kubernetes.io/not-ready'

const noScheduleTaints: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  Ready: { False: notReady, Unknown: unreachable },
  MemoryPressure: { True: 'node.kubernetes.io/memory-pressure' },
  DiskPressure: { True: 'node.kubernetes.io/disk-pressure' },
  NetworkUnavailable: { True: 'node.kubernetes.io/network-unavailable' },
  PIDPressure: { True: 'node.kubernetes.io/pid-pressure' },
}
const managed = new Set([...Object.values(noScheduleTaints).flatMap((byStatus) => Object.values(byStatus)), 'node.kubernetes.io/unschedulable'])

interface Health {
  /** When a sign of life was last seen, on our own clock. */
  seenAt: number
  timer: Timer | undefined
  ready: string | undefined
}

class NodeLifecycle {
  private readonly nodes: Informer<Node>
  private readonly leases: Informer<Lease>
  private readonly pods: Informer<Pod>
  private readonly events: EventRecorder
  private readonly health = new Map<string, Health>()
  private readonly taintQueue: Workqueue
  private readonly healthQueue: Workqueue
  private readonly podQueue: Workqueue

  constructor(private readonly context: ControllerContext) {
    this.nodes = context.informers.of(nodes)
    this.leases = context.informers.of(leases)
    this.pods = context.informers.of(podResource).addIndexers(byNode)
    this.events = context.events('node-controller')
    const needed = informersOf(this.nodes, this.leases, this.pods)
    this.taintQueue = startQueue(context, 'node-lifecycle-controller', needed, (name) => this.syncTaints(name), { workers: 8 })
    this.healthQueue = startQueue(context, 'node-lifecycle-controller', needed, (name) => this.checkHealth(name), { workers: 8 })
    this.podQueue = startQueue(context, 'node-lifecycle-controller', needed, (key) => this.syncPod(key), { workers: 8 })
    this.watch()
  }

  private watch(): void {
    this.nodes.addHandlers({
      added: (node) => this.nodeAdded(node),
      updated: (next, previous) => this.nodeUpdated(next, previous),
      deleted: (node) => this.nodeDeleted(node),
    })
    const alive = (lease: Lease): void => {
      const entry = lease.metadata.namespace === leaseNamespace ? this.health.get(nameOf(lease)) : undefined
      if (entry) entry.seenAt = this.context.clock.now()
    }
    this.leases.addHandlers({ added: alive, updated: (next, previous) => next.spec?.renewTime !== previous.spec?.renewTime && alive(next) })
    this.pods.addHandlers({
      added: (pod) => pod.spec?.nodeName && this.podQueue.add(keyOf(pod)),
      // What a kubelet says later of a pod of its node that is not ready stands: it would say it again for ever.
      updated: (next, previous) => next.spec?.nodeName && previous.spec?.nodeName !== next.spec.nodeName && this.podQueue.add(keyOf(next)),
    })
  }

  private nodeAdded(node: Node): void {
    const name = keyOf(node)
    const ready = condition(node, 'Ready')
    this.health.set(name, { seenAt: this.context.clock.now(), timer: undefined, ready: ready?.status })
    this.arm(name)
    const told = this.context.options.resumed === true && !this.nodes.hasSynced
    if (!told) this.events.event({ kind: 'Node', name, uid: uidOf(node), apiVersion: 'v1' }, 'Normal', 'RegisteredNode', `Node ${name} event: Registered Node ${name} in Controller`)
    this.taintQueue.add(name)
  }

  private nodeUpdated(next: Node, previous: Node): void {
    const name = keyOf(next)
    const entry = this.health.get(name)
    if (entry) this.noteHealth(name, entry, next, previous)
    const changed = [statuses, (node: Node) => node.spec?.unschedulable, (node: Node) => node.spec?.taints].some((of) => !equalJson(of(previous), of(next)))
    if (changed || osLabels(next) !== undefined) this.taintQueue.add(name)
  }

  private noteHealth(name: string, entry: Health, next: Node, previous: Node): void {
    const ready = condition(next, 'Ready')
    if (ready && ready.lastHeartbeatTime !== condition(previous, 'Ready')?.lastHeartbeatTime) entry.seenAt = this.context.clock.now()
    if (!entry.timer) this.arm(name)
    if (entry.ready !== ready?.status) this.readyChanged(name, entry, ready?.status)
  }

  private nodeDeleted(node: Node): void {
    const name = keyOf(node)
    this.health.get(name)?.timer?.cancel()
    this.health.delete(name)
    this.events.event({ kind: 'Node', name, uid: uidOf(node), apiVersion: 'v1' }, 'Normal', 'RemovingNode', `Node ${name} event: Removing Node ${name} from Controller`)
  }

  private arm(name: string): void {
    const entry = this.health.get(name)
    if (!entry) return
    entry.timer?.cancel()
    const node = this.nodes.store.byKey(name)
    const grace = node && condition(node, 'Ready') ? this.context.options.nodeMonitorGracePeriodMs : this.context.options.nodeStartupGracePeriodMs
    entry.timer = this.context.clock.after(Math.max(0, entry.seenAt + grace - this.context.clock.now()), () => {
      entry.timer = undefined
      this.healthQueue.add(name)
    })
  }

  /** Still alive: the timer is set anew. Silent for too long: its conditions become Unknown. */
  private async checkHealth(name: string): Promise<void> {
    const entry = this.health.get(name)
    const node = this.nodes.store.byKey(name)
    if (!entry || !node) return
    const { clock, options } = this.context
    const grace = condition(node, 'Ready') ? options.nodeMonitorGracePeriodMs : options.nodeStartupGracePeriodMs
    if (clock.now() < entry.seenAt + grace) return this.arm(name)
    const before = entry.ready
    await this.markUnknown(name)
    // Events and pods follow when the informer shows the change; a node without a Ready condition had none to lose.
    if (before === undefined) entry.ready = undefined
  }

  private async markUnknown(name: string): Promise<void> {
    await retryOnConflict(async () => {
      const node = await this.context.client.of(nodes).get('', name)
      const now = apiTime(this.context.clock.now())
      const conditions = [...(node.status?.conditions ?? [])]
      for (const type of watched) {
        const at = conditions.findIndex((entry) => entry.type === type)
        const known = conditions[at]
        if (!known) conditions.push({ type, status: 'Unknown', reason: 'NodeStatusNeverUpdated', message: 'Kubelet never posted node status.', lastHeartbeatTime: node.metadata.creationTimestamp ?? now, lastTransitionTime: now } as NodeCondition)
        else if (known.status !== 'Unknown') conditions[at] = { ...known, status: 'Unknown', reason: 'NodeStatusUnknown', message: 'Kubelet stopped posting node status.', lastTransitionTime: now }
      }
      if (equalJson(conditions, node.status?.conditions ?? [])) return
      await this.context.client.of(nodes).updateStatus({ ...node, status: { ...node.status, conditions } } as Node)
    })
  }

  private readyChanged(name: string, entry: Health, status: string | undefined): void {
    const before = entry.ready
    entry.ready = status
    if (before !== 'True' || status === 'True') return
    const node = this.nodes.store.byKey(name)
    this.events.event({ kind: 'Node', name, uid: node?.metadata.uid ?? '', apiVersion: 'v1' }, 'Normal', 'NodeNotReady', `Node ${name} status is now: NodeNotReady`)
    for (const pod of this.pods.store.byIndex('node', name)) this.podQueue.add(keyOf(pod))
  }

  /** Pods on a node that is not ready are not ready themselves, whatever their kubelet last said. */
  private async syncPod(key: string): Promise<void> {
    const pod = this.pods.store.byKey(key)
    if (!pod || podCondition(pod, 'Ready')?.status !== 'True' || !this.isOnUnreadyNode(pod)) return
    const now = apiTime(this.context.clock.now())
    try {
      await this.context.client.of(podResource).patch(namespaceOf(pod), nameOf(pod), 'strategic', { status: { conditions: [{ type: 'Ready', status: 'False', lastTransitionTime: now, ...(pod.metadata.generation ? { observedGeneration: pod.metadata.generation } : {}) }] } }, { subresource: 'status' })
    } catch (error) {
      if (!isReason(error, 'NotFound')) throw error
      return
    }
    this.events.event(pod, 'Warning', 'NodeNotReady', 'Node is not ready')
  }

  private isOnUnreadyNode(pod: Pod): boolean {
    const node = this.nodes.store.byKey(pod.spec?.nodeName ?? '')
    const ready = node && condition(node, 'Ready')
    return ready !== undefined && ready.status !== 'True'
  }

  /** NoSchedule taints by conditions, NoExecute taints by Ready, in one write. */
  private async syncTaints(name: string): Promise<void> {
    const node = this.nodes.store.byKey(name)
    if (!node) return
    const current = node.spec?.taints ?? []
    const wanted = this.taintsFor(node, current)
    const labels = osLabels(node)
    if (sameTaints(current, wanted) && !labels) return
    const patch = { ...(labels ? { metadata: { labels } } : {}), spec: { taints: wanted.length > 0 ? wanted : null } }
    try {
      await this.context.client.of(nodes).patch('', name, 'merge', { ...patch, metadata: { ...patch.metadata, resourceVersion: node.metadata.resourceVersion } })
    } catch (error) {
      if (isReason(error, 'NotFound')) return
      throw error
    }
  }

  private taintsFor(node: Node, current: readonly Taint[]): Taint[] {
    const now = apiTime(this.context.clock.now())
    const wanted: Taint[] = []
    for (const entry of node.status?.conditions ?? []) {
      const key = noScheduleTaints[entry.type]?.[entry.status]
      if (key) wanted.push({ key, effect: 'NoSchedule' })
    }
    if (node.spec?.unschedulable) wanted.push({ key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' })
    const ready = condition(node, 'Ready')?.status
    if (ready === 'False') wanted.push({ key: notReady, effect: 'NoExecute' })
    if (ready === 'Unknown') wanted.push({ key: unreachable, effect: 'NoExecute' })
    const kept = current.filter((taint) => !isManaged(taint))
    return [...kept, ...wanted.map((taint) => current.find((known) => known.key === taint.key && known.effect === taint.effect) ?? { ...taint, timeAdded: now })]
  }
}

function isManaged(taint: Taint): boolean {
  return (taint.effect === 'NoSchedule' && managed.has(taint.key)) || (taint.effect === 'NoExecute' && (taint.key === notReady || taint.key === unreachable))
}

function sameTaints(a: readonly Taint[], b: readonly Taint[]): boolean {
  const key = (taint: Taint): string => `${taint.key}:${taint.effect}:${taint.value ?? ''}`
  return a.length === b.length && new Set([...a.map(key), ...b.map(key)]).size === a.length
}

function condition(node: Node, type: string): NodeCondition | undefined {
  return node.status?.conditions?.find((entry) => entry.type === type)
}

function statuses(node: Node): unknown {
  return (node.status?.conditions ?? []).map((entry) => [entry.type, entry.status])
}

/** Nodes of old kubelets lack one of the two names of a label. */
function osLabels(node: Node): Record<string, string> | undefined {
  const labels = node.metadata.labels ?? {}
  const out: Record<string, string> = {}
  for (const what of ['os', 'arch']) {
    const value = labels[`kubernetes.io/${what}`]
    if (value !== undefined && labels[`beta.kubernetes.io/${what}`] !== value) out[`beta.kubernetes.io/${what}`] = value
  }
  return Object.keys(out).length > 0 ? out : undefined
}

