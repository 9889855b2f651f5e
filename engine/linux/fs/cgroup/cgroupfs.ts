/** /sys/fs/cgroup, version 2: directories are groups, files their limits and accounts. */
import { Errno } from '#engine/linux/abi/errno'
import type { DirectoryEntry } from '#engine/linux/abi/files'
import { deliver } from '#engine/linux/kernel/signals'
import type { Cgroup } from '#engine/linux/kernel/cgroup'
import type { Kernel } from '#engine/linux/kernel/kernel'
import type { Attributes, NewNode } from '#engine/linux/vfs/filesystem'
import { VirtualFileSystem } from '#engine/linux/vfs/virtual'

interface CgroupFile {
  readonly mode: number
  /** Not in the root group. */
  readonly notInRoot?: boolean
  read(group: Cgroup, kernel: Kernel): string
  write?(group: Cgroup, text: string, kernel: Kernel): void
}

const controllers = 'cpuset cpu io memory hugetlb pids rdma misc'
const slots = 64

/** A limit that is only kept, with its value on a fresh group. */
function setting(name: string, initial: string): CgroupFile {
  return {
    mode: 0o644,
    notInRoot: true,
    read: (group) => `${group.settings.get(name) ?? initial}\n`,
    write: (group, text) => group.set(name, normalized(name, text)),
  }
}

function normalized(name: string, text: string): string {
  if (name === 'cpu.max') return text.includes(' ') ? text : `${text} 100000`
  if (!name.startsWith('memory.') || !/^\d+[KMG]?$/i.test(text)) return text
  const scale = { K: 1024, M: 1024 ** 2, G: 1024 ** 3 }[text.slice(-1).toUpperCase()] ?? 1
  return String(Math.floor((Number.parseInt(text, 10) * scale) / 4096) * 4096)
}

function account(read: (group: Cgroup, kernel: Kernel) => string, notInRoot = true): CgroupFile {
  return { mode: 0o444, notInRoot, read }
}

const files: Readonly<Record<string, CgroupFile>> = {
  'cgroup.controllers': account(() => `${controllers}\n`, false),
  'cgroup.subtree_control': { mode: 0o644, read: (group) => `${group.settings.get('cgroup.subtree_control') ?? controllers}\n`, write: () => undefined },
  'cgroup.procs': { mode: 0o644, read: processesOf, write: moveProcess },
  'cgroup.threads': { mode: 0o644, read: processesOf, write: moveProcess },
  'cgroup.type': { mode: 0o644, notInRoot: true, read: () => 'domain\n' },
  'cgroup.events': account((group) => `populated ${group.taskCount > 0 ? 1 : 0}\nfrozen ${group.frozen ? 1 : 0}\n`),
  'cgroup.freeze': { mode: 0o644, notInRoot: true, read: (group) => `${group.frozen ? 1 : 0}\n`, write: freeze },
  'cgroup.kill': { mode: 0o200, notInRoot: true, read: () => '', write: killAll },
  'cgroup.max.depth': setting('cgroup.max.depth', 'max'),
  'cgroup.max.descendants': setting('cgroup.max.descendants', 'max'),
  'cgroup.stat': account((group) => `nr_descendants ${descendants(group)}\nnr_dying_descendants 0\n`, false),
  'cpu.max': setting('cpu.max', 'max 100000'),
  'cpu.weight': setting('cpu.weight', '100'),
  'cpu.idle': setting('cpu.idle', '0'),
  'cpu.stat': account(cpuStat, false),
  'cpuset.cpus': setting('cpuset.cpus', ''),
  'cpuset.mems': setting('cpuset.mems', ''),
  'cpuset.cpus.effective': account((_group, kernel) => `0-${kernel.options.processors - 1}\n`, false),
  'cpuset.mems.effective': account(() => '0\n', false),
  'io.stat': account(() => '', false),
  'memory.current': account((group) => `${group.memoryBytes}\n`),
  'memory.peak': account((group) => `${group.peakBytes}\n`),
  'memory.max': setting('memory.max', 'max'),
  'memory.min': setting('memory.min', '0'),
  'memory.low': setting('memory.low', '0'),
  'memory.high': setting('memory.high', 'max'),
  'memory.swap.max': setting('memory.swap.max', 'max'),
  'memory.swap.current': account(() => '0\n'),
  'memory.oom.group': setting('memory.oom.group', '0'),
  'memory.events': account((group) => `low ${group.events.low}\nhigh ${group.events.high}\nmax ${group.events.max}\noom ${group.events.oom}\noom_kill ${group.events.oomKill}\noom_group_kill 0\n`),
  'memory.stat': account((group) => `anon ${group.memoryBytes}\nfile 0\nkernel 0\nshmem 0\ninactive_anon 0\nactive_anon ${group.memoryBytes}\ninactive_file 0\nactive_file 0\npgfault 0\npgmajfault 0\n`, false),
  'pids.current': account((group) => `${group.taskCount}\n`),
  'pids.max': setting('pids.max', 'max'),
  'pids.peak': account((group) => `${group.taskCount}\n`),
  'pids.events': account((group) => `max ${group.pidsEventsMax}\n`),
}
const names = Object.keys(files)

