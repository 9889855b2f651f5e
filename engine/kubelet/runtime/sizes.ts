/** Whether a running container has the resources it was given, and what has to happen where it has not. */
import type { Container, Pod } from '#engine/api/kinds'
import type { ContainerStatus } from '#engine/cri/api'
import { containerResources } from './resources'
import { isSidecar } from './restart'

export type SizeAction = 'same' | 'update' | 'restart'

interface ResizePolicy { resourceName?: string; restartPolicy?: string }

export function sizeAction(pod: Pod, container: Container, status: ContainerStatus, nodeMemoryBytes: number): SizeAction {
  const inits = (pod.spec?.initContainers ?? []).some((item) => item.name === container.name)
  if (inits && !isSidecar(container)) return 'same'
  const wanted = containerResources(pod, container, nodeMemoryBytes)
  const actual = status.resources.linux
  const changed: string[] = []
  if (wanted.cpuShares !== actual.cpuShares || (wanted.cpuQuota ?? 0) !== (actual.cpuQuota ?? 0)) changed.push('cpu')
  if ((wanted.memoryLimitInBytes ?? 0) !== (actual.memoryLimitInBytes ?? 0)) changed.push('memory')
  if (changed.length === 0) return 'same'
  const policies = ((container as { resizePolicy?: ResizePolicy[] }).resizePolicy ?? [])
  return changed.some((name) => policies.some((policy) => policy.resourceName === name && policy.restartPolicy === 'RestartContainer')) ? 'restart' : 'update'
}
