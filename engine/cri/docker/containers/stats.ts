/** What the kernel counts of a container: its processes, and what they use. */
import type { DockerHost } from '../host'
import { netNamespace, timeText } from '../host'
import { type ContainerRecord, conflict } from '../model'

export function groupOf(record: ContainerRecord): string {
  return `/sys/fs/cgroup/system.slice/docker-${record.id}.scope`
}

function text({ process: { files } }: DockerHost, record: ContainerRecord, file: string): string {
  const path = `${groupOf(record)}/${file}`
  return files.exists(path) ? files.readText(path).trim() : ''
}

function field(source: string, name: string): number {
  return Number(new RegExp(`^${name} (\\d+)`, 'm').exec(source)?.[1] ?? 0)
}

interface CpuSample { readonly totalNs: number; readonly systemNs: number }
const before = new WeakMap<ContainerRecord, CpuSample>()

export function statsOf(host: DockerHost, record: ContainerRecord): object {
  const { clock } = host.process
  const cpu = text(host, record, 'cpu.stat')
  const now: CpuSample = { totalNs: field(cpu, 'usage_usec') * 1000, systemNs: Math.floor(clock.now() * 1e6) * 2 }
  const last = before.get(record) ?? { totalNs: 0, systemNs: 0 }
  before.set(record, now)
  const usage = Number(text(host, record, 'memory.current') || 0)
  const most = text(host, record, 'memory.max')
  const document = (sample: CpuSample): object => ({ cpu_usage: { total_usage: sample.totalNs, usage_in_kernelmode: 0, usage_in_usermode: sample.totalNs }, system_cpu_usage: sample.systemNs, online_cpus: 2, throttling_data: { periods: field(cpu, 'nr_periods'), throttled_periods: field(cpu, 'nr_throttled'), throttled_time: 0 } })
  return {
    read: timeText(clock.now()), preread: timeText(0), pids_stats: { current: Number(text(host, record, 'pids.current') || 0) }, blkio_stats: { io_service_bytes_recursive: null }, num_procs: 0, storage_stats: {},
    cpu_stats: document(now), precpu_stats: document(last), memory_stats: { usage, stats: { inactive_file: 0 }, limit: most === '' || most === 'max' ? memoryTotal(host) : Number(most) }, name: `/${record.name}`, id: record.id, networks: networksOf(host, record),
  }
}

export function memoryTotal({ process: { files } }: DockerHost): number {
  return Number(/^MemTotal:\s+(\d+)/m.exec(files.readText('/proc/meminfo'))?.[1] ?? 0) * 1024
}

function networksOf({ process }: DockerHost, record: ContainerRecord): object {
  if (record.netns === '') return {}
  const devices = [...netNamespace(process, record.netns).interfaces.values()].filter((device) => device.kind !== 'loopback')
  return Object.fromEntries(devices.map(({ name, counters }) => [name, { rx_bytes: counters.rxBytes, rx_packets: counters.rxPackets, rx_errors: 0, rx_dropped: 0, tx_bytes: counters.txBytes, tx_packets: counters.txPackets, tx_errors: 0, tx_dropped: 0 }]))
}

export function pidsOf(host: DockerHost, record: ContainerRecord): number[] {
  if (record.state.status !== 'running' && record.state.status !== 'paused') throw conflict(`Container ${record.id} is not running`)
  return text(host, record, 'cgroup.procs').split('\n').filter(Boolean).map(Number)
}
