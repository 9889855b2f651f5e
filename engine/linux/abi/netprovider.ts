/** What a kernel asks of the network it is given. */
import type { NetworkNamespace, Sockets } from '#engine/linux/abi/net'
import type { Process } from '#engine/linux/abi/process'

/** How the kernel reaches its network stack: one per machine, handed to it when it is made. */
export interface NetworkProvider {
  /** A new namespace with a loopback interface that is down. The first one made is the machine's own. */
  createNamespace(): NetworkNamespace
  /** Called when the last process of a namespace is gone and no file names it. */
  destroyNamespace?(namespace: NetworkNamespace): void
  /** Called once per process, at its first use of `process.net`, and again after a change of namespace. */
  sockets(process: Process, namespace: NetworkNamespace): Sockets
  /** The text of a file of /proc/PID/net: `dev`, `route`, `tcp` ... Undefined: there is no such file. */
  procNet?(namespace: NetworkNamespace, file: string): string | undefined
  /** Names for a listing of /proc/PID/net. */
  procNetFiles?(): readonly string[]
  /** /proc/sys/net as `net.ipv4.ip_forward`: per namespace. Undefined: no such setting. */
  sysctl?(namespace: NetworkNamespace, name: string): string | undefined
  setSysctl?(namespace: NetworkNamespace, name: string, value: string): void
  sysctlNames?(namespace: NetworkNamespace): readonly string[]
  /** All namespaces as plain data, for a snapshot. */
  save?(): unknown
  /** Before pid 1 of a machine that comes back: namespaces with their inode numbers, interfaces, routes, tables. */
  restore?(state: unknown): void
  namespaceOf?(inode: number): NetworkNamespace | undefined
}
