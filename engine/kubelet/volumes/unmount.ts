import { isErrno } from '#engine/linux/abi/errno'
import type { KubeletContext } from '../context'

/** What is not mounted need not be unmounted. */
export function unmountQuietly(context: KubeletContext, path: string): void {
  try {
    context.process.files.unmount(path, { lazy: true })
  } catch (error) {
    if (!isErrno(error)) throw error
  }
}
