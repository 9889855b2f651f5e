/** The kernel's own view of the disk: what mounts the first file systems, and what the host uses to look in. */
import { Errno } from '#engine/linux/abi/errno'
import type { MountRequest, OpenFile } from '#engine/linux/abi/files'
import type { Credentials } from '#engine/linux/abi/process'
import type { Cgroup } from '#engine/linux/kernel/cgroup'
import { rootCredentials } from '#engine/linux/kernel/credentials'
import type { Kernel } from '#engine/linux/kernel/kernel'
import type { Namespaces } from '#engine/linux/kernel/namespaces'
import type { FilesContext } from '#engine/linux/vfs/context'
import type { FileSystem } from '#engine/linux/vfs/filesystem'
import type { MountNamespace, Place } from '#engine/linux/vfs/mount'

/** Who mounts: its namespaces and group decide what a proc or cgroup2 shows. */
export interface Mounter extends FilesContext {
  readonly namespaces: Namespaces
  readonly cgroup: Cgroup
}

export class KernelContext implements Mounter {
  readonly credentials: Credentials = rootCredentials
  readonly umaskBits = 0o022

  constructor(private readonly kernel: Kernel) {}

  get namespaces(): Namespaces {
    return this.kernel.namespaces
  }

  get cgroup(): Cgroup {
    return this.kernel.cgroups
  }

  get namespace(): MountNamespace {
    return this.kernel.namespaces.mount
  }

  get root(): Place {
    return this.namespace.root.place()
  }

  get cwdPlace(): Place {
    return this.root
  }

  enter(): void {
    this.kernel.current = this.kernel.pidNamespace.init
  }

  block<T>(start: (done: (value: T) => void) => () => void): Promise<T> {
    return new Promise((resolve) => start(resolve))
  }

  openSpecial(): OpenFile {
    throw new Errno('EOPNOTSUPP')
  }

  bind(file: OpenFile): OpenFile {
    return file
  }

  makeFileSystem(request: MountRequest): FileSystem {
    return this.kernel.fileSystems.make(this, request)
  }
}
