/** Network namespaces of containers, pinned by a file so that they outlive their processes. */
import { isErrno } from '#engine/linux/abi/errno'
import { exitCodeOf } from '#engine/linux/abi/signals'
import { toHex } from '#engine/base/bytes'
import type { DockerHost } from '../host'
import { netNamespace } from '../host'
import { serverError } from '../model'

/** A new namespace with its loopback up; the path of its file. */
export async function pinNamespace({ process, config }: DockerHost): Promise<string> {
  const directory = `${config.execRoot}/netns`
  const path = `${directory}/${toHex(process.random.bytes(6))}`
  process.files.mkdirAll(directory)
  process.files.writeFile(path, '')
  const child = process.fork(
    async (holder) => {
      await Promise.resolve()
      holder.files.mount({ source: '/proc/self/ns/net', target: path, type: 'bind', options: ['bind'] })
      return 0
    },
    { namespaces: { network: 'new' } },
  )
  if (exitCodeOf(await child.wait()) !== 0) throw serverError(`failed to create network namespace at ${path}`)
  const namespace = netNamespace(process, path)
  for (const device of ['all', 'default']) namespace.setSysctl(`ipv6.conf.${device}.disable_ipv6`, '1')
  const lo = namespace.interfaces.get('lo')
  if (lo) {
    namespace.setUp(lo, true)
    namespace.addAddress(lo, { address: 0x7f000001, length: 8 })
  }
  return path
}

export function unpinNamespace({ process: { files } }: DockerHost, path: string): void {
  try {
    files.unmount(path, { lazy: true })
  } catch (error) {
    if (!isErrno(error)) throw error
  }
  if (files.exists(path)) files.unlink(path)
}
