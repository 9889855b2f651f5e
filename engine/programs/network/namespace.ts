/** The network namespace of a process, as the tools administer it. */
import type { Process } from '#engine/linux/abi/process'
import { NetNamespace } from '#engine/linux/net/namespace'

export function namespaceOf(process: Process, path?: string): NetNamespace {
  const namespace = path === undefined ? process.networkNamespace() : process.networkNamespace(path)
  if (!(namespace instanceof NetNamespace)) throw new Error('no network stack')
  return namespace
}

export function mayAdminister(process: Process): boolean {
  return process.credentials.capabilities.has('NET_ADMIN') || process.credentials.euid === 0
}
