import { type PluginFactory, rejectForGood } from '#engine/scheduler/framework'

export const nodeName: PluginFactory = {
  name: 'NodeName',
  create: () => ({
    name: 'NodeName',
    filter(_state, info, node) {
      const wanted = info.pod.spec?.nodeName
      return !wanted || wanted === node.name ? undefined : rejectForGood("node(s) didn't match the requested node name")
    },
    helps: (event) => event.kind === 'Node' && event.action === 'add',
  }),
}
