/** A ReadWriteOncePod claim is used by one pod only. */
import { persistentVolumeClaims } from '#engine/client/resources'
import { type PluginFactory, reject } from '#engine/scheduler/framework'
import { claimsOf } from '#engine/scheduler/node-info'

const name = 'VolumeRestrictions'
const reason = 'node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode'

export const volumeRestrictions: PluginFactory = {
  name,
  create: (handle) => ({
    name,
    preFilter(state, info) {
      const store = handle.informers.of(persistentVolumeClaims).store
      const exclusive = claimsOf(info.pod).filter((key) => (store.byKey(key)?.spec?.accessModes ?? []).some((mode) => (mode as string) === 'ReadWriteOncePod'))
      if (exclusive.length === 0) {
        state.skipFilter.add(name)
        return undefined
      }
      state.write(name, exclusive)
      return undefined
    },
    filter(state, _info, node) {
      const exclusive = state.read<string[]>(name) ?? []
      // Another node may hold the claim too: it is taken wherever its pod runs.
      if (exclusive.some((key) => node.claims.has(key))) return reject(reason)
      return exclusive.some((key) => handle.cache.list().some((other) => other.name !== node.name && other.claims.has(key))) ? reject(reason) : undefined
    },
    helps: (event) => (event.kind === 'AssignedPod' && event.action === 'delete') || event.kind === 'PersistentVolumeClaim' || event.kind === 'Node',
  }),
}
