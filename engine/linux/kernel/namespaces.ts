/** Namespaces of a machine, and nsfs: the files that name them (/proc/PID/ns/net, and where those are bound to). */
import type { DirectoryEntry, FileSystemUsage } from '#engine/linux/abi/files'
import { Errno } from '#engine/linux/abi/errno'
import type { NetworkNamespace } from '#engine/linux/abi/net'
import type { PidNamespace } from '#engine/linux/kernel/pid'
import type { Attributes, FileBody, FileSystem } from '#engine/linux/vfs/filesystem'
import { Mount, type MountNamespace, type Place } from '#engine/linux/vfs/mount'
import { WatchHub } from '#engine/linux/vfs/watch'

export class UtsNamespace {
  constructor(
    readonly inode: number,
    public hostname: string,
  ) {}
}

export interface IpcNamespace {
  readonly inode: number
}

export interface Namespaces {
  readonly mount: MountNamespace
  readonly pid: PidNamespace
  readonly uts: UtsNamespace
  readonly ipc: IpcNamespace
  readonly network: NetworkNamespace
}

export type NamespaceKind = 'mnt' | 'pid' | 'uts' | 'ipc' | 'net' | 'user' | 'cgroup' | 'time'
export const namespaceKinds: readonly NamespaceKind[] = ['cgroup', 'ipc', 'mnt', 'net', 'pid', 'time', 'user', 'uts']

/** The first namespaces of every Linux machine have these numbers. */
export const firstInodes = { ipc: 4026531839, uts: 4026531838, user: 4026531837, pid: 4026531836, cgroup: 4026531835, time: 4026531834, mnt: 4026531841, net: 4026531840 } as const

/** The file system of namespace files. They stay open as long as something refers to them. */
export class NamespaceFiles implements FileSystem {
  readonly id = 4
  readonly type = 'nsfs'
  readonly root = 0
  readonly watches = new WatchHub()
  private readonly known = new Map<number, { readonly kind: NamespaceKind; readonly namespace: object }>()
  private readonly mount = new Mount(this, 0, 'nsfs', 'nsfs', [], false, undefined)

  constructor(private readonly now: () => number) {}

  place(kind: NamespaceKind, inode: number, namespace: object): Place {
    if (!this.known.has(inode)) this.known.set(inode, { kind, namespace })
    return { mount: this.mount, ino: inode, parent: undefined, name: `${kind}:[${inode}]` }
  }

  namespaceOf(place: Place): { readonly kind: NamespaceKind; readonly namespace: object } | undefined {
    return place.mount.fs === this ? this.known.get(place.ino) : undefined
  }

  /** True once a file names the namespace: it may be bound somewhere, so it stays. */
  isPinned(namespace: object): boolean {
    for (const each of this.known.values()) if (each.namespace === namespace) return true
    return false
  }

  attributes(): Attributes {
    const now = this.now()
    return { type: 'file', mode: 0o444, uid: 0, gid: 0, nlink: 1, size: 0, atimeMs: now, mtimeMs: now, ctimeMs: now }
  }

  lookup(): number {
    return 0
  }

  list(): DirectoryEntry[] {
    return []
  }

  readlink(): string {
    throw new Errno('EINVAL')
  }

  open(): FileBody {
    const empty = new Uint8Array(0)
    return { size: () => 0, read: () => empty, readAll: () => empty, write: refuse, truncate: refuse, attributes: () => this.attributes() }
  }

  create(): number {
    return refuse()
  }

  link(): void {
    refuse()
  }

  unlink(): void {
    refuse()
  }

  rmdir(): void {
    refuse()
  }

  rename(): void {
    refuse()
  }

  change(): void {
    refuse()
  }

  usage(): FileSystemUsage {
    return { type: 'nsfs', source: 'nsfs', totalBytes: 0, usedBytes: 0, totalInodes: 0, usedInodes: 0 }
  }
}

function refuse(): never {
  throw new Errno('EPERM')
}
