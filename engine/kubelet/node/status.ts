/** The node's object: labels, capacity, addresses, conditions, images, as the kubelet reports them. */
import type { Node, NodeCondition } from '#engine/api/kinds'
import { formatQuantity, milliQuantityOf, parseQuantity, quantityMilliValue, quantityOf, quantityValue } from '#engine/api/quantity'
import { apiTime } from '#engine/client/time'
import type { Image, RuntimeStatus } from '#engine/cri/api'
import type { KubeletContext } from '../context'
import { kubeletVersion } from '../context'
import type { MachineFacts } from './machine'
import { signalAmount } from '../eviction/thresholds'

export interface NodeInputs {
  readonly context: KubeletContext
  readonly machine: MachineFacts
  readonly images: readonly Image[]
  readonly runtime: RuntimeStatus | undefined
  readonly runtimeVersion: string
  readonly diskBytes: number
  /** Why the node is not ready, if it is not. */
  readonly unready: string | undefined
  readonly pressure: Readonly<Record<'memory' | 'disk' | 'pid', boolean>>
  readonly hostname: string
}

export function nodeLabels(context: KubeletContext, hostname: string): Record<string, string> {
  return {
    'beta.kubernetes.io/arch': 'amd64',
    'beta.kubernetes.io/os': 'linux',
    'kubernetes.io/arch': 'amd64',
    'kubernetes.io/hostname': hostname,
    'kubernetes.io/os': 'linux',
    ...context.flags.nodeLabels,
  }
}

export function nodeCapacity(inputs: NodeInputs): Record<string, string> {
  const { machine, context } = inputs
  return {
    cpu: String(machine.processors),
    'ephemeral-storage': `${Math.floor(inputs.diskBytes / 1024)}Ki`,
    'hugepages-1Gi': '0',
    'hugepages-2Mi': '0',
    memory: `${Math.floor(machine.memoryBytes / 1024)}Ki`,
    pods: String(context.config.maxPods),
  }
}

/** Capacity less what is reserved for the system, for Kubernetes and for eviction. */
export function nodeAllocatable(inputs: NodeInputs): Record<string, string> {
  const { config } = inputs.context
  const capacity = nodeCapacity(inputs)
  const reserved = (resource: string): number => ['systemReserved', 'kubeReserved'].reduce((sum, key) => sum + amount((config as unknown as Record<string, Record<string, string>>)[key]?.[resource], resource), 0)
  const memory = inputs.machine.memoryBytes - reserved('memory') - signalAmount(config.evictionHard['memory.available'], inputs.machine.memoryBytes)
  const disk = Math.floor(inputs.diskBytes / 1024) * 1024
  const storage = disk - reserved('ephemeral-storage') - signalAmount(config.evictionHard['nodefs.available'], disk)
  const cpuReserved = reserved('cpu')
  return {
    ...capacity,
    cpu: cpuReserved === 0 ? String(inputs.machine.processors) : formatQuantity(milliQuantityOf(inputs.machine.processors * 1000 - cpuReserved)),
    'ephemeral-storage': String(Math.max(0, Math.floor(storage))),
    memory: formatBytes(memory),
  }
}

function amount(text: string | undefined, resource: string): number {
  if (text === undefined) return 0
  return resource === 'cpu' ? quantityMilliValue(parseQuantity(text)) : quantityValue(parseQuantity(text))
}

function formatBytes(bytes: number): string {
  return bytes % 1024 === 0 ? `${bytes / 1024}Ki` : formatQuantity(quantityOf(bytes, 'BinarySI'))
}

interface Verdict { status: 'True' | 'False'; reason: string; message: string }

export function nodeConditions(inputs: NodeInputs, known: readonly NodeCondition[]): NodeCondition[] {
  const now = apiTime(inputs.context.clock.now())
  const { pressure } = inputs
  const verdicts: [string, Verdict][] = [
    ['MemoryPressure', pressure.memory ? { status: 'True', reason: 'KubeletHasInsufficientMemory', message: 'kubelet has insufficient memory available' } : { status: 'False', reason: 'KubeletHasSufficientMemory', message: 'kubelet has sufficient memory available' }],
    ['DiskPressure', pressure.disk ? { status: 'True', reason: 'KubeletHasDiskPressure', message: 'kubelet has disk pressure' } : { status: 'False', reason: 'KubeletHasNoDiskPressure', message: 'kubelet has no disk pressure' }],
    ['PIDPressure', pressure.pid ? { status: 'True', reason: 'KubeletHasInsufficientPID', message: 'kubelet has insufficient PID available' } : { status: 'False', reason: 'KubeletHasSufficientPID', message: 'kubelet has sufficient PID available' }],
    ['Ready', inputs.unready === undefined ? { status: 'True', reason: 'KubeletReady', message: 'kubelet is posting ready status' } : { status: 'False', reason: 'KubeletNotReady', message: inputs.unready }],
  ]
  const own = verdicts.map(([type, verdict]): NodeCondition => {
    const before = known.find((condition) => condition.type === type)
    return { lastHeartbeatTime: now, lastTransitionTime: before?.status === verdict.status && before.lastTransitionTime ? before.lastTransitionTime : now, message: verdict.message, reason: verdict.reason, status: verdict.status, type }
  })
  const types = new Set(own.map((condition) => condition.type))
  return [...known.filter((condition) => !types.has(condition.type)), ...own]
}

const maxImages = 50

export function nodeStatus(inputs: NodeInputs, known: Node | undefined): NonNullable<Node['status']> {
  const { context, machine, runtime } = inputs
  const images = [...inputs.images].sort((a, b) => b.size - a.size).slice(0, maxImages)
  return {
    addresses: [...context.nodeIps.map((address) => ({ address, type: 'InternalIP' })), { address: inputs.hostname, type: 'Hostname' }],
    allocatable: nodeAllocatable(inputs),
    capacity: nodeCapacity(inputs),
    conditions: nodeConditions(inputs, known?.status?.conditions ?? []),
    daemonEndpoints: { kubeletEndpoint: { Port: context.config.port } },
    features: { supplementalGroupsPolicy: runtime?.features.supplementalGroupsPolicy ?? false },
    images: images.map((image) => ({ names: [...image.repoDigests, ...image.repoTags].slice(0, 5), sizeBytes: image.size })),
    nodeInfo: {
      architecture: 'amd64', bootID: machine.bootId, containerRuntimeVersion: `containerd://${inputs.runtimeVersion}`, kernelVersion: machine.kernelVersion, kubeProxyVersion: '', kubeletVersion: kubeletVersion(context.process), machineID: machine.machineId, operatingSystem: 'linux', osImage: machine.osImage, systemUUID: machine.systemUuid,
    },
    runtimeHandlers: (runtime?.runtimeHandlers ?? []).map(({ name, features }) => ({ features: { recursiveReadOnlyMounts: features.recursiveReadOnlyMounts, userNamespaces: features.userNamespaces }, name })),
  } as NonNullable<Node['status']>
}
