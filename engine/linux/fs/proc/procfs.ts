/** The tree of /proc. Inode numbers are computed, so nothing is kept per process. */
import { Errno } from '#engine/linux/abi/errno'
import type { DirectoryEntry, OpenFile } from '#engine/linux/abi/files'
import { namespaceFile, processFiles } from '#engine/linux/fs/proc/process'
import { systemFiles } from '#engine/linux/fs/proc/system'
import { namespaceKinds } from '#engine/linux/kernel/namespaces'
import type { Kernel } from '#engine/linux/kernel/kernel'
import type { PidNamespace } from '#engine/linux/kernel/pid'
import type { Task } from '#engine/linux/kernel/task'
import { DirectoryFile, RegularFile } from '#engine/linux/vfs/openfile'
import type { Attributes } from '#engine/linux/vfs/filesystem'
import type { Place } from '#engine/linux/vfs/mount'
import { VirtualFileSystem } from '#engine/linux/vfs/virtual'
import type { SettingTree } from '#engine/linux/kernel/settingtree'

const base = 0x10000
const perProcess = 512
const slot = { directory: 0, files: 1, namespaces: 80, fd: 96, ns: 97, net: 98, task: 99, fdLinks: 100, fdTargets: 228, netFiles: 360 } as const
const fdCount = slot.fdTargets - slot.fdLinks
const links = ['self', 'thread-self', 'mounts', 'net'] as const
const firstSystemFile = 16
const sysRoot = 0x1000
const processNames = Object.keys(processFiles)
const systemNames = Object.keys(systemFiles)

export class ProcFileSystem extends VirtualFileSystem {
  readonly type = 'proc'
  readonly root = 1

  constructor(
    private readonly kernel: Kernel,
    private readonly namespace: PidNamespace,
    madeAtMs: number,
  ) {
    super(madeAtMs)
  }

  attributes(ino: number): Attributes | undefined {
    if (ino >= base) return this.processAttributes(ino)
    if (ino === this.root) return this.node('directory', 0o555, undefined, { nlink: 100 + this.namespace.tasks.size })
    if (ino < firstSystemFile) return this.node('symlink', 0o777)
    if (ino >= sysRoot) return this.settingAttributes(ino)
    return this.node('file', systemFiles[systemNames[ino - firstSystemFile] ?? '']?.mode ?? 0o444)
  }

  lookup(directory: number, name: string): number {
    if (directory === this.root) return this.lookupRoot(name)
    if (directory >= base) return this.lookupProcess(directory, name)
    if (directory >= sysRoot) return slotOf(sysRoot, this.settings().lookup(directory - sysRoot, name) || -1)
    return 0
  }

  list(directory: number): DirectoryEntry[] {
    if (directory === this.root) return this.listRoot()
    if (directory >= base) return this.listProcess(directory)
    return this.settings().list(directory - sysRoot).map(({ name, type, index }) => ({ name, type, ino: sysRoot + index }))
  }

  override readlink(ino: number): string {
    if (ino < base) return this.rootLink(links[ino - 2] ?? 'self')
    const { task, at } = this.decode(ino)
    if (at >= slot.namespaces && at < slot.fd) return namespaceFile(task, namespaceKinds[at - slot.namespaces] ?? 'net').name
    if (at >= slot.fdLinks) return descriptionOf(task, at - slot.fdLinks)
    return processFile(at)?.link?.(task).text ?? ''
  }

  magicLink(ino: number): Place | undefined {
    if (ino < base) return undefined
    const { task, at } = this.decode(ino)
    if (at >= slot.namespaces && at < slot.fd) {
      const { kind, inode, namespace } = namespaceFile(task, namespaceKinds[at - slot.namespaces] ?? 'net')
      return this.kernel.namespaceFiles.place(kind, inode, namespace)
    }
    if (at < slot.fdLinks) return processFiles[processNames[at - slot.files] ?? '']?.link?.(task).place
    const file = task.table.files.get(at - slot.fdLinks)
    if (file instanceof RegularFile || file instanceof DirectoryFile) return file.place
    return file && { mount: this.mountOf(), ino: ino - slot.fdLinks + slot.fdTargets, parent: undefined, name: '' }
  }

