/** Unix sockets: found by the inode of their file, so that mounts and renames do what they do in Linux. */
import type { Clock } from '#engine/base/clock'
import { Errno } from '#engine/linux/abi/errno'
import type { SocketAddress } from '#engine/linux/abi/net'
import type { Process } from '#engine/linux/abi/process'
import type { ServiceEndpoint } from '#engine/linux/net/endpoint'
import { ExpectedListeners } from '#engine/linux/net/expected'
import type { NetNamespace } from '#engine/linux/net/namespace'
import type { SocketOwner } from '#engine/linux/net/owner'

export interface UnixListener {
  readonly path: string
  readonly endpoint: ServiceEndpoint
  readonly owner: SocketOwner
  readonly inode: number
}

export class UnixSockets {
  private readonly byFile = new Map<string, UnixListener>()
  /** By path. */
  readonly expected: ExpectedListeners
  private nextInode = 15000
  /** By real path: who is to be told that somebody wants what nobody serves yet. */
  private readonly activators = new Map<string, () => void>()

  constructor(clock: Clock) {
    this.expected = new ExpectedListeners(clock)
  }

  list(): UnixListener[] {
    return [...this.byFile.values()]
  }

  /** What a snapshot notes. */
  paths(): string[] {
    return [...new Set([...this.list().map((each) => each.path), ...this.expected.names])]
  }

  /** Makes the socket's file. EADDRINUSE where something stands there. */
  bind(process: Process, path: string, endpoint: ServiceEndpoint, owner: SocketOwner): () => void {
    try {
      process.files.mknod(path, 'socket', 0, 0, 0o777)
    } catch (error) {
      if (error instanceof Errno && error.code === 'EEXIST') throw new Errno('EADDRINUSE', path)
      throw error
    }
    const key = fileKey(process, path)
    this.byFile.set(key, { path, endpoint, owner, inode: this.nextInode++ })
    this.expected.came(path)
    return () => this.byFile.delete(key)
  }

  /** Whoever connects to the path while nobody listens there calls `wake`, and waits for a listener. */
  activate(path: string, wake: () => void): () => void {
    this.activators.set(path, wake)
    return () => this.activators.get(path) === wake && this.activators.delete(path)
  }

  /** Calls for who serves a path on demand; the name to wait for, where somebody was called. */
  summon(process: Process, path: string): string | undefined {
    if (this.activators.size === 0 || !process.files.exists(path)) return undefined
    const real = process.files.realpath(path)
    const wake = this.activators.get(real)
    if (!wake || this.byFile.has(fileKey(process, path))) return undefined
    if (!this.expected.has(real)) this.expected.expect([real])
    wake()
    return real
  }

  /** ENOENT, ECONNREFUSED, EACCES. */
  reach(process: Process, path: string, namespace: NetNamespace): { endpoint: ServiceEndpoint; namespace: NetNamespace; serverOwner: SocketOwner; client: Ends; server: Ends; host: string } {
    const key = fileKey(process, path)
    const listener = this.byFile.get(key)
    if (!listener) throw new Errno('ECONNREFUSED', path)
    if (!process.files.access(path, { write: true })) throw new Errno('EACCES', path)
    const at: SocketAddress = { address: path, port: 0 }
    const nobody: SocketAddress = { address: '@', port: 0 }
    return { endpoint: listener.endpoint, namespace, serverOwner: listener.owner, client: { local: nobody, remote: at }, server: { local: at, remote: nobody }, host: 'localhost' }
  }
}

interface Ends {
  readonly local: SocketAddress
  readonly remote: SocketAddress
}

function fileKey(process: Process, path: string): string {
  const { dev, ino } = process.files.stat(path)
  return `${dev}:${ino}`
}
