/** Files of /proc that tell of the machine. */
import type { Kernel } from '#engine/linux/kernel/kernel'
import type { Task } from '#engine/linux/kernel/task'

export interface SystemFile {
  readonly mode: number
  read(kernel: Kernel, caller: Task): string
  write?(kernel: Kernel, text: string): void
}

function file(read: (kernel: Kernel, caller: Task) => string): SystemFile {
  return { mode: 0o444, read }
}

export const systemFiles: Readonly<Record<string, SystemFile>> = {
  cmdline: file(() => 'BOOT_IMAGE=/boot/vmlinuz-6.8.0-101-generic root=/dev/vda1 ro console=tty1 console=ttyS0\n'),
  cpuinfo: file((kernel) => Array.from({ length: kernel.options.processors }, (_, index) => processor(index, kernel.options.processors)).join('')),
  devices: file(() => 'Character devices:\n  1 mem\n  4 tty\n  5 /dev/tty\n  5 /dev/console\n  5 /dev/ptmx\n136 pts\n\nBlock devices:\n253 virtblk\n'),
  filesystems: file(() => ['sysfs', 'tmpfs', 'proc', 'cgroup', 'cgroup2', 'devtmpfs', 'securityfs', 'bpf', 'pipefs', 'ramfs', 'devpts', 'mqueue'].map((type) => `nodev\t${type}\n`).join('') + '\text3\n\text2\n\text4\nnodev\toverlay\n'),
  loadavg: file((kernel) => `${load(kernel).join(' ')} ${runnable(kernel)}/${kernel.pidNamespace.tasks.size} ${kernel.pidNamespace.lastPid}\n`),
  meminfo: file(meminfo),
  modules: file(() => ['br_netfilter 32768 0 - Live 0x0000000000000000', 'bridge 311296 1 br_netfilter, Live 0x0000000000000000', 'overlay 151552 0 - Live 0x0000000000000000', 'nf_conntrack 172032 0 - Live 0x0000000000000000', 'ip_tables 36864 0 - Live 0x0000000000000000'].join('\n') + '\n'),
  partitions: file(() => 'major minor  #blocks  name\n\n 253        0   20971520 vda\n 253        1   20969472 vda1\n'),
  stat: file(stat),
  swaps: file((kernel) => kernel.swaps.text()),
  uptime: file((kernel) => {
    const seconds = (kernel.clock.now() - kernel.options.bootedAtMs) / 1000
    return `${seconds.toFixed(2)} ${(seconds * kernel.options.processors * 0.97).toFixed(2)}\n`
  }),
  version: file((kernel) => `Linux version ${kernel.uname.release} (buildd@lcy02-amd64-080) (x86_64-linux-gnu-gcc-13 (Ubuntu 13.3.0-6ubuntu2) 13.3.0, GNU ld (GNU Binutils for Ubuntu) 2.42) ${kernel.uname.version}\n`),
  vmstat: file(() => 'nr_free_pages 512000\nnr_dirty 0\npgpgin 0\npgpgout 0\npswpin 0\npswpout 0\noom_kill 0\n'),
  'sysrq-trigger': { mode: 0o200, read: () => '', write: (kernel, text) => (text.startsWith('b') ? kernel.halt('reboot') : text.startsWith('o') ? kernel.halt('poweroff') : undefined) },
}

function processor(index: number, count: number): string {
  const lines = [
    ['processor\t', index], ['vendor_id\t', 'GenuineIntel'], ['cpu family\t', 6], ['model\t\t', 106], ['model name\t', 'Intel(R) Xeon(R) Platinum 8375C CPU @ 2.90GHz'], ['stepping\t', 6], ['cpu MHz\t\t', '2900.000'], ['cache size\t', '55296 KB'],
    ['physical id\t', 0], ['siblings\t', count], ['core id\t\t', index], ['cpu cores\t', count], ['fpu\t\t', 'yes'], ['flags\t\t', 'fpu vme de pse tsc msr pae mce cx8 apic sep mtrr pge mca cmov pat pse36 clflush mmx fxsr sse sse2 ss ht syscall nx pdpe1gb rdtscp lm constant_tsc rep_good nopl xtopology nonstop_tsc cpuid pni pclmulqdq vmx ssse3 fma cx16 pcid sse4_1 sse4_2 x2apic movbe popcnt aes xsave avx f16c rdrand hypervisor'],
    ['bogomips\t', '5800.00'], ['address sizes\t', '46 bits physical, 48 bits virtual'],
  ]
  return `${lines.map(([name, value]) => `${name}: ${value}`).join('\n')}\n\n`
}

