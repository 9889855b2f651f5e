import { nodeChanged, type PluginFactory, rejectForGood } from '#engine/scheduler/framework'
import { tolerates } from '#engine/api/tolerations'

const taint = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' } as const

export const nodeUnschedulable: PluginFactory = {
  name: 'NodeUnschedulable',
  create: () => ({
    name: 'NodeUnschedulable',
    filter(_state, info, node) {
      if (node.node?.spec?.unschedulable !== true) return undefined
      if ((info.pod.spec?.tolerations ?? []).some((toleration) => tolerates(toleration, taint))) return undefined
      return rejectForGood('node(s) were unschedulable')
    },
    helps: (event) => event.kind === 'UnscheduledPod' || (event.kind === 'Node' && nodeChanged(event, (node) => [node.spec?.unschedulable, node.spec?.taints])),
  }),
}
