/** Whether this node takes a pod: its selector, the node's room, its ports, its system. The scheduler may have been passed by. */
import type { Container, Node, Pod } from '#engine/api/kinds'
import { parseQuantity, quantityMilliValue, quantityValue } from '#engine/api/quantity'
import type { KubeletConfig } from '../config/config'
import { isCritical } from './names'
import type { EvictionStatus } from './worker'
import { nodeAffinityMatches } from './nodeaffinity'

export interface AdmissionInputs {
  readonly node: Node | undefined
  readonly allocatable: Readonly<Record<string, string>>
  readonly config: KubeletConfig
}

export function admitPod(pod: Pod, others: readonly Pod[], inputs: AdmissionInputs): EvictionStatus | undefined {
  return sysctls(pod, inputs) ?? operatingSystem(pod) ?? selector(pod, inputs) ?? taints(pod, inputs) ?? hostPorts(pod, others) ?? resources(pod, others, inputs)
}

const safeSysctls = new Set(['kernel.shm_rmid_forced', 'net.ipv4.ip_local_port_range', 'net.ipv4.tcp_syncookies', 'net.ipv4.ping_group_range', 'net.ipv4.ip_unprivileged_port_start', 'net.ipv4.ip_local_reserved_ports', 'net.ipv4.tcp_keepalive_time', 'net.ipv4.tcp_fin_timeout', 'net.ipv4.tcp_keepalive_intvl', 'net.ipv4.tcp_keepalive_probes', 'net.ipv4.tcp_rmem', 'net.ipv4.tcp_wmem'])

