/** Network namespaces that a file holds, so that they outlive the processes in them. */
import { isErrno } from '#engine/linux/abi/errno'
import type { Files } from '#engine/linux/abi/files'
import type { Process } from '#engine/linux/abi/process'
import { exitCodeOf } from '#engine/linux/abi/signals'

/** Makes a namespace and pins it at `path`; false where that fails. */
export async function pinNamespace(process: Process, path: string): Promise<boolean> {
  process.files.mkdirAll(path.slice(0, path.lastIndexOf('/')))
  process.files.writeFile(path, '')
  const child = process.fork(
    async (holder) => {
      await Promise.resolve()
      holder.files.mount({ source: '/proc/self/ns/net', target: path, type: 'bind', options: ['bind'] })
      return 0
    },
    { namespaces: { network: 'new' } },
  )
  return exitCodeOf(await child.wait()) === 0
}

export function unpinNamespace(files: Files, path: string): void {
  try {
    files.unmount(path, { lazy: true })
  } catch (error) {
    if (!isErrno(error)) throw error
  }
  if (files.exists(path)) files.unlink(path)
}
