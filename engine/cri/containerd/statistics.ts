/** Use of processor, memory and disk, read from cgroups and snapshots when somebody asks. */
import { isErrno } from '#engine/linux/abi/errno'
import type { ContainerStats, FilesystemUsage, PodSandboxStats } from '../api'
import { nanos } from '../api'
import type { RuntimeHost } from './host'
import { cgroupDirectory } from './oci'
import type { ContainerRecord, SandboxRecord } from './records'
import { cgroupsPath } from './spec'

interface Sample { readonly atMs: number; readonly usageNs: number; readonly rate: number }

export class Statistics {
  private readonly samples = new Map<string, Sample>()

  constructor(private readonly host: RuntimeHost) {}

  container(record: ContainerRecord): ContainerStats {
    const sandbox = this.host.sandboxes.get(record.sandboxId)
    const { cpu, memory } = this.usage(record.id, sandbox?.config.linux.cgroupParent ?? '')
    const { metadata, labels, annotations } = record.config
    return { attributes: { id: record.id, metadata, labels, annotations }, cpu, memory, writableLayer: { timestamp: cpu.timestamp, ...this.layer(record.id) } }
  }

  sandbox(record: SandboxRecord): PodSandboxStats {
    const own = this.usage(record.id, record.config.linux.cgroupParent)
    const containers = this.host.containers.all().filter((container) => container.sandboxId === record.id && container.state === 'CONTAINER_RUNNING').map((container) => this.container(container))
    const sum = (pick: (stats: Pick<ContainerStats, 'cpu' | 'memory'>) => number): number => containers.reduce((total, stats) => total + pick(stats), pick(own))
    const { metadata, labels, annotations } = record.config
    return {
      attributes: { id: record.id, metadata, labels, annotations },
      linux: {
        cpu: { timestamp: own.cpu.timestamp, usageCoreNanoSeconds: sum((stats) => stats.cpu.usageCoreNanoSeconds), usageNanoCores: sum((stats) => stats.cpu.usageNanoCores) },
        memory: { timestamp: own.memory.timestamp, workingSetBytes: sum((stats) => stats.memory.workingSetBytes), usageBytes: sum((stats) => stats.memory.usageBytes), rssBytes: sum((stats) => stats.memory.rssBytes) },
        process: { processCount: containers.length + 1 },
        containers,
      },
    }
  }

  imageFilesystem(): FilesystemUsage {
    const mountpoint = `${this.host.config.root}/io.containerd.snapshotter.v1.overlayfs`
    const usedBytes = this.host.images.list('k8s.io').reduce((sum, image) => sum + image.sizeBytes * 3, 0)
    return { timestamp: nanos(this.host.process.clock.now()), fsId: { mountpoint }, usedBytes, inodesUsed: this.host.images.snapshots.list().length * 100 }
  }

  private usage(id: string, cgroupParent: string): Pick<ContainerStats, 'cpu' | 'memory'> {
    const directory = `/sys/fs/cgroup${cgroupDirectory(cgroupsPath(cgroupParent, id, this.host.config.systemdCgroup))}`
    const atMs = this.host.process.clock.now()
    const usageNs = Number(/^usage_usec (\d+)/m.exec(this.read(`${directory}/cpu.stat`))?.[1] ?? 0) * 1000
    const bytes = Number(this.read(`${directory}/memory.current`).trim() || 0)
    const timestamp = nanos(atMs)
    return { cpu: { timestamp, usageCoreNanoSeconds: usageNs, usageNanoCores: this.rate(id, atMs, usageNs) }, memory: { timestamp, workingSetBytes: bytes, usageBytes: bytes, rssBytes: bytes } }
  }

  /** The rate since the sample before; asked twice at once it stays what it was. */
  private rate(id: string, atMs: number, usageNs: number): number {
    const last = this.samples.get(id)
    if (last && atMs - last.atMs < 1000) return last.rate
    const rate = last ? Math.round(((usageNs - last.usageNs) / (atMs - last.atMs)) * 1000) : 0
    this.samples.set(id, { atMs, usageNs, rate })
    return Math.max(0, rate)
  }

  private layer(key: string): { usedBytes: number; inodesUsed: number } {
    const path = this.host.images.snapshots.upperDirectory(key)
    return path === undefined ? { usedBytes: 0, inodesUsed: 0 } : this.tree(path)
  }

  private tree(path: string): { usedBytes: number; inodesUsed: number } {
    const { files } = this.host.process
    let usedBytes = 4096
    let inodesUsed = 1
    for (const entry of files.readDirectory(path)) {
      const child = `${path}/${entry.name}`
      if (entry.type === 'directory') {
        const below = this.tree(child)
        usedBytes += below.usedBytes
        inodesUsed += below.inodesUsed
      } else {
        usedBytes += Math.ceil(files.lstat(child).size / 4096) * 4096
        inodesUsed++
      }
    }
    return { usedBytes, inodesUsed }
  }

  private read(path: string): string {
    try {
      return this.host.process.files.readText(path)
    } catch (error) {
      if (isErrno(error)) return ''
      throw error
    }
  }
}
