import { nodeChanged, normalizeByMax, type PluginFactory, rejectForGood } from '#engine/scheduler/framework'
import { tolerates, untolerated } from '#engine/api/tolerations'

export const taintToleration: PluginFactory = {
  name: 'TaintToleration',
  create: () => ({
    name: 'TaintToleration',
    filter(_state, info, node) {
      return untolerated(info.pod, node.node?.spec?.taints, ['NoSchedule', 'NoExecute']) ? rejectForGood('node(s) had untolerated taint(s)') : undefined
    },
    score(_state, info, node) {
      const tolerations = (info.pod.spec?.tolerations ?? []).filter((toleration) => !toleration.effect || toleration.effect === 'PreferNoSchedule')
      return (node.node?.spec?.taints ?? []).filter((taint) => taint.effect === 'PreferNoSchedule' && !tolerations.some((toleration) => tolerates(toleration, taint))).length
    },
    normalize: (_state, _pod, scores) => normalizeByMax(scores, true),
    helps: (event) => event.kind === 'UnscheduledPod' || (event.kind === 'Node' && nodeChanged(event, (node) => node.spec?.taints)),
  }),
}
