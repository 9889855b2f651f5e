/** Nodes, with what their pods ask for. */
import type { KubeObject } from '#engine/api/object'
import { isReason } from '#engine/api/status'
import { addQuantities, formatQuantity, type Quantity, quantityValue, toQuantity } from './amounts'
import { builtin, pods, type Session } from '#engine/programs/kubectl/session/session'
import { annotations, events, type EventList, eventsFor, labels, type Loose, rfc1123, since } from './common'
import type { DescribeContext, Describer } from './table'
import type { Writer } from './writer'

const leases = builtin('coordination.k8s.io', 'v1', 'leases', 'Lease')

export const node: Describer = async (w, object, context) => {
  const spec = object['spec'] ?? {}
  const status = object['status'] ?? {}
  const name = object.metadata.name ?? ''
  w.line(0, `Name:\t${name}`)
  w.line(0, `Roles:\t${roles(object).join(',') || '<none>'}`)
  labels(w, 'Labels', object.metadata.labels)
  annotations(w, 'Annotations', object.metadata.annotations)
  w.line(0, `CreationTimestamp:\t${rfc1123(object.metadata.creationTimestamp)}`)
  taints(w, spec.taints)
  w.line(0, `Unschedulable:\t${spec.unschedulable ?? false}`)
  await lease(w, context.session, name)
  if (status.conditions?.length) {
    w.line(0, 'Conditions:\n  Type\tStatus\tLastHeartbeatTime\tLastTransitionTime\tReason\tMessage')
    w.line(1, '----\t------\t-----------------\t------------------\t------\t-------')
    for (const entry of status.conditions) w.line(1, `${entry.type} \t${entry.status} \t${rfc1123(entry.lastHeartbeatTime)} \t${rfc1123(entry.lastTransitionTime)} \t${entry.reason ?? ''} \t${entry.message ?? ''}`)
  }
  w.line(0, 'Addresses:')
  for (const address of status.addresses ?? []) w.line(1, `${address.type}:\t${address.address}`)
  for (const [title, map] of [['Capacity', status.capacity], ['Allocatable', status.allocatable]] as const) {
    const keys = Object.keys(map ?? {}).sort()
    if (keys.length > 0) w.line(0, `${title}:`)
    for (const key of keys) w.line(1, `${key}:\t${map[key]}`)
  }
  system(w, status.nodeInfo ?? {})
  if (spec.podCIDR) w.line(0, `PodCIDR:\t${spec.podCIDR}`)
  if (spec.podCIDRs?.length) w.line(0, `PodCIDRs:\t${spec.podCIDRs.join(',')}`)
  if (spec.providerID) w.line(0, `ProviderID:\t${spec.providerID}`)
  await podTable(w, object, context)
  events(w, await nodeEvents(context, name), context.nowMs)
}

function roles(object: KubeObject): string[] {
  const prefix = 'node-role.kubernetes.io/'
  const out = new Set<string>()
  for (const [key, value] of Object.entries(object.metadata.labels ?? {})) {
    if (key.startsWith(prefix) && key.length > prefix.length) out.add(key.slice(prefix.length))
    else if (key === 'kubernetes.io/role' && value !== '') out.add(value)
  }
  return [...out].sort()
}

function taints(w: Writer, list: Loose[] | undefined): void {
  const sorted = [...(list ?? [])].sort((a: Loose, b: Loose) => (`${a.effect},${a.key}` < `${b.effect},${b.key}` ? -1 : 1))
  if (sorted.length === 0) return w.line(0, 'Taints:\t<none>')
  sorted.forEach((taint: Loose, index) => w.line(0, `${index === 0 ? 'Taints:' : ''}\t${taint.key}${taint.value ? `=${taint.value}` : ''}${taint.effect ? `:${taint.effect}` : ''}`))
}

async function lease(w: Writer, session: Session, name: string): Promise<void> {
  let found: Loose
  try {
    found = await session.get(leases, 'kube-node-lease', name)
  } catch (error) {
    if ((error as Error).name === 'ProcessKilled') throw error
    return w.line(0, `Lease:\tFailed to get lease: ${(error as Error).message}`)
  }
  w.line(0, 'Lease:')
  w.line(1, `HolderIdentity:\t${found.spec?.holderIdentity ?? '<unset>'}`)
  w.line(1, `AcquireTime:\t${found.spec?.acquireTime ? rfc1123(found.spec.acquireTime) : '<unset>'}`)
  w.line(1, `RenewTime:\t${found.spec?.renewTime ? rfc1123(found.spec.renewTime) : '<unset>'}`)
}

function system(w: Writer, info: Loose): void {
  w.line(0, 'System Info:')
  for (const [title, key] of [['Machine ID', 'machineID'], ['System UUID', 'systemUUID'], ['Boot ID', 'bootID'], ['Kernel Version', 'kernelVersion'], ['OS Image', 'osImage'], ['Operating System', 'operatingSystem'], ['Architecture', 'architecture'], ['Container Runtime Version', 'containerRuntimeVersion'], ['Kubelet Version', 'kubeletVersion'], ['Kube-Proxy Version', 'kubeProxyVersion']] as const) w.line(1, `${title}:\t${info[key] ?? ''}`)
}