function sysctls(pod: Pod, inputs: AdmissionInputs): EvictionStatus | undefined {
  for (const { name } of pod.spec?.securityContext?.sysctls ?? []) {
    const dotted = name.replace(/\//g, '.')
    const allowed = safeSysctls.has(dotted) || inputs.config.allowedUnsafeSysctls.some((pattern) => (pattern.endsWith('*') ? dotted.startsWith(pattern.slice(0, -1)) : pattern === dotted))
    if (!allowed) return { reason: 'SysctlForbidden', message: `forbidden sysctl: ${JSON.stringify(dotted)} not allowlisted` }
    if (pod.spec?.hostNetwork && dotted.startsWith('net.')) return { reason: 'SysctlForbidden', message: `forbidden sysctl: ${JSON.stringify(dotted)} not allowed with host net enabled` }
  }
  return undefined
}

function operatingSystem(pod: Pod): EvictionStatus | undefined {
  const os = pod.spec?.os?.name
  return os !== undefined && os !== 'linux' ? { reason: 'PodOSNotSupported', message: `Failed to admit pod as the OS field doesn't match node OS` } : undefined
}

function selector(pod: Pod, inputs: AdmissionInputs): EvictionStatus | undefined {
  const { node } = inputs
  if (!node) return undefined
  const labels = node.metadata.labels ?? {}
  const selected = Object.entries(pod.spec?.nodeSelector ?? {}).every(([key, value]) => labels[key] === value)
  const required = pod.spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution
  if (selected && (!required || nodeAffinityMatches(required, node))) return undefined
  return { reason: 'NodeAffinity', message: 'Predicate NodeAffinity failed: node(s) didn\'t match Pod\'s node affinity/selector' }
}

function taints(pod: Pod, inputs: AdmissionInputs): EvictionStatus | undefined {
  for (const taint of inputs.node?.spec?.taints ?? []) {
    if (taint.effect !== 'NoExecute') continue
    const tolerated = (pod.spec?.tolerations ?? []).some((toleration) => (!toleration.effect || toleration.effect === 'NoExecute') && (!toleration.key ? toleration.operator === 'Exists' : toleration.key === taint.key && (toleration.operator === 'Exists' || (toleration.value ?? '') === (taint.value ?? ''))))
    if (!tolerated) return { reason: 'TaintToleration', message: `Predicate TaintToleration failed: node(s) had untolerated taint {${taint.key}: ${taint.value ?? ''}}` }
  }
  return undefined
}

function hostPorts(pod: Pod, others: readonly Pod[]): EvictionStatus | undefined {
  const wanted = portsOf(pod)
  if (wanted.length === 0) return undefined
  const taken = new Set(others.flatMap(portsOf))
  return wanted.some((port) => taken.has(port)) ? { reason: 'NodePorts', message: "Predicate NodePorts failed: node(s) didn't have free ports for the requested pod ports" } : undefined
}

function portsOf(pod: Pod): string[] {
  return (pod.spec?.containers ?? []).flatMap((container) => (container.ports ?? []).filter((port) => (port.hostPort ?? 0) > 0).map((port) => `${port.protocol ?? 'TCP'}/${port.hostIP || '0.0.0.0'}/${port.hostPort ?? 0}`))
}

type Amounts = Record<string, number>

function resources(pod: Pod, others: readonly Pod[], inputs: AdmissionInputs): EvictionStatus | undefined {
  if (others.length + 1 > inputs.config.maxPods) return { reason: 'OutOfpods', message: `Node didn't have enough resource: pods, requested: 1, used: ${others.length}, capacity: ${inputs.config.maxPods}` }
  if (isCritical(pod)) return undefined
  const [first] = shortages(pod, others, inputs)
  return first && { reason: `OutOf${first.name}`, message: `Node didn't have enough resource: ${first.name}, requested: ${first.requested}, used: ${first.used}, capacity: ${first.capacity}` }
}

export interface Shortage { readonly name: string; readonly requested: number; readonly used: number; readonly capacity: number }

/** What the node has too little of, beside the others that are on it. */
export function shortages(pod: Pod, others: readonly Pod[], inputs: AdmissionInputs): Shortage[] {
  const taken: Amounts = {}
  for (const other of others) addAmounts(taken, requestsOf(other))
  return Object.entries(requestsOf(pod))
    .map(([name, requested]) => ({ name, requested, used: taken[name] ?? 0, capacity: amountOf(name, inputs.allocatable[name] ?? inputs.node?.status?.allocatable?.[name]) }))
    .filter(({ requested, used, capacity }) => requested > 0 && requested + used > capacity)
}

type Requests = Readonly<Record<string, string | number>> | undefined

/** By pod: one that comes is weighed against all that are there, and those do not change. */
const known = new WeakMap<Pod, Readonly<Amounts>>()

/** The larger of what init containers and all others ask for. */
export function requestsOf(pod: Pod): Readonly<Amounts> {
  const before = known.get(pod)
  if (before) return before
  const requests = sumOf(pod)
  known.set(pod, requests)
  return requests
}

function sumOf(pod: Pod): Amounts {
  const spec = pod.spec as { containers?: readonly Container[]; initContainers?: readonly Container[]; resources?: { requests?: Requests }; overhead?: Requests } | undefined
  const sum: Amounts = {}
  for (const container of spec?.containers ?? []) addAmounts(sum, amounts(container.resources?.requests))
  addInitRequests(sum, spec?.initContainers ?? [])
  Object.assign(sum, amounts(spec?.resources?.requests))
  addAmounts(sum, amounts(spec?.overhead))
  return sum
}

/** Sidecars run beside all that come after them; other init containers run alone among themselves. */
function addInitRequests(sum: Amounts, inits: readonly Container[]): void {
  const sidecars: Amounts = {}
  for (const container of inits) {
    const own = amounts(container.resources?.requests)
    if (container.restartPolicy === 'Always') {
      addAmounts(sum, own)
      addAmounts(sidecars, own)
      continue
    }
    addAmounts(own, sidecars)
    for (const [name, amount] of Object.entries(own)) sum[name] = Math.max(sum[name] ?? 0, amount)
  }
}

function amounts(requests: Requests): Amounts {
  return Object.fromEntries(Object.entries(requests ?? {}).map(([name, text]) => [name, amountOf(name, text)]))
}

function addAmounts(into: Amounts, more: Readonly<Amounts>): void {
  for (const [name, amount] of Object.entries(more)) into[name] = (into[name] ?? 0) + amount
}

function amountOf(name: string, text: string | number | undefined): number {
  if (text === undefined) return 0
  const quantity = parseQuantity(String(text))
  return name === 'cpu' ? quantityMilliValue(quantity) : quantityValue(quantity)
}
