/** Network namespaces of containers, pinned by a file so that they outlive their processes. */
import { toHex } from '#engine/base/bytes'
import { pinNamespace as pin, unpinNamespace as unpin } from '#engine/cri/containerd/netns'
import type { DockerHost } from '../host'
import { netNamespace } from '../host'
import { serverError } from '../model'

/** A new namespace with its loopback up; the path of its file. */
export async function pinNamespace({ process, config }: DockerHost): Promise<string> {
  const path = `${config.execRoot}/netns/${toHex(process.random.bytes(6))}`
  if (!(await pin(process, path))) throw serverError(`failed to create network namespace at ${path}`)
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
  unpin(files, path)
}