async function podTable(w: Writer, object: KubeObject, context: DescribeContext): Promise<void> {
  let list: KubeObject[]
  try {
    list = (await context.session.list(pods, '', { fieldSelector: `spec.nodeName=${object.metadata.name ?? ''},status.phase!=Failed,status.phase!=Succeeded`, limit: 500 })).items
  } catch (error) {
    if (isReason(error, 'Forbidden')) return w.line(0, 'Pods:\tnot authorized')
    throw error
  }
  const total = object['status']?.allocatable ?? object['status']?.capacity ?? {}
  w.line(0, `Non-terminated Pods:\t(${list.length} in total)`)
  w.line(1, 'Namespace\tName\t\tCPU Requests\tCPU Limits\tMemory Requests\tMemory Limits\tAge')
  w.line(1, '---------\t----\t\t------------\t----------\t---------------\t-------------\t---')
  const requests: Record<string, Quantity> = {}
  const limits: Record<string, Quantity> = {}
  for (const pod of list) {
    const [ask, cap] = [podResources(pod, 'requests'), podResources(pod, 'limits')]
    const cell = (map: Record<string, Quantity>, key: string): string => share(map[key], total[key])
    w.line(1, `${pod.metadata.namespace ?? ''}\t${pod.metadata.name ?? ''}\t\t${cell(ask, 'cpu')}\t${cell(cap, 'cpu')}\t${cell(ask, 'memory')}\t${cell(cap, 'memory')}\t${since(pod.metadata.creationTimestamp, context.nowMs)}`)
    add(requests, ask)
    add(limits, cap)
  }
  w.line(0, 'Allocated resources:\n  (Total limits may be over 100 percent, i.e., overcommitted.)')
  w.line(1, 'Resource\tRequests\tLimits')
  w.line(1, '--------\t--------\t------')
  for (const key of ['cpu', 'memory', 'ephemeral-storage']) w.line(1, `${key}\t${share(requests[key], total[key])}\t${share(limits[key], total[key])}`)
  const others = Object.keys(total).filter((key) => !['cpu', 'memory', 'ephemeral-storage', 'pods'].includes(key)).sort()
  for (const key of others.filter((entry) => entry.startsWith('hugepages-'))) w.line(1, `${key}\t${share(requests[key], total[key])}\t${share(limits[key], total[key])}`)
  for (const key of others.filter((entry) => !entry.startsWith('hugepages-'))) w.line(1, `${key}\t${formatQuantity(requests[key])}\t${formatQuantity(limits[key])}`)
}

function share(value: Quantity | undefined, total: string | undefined): string {
  const whole = quantityValue(toQuantity(total ?? '0'))
  return `${formatQuantity(value)} (${whole === 0 ? 0 : Math.trunc((quantityValue(value) / whole) * 100)}%)`
}

function add(sum: Record<string, Quantity>, more: Record<string, Quantity>): void {
  for (const [key, value] of Object.entries(more)) sum[key] = addQuantities(sum[key], value)
}

/** What a pod asks for: its containers' sum, or its largest init container's, and its overhead. */
function podResources(pod: KubeObject, field: 'requests' | 'limits'): Record<string, Quantity> {
  const spec = pod['spec'] ?? {}
  const sum: Record<string, Quantity> = {}
  const of = (container: Loose): Record<string, Quantity> => Object.fromEntries(Object.entries(container.resources?.[field] ?? {}).map(([key, value]) => [key, toQuantity(String(value))]))
  for (const container of spec.containers ?? []) add(sum, of(container))
  const sidecars: Record<string, Quantity> = {}
  const most: Record<string, Quantity> = {}
  for (const container of spec.initContainers ?? []) {
    const own = of(container)
    if (container.restartPolicy === 'Always') {
      add(sum, own)
      add(sidecars, own)
    }
    const peak = { ...sidecars }
    if (container.restartPolicy !== 'Always') add(peak, own)
    for (const [key, value] of Object.entries(peak)) if (quantityValue(value) > quantityValue(most[key])) most[key] = value
  }
  for (const [key, value] of Object.entries(most)) if (quantityValue(value) > quantityValue(sum[key])) sum[key] = value
  for (const [key, value] of Object.entries(spec.resources?.[field] ?? {})) sum[key] = toQuantity(String(value))
  if (field === 'requests') add(sum, Object.fromEntries(Object.entries(spec.overhead ?? {}).map(([key, value]) => [key, toQuantity(String(value))])))
  return sum
}

/** The kubelet names a node by its name where others use its uid. */
async function nodeEvents(context: DescribeContext, name: string): Promise<EventList | undefined> {
  if (!context.events) return undefined
  const more = await eventsFor(context.session, { name, namespace: '' }, 'Node', name)
  return { items: [...context.events.items, ...(more?.items ?? [])] }
}
