/** What stands before pid 1 runs, or is mounted by its first breath: the kernel's file systems and /dev. */
import type { MountRequest } from '#engine/linux/abi/files'
import type { KernelContext } from '#engine/linux/kernel/context'
import { ProcessFiles } from '#engine/linux/vfs/files'
import { mountAt } from '#engine/linux/vfs/mounting'

const mounts: readonly MountRequest[] = [
  { source: 'sysfs', target: '/sys', type: 'sysfs', options: ['nosuid', 'nodev', 'noexec', 'relatime'] },
  { source: 'proc', target: '/proc', type: 'proc', options: ['nosuid', 'nodev', 'noexec', 'relatime'] },
  { source: 'udev', target: '/dev', type: 'devtmpfs', options: ['nosuid', 'relatime', 'size=1985348k', 'nr_inodes=496337', 'mode=755', 'inode64'] },
  { source: 'devpts', target: '/dev/pts', type: 'devpts', options: ['nosuid', 'noexec', 'relatime', 'gid=5', 'mode=620', 'ptmxmode=000'] },
  { source: 'tmpfs', target: '/run', type: 'tmpfs', options: ['nosuid', 'nodev', 'noexec', 'relatime', 'size=401980k', 'mode=755', 'inode64'] },
  { source: 'securityfs', target: '/sys/kernel/security', type: 'securityfs', options: ['nosuid', 'nodev', 'noexec', 'relatime'] },
  { source: 'tmpfs', target: '/dev/shm', type: 'tmpfs', options: ['nosuid', 'nodev', 'inode64'] },
  { source: 'tmpfs', target: '/run/lock', type: 'tmpfs', options: ['nosuid', 'nodev', 'noexec', 'relatime', 'size=5120k', 'inode64'] },
  { source: 'cgroup2', target: '/sys/fs/cgroup', type: 'cgroup2', options: ['nosuid', 'nodev', 'noexec', 'relatime', 'nsdelegate', 'memory_recursiveprot'] },
  { source: 'bpf', target: '/sys/fs/bpf', type: 'bpf', options: ['nosuid', 'nodev', 'noexec', 'relatime', 'mode=700'] },
  { source: 'debugfs', target: '/sys/kernel/debug', type: 'debugfs', options: ['nosuid', 'nodev', 'noexec', 'relatime'] },
  { source: 'mqueue', target: '/dev/mqueue', type: 'mqueue', options: ['nosuid', 'nodev', 'noexec', 'relatime'] },
]

const nodes: readonly (readonly [string, number, number, number])[] = [
  ['null', 1, 3, 0o666], ['zero', 1, 5, 0o666], ['full', 1, 7, 0o666], ['random', 1, 8, 0o666], ['urandom', 1, 9, 0o666], ['kmsg', 1, 11, 0o644], ['tty', 5, 0, 0o666], ['console', 5, 1, 0o600], ['ptmx', 5, 2, 0o666],
]

const links: readonly (readonly [string, string])[] = [['fd', '/proc/self/fd'], ['stdin', '/proc/self/fd/0'], ['stdout', '/proc/self/fd/1'], ['stderr', '/proc/self/fd/2'], ['core', '/proc/kcore']]

export function makeFirstMounts(context: KernelContext): void {
  const files = new ProcessFiles(context)
  for (const request of mounts) {
    files.mkdirAll(request.target)
    mountAt(context, request)
    if (request.target === '/dev') fillDev(files)
  }
}

function fillDev(files: ProcessFiles): void {
  for (const [name, major, minor, mode] of nodes) {
    files.mknod(`/dev/${name}`, 'character', major, minor)
    files.chmod(`/dev/${name}`, mode)
  }
  for (const [minor, name] of ['vda', 'vda1'].entries()) files.mknod(`/dev/${name}`, 'block', 253, minor, 0o660)
  for (const [name, target] of links) files.symlink(target, `/dev/${name}`)
  for (const name of ['pts', 'shm', 'mqueue', 'disk']) files.mkdir(`/dev/${name}`)
}