export class CgroupFileSystem extends VirtualFileSystem {
  readonly type = 'cgroup2'
  readonly root: number
  private readonly known = new Map<number, Cgroup>()

  constructor(
    private readonly kernel: Kernel,
    private readonly top: Cgroup,
    madeAtMs: number,
  ) {
    super(madeAtMs)
    this.root = this.inodeOf(top, 0)
  }

  attributes(ino: number): Attributes | undefined {
    const group = this.groupOf(ino)
    if (!group) return undefined
    const file = files[names[(ino % slots) - 1] ?? '']
    return file ? this.node('file', file.mode) : this.node('directory', 0o755, undefined, { nlink: 2 + group.children.size })
  }

  lookup(directory: number, name: string): number {
    const group = this.groupOf(directory)
    if (!group) return 0
    const child = group.children.get(name)
    if (child) return this.inodeOf(child, 0)
    const file = files[name]
    return file && !(file.notInRoot && !group.parent) ? this.inodeOf(group, names.indexOf(name) + 1) : 0
  }

  list(directory: number): DirectoryEntry[] {
    const group = this.groupOf(directory)
    if (!group) throw new Errno('ENOENT')
    const visible = names.filter((name) => group.parent || !files[name]?.notInRoot)
    return [
      ...visible.map((name) => ({ name, type: 'file' as const, ino: this.inodeOf(group, names.indexOf(name) + 1) })),
      ...[...group.children.values()].map((child) => ({ name: child.name, type: 'directory' as const, ino: this.inodeOf(child, 0) })),
    ]
  }

  override create(directory?: number, name?: string, node?: NewNode): number {
    const group = this.groupOf(directory ?? 0)
    if (!group || node?.type !== 'directory' || name === undefined) throw new Errno('EPERM')
    return this.inodeOf(group.child(name), 0)
  }

  override rmdir(directory: number, name: string): void {
    const group = this.groupOf(directory)
    if (!group) throw new Errno('ENOENT')
    group.remove(name)
  }

  override change(): void {
    // Owners of groups are not kept.
  }

  protected text(ino: number): string {
    const group = this.groupOf(ino)
    const file = files[names[(ino % slots) - 1] ?? '']
    if (!group || !file) throw new Errno('ENODEV')
    return file.read(group, this.kernel)
  }

  protected override accept(ino: number, text: string): void {
    const group = this.groupOf(ino)
    const file = files[names[(ino % slots) - 1] ?? '']
    if (!group || !file) throw new Errno('ENODEV')
    if (!file.write) throw new Errno('EINVAL')
    file.write(group, text.trim(), this.kernel)
  }

  private groupOf(ino: number): Cgroup | undefined {
    const group = this.known.get(Math.floor(ino / slots))
    if (group && group !== this.top && group.parent?.children.get(group.name) !== group) {
      this.known.delete(group.id)
      return undefined
    }
    return group
  }

  private inodeOf(group: Cgroup, slot: number): number {
    if (!this.known.has(group.id)) {
      this.known.set(group.id, group)
      group.onChange = (file) => this.watches.emit(this.inodeOf(group, names.indexOf(file) + 1), 'modify', '')
    }
    return group.id * slots + slot
  }
}

function processesOf(group: Cgroup, kernel: Kernel): string {
  const namespace = kernel.current?.namespaces.pid ?? kernel.pidNamespace
  const pids = [...group.tasks].map((task) => task.pids.in(namespace)).sort((a, b) => a - b)
  return pids.map((pid) => `${pid}\n`).join('')
}

function moveProcess(group: Cgroup, text: string, kernel: Kernel): void {
  const namespace = kernel.current?.namespaces.pid ?? kernel.pidNamespace
  const pid = Number(text)
  const task = pid === 0 ? kernel.current : namespace.tasks.get(pid)
  if (!task) throw new Errno(Number.isInteger(pid) ? 'ESRCH' : 'EINVAL')
  task.cgroup.leave(task)
  task.cgroup = group
  group.add(task)
}

function killAll(group: Cgroup, text: string): void {
  if (text !== '1') throw new Errno('EINVAL')
  for (const task of [...group.subtree()]) deliver(task, 'SIGKILL', undefined)
}

function freeze(group: Cgroup, text: string): void {
  group.frozen = text === '1'
  for (const task of group.subtree()) {
    if (group.frozen) task.waits.stop()
    else task.waits.resume()
  }
  group.onChange?.('cgroup.events')
}

function descendants(group: Cgroup): number {
  let sum = 0
  for (const child of group.children.values()) sum += 1 + descendants(child)
  return sum
}

function cpuStat(group: Cgroup): string {
  const usec = Math.round(group.cpuMs() * 1000)
  return `usage_usec ${usec}\nuser_usec ${Math.round(usec * 0.7)}\nsystem_usec ${usec - Math.round(usec * 0.7)}\nnr_periods ${group.throttledPeriods}\nnr_throttled ${group.throttledPeriods}\nthrottled_usec 0\n`
}
