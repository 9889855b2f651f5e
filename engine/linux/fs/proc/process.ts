/** Files of /proc/PID. */
import { Errno } from '#engine/linux/abi/errno'
import { signalNumbers } from '#engine/linux/abi/signals'
import { capabilityMask } from '#engine/linux/kernel/credentials'
import { firstInodes, type NamespaceKind } from '#engine/linux/kernel/namespaces'
import type { PidNamespace } from '#engine/linux/kernel/pid'
import type { Task } from '#engine/linux/kernel/task'
import { type Mount, pathOf, type Place } from '#engine/linux/vfs/mount'
import { walk } from '#engine/linux/vfs/walk'

export interface ProcessFile {
  readonly mode: number
  read?(task: Task, viewer: PidNamespace): string
  write?(task: Task, text: string): void
  link?(task: Task): { readonly text: string; readonly place: Place | undefined }
}

export const processFiles: Readonly<Record<string, ProcessFile>> = {
  cgroup: { mode: 0o444, read: (task) => `0::${task.cgroup.path}\n` },
  cmdline: { mode: 0o444, read: (task) => (task.waits.dead ? '' : task.argv.map((arg) => `${arg}\0`).join('')) },
  comm: { mode: 0o644, read: (task) => `${task.command}\n`, write: (task, text) => void (task.command = text.slice(0, 15)) },
  cwd: { mode: 0o777, link: (task) => ({ text: pathOf(task.place, task.root), place: task.place }) },
  environ: { mode: 0o400, read: (task) => [...task.env].map(([name, value]) => `${name}=${value}\0`).join('') },
  exe: { mode: 0o777, link: (task) => ({ text: task.executable.path, place: executablePlace(task) }) },
  limits: { mode: 0o444, read: () => limits },
  loginuid: { mode: 0o644, read: () => '4294967295' },
  mountinfo: { mode: 0o444, read: (task) => task.namespaces.mount.all().map((mount) => mountInfo(task, mount)).join('') },
  mounts: { mode: 0o444, read: (task) => task.namespaces.mount.all().map((mount) => `${mount.source} ${mountPoint(task, mount)} ${mount.type} ${mountOptions(mount)} 0 0\n`).join('') },
  oom_score: { mode: 0o444, read: (task) => `${Math.max(0, 666 + task.oomScoreAdjust)}\n` },
  oom_score_adj: { mode: 0o644, read: (task) => `${task.oomScoreAdjust}\n`, write: adjustOomScore },
  root: { mode: 0o777, link: (task) => ({ text: '/', place: task.root }) },
  stat: { mode: 0o444, read: statLine },
  statm: { mode: 0o444, read: (task) => `${pages(task) * 3} ${pages(task)} ${Math.round(pages(task) / 2)} 1 0 ${pages(task)} 0\n` },
  status: { mode: 0o444, read: statusText },
  uid_map: { mode: 0o644, read: () => '         0          0 4294967295\n' },
  gid_map: { mode: 0o644, read: () => '         0          0 4294967295\n' },
}

export function namespaceFile(task: Task, kind: NamespaceKind): { kind: NamespaceKind; inode: number; namespace: object; name: string } {
  const own = task.namespaces
  const found: Record<NamespaceKind, { readonly inode: number }> = {
    mnt: own.mount, pid: own.pid, uts: own.uts, ipc: own.ipc, net: own.network,
    user: { inode: firstInodes.user }, cgroup: { inode: firstInodes.cgroup }, time: { inode: firstInodes.time },
  }
  const namespace = found[kind]
  return { kind, inode: namespace.inode, namespace, name: `${kind}:[${namespace.inode}]` }
}

function executablePlace(task: Task): Place | undefined {
  try {
    return walk(task, task.executable.path)
  } catch (error) {
    if (error instanceof Errno) return undefined
    throw error
  }
}

function adjustOomScore(task: Task, text: string): void {
  const value = Number(text)
  if (!Number.isInteger(value) || value < -1000 || value > 1000) throw new Errno('EINVAL')
  if (value < task.oomScoreAdjust && !task.kernel.current?.credentials.capabilities.has('SYS_RESOURCE')) throw new Errno('EACCES')
  task.oomScoreAdjust = value
}

export function mountPoint(task: Task, mount: Mount): string {
  return mount.at && mount !== task.root.mount ? pathOf(mount.at, task.root) : '/'
}

function mountOptions(mount: Mount): string {
  return [mount.readOnly ? 'ro' : 'rw', ...mount.options.filter((option) => !option.startsWith('bind') && option !== 'rbind')].join(',')
}

function mountInfo(task: Task, mount: Mount): string {
  const parent = mount.at?.mount.id ?? 1
  const options = mountOptions(mount)
  return `${mount.id} ${parent} 0:${mount.fs.id & 0xff} ${mount.subPath} ${mountPoint(task, mount)} ${options} - ${mount.type} ${mount.source} ${options}\n`
}

function pages(task: Task): number {
  return task.waits.dead ? 0 : Math.round(task.memoryBytes / 4096)
}

