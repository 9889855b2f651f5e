/** /sbin/init: brings the machine up to default.target, reaps orphans, and brings it down. */
import type { Process } from '#engine/linux/abi/process'
import type { Program } from '#engine/linux/abi/program'
import type { Task } from '#engine/linux/kernel/task'
import { serveManager } from '#engine/linux/systemd/bus'
import { Manager } from '#engine/linux/systemd/manager'
import { keepState, resumeState } from '#engine/linux/systemd/persist'
import { resumeScopes } from '#engine/linux/systemd/scopes'
import { findFragment } from '#engine/linux/systemd/unitfile'

export const systemd: Program = {
  name: 'systemd',
  unsupported: 'D-Bus, user managers, generators, path and automount units, sockets other than unix streams',
  async run(process) {
    if (process.pid !== 1) return refuse(process)
    // Handled, not ignored: services must not inherit it.
    process.handle('SIGTERM', () => undefined)
    process.handle('SIGINT', () => undefined)
    connectKernelLog(process as Task)
    const manager = new Manager(process)
    keepState(manager)
    serveManager(manager)
    process.background(() => reap(manager))
    if (process.resumed) {
      resumeState(manager)
      resumeScopes(process)
      manager.startedUp = true
    } else {
      enterInitScope(process)
      greet(process as Task)
      await bringUp(manager)
    }
    await new Promise<never>(() => undefined)
    return 0
  },
}

async function refuse(process: Process): Promise<number> {
  await process.stderr.write("Can't run system mode unless PID 1.\n")
  return 1
}

async function bringUp(manager: Manager): Promise<void> {
  const { process } = manager
  await manager.start(defaultTarget(process))
  const { kernel } = process as Task
  const userMs = Math.max(1, process.clock.now() - kernel.options.bootedAtMs)
  manager.logPlain(`Startup finished in 1.872s (kernel) + ${(userMs / 1000).toFixed(3)}s (userspace) = ${(userMs / 1000 + 1.872).toFixed(3)}s.`)
  manager.startedUp = true
}

function defaultTarget(process: Process): string {
  const fragment = findFragment(process.files, 'default.target')
  return fragment ? (process.files.realpath(fragment.path).split('/').pop() ?? 'multi-user.target') : 'multi-user.target'
}

/** Pid 1 itself lives in init.scope. */
function enterInitScope(process: Process): void {
  for (const name of ['init.scope', 'system.slice', 'user.slice']) process.files.mkdirAll(`/sys/fs/cgroup/${name}`)
  process.files.writeFile('/sys/fs/cgroup/init.scope/cgroup.procs', '1')
}

async function reap(manager: Manager): Promise<void> {
  const { process } = manager
  let wake: (() => void) | undefined
  process.handle('SIGCHLD', () => wake?.())
  for (;;) {
    const child = await process.waitAny({ now: true })
    if (child && 'status' in child) manager.noteReaped(child.pid, child.status)
    if (!child) await new Promise<void>((resolve) => (wake = resolve))
  }
}

function connectKernelLog({ kernel }: Task): void {
  kernel.log.onMessage = (message) => kernel.journal.append({ PRIORITY: String(message.priority), SYSLOG_FACILITY: '0', SYSLOG_IDENTIFIER: 'kernel', _TRANSPORT: 'kernel', MESSAGE: message.text })
}

function greet({ kernel, files }: Task): void {
  const gib = Math.round(kernel.options.memoryBytes / 1024)
  for (const line of [
    `Linux version ${kernel.uname.release} (buildd@lcy02-amd64-080) ${kernel.uname.version}`,
    'Command line: BOOT_IMAGE=/boot/vmlinuz-6.8.0-101-generic root=/dev/vda1 ro console=tty1 console=ttyS0',
    'Hypervisor detected: KVM',
    `Memory: ${gib - 190_000}K/${gib}K available`,
    `smp: Brought up 1 node, ${kernel.options.processors} CPUs`,
    'virtio_blk virtio1: [vda] 41943040 512-byte logical blocks (21.5 GB/20.0 GiB)',
    'EXT4-fs (vda1): mounted filesystem with ordered data mode. Quota mode: none.',
  ])
    kernel.log.add(line)
  const name = files.exists('/etc/os-release') ? /^PRETTY_NAME="?([^"\n]*)/m.exec(files.readText('/etc/os-release'))?.[1] : undefined
  kernel.journal.append({ PRIORITY: '6', SYSLOG_IDENTIFIER: 'systemd', _TRANSPORT: 'journal', _PID: '1', _UID: '0', _COMM: 'systemd', MESSAGE: `systemd 252.39-1~deb12u1 running in system mode (${name ?? 'Linux'})` })
}
