/** A node attaches only so many volumes of a CSI driver as its CSINode says. */
import type { Pod } from '#engine/api/kinds'
import { csiNodes, persistentVolumeClaims, persistentVolumes } from '#engine/client/resources'
import { type PluginFactory, type PluginHandle, reject } from '#engine/scheduler/framework'
import { claimsOf } from '#engine/scheduler/node-info'

const name = 'NodeVolumeLimits'

export const nodeVolumeLimits: PluginFactory = {
  name,
  create: (handle) => ({
    name,
    preFilter(state, info) {
      if (claimsOf(info.pod).length === 0) state.skipFilter.add(name)
      return undefined
    },
    filter(_state, info, node) {
      const drivers = handle.informers.of(csiNodes).store.byKey(node.name)?.spec?.drivers ?? []
      if (drivers.length === 0) return undefined
      const attached = new Map<string, Set<string>>()
      for (const other of node.pods.values()) collect(other.pod, handle, attached)
      const before = new Map([...attached].map(([driver, volumes]) => [driver, volumes.size]))
      collect(info.pod, handle, attached)
      const full = drivers.some((driver) => {
        const limit = driver.allocatable?.count
        const count = attached.get(driver.name)?.size ?? 0
        return limit !== undefined && limit !== null && count > limit && count > (before.get(driver.name) ?? 0)
      })
      return full ? reject('node(s) exceed max volume count') : undefined
    },
    helps: (event) => (event.kind === 'AssignedPod' && event.action === 'delete') || event.kind === 'CSINode' || event.kind === 'PersistentVolumeClaim' || event.kind === 'VolumeAttachment',
  }),
}

function collect(pod: Pod, handle: PluginHandle, into: Map<string, Set<string>>): void {
  for (const claim of claimsOf(pod)) {
    const volumeName = handle.informers.of(persistentVolumeClaims).store.byKey(claim)?.spec?.volumeName
    const csi = volumeName ? handle.informers.of(persistentVolumes).store.byKey(volumeName)?.spec?.csi : undefined
    if (!csi) continue
    const volumes = into.get(csi.driver)
    if (volumes) volumes.add(csi.volumeHandle)
    else into.set(csi.driver, new Set([csi.volumeHandle]))
  }
}