  /** The open file behind /proc/PID/fd/N, where that is no file of a file system. */
  openedBehind(ino: number): OpenFile | undefined {
    if (ino < base) return undefined
    const { task, at } = this.decode(ino)
    return at >= slot.fdTargets && at < slot.netFiles ? task.table.files.get(at - slot.fdTargets) : undefined
  }

  protected text(ino: number): string {
    const current = this.caller()
    if (ino < sysRoot) return systemFiles[systemNames[ino - firstSystemFile] ?? '']?.read(this.kernel, current) ?? ''
    if (ino < base) return `${this.kernel.sysctl.get(current, this.settings().nameOf(ino - sysRoot)) ?? ''}\n`
    const { task, at } = this.decode(ino)
    if (at >= slot.netFiles) return this.netText(task, at)
    return processFile(at)?.read?.(task, this.namespace) ?? ''
  }

  private netText(task: Task, at: number): string {
    return this.kernel.network.procNet?.(task.namespaces.network, this.netNames()[at - slot.netFiles] ?? '') ?? ''
  }

  protected override accept(ino: number, text: string): void {
    const value = text.replace(/\n$/, '')
    if (ino >= sysRoot && ino < base) return this.kernel.sysctl.set(this.caller(), this.settings().nameOf(ino - sysRoot), value)
    if (ino < sysRoot) {
      const write = systemFiles[systemNames[ino - firstSystemFile] ?? '']?.write
      if (!write) throw new Errno('EIO')
      return write(this.kernel, value)
    }
    const { task, at } = this.decode(ino)
    const write = processFiles[processNames[at - slot.files] ?? '']?.write
    if (!write) throw new Errno('EINVAL')
    write(task, value)
  }

  private caller(): Task {
    const current = this.kernel.current
    if (!current) throw new Errno('ESRCH')
    return current
  }

  private mountOf(): Place['mount'] {
    return this.kernel.fileSystems.detachedMount(this)
  }

  private lookupRoot(name: string): number {
    const link = links.indexOf(name as (typeof links)[number])
    if (link >= 0) return 2 + link
    const file = systemNames.indexOf(name)
    if (file >= 0) return firstSystemFile + file
    if (name === 'sys') return sysRoot
    const pid = /^[1-9]\d*$/.test(name) ? Number(name) : 0
    return this.namespace.tasks.has(pid) ? base + pid * perProcess : 0
  }

  private listRoot(): DirectoryEntry[] {
    return [
      ...[...this.namespace.tasks.keys()].sort((a, b) => a - b).map((pid) => ({ name: String(pid), type: 'directory' as const, ino: base + pid * perProcess })),
      ...systemNames.map((name, index) => ({ name, type: 'file' as const, ino: firstSystemFile + index })),
      ...links.map((name, index) => ({ name, type: 'symlink' as const, ino: 2 + index })),
      { name: 'sys', type: 'directory' as const, ino: sysRoot },
    ]
  }

  private rootLink(link: (typeof links)[number]): string {
    if (link === 'mounts' || link === 'net') return `self/${link}`
    const pid = this.kernel.current?.pids.in(this.namespace) ?? 0
    if (pid === 0) throw new Errno('ENOENT')
    return link === 'self' ? String(pid) : `${pid}/task/${pid}`
  }

  private decode(ino: number): { task: Task; at: number } {
    const task = this.namespace.tasks.get(Math.floor((ino - base) / perProcess))
    if (!task) throw new Errno('ESRCH')
    return { task, at: (ino - base) % perProcess }
  }

  private processAttributes(ino: number): Attributes | undefined {
    const task = this.namespace.tasks.get(Math.floor((ino - base) / perProcess))
    if (!task) return undefined
    const at = (ino - base) % perProcess
    return at >= slot.fdLinks ? this.openFileAttributes(task, at) : this.fileAttributes(task, at)
  }

