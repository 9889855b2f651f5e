/** File systems that mount(2) can make, by type. */
import { Errno } from '#engine/linux/abi/errno'
import type { MountRequest, OpenFile } from '#engine/linux/abi/files'
import { CgroupFileSystem } from '#engine/linux/fs/cgroup/cgroupfs'
import { TreeFileSystem } from '#engine/linux/fs/cow/tree'
import { DevptsFileSystem } from '#engine/linux/fs/devpts/devpts'
import { type Layer, OverlayFileSystem } from '#engine/linux/fs/overlay/overlay'
import { ProcFileSystem } from '#engine/linux/fs/proc/procfs'
import { populateSys } from '#engine/linux/fs/sys/sysfs'
import type { Kernel } from '#engine/linux/kernel/kernel'
import type { Mounter } from '#engine/linux/kernel/context'
import type { FileSystem } from '#engine/linux/vfs/filesystem'
import { Mount, type Place } from '#engine/linux/vfs/mount'
import { walk } from '#engine/linux/vfs/walk'

const maxLowerLayers = 500
/** File systems that merely hold what is put there. */
const plainTrees = new Set(['devtmpfs', 'mqueue', 'securityfs', 'debugfs', 'tracefs', 'bpf', 'configfs', 'pstore', 'hugetlbfs'])

export class FileSystems {
  private readonly detached = new Map<FileSystem, Mount>()
  private pts: DevptsFileSystem | undefined
  private sys: TreeFileSystem | undefined

  constructor(private readonly kernel: Kernel) {}

  make(task: Mounter, request: MountRequest): FileSystem {
    const bootedAt = this.kernel.options.bootedAtMs
    if (plainTrees.has(request.type)) return new TreeFileSystem(() => this.kernel.clock.now(), { type: request.type, source: request.source })
    switch (request.type) {
      case 'tmpfs':
      case 'ramfs':
        return this.tmpfs(request.type, request)
      case 'proc':
        return new ProcFileSystem(this.kernel, task.namespaces.pid, bootedAt)
      case 'sysfs':
        return this.sysfs()
      case 'cgroup2':
        return new CgroupFileSystem(this.kernel, task.namespaces.mount === this.kernel.namespaces.mount ? this.kernel.cgroups : task.cgroup, bootedAt)
      case 'devpts':
        return (this.pts ??= new DevptsFileSystem(this.kernel.ttys, bootedAt))
      case 'overlay':
        return overlay(task, request)
      default:
        throw new Errno('ENODEV', request.target)
    }
  }

  /** The open file behind a place under /proc/PID/fd. */
  openedByProc(place: Place): OpenFile | undefined {
    return place.mount.fs instanceof ProcFileSystem ? place.mount.fs.openedBehind(place.ino) : undefined
  }

  /** A mount of a file system that stands nowhere, for places reached by magic links. */
  detachedMount(fs: FileSystem): Mount {
    let mount = this.detached.get(fs)
    if (!mount) this.detached.set(fs, (mount = new Mount(fs, fs.root, fs.type, fs.type, [], false, undefined)))
    return mount
  }

  private tmpfs(type: string, request: MountRequest): TreeFileSystem {
    const options = new Map(request.options.map((option) => option.split('=', 2) as [string, string]))
    const half = Math.floor(this.kernel.options.memoryBytes / 2)
    const totalBytes = sizeOf(options.get('size'), this.kernel.options.memoryBytes) ?? half
    const totalInodes = options.has('nr_inodes') ? (sizeOf(options.get('nr_inodes'), 0) ?? Infinity) : Math.floor(half / 4096)
    const mode = options.get('mode')
    return new TreeFileSystem(() => this.kernel.clock.now(), { type, source: request.source, totalBytes, totalInodes, rootMode: mode === undefined ? 0o1777 : Number.parseInt(mode, 8) })
  }

  private sysfs(): TreeFileSystem {
    if (this.sys) return this.sys
    this.sys = new TreeFileSystem(() => this.kernel.clock.now(), { type: 'sysfs' })
    populateSys(this.sys, this.kernel)
    return this.sys
  }
}

function overlay(task: Mounter, request: MountRequest): OverlayFileSystem {
  const option = (name: string): string | undefined => request.options.find((each) => each.startsWith(`${name}=`))?.slice(name.length + 1)
  const lowers = option('lowerdir')?.split(':').filter(Boolean) ?? []
  if (lowers.length === 0 || lowers.length > maxLowerLayers) throw new Errno('EINVAL', request.target)
  const upper = option('upperdir')
  if (upper !== undefined && option('workdir') === undefined) throw new Errno('EINVAL', request.target)
  const layer = (path: string): Layer => {
    const { mount, ino } = walk(task, path)
    return { fs: mount.fs, ino }
  }
  return new OverlayFileSystem(upper === undefined ? undefined : layer(upper), lowers.map(layer))
}

function sizeOf(text: string | undefined, whole: number): number | undefined {
  const match = /^(\d+)([kmgt%]?)$/i.exec(text ?? '')
  if (!match) return undefined
  const unit = (match[2] ?? '').toLowerCase()
  const number = Number(match[1])
  return unit === '%' ? Math.floor((whole * number) / 100) : number * ({ k: 1024, m: 1024 ** 2, g: 1024 ** 3, t: 1024 ** 4 }[unit] ?? 1)
}
