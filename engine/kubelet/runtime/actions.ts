/** What has to happen for a pod's containers to be as its spec wants them: computed from what runs, done by manager.ts. */
import type { Container, Pod } from '#engine/api/kinds'
import type { ContainerStatus, PodSandboxStatus } from '#engine/cri/api'
import { containerHash } from './config'
import { findContainer, hashAnnotation, isExited, isRunning, type RuntimePod } from './podstatus'
import { isSidecar, shouldRestart } from './restart'
import type { SizeAction } from './sizes'

export interface KillAction { readonly status: ContainerStatus; readonly container: Container | undefined; readonly message: string; readonly reason: 'liveness' | 'startup' | 'changed' | 'stopping' }

export type SizeOf = (container: Container, status: ContainerStatus) => SizeAction

export interface PodActions {
  readonly killPod: boolean
  readonly createSandbox: boolean
  readonly sandbox: PodSandboxStatus | undefined
  readonly attempt: number
  readonly initToStart: readonly Container[]
  readonly start: readonly Container[]
  readonly ephemeral: readonly Container[]
  readonly kill: readonly KillAction[]
  /** Running containers that get other resources without a restart. */
  readonly resize: readonly { readonly container: Container; readonly id: string }[]
}

export interface ProbeVerdicts {
  /** The container's probe of this kind has failed past its threshold. */
  failed(kind: 'liveness' | 'startup', containerId: string): boolean
  /** The container has started, as far as its startup probe tells. */
  started(pod: Pod, container: Container, status: ContainerStatus): boolean
}

export function computeActions(pod: Pod, runtime: RuntimePod, probes: ProbeVerdicts, sizeOf: SizeOf): PodActions {
  const ready = runtime.sandboxes.filter((sandbox) => sandbox.state === 'SANDBOX_READY')
  const newest = runtime.sandboxes[0]
  const usable = ready.length === 1 && newest?.state === 'SANDBOX_READY' ? newest : undefined
  if (!usable) return withNewSandbox(pod, runtime, newest)
  const own: RuntimePod = { sandboxes: runtime.sandboxes, containers: runtime.containers }
  const kill: KillAction[] = []
  const init = initActions(pod, own, probes, kill)
  const start = init.done ? regularActions(pod, own, probes, kill, sizeOf) : []
  const allDone = init.done && start.length === 0 && !regularAlive(pod, own, kill)
  if (allDone && init.toStart.length === 0) return { killPod: true, createSandbox: false, sandbox: usable, attempt: usable.metadata.attempt, initToStart: [], start: [], ephemeral: [], kill: [], resize: [] }
  return { killPod: false, createSandbox: false, sandbox: usable, attempt: usable.metadata.attempt, initToStart: init.toStart, start, ephemeral: ephemeralActions(pod, own), kill, resize: resizes(pod, own, kill, sizeOf) }
}

/** A pod that is through with its work gets no new sandbox. */
function withNewSandbox(pod: Pod, runtime: RuntimePod, newest: PodSandboxStatus | undefined): PodActions {
  const attempt = newest ? newest.metadata.attempt + 1 : 0
  const containers = pod.spec?.containers ?? []
  const toStart = containers.filter((container) => {
    const status = findContainer(runtime, container.name)
    return !status || !isExited(status) || shouldRestart(pod, container, status)
  })
  const create = attempt === 0 || toStart.length > 0
  const base = { killPod: true, createSandbox: create, sandbox: undefined, attempt, ephemeral: [], kill: [], resize: [] }
  if (!create) return { ...base, initToStart: [], start: [] }
  const inits = pod.spec?.initContainers ?? []
  return inits.length > 0 ? { ...base, initToStart: firstInits(inits), start: [] } : { ...base, initToStart: [], start: toStart }
}

/** A new sandbox begins with the first init container. */
function firstInits(inits: readonly Container[]): Container[] {
  return inits.slice(0, 1)
}

function initActions(pod: Pod, runtime: RuntimePod, probes: ProbeVerdicts, kill: KillAction[]): { done: boolean; toStart: Container[] } {
  const inits = pod.spec?.initContainers ?? []
  const mainStarted = (pod.spec?.containers ?? []).some((container) => findContainer(runtime, container.name))
  const toStart: Container[] = []
  let done = true
  for (const container of inits) {
    const status = inSandbox(runtime, container.name)
    const step = isSidecar(container) ? sidecarStep(pod, container, status, probes, kill) : plainStep(pod, container, status, mainStarted)
    if (step.start) toStart.push(container)
    if (!step.passed) {
      done = false
      break
    }
  }
  return { done: done || mainStarted, toStart }
}

