import type { Pod } from '#engine/api/kinds'
import { type PluginFactory, reject } from '#engine/scheduler/framework'

export const nodePorts: PluginFactory = {
  name: 'NodePorts',
  create: () => ({
    name: 'NodePorts',
    preFilter(state, info) {
      if (info.hostPorts.length === 0) state.skipFilter.add('NodePorts')
      return undefined
    },
    filter(_state, info, node) {
      return info.hostPorts.some((port) => node.portTaken(port)) ? reject("node(s) didn't have free ports for the requested pod ports") : undefined
    },
    helps: (event) => (event.kind === 'Node' && event.action === 'add') || (event.kind === 'AssignedPod' && event.action === 'delete' && usesHostPorts(event.previous as Pod | undefined)),
  }),
}

function usesHostPorts(pod: Pod | undefined): boolean {
  return [...(pod?.spec?.containers ?? []), ...(pod?.spec?.initContainers ?? [])].some((container) => (container.ports ?? []).some((port) => port.hostPort))
}
