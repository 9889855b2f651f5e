/** Takes a stopped container off the disk. */
import { isErrno } from '#engine/linux/abi/errno'
import type { Library } from './library'
import type { ContainerRecord } from './model'
import { snapshotKey } from './spec'

export function discard(library: Library, record: ContainerRecord, volumes = true): void {
  const { store } = library
  const upper = store.snapshots.upperDirectory(snapshotKey(record.id))
  if (upper !== undefined) {
    try {
      library.files.unmount(upper.replace(/\/fs$/, '/merged'), { lazy: true })
    } catch (error) {
      if (!isErrno(error)) throw error
    }
    store.snapshots.remove(snapshotKey(record.id))
  }
  library.forgetContainer(record.id)
  if (!volumes) return
  const anonymous = new Set(library.volumes().filter((volume) => volume.anonymous).map((volume) => volume.name))
  for (const mount of record.mounts) if (mount.type === 'volume' && anonymous.has(mount.source) && (record.autoRemove)) library.removeVolume(mount.source)
}
