/** A container's root file system, for those who look into it from outside. */
import { isErrno } from '#engine/linux/abi/errno'
import { snapshotKey } from '#engine/cri/podman/spec'
import type { ContainerRecord } from '#engine/cri/podman/model'
import type { Session } from './session'

/** Runs `work` with the path of the root, which is mounted for it where the container is not running. */
export function mounted<T>({ library, process }: Session, record: ContainerRecord, work: (root: string) => T): T {
  const { lower, upper, work: scratch } = library.store.snapshots.mounts(snapshotKey(record.id))
  const path = upper.replace(/\/fs$/, '/merged')
  if (library.state(record.id).status === 'running') return work(path)
  process.files.mkdirAll(path, 0o755)
  process.files.mount({ source: 'overlay', target: path, type: 'overlay', options: ['rw', `lowerdir=${lower.length > 0 ? lower.join(':') : path}`, `upperdir=${upper}`, `workdir=${scratch}`] })
  try {
    return work(path)
  } finally {
    try {
      process.files.unmount(path, { lazy: true })
    } catch (error) {
      if (!isErrno(error)) throw error
    }
  }
}
