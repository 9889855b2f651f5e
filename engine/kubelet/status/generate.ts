/** The status of a pod as the API shows it. */
import type { Container, ContainerStatus, Pod, PodCondition, PodStatus } from '#engine/api/kinds'
import type { ContainerStatus as RuntimeStatus } from '#engine/cri/api'
import { apiTime } from '#engine/client/time'
import { ipsOf, type WaitReason } from '../runtime/manager'
import { findContainer, type RuntimePod } from '../runtime/podstatus'
import { qosClass } from '../runtime/resources'
import { type ContainerKind, isSidecar, shouldRestart } from '../runtime/restart'
import { containerStatus } from './containers'
import { conditionsOf, phaseOf } from './conditions'

export interface StatusInputs {
  readonly pod: Pod
  readonly runtime: RuntimePod
  readonly nowMs: number
  readonly nodeIps: readonly string[]
  /** All containers have been told to stop, or the pod is at its end. */
  readonly terminal: boolean
  /** Conditions of a resize, before the others. */
  readonly extraConditions: readonly PodCondition[]
  waitReason(container: string): WaitReason | undefined
  terminationMessage(status: RuntimeStatus): string
  actualResources(container: Container, status: RuntimeStatus): Container['resources']
  started(container: Container, status: RuntimeStatus): boolean
  ready(container: Container, status: RuntimeStatus): boolean
}

export function generateStatus(inputs: StatusInputs): PodStatus {
  const { pod, nodeIps } = inputs
  const statuses = (kind: ContainerKind, containers: readonly Container[] = []): ContainerStatus[] => containers.map((container) => one(inputs, kind, container))
  const initContainerStatuses = statuses('init', pod.spec?.initContainers)
  const containerStatuses = statuses('regular', pod.spec?.containers)
  const ephemeralContainerStatuses = statuses('ephemeral', pod.spec?.ephemeralContainers as Container[] | undefined)
  const now = apiTime(inputs.nowMs)
  const phase = phaseOf(pod, containerStatuses, initContainerStatuses, inputs.terminal)
  const { nominatedNodeName, qosClass: qos = qosClass(pod), startTime = now } = pod.status ?? {}
  const status: PodStatus = {
    ...(nominatedNodeName ? { nominatedNodeName } : {}),
    phase,
    ...(initContainerStatuses.length > 0 ? { initContainerStatuses } : {}),
    containerStatuses,
    ...(ephemeralContainerStatuses.length > 0 ? { ephemeralContainerStatuses } : {}),
    hostIP: nodeIps[0] ?? '',
    hostIPs: nodeIps.map((ip) => ({ ip })),
    ...addresses(inputs),
    qosClass: qos,
    startTime,
    ...(pod.metadata.generation === undefined ? {} : { observedGeneration: pod.metadata.generation }),
  }
  const own = conditionsOf(pod, status, phase, sandboxReady(inputs), now).filter((condition) => !condition.type.startsWith('PodResize'))
  return { ...status, conditions: [...inputs.extraConditions, ...own] }
}

/** The sandbox's addresses; those known before stay when it is gone. */
function addresses({ pod, runtime, nodeIps }: StatusInputs): Pick<PodStatus, 'podIP' | 'podIPs'> {
  const [sandbox] = runtime.sandboxes
  const now = pod.spec?.hostNetwork ? [...nodeIps] : sandbox ? ipsOf(sandbox) : []
  const ips = now.length > 0 ? now : (pod.status?.podIPs ?? []).map((item) => item.ip ?? '')
  return ips.length > 0 ? { podIP: ips[0] as string, podIPs: ips.map((ip) => ({ ip })) } : {}
}

function sandboxReady({ pod, runtime }: StatusInputs): boolean {
  const [sandbox] = runtime.sandboxes
  return sandbox?.state === 'SANDBOX_READY' && (pod.spec?.hostNetwork === true || ipsOf(sandbox).length > 0)
}

function one(inputs: StatusInputs, kind: ContainerKind, container: Container): ContainerStatus {
  const { pod, runtime } = inputs
  const current = findContainer(runtime, container.name)
  const previous = known(pod, kind)?.find((item) => item.name === container.name)
  const restart = current?.state === 'CONTAINER_EXITED' && !inputs.terminal && (kind === 'regular' ? shouldRestart(pod, container, current) : kind === 'init' && initRestarts(pod, container, current))
  const hasInit = (pod.spec?.initContainers ?? []).length > 0
  const status = containerStatus({
    pod, container, kind, runtime, previous, waiting: inputs.waitReason(container.name), pending: restart === true, hasInit,
    terminationMessage: (runtimeStatus) => inputs.terminationMessage(runtimeStatus), actualResources: (runtimeStatus) => inputs.actualResources(container, runtimeStatus),
  })
  return { ...status, ...readiness(inputs, kind, container, current) }
}

function known(pod: Pod, kind: ContainerKind): readonly ContainerStatus[] | undefined {
  const status = pod.status
  return kind === 'init' ? status?.initContainerStatuses : kind === 'regular' ? status?.containerStatuses : status?.ephemeralContainerStatuses
}

function initRestarts(pod: Pod, container: Container, status: RuntimeStatus): boolean {
  if (isSidecar(container)) return true
  return status.exitCode !== 0 && (pod.spec?.restartPolicy !== 'Never' || shouldRestart(pod, container, status))
}

function readiness(inputs: StatusInputs, kind: ContainerKind, container: Container, current: RuntimeStatus | undefined): { ready: boolean; started: boolean } {
  const running = current?.state === 'CONTAINER_RUNNING'
  if (kind === 'ephemeral') return { ready: false, started: false }
  if (kind === 'init' && !isSidecar(container)) return { ready: current?.state === 'CONTAINER_EXITED' && current.exitCode === 0, started: running }
  if (!running || !current) return { ready: false, started: false }
  const started = inputs.started(container, current)
  return { started, ready: started && inputs.ready(container, current) }
}