function statLine(task: Task, viewer: PidNamespace): string {
  const { kernel } = task
  const tty = task.sessionPid.terminal
  const ticks = Math.round(task.waits.cpuMs / 10)
  const start = Math.max(0, Math.round((task.startedAtMs - kernel.options.bootedAtMs) / 10))
  const fields = [
    task.pids.in(viewer), `(${task.command})`, kernel.stateOf(task), task.parent?.pids.in(viewer) ?? 0, task.group.in(viewer), task.sessionPid.in(viewer), tty ? 136 * 256 + tty.index : 0, tty?.foreground?.in(viewer) ?? -1,
    4194304, 0, 0, 0, 0, Math.round(ticks * 0.7), ticks - Math.round(ticks * 0.7), 0, 0, 20 + task.nice, task.nice, 1, 0, start, task.memoryBytes * 3, pages(task),
  ]
  return `${fields.join(' ')} 18446744073709551615 0 0 0 0 0 0 0 0 0 0 0 0 17 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n`
}

const stateNames = { R: 'R (running)', S: 'S (sleeping)', D: 'D (disk sleep)', T: 'T (stopped)', Z: 'Z (zombie)' } as const

function statusText(task: Task, viewer: PidNamespace): string {
  const { credentials } = task
  const kilobytes = Math.round(task.memoryBytes / 1024)
  const caps = capabilityMask(credentials.capabilities)
  const permitted = capabilityMask(task.kernel.boundingSet(task))
  const numbers = pidsByLevel(task)
  const rows: [string, string][] = [
    ['Name', task.command], ['Umask', `0${task.fileMask.toString(8).padStart(3, '0')}`], ['State', stateNames[task.kernel.stateOf(task)]], ['Tgid', String(task.pids.in(viewer))], ['Ngid', '0'], ['Pid', String(task.pids.in(viewer))],
    ['PPid', String(task.parent?.pids.in(viewer) ?? 0)], ['TracerPid', '0'], ['Uid', `${credentials.uid}\t${credentials.euid}\t${credentials.euid}\t${credentials.euid}`], ['Gid', `${credentials.gid}\t${credentials.egid}\t${credentials.egid}\t${credentials.egid}`],
    ['FDSize', '64'], ['Groups', `${credentials.groups.join(' ')} `], ['NStgid', numbers], ['NSpid', numbers], ['VmPeak', `${String(kilobytes * 3).padStart(8)} kB`], ['VmSize', `${String(kilobytes * 3).padStart(8)} kB`], ['VmRSS', `${String(kilobytes).padStart(8)} kB`],
    ['Threads', '1'], ['SigQ', '0/31850'], ['SigPnd', '0'.repeat(16)], ['ShdPnd', '0'.repeat(16)], ['SigBlk', '0'.repeat(16)], ['SigIgn', signalMask(task, 'ignore')], ['SigCgt', signalMask(task, 'caught')],
    ['CapInh', '0'.repeat(16)], ['CapPrm', caps], ['CapEff', caps], ['CapBnd', permitted], ['CapAmb', '0'.repeat(16)], ['NoNewPrivs', credentials.noNewPrivs ? '1' : '0'], ['Seccomp', credentials.seccomp ? '2' : '0'], ['Seccomp_filters', credentials.seccomp ? '1' : '0'],
    ['Cpus_allowed_list', `0-${task.kernel.options.processors - 1}`], ['voluntary_ctxt_switches', '12'], ['nonvoluntary_ctxt_switches', '3'],
  ]
  return rows.map(([name, value]) => `${name}:\t${value}\n`).join('')
}

function pidsByLevel(task: Task): string {
  const out: number[] = []
  for (let at: PidNamespace | undefined = task.pids.namespace; at; at = at.parent) out.unshift(task.pids.in(at))
  return out.join('\t')
}

function signalMask(task: Task, kind: 'ignore' | 'caught'): string {
  let mask = 0n
  for (const [signal, handler] of task.handlers) if ((handler === 'ignore') === (kind === 'ignore')) mask |= 1n << BigInt(signalNumbers[signal] - 1)
  return mask.toString(16).padStart(16, '0')
}

const limitRows: readonly (readonly [string, string, string, string])[] = [
  ['Max cpu time', 'unlimited', 'unlimited', 'seconds'], ['Max file size', 'unlimited', 'unlimited', 'bytes'], ['Max data size', 'unlimited', 'unlimited', 'bytes'], ['Max stack size', '8388608', 'unlimited', 'bytes'], ['Max core file size', '0', 'unlimited', 'bytes'],
  ['Max resident set', 'unlimited', 'unlimited', 'bytes'], ['Max processes', '31850', '31850', 'processes'], ['Max open files', '1024', '1048576', 'files'], ['Max locked memory', '8388608', '8388608', 'bytes'], ['Max address space', 'unlimited', 'unlimited', 'bytes'],
  ['Max file locks', 'unlimited', 'unlimited', 'locks'], ['Max pending signals', '31850', '31850', 'signals'], ['Max msgqueue size', '819200', '819200', 'bytes'], ['Max nice priority', '0', '0', ''], ['Max realtime priority', '0', '0', ''], ['Max realtime timeout', 'unlimited', 'unlimited', 'us'],
]
const limits = `${'Limit'.padEnd(26)}${'Soft Limit'.padEnd(21)}${'Hard Limit'.padEnd(21)}Units     \n${limitRows.map(([name, soft, hard, unit]) => `${name.padEnd(26)}${soft.padEnd(21)}${hard.padEnd(21)}${unit.padEnd(10)}\n`).join('')}`