export interface MemoryUse {
  readonly totalKb: number
  readonly freeKb: number
  readonly availableKb: number
  readonly buffersKb: number
  readonly cachedKb: number
}

export function memoryUse(kernel: Kernel): MemoryUse {
  const totalKb = Math.floor(kernel.options.memoryBytes / 1024)
  const usedKb = Math.floor(kernel.cgroups.memoryBytes / 1024) + 180_000
  const cachedKb = Math.min(900_000, Math.floor(totalKb / 4))
  const buffersKb = 42_000
  const freeKb = Math.max(0, totalKb - usedKb - cachedKb - buffersKb)
  return { totalKb, freeKb, availableKb: Math.max(0, totalKb - usedKb - 60_000), buffersKb, cachedKb }
}

function meminfo(kernel: Kernel): string {
  const use = memoryUse(kernel)
  const rows: [string, number][] = [
    ['MemTotal', use.totalKb], ['MemFree', use.freeKb], ['MemAvailable', use.availableKb], ['Buffers', use.buffersKb], ['Cached', use.cachedKb], ['SwapCached', 0], ['Active', Math.floor(use.totalKb / 5)], ['Inactive', Math.floor(use.totalKb / 6)],
    ['SwapTotal', kernel.swaps.totalKb], ['SwapFree', kernel.swaps.totalKb], ['Dirty', 124], ['Writeback', 0], ['AnonPages', Math.floor(kernel.cgroups.memoryBytes / 1024)], ['Mapped', 210_000], ['Shmem', 3_400], ['Slab', 120_000], ['SReclaimable', 80_000], ['SUnreclaim', 40_000],
    ['KernelStack', 6_000], ['PageTables', 9_000], ['CommitLimit', Math.floor(use.totalKb / 2)], ['Committed_AS', Math.floor(use.totalKb / 3)], ['HugePages_Total', 0], ['HugePages_Free', 0], ['Hugepagesize', 2048],
  ]
  return rows.map(([name, value]) => `${`${name}:`.padEnd(16)}${String(value).padStart(8)}${name.startsWith('HugePages') ? '' : ' kB'}\n`).join('')
}

function stat(kernel: Kernel): string {
  const uptime = (kernel.clock.now() - kernel.options.bootedAtMs) / 10
  const busy = Math.round(kernel.cgroups.cpuMs() / 10)
  const idle = Math.max(0, Math.round(uptime * kernel.options.processors - busy))
  const line = (name: string, share: number): string => `${name} ${Math.round((busy * 0.7) / share)} 0 ${Math.round((busy * 0.3) / share)} ${Math.round(idle / share)} 0 0 0 0 0 0\n`
  const cpus = Array.from({ length: kernel.options.processors }, (_, index) => line(`cpu${index}`, kernel.options.processors)).join('')
  return `${line('cpu ', 1)}${cpus}intr 0\nctxt ${kernel.forks * 20}\nbtime ${Math.floor(kernel.options.bootedAtMs / 1000)}\nprocesses ${kernel.forks}\nprocs_running ${runnable(kernel)}\nprocs_blocked 0\n`
}

function runnable(kernel: Kernel): number {
  let count = 0
  for (const task of kernel.pidNamespace.tasks.values()) if (kernel.stateOf(task) === 'R') count++
  return Math.max(1, count)
}

export function load(kernel: Kernel): [string, string, string] {
  const running = runnable(kernel) - 1
  return [(0.08 + running).toFixed(2), (0.05 + running * 0.4).toFixed(2), (0.02 + running * 0.1).toFixed(2)]
}