function inSandbox(runtime: RuntimePod, name: string): ContainerStatus | undefined {
  return findContainer(runtime, name)
}

function sidecarStep(pod: Pod, container: Container, status: ContainerStatus | undefined, probes: ProbeVerdicts, kill: KillAction[]): { start: boolean; passed: boolean } {
  if (!status || !isRunning(status)) return { start: true, passed: false }
  const verdict = probeKill(status, container, probes)
  if (verdict) {
    kill.push(verdict)
    return { start: true, passed: true }
  }
  return { start: false, passed: probes.started(pod, container, status) }
}

function plainStep(pod: Pod, container: Container, status: ContainerStatus | undefined, mainStarted: boolean): { start: boolean; passed: boolean } {
  if (!status) return { start: !mainStarted, passed: mainStarted }
  if (!isExited(status)) return { start: status.state === 'CONTAINER_CREATED', passed: false }
  if (status.exitCode === 0) return { start: false, passed: true }
  if (mainStarted) return { start: false, passed: true }
  const policy = pod.spec?.restartPolicy === 'Never' ? shouldRestart({ ...pod, spec: { ...pod.spec, restartPolicy: 'Never' } } as Pod, container, status) : true
  return { start: policy, passed: false }
}

function resizes(pod: Pod, runtime: RuntimePod, kill: readonly KillAction[], sizeOf: SizeOf): { container: Container; id: string }[] {
  return [...(pod.spec?.initContainers ?? []), ...(pod.spec?.containers ?? [])].flatMap((container) => {
    const status = findContainer(runtime, container.name)
    if (!status || !isRunning(status) || kill.some((action) => action.status.id === status.id)) return []
    return sizeOf(container, status) === 'update' ? [{ container, id: status.id }] : []
  })
}

function regularActions(pod: Pod, runtime: RuntimePod, probes: ProbeVerdicts, kill: KillAction[], sizeOf: SizeOf): Container[] {
  const start: Container[] = []
  for (const container of pod.spec?.containers ?? []) {
    const status = findContainer(runtime, container.name)
    if (!status || !isRunning(status)) {
      if (isToStart(pod, container, status)) start.push(container)
      continue
    }
    const action = changeKill(status, container, sizeOf) ?? probeKill(status, container, probes)
    if (!action) continue
    kill.push(action)
    if (action.reason === 'changed' || restartsAfterProbe(pod, container)) start.push(container)
  }
  return start
}

function isToStart(pod: Pod, container: Container, status: ContainerStatus | undefined): boolean {
  return !status || !isExited(status) || shouldRestart(pod, container, status)
}

function changeKill(status: ContainerStatus, container: Container, sizeOf: SizeOf): KillAction | undefined {
  if (sizeOf(container, status) === 'restart') return { status, container, message: `Container ${container.name} resize requires restart`, reason: 'changed' }
  if (status.annotations[hashAnnotation] === containerHash(container)) return undefined
  return { status, container, message: `Container ${container.name} definition changed, will be restarted`, reason: 'changed' }
}

function restartsAfterProbe(pod: Pod, container: Container): boolean {
  return (container.restartPolicy ?? pod.spec?.restartPolicy) !== 'Never'
}

function probeKill(status: ContainerStatus, container: Container, probes: ProbeVerdicts): KillAction | undefined {
  for (const reason of ['liveness', 'startup'] as const) {
    if (probes.failed(reason, status.id)) return { status, container, message: `Container ${container.name} failed ${reason} probe, will be restarted`, reason }
  }
  return undefined
}

function regularAlive(pod: Pod, runtime: RuntimePod, kill: readonly KillAction[]): boolean {
  return (pod.spec?.containers ?? []).some((container) => {
    const status = findContainer(runtime, container.name)
    return isRunning(status) && !kill.some((action) => action.status.id === status?.id)
  })
}

function ephemeralActions(pod: Pod, runtime: RuntimePod): Container[] {
  return ((pod.spec?.ephemeralContainers ?? []) as Container[]).filter((container) => !findContainer(runtime, container.name))
}