  private openFileAttributes(task: Task, at: number): Attributes | undefined {
    if (at >= slot.netFiles) return this.node('file', 0o444)
    if (at >= slot.fdTargets) return task.table.files.get(at - slot.fdTargets)?.stat()
    return task.table.files.has(at - slot.fdLinks) ? this.node('symlink', 0o700, ownerOf(task)) : undefined
  }

  private fileAttributes(task: Task, at: number): Attributes | undefined {
    const owner = ownerOf(task)
    if (at === slot.directory || at >= slot.fd) return this.node('directory', at === slot.fd ? 0o500 : 0o555, owner)
    if (at >= slot.namespaces) return this.node('symlink', 0o777, owner)
    const file = processFile(at)
    return file && this.node(file.link ? 'symlink' : 'file', file.mode, owner)
  }

  private lookupProcess(directory: number, name: string): number {
    const { task, at } = this.decode(directory)
    const start = directory - at
    switch (at) {
      case slot.directory:
        return slotOf(start + slot.files, processNames.indexOf(name)) || subdirectory(start, name)
      case slot.fd:
        return slotOf(start + slot.fdLinks, descriptorNamed(task, name))
      case slot.ns:
        return slotOf(start + slot.namespaces, namespaceKinds.indexOf(name as (typeof namespaceKinds)[number]))
      case slot.net:
        return slotOf(start + slot.netFiles, this.netNames().indexOf(name))
      default:
        return at === slot.task && Number(name) === task.pids.in(this.namespace) ? start : 0
    }
  }

  private listProcess(directory: number): DirectoryEntry[] {
    const { task, at } = this.decode(directory)
    const start = directory - at
    switch (at) {
      case slot.directory:
        return [
          ...processNames.map((name, index) => ({ name, type: processFiles[name]?.link ? ('symlink' as const) : ('file' as const), ino: start + slot.files + index })),
          ...(['fd', 'ns', 'net', 'task'] as const).map((name) => ({ name, type: 'directory' as const, ino: start + slot[name] })),
        ]
      case slot.fd:
        return [...task.table.files.keys()].filter((fd) => fd < fdCount).sort((a, b) => a - b).map((fd) => ({ name: String(fd), type: 'symlink', ino: start + slot.fdLinks + fd }))
      case slot.ns:
        return namespaceKinds.map((name, index) => ({ name, type: 'symlink', ino: start + slot.namespaces + index }))
      case slot.net:
        return this.netNames().map((name, index) => ({ name, type: 'file', ino: start + slot.netFiles + index }))
      case slot.task:
        return [{ name: String(task.pids.in(this.namespace)), type: 'directory', ino: start }]
      default:
        throw new Errno('ENOTDIR')
    }
  }

  private netNames(): readonly string[] {
    return this.kernel.network.procNetFiles?.() ?? []
  }

  private settings(): SettingTree {
    return this.kernel.sysctl.tree(this.caller())
  }

  private settingAttributes(ino: number): Attributes | undefined {
    const name = this.settings().nameOf(ino - sysRoot)
    if (this.settings().isDirectory(ino - sysRoot)) return this.node('directory', 0o555)
    return this.node('file', this.kernel.sysctl.isReadOnly(name) ? 0o444 : 0o644)
  }
}

function slotOf(first: number, index: number): number {
  return index < 0 ? 0 : first + index
}

function subdirectory(start: number, name: string): number {
  return name === 'fd' || name === 'ns' || name === 'net' || name === 'task' ? start + slot[name] : 0
}

function descriptorNamed(task: Task, name: string): number {
  const fd = /^\d+$/.test(name) ? Number(name) : -1
  return fd < fdCount && task.table.files.has(fd) ? fd : -1
}

function descriptionOf(task: Task, fd: number): string {
  return task.table.files.get(fd)?.description ?? ''
}

function processFile(at: number): (typeof processFiles)[string] | undefined {
  return processFiles[processNames[at - slot.files] ?? '']
}

function ownerOf(task: Task): { uid: number; gid: number } {
  return { uid: task.credentials.euid, gid: task.credentials.egid }
}
