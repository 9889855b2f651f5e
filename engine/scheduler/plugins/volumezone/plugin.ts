/** Volumes labelled with a zone or region need a node there. */
import { persistentVolumeClaims, persistentVolumes } from '#engine/client/resources'
import { nodeChanged, type PluginFactory, rejectForGood } from '#engine/scheduler/framework'
import { claimsOf } from '#engine/scheduler/node-info'

const name = 'VolumeZone'
const keys = ['topology.kubernetes.io/zone', 'topology.kubernetes.io/region', 'failure-domain.beta.kubernetes.io/zone', 'failure-domain.beta.kubernetes.io/region']

interface Wanted {
  readonly key: string
  readonly values: readonly string[]
}

export const volumeZone: PluginFactory = {
  name,
  create: (handle) => ({
    name,
    preFilter(state, info) {
      const wanted: Wanted[] = []
      for (const claim of claimsOf(info.pod)) {
        const volumeName = handle.informers.of(persistentVolumeClaims).store.byKey(claim)?.spec?.volumeName
        const volume = volumeName ? handle.informers.of(persistentVolumes).store.byKey(volumeName) : undefined
        for (const key of keys) {
          const value = volume?.metadata.labels?.[key]
          if (value !== undefined) wanted.push({ key, values: value.split('__') })
        }
      }
      if (wanted.length === 0) state.skipFilter.add(name)
      else state.write(name, wanted)
      return undefined
    },
    filter(state, _info, node) {
      if (!keys.some((key) => node.labels[key] !== undefined)) return undefined
      return (state.read<Wanted[]>(name) ?? []).every(({ key, values }) => values.includes(node.labels[key] ?? '')) ? undefined : rejectForGood('node(s) had no available volume zone')
    },
    helps: (event) => ['PersistentVolume', 'PersistentVolumeClaim', 'StorageClass'].includes(event.kind) || (event.kind === 'Node' && nodeChanged(event, (node) => node.metadata.labels)),
  }),
}
