/** What the runtime knows of a pod: its sandboxes and containers, newest first. */
import type { ContainerStatus, PodSandboxStatus } from '#engine/cri/api'
import { RpcError } from '#engine/cri/rpc'
import type { CriClient } from '#engine/cri/transport'

export const podUidLabel = 'io.kubernetes.pod.uid'
export const podNameLabel = 'io.kubernetes.pod.name'
export const podNamespaceLabel = 'io.kubernetes.pod.namespace'
export const containerNameLabel = 'io.kubernetes.container.name'
export const restartCountAnnotation = 'io.kubernetes.container.restartCount'
export const hashAnnotation = 'io.kubernetes.container.hash'
export const messagePathAnnotation = 'io.kubernetes.container.terminationMessagePath'
export const messagePolicyAnnotation = 'io.kubernetes.container.terminationMessagePolicy'
export const podGraceAnnotation = 'io.kubernetes.pod.terminationGracePeriod'

export interface RuntimePod {
  readonly sandboxes: readonly PodSandboxStatus[]
  /** Of all sandboxes, newest first. */
  readonly containers: readonly ContainerStatus[]
}

export const noRuntimePod: RuntimePod = { sandboxes: [], containers: [] }

export async function readRuntimePod(cri: CriClient, uid: string): Promise<RuntimePod> {
  const { items } = await cri.runtime.ListPodSandbox({ filter: { labelSelector: { [podUidLabel]: uid } } })
  const answers = await Promise.all(items.map((item) => statusOf(cri, item.id)))
  const found = answers.filter((answer) => answer !== undefined)
  return {
    sandboxes: found.map((answer) => answer.status).sort((a, b) => b.metadata.attempt - a.metadata.attempt || b.createdAt - a.createdAt),
    containers: found.flatMap((answer) => answer.containersStatuses).sort((a, b) => b.createdAt - a.createdAt || b.metadata.attempt - a.metadata.attempt),
  }
}

async function statusOf(cri: CriClient, id: string): Promise<Awaited<ReturnType<CriClient['runtime']['PodSandboxStatus']>> | undefined> {
  try {
    return await cri.runtime.PodSandboxStatus({ podSandboxId: id })
  } catch (error) {
    if (error instanceof RpcError && error.code === 'NotFound') return undefined
    throw error
  }
}

/** The newest container of a name. */
export function findContainer(pod: RuntimePod, name: string): ContainerStatus | undefined {
  return pod.containers.find((status) => status.metadata.name === name)
}

/** The newest of a name that has ended. */
export function findExited(pod: RuntimePod, name: string): ContainerStatus | undefined {
  return pod.containers.find((status) => status.metadata.name === name && isExited(status))
}

export function isRunning(status: ContainerStatus | undefined): boolean {
  return status?.state === 'CONTAINER_RUNNING'
}

export function isExited(status: ContainerStatus | undefined): boolean {
  return status?.state === 'CONTAINER_EXITED'
}

export function restartCount(status: ContainerStatus): number {
  return Number(status.annotations[restartCountAnnotation] ?? status.metadata.attempt)
}
