/** A container's status for the API, from what the runtime tells, what the last sync met, and what the API holds. */
import type { Container, ContainerStatus, Pod } from '#engine/api/kinds'
import { canonicalQuantity } from '#engine/api/quantity'
import { type ContainerStatus as RuntimeStatus, millis } from '#engine/cri/api'
import { apiTime } from '#engine/client/time'
import { restartCount, type RuntimePod } from '../runtime/podstatus'
import type { ContainerKind } from '../runtime/restart'
import { isSidecar } from '../runtime/restart'
import type { WaitReason } from '../runtime/manager'

type State = NonNullable<ContainerStatus['state']>

export interface ContainerInputs {
  readonly pod: Pod
  readonly container: Container
  readonly kind: ContainerKind
  readonly runtime: RuntimePod
  readonly previous: ContainerStatus | undefined
  readonly waiting: WaitReason | undefined
  /** The container will be started again, or for the first time. */
  readonly pending: boolean
  readonly hasInit: boolean
  readonly terminationMessage: (status: RuntimeStatus) => string
  readonly actualResources: (status: RuntimeStatus) => Container['resources']
}

export function containerStatus(inputs: ContainerInputs): ContainerStatus {
  const own = inputs.runtime.containers.filter((status) => status.metadata.name === inputs.container.name)
  const [current, before] = own
  const base = current ? fromRuntime(inputs, current) : withoutRuntime(inputs)
  const last = before ?? undefined
  const status: ContainerStatus = { ...base, ...(last ? { lastState: { terminated: terminated(inputs, last) } } : {}) }
  if (current && current.state === 'CONTAINER_EXITED' && inputs.waiting && inputs.pending) {
    return { ...status, state: { waiting: { reason: inputs.waiting.reason, message: inputs.waiting.message } }, lastState: { terminated: terminated(inputs, current) } }
  }
  return status
}

function withoutRuntime(inputs: ContainerInputs): ContainerStatus {
  const { container, previous, kind } = inputs
  if (previous?.state?.running && kind === 'regular') return vanished(previous)
  const { reason, message } = inputs.waiting ?? { reason: inputs.hasInit ? 'PodInitializing' : 'ContainerCreating', message: '' }
  const { lastState = {}, restartCount: count = 0 } = previous ?? {}
  return { name: container.name, state: { waiting: { reason, ...(message === '' ? {} : { message }) } }, lastState, ready: false, restartCount: count, image: container.image ?? '', imageID: '', started: false, ...volumeMounts(container) }
}

/** A container that has run before and whose record is gone has ended for reasons nobody knows. */
function vanished(previous: ContainerStatus): ContainerStatus {
  const terminatedState = { exitCode: 137, reason: 'ContainerStatusUnknown', message: 'The container could not be located when the pod was terminated', startedAt: null as never, finishedAt: null as never }
  return { ...previous, state: { terminated: terminatedState }, ready: false, started: false }
}

function fromRuntime(inputs: ContainerInputs, status: RuntimeStatus): ContainerStatus {
  const { container } = inputs
  const running = status.state === 'CONTAINER_RUNNING'
  return {
    ...resources(inputs, status, running),
    containerID: `containerd://${status.id}`,
    image: imageName(status, container),
    imageID: status.imageRef,
    lastState: {},
    name: container.name,
    ready: false,
    restartCount: restartCount(status),
    started: false,
    state: stateOf(inputs, status),
    user: { linux: { uid: status.user.linux.uid, gid: status.user.linux.gid, supplementalGroups: [...status.user.linux.supplementalGroups] } },
    ...volumeMounts(container),
  } as ContainerStatus
}

function imageName(status: RuntimeStatus, container: Container): string {
  return status.image.image === '' ? (container.image ?? '') : status.image.image
}

function stateOf(inputs: ContainerInputs, status: RuntimeStatus): State {
  if (status.state === 'CONTAINER_RUNNING') return { running: { startedAt: apiTime(millis(status.startedAt)) } }
  if (status.state === 'CONTAINER_EXITED') return { terminated: terminated(inputs, status) }
  return { waiting: { reason: inputs.waiting?.reason ?? 'ContainerCreating', ...(inputs.waiting ? { message: inputs.waiting.message } : {}) } }
}

function terminated(inputs: ContainerInputs, status: RuntimeStatus): NonNullable<State['terminated']> {
  const message = status.message === '' ? inputs.terminationMessage(status) : status.message
  return {
    containerID: `containerd://${status.id}`,
    exitCode: status.exitCode,
    finishedAt: apiTime(millis(status.finishedAt)),
    ...(message === '' ? {} : { message }),
    reason: status.reason === '' ? (status.exitCode === 0 ? 'Completed' : 'Error') : status.reason,
    startedAt: status.startedAt === 0 ? '1970-01-01T00:00:00Z' : apiTime(millis(status.startedAt)),
  } as NonNullable<State['terminated']>
}

/** What is in force for a running container, what is allotted to one that is not. */
function resources(inputs: ContainerInputs, status: RuntimeStatus, running: boolean): Partial<ContainerStatus> {
  if (inputs.kind === 'ephemeral' || (inputs.kind === 'init' && !isSidecar(inputs.container))) return {}
  const actual = (running ? inputs.actualResources(status) : inputs.container.resources) ?? {}
  const allocated = inputs.container.resources?.requests
  return { ...(allocated && Object.keys(allocated).length > 0 ? { allocatedResources: canonical(allocated) } : {}), resources: { ...(actual.limits ? { limits: canonical(actual.limits) } : {}), ...(actual.requests ? { requests: canonical(actual.requests) } : {}) } }
}

function canonical(map: Readonly<Record<string, string | number>>): Record<string, string> {
  return Object.fromEntries(Object.entries(map).map(([key, value]) => [key, canonicalQuantity(String(value))]))
}

function volumeMounts(container: Container): Partial<ContainerStatus> {
  const mounts = container.volumeMounts ?? []
  if (mounts.length === 0) return {}
  return { volumeMounts: mounts.map((mount) => ({ mountPath: mount.mountPath, name: mount.name, ...(mount.readOnly ? { readOnly: true, recursiveReadOnly: mount.recursiveReadOnly === undefined ? 'Disabled' : mount.recursiveReadOnly === 'IfPossible' || mount.recursiveReadOnly === 'Enabled' ? 'Enabled' : 'Disabled' } : {}) })) } as Partial<ContainerStatus>
}
