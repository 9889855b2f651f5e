import { pods } from '#engine/client/resources'
import { failed, type PluginFactory } from '#engine/scheduler/framework'

export const defaultBinder: PluginFactory = {
  name: 'DefaultBinder',
  create: (handle) => ({
    name: 'DefaultBinder',
    async bind(_state, info, node) {
      const { namespace, name, uid } = info.pod.metadata
      try {
        await handle.client.of(pods).post(namespace ?? '', name ?? '', 'binding', { apiVersion: 'v1', kind: 'Binding', metadata: { namespace, name, uid }, target: { kind: 'Node', name: node } })
        return undefined
      } catch (error) {
        return failed(error)
      }
    },
  }),
}
