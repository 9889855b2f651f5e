/** Whether a running container has the resources it was given, and what has to happen where it has not. */
import type { Container, Pod } from '#engine/api/kinds'
import type { ContainerStatus, LinuxResources } from '#engine/cri/api'
import { containerResources } from './resources'
import { isSidecar } from './restart'

export type SizeAction = 'same' | 'update' | 'restart'

interface ResizePolicy { resourceName?: string; restartPolicy?: string }

export function sizeAction(pod: Pod, container: Container, status: ContainerStatus, nodeMemoryBytes: number): SizeAction {
  const isInit = (pod.spec?.initContainers ?? []).some((item) => item.name === container.name)
  if (isInit && !isSidecar(container)) return 'same'
  const changed = differences(containerResources(pod, container, nodeMemoryBytes), status.resources.linux)
  if (changed.length === 0) return 'same'
  const policies = (container as { resizePolicy?: ResizePolicy[] }).resizePolicy ?? []
  const restarts = policies.filter((policy) => policy.restartPolicy === 'RestartContainer').map((policy) => policy.resourceName)
  return changed.some((name) => restarts.includes(name)) ? 'restart' : 'update'
}

function differences(wanted: LinuxResources, actual: LinuxResources): string[] {
  const differs = (key: 'cpuShares' | 'cpuQuota' | 'memoryLimitInBytes'): boolean => (wanted[key] ?? 0) !== (actual[key] ?? 0)
  return [...(differs('cpuShares') || differs('cpuQuota') ? ['cpu'] : []), ...(differs('memoryLimitInBytes') ? ['memory'] : [])]
}
