/** Kernel settings under /proc/sys; those of `net.` are the network's, per namespace. */
import { SettingTree } from '#engine/linux/kernel/settingtree'
import { Errno } from '#engine/linux/abi/errno'
import type { Kernel } from '#engine/linux/kernel/kernel'
import type { Task } from '#engine/linux/kernel/task'

const defaults: Readonly<Record<string, string>> = {
  'fs.file-max': '9223372036854775807', 'fs.inotify.max_queued_events': '16384', 'fs.inotify.max_user_instances': '128', 'fs.inotify.max_user_watches': '65536',
  'fs.nr_open': '1048576', 'fs.may_detach_mounts': '1', 'fs.protected_hardlinks': '1', 'fs.protected_symlinks': '1', 'fs.aio-max-nr': '65536',
  'kernel.hostname': '', 'kernel.domainname': '(none)', 'kernel.osrelease': '', 'kernel.ostype': 'Linux', 'kernel.version': '', 'kernel.pid_max': '4194304', 'kernel.threads-max': '63701',
  'kernel.panic': '0', 'kernel.panic_on_oops': '0', 'kernel.printk': '4\t4\t1\t7', 'kernel.randomize_va_space': '2', 'kernel.sysrq': '438', 'kernel.core_pattern': 'core', 'kernel.dmesg_restrict': '0',
  'kernel.kptr_restrict': '0', 'kernel.keys.root_maxbytes': '25000000', 'kernel.keys.root_maxkeys': '1000000', 'kernel.msgmax': '8192', 'kernel.msgmnb': '16384', 'kernel.msgmni': '32000',
  'kernel.shmmax': '18446744073692774399', 'kernel.shmall': '18446744073692774399', 'kernel.shmmni': '4096', 'kernel.sem': '32000\t1024000000\t500\t32000', 'kernel.yama.ptrace_scope': '0', 'kernel.unprivileged_bpf_disabled': '2',
  'kernel.apparmor_restrict_unprivileged_userns': '0', 'kernel.cap_last_cap': '40', 'kernel.ngroups_max': '65536', 'kernel.tainted': '0',
  'kernel.random.boot_id': '', 'kernel.random.uuid': '', 'kernel.random.entropy_avail': '256',
  'vm.dirty_background_ratio': '10', 'vm.dirty_ratio': '20', 'vm.drop_caches': '0', 'vm.max_map_count': '65530', 'vm.min_free_kbytes': '67584', 'vm.nr_hugepages': '0', 'vm.overcommit_memory': '0',
  'vm.overcommit_ratio': '50', 'vm.panic_on_oom': '0', 'vm.swappiness': '60', 'vm.vfs_cache_pressure': '100', 'user.max_user_namespaces': '31850',
}

const noNames: readonly string[] = []
const readOnly = new Set(['kernel.osrelease', 'kernel.ostype', 'kernel.version', 'kernel.random.boot_id', 'kernel.random.uuid', 'kernel.random.entropy_avail', 'kernel.cap_last_cap', 'kernel.ngroups_max'])

/** Trees by their names: most machines and namespaces have the same. */
const trees = new Map<string, SettingTree>()
const mostTrees = 100

function treeOf(names: string[]): SettingTree {
  const key = names.join(' ')
  const known = trees.get(key)
  if (known) return known
  const made = new SettingTree(names.sort())
  if (trees.size >= mostTrees) trees.clear()
  trees.set(key, made)
  return made
}

export class Sysctl {
  private readonly values = new Map(Object.entries(defaults))
  /** Names and their tree, by the network's list of its own. */
  private readonly trees = new WeakMap<readonly string[], SettingTree>()

  constructor(private readonly kernel: Kernel) {}

  tree(task: Task): SettingTree {
    const net = this.kernel.network.sysctlNames?.(task.namespaces.network) ?? noNames
    const known = this.trees.get(net)
    if (known) return known
    const made = treeOf([...this.values.keys(), ...net])
    this.trees.set(net, made)
    return made
  }

  get(task: Task, name: string): string | undefined {
    if (name.startsWith('net.')) return this.kernel.network.sysctl?.(task.namespaces.network, name)
    switch (name) {
      case 'kernel.hostname':
        return task.namespaces.uts.hostname
      case 'kernel.osrelease':
        return this.kernel.uname.release
      case 'kernel.version':
        return this.kernel.uname.version
      case 'kernel.random.boot_id':
        return this.kernel.options.bootId
      case 'kernel.random.uuid':
        return this.kernel.random.uuid()
      default:
        return this.values.get(name)
    }
  }

  isReadOnly(name: string): boolean {
    return readOnly.has(name)
  }

  set(task: Task, name: string, value: string): void {
    if (readOnly.has(name)) throw new Errno('EACCES')
    if (name.startsWith('net.')) {
      this.kernel.network.setSysctl?.(task.namespaces.network, name, value)
      return
    }
    const before = this.values.get(name)
    if (before === undefined) throw new Errno('ENOENT')
    if (/^-?\d+$/.test(before) && !/^-?\d+$/.test(value)) throw new Errno('EINVAL')
    if (name === 'kernel.hostname') task.namespaces.uts.hostname = value
    this.values.set(name, value)
  }

  save(): readonly (readonly [string, string])[] {
    return [...this.values]
  }

  load(values: readonly (readonly [string, string])[]): void {
    for (const [name, value] of values) this.values.set(name, value)
  }
}
