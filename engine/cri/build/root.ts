/** The root file system of an image, mounted to be changed: a writable layer of its own over the image's. */
import type { Process } from '#engine/linux/abi/process'
import { chainIds } from '../images/content'
import type { StoredImage } from '../images/store'
import type { ImageScope } from '../archive/scope'

export interface MountedRoot {
  readonly path: string
  /** The active snapshot's key. */
  readonly snapshot: string
  /** Lets go of the mount; the layer stays. */
  unmount(): void
  /** Unmounts, and throws the layer away. */
  discard(): void
}

export function mountRoot(process: Process, scope: ImageScope, image: StoredImage | undefined, name: string): MountedRoot {
  const { store, files } = scope
  const snapshot = `${scope.namespace}/build ${name}`
  const parent = image ? (chainIds(image.config.rootfs.diff_ids).at(-1) ?? '') : ''
  const { lower, upper, work } = store.snapshots.prepare(snapshot, parent)
  const path = upper.replace(/\/fs$/, '/merged')
  files.mkdirAll(path, 0o755)
  const below = lower.length > 0 ? lower.join(':') : path
  process.files.mount({ source: 'overlay', target: path, type: 'overlay', options: ['rw', 'relatime', `lowerdir=${below}`, `upperdir=${upper}`, `workdir=${work}`] })
  let mounted = true
  const unmount = (): void => {
    if (!mounted) return
    mounted = false
    process.files.unmount(path, { lazy: true })
  }
  return {
    path, snapshot, unmount,
    discard: () => {
      unmount()
      store.snapshots.remove(snapshot)
    },
  }
}
