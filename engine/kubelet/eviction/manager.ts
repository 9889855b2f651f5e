/**
 * Eviction: pods that outgrow what they may hold on the node's disk, and pods that have to go when memory or disk run short. Looked
 * at every ten seconds, as the kubelet does.
 */
import type { Pod } from '#engine/api/kinds'
import { formatQuantity, parseQuantity, quantityOf, quantityValue } from '#engine/api/quantity'
import { isErrno } from '#engine/linux/abi/errno'
import type { Files } from '#engine/linux/abi/files'
import type { PodSandboxStats } from '#engine/cri/api'
import { RpcError } from '#engine/cri/rpc'
import type { KubeletContext } from '../context'
import { memoryNow } from '../node/machine'
import { isCritical, isStatic, uidOf } from '../pods/names'
import type { EvictionStatus } from '../pods/worker'
import { containerNameLabel, podUidLabel } from '../runtime/podstatus'
import { podReference } from '../runtime/reference'
import { signalAmount } from './thresholds'

const periodMs = 10_000
const maxEntries = 100_000

export interface EvictionParts {
  pods(): readonly Pod[]
  /** The directory of a volume of the pod on the host. */
  volumePath(pod: Pod, volume: string): string | undefined
  evict(pod: Pod, why: EvictionStatus): void
  pressure: { memory: boolean; disk: boolean; pid: boolean }
  pressureChanged(): void
  nodeEvent(reason: string, message: string): void
}

export class EvictionManager {
  private lastPressureMs = -Infinity

  constructor(
    private readonly context: KubeletContext,
    private readonly parts: EvictionParts,
  ) {}

  start(): void {
    this.context.process.background(async () => {
      for (;;) {
        await this.context.clock.sleep(periodMs)
        await this.check()
      }
    })
  }

  private async check(): Promise<void> {
    const pods = this.parts.pods().filter((pod) => pod.status?.phase !== 'Failed' && pod.status?.phase !== 'Succeeded')
    for (const pod of pods) {
      const why = this.emptyDirExcess(pod)
      if (why !== undefined) this.evict(pod, why)
    }
    if (pods.some(hasStorageLimit)) await this.storageExcess(pods)
    await this.memoryShortage(pods)
    this.diskShortage()
  }

  private emptyDirExcess(pod: Pod): string | undefined {
    for (const volume of pod.spec?.volumes ?? []) {
      const limit = volume.emptyDir?.sizeLimit
      if (limit === undefined || volume.emptyDir?.medium === 'Memory') continue
      const path = this.parts.volumePath(pod, volume.name)
      const bytes = quantityValue(parseQuantity(String(limit)))
      if (path !== undefined && bytes > 0 && treeBytes(this.context.process.files, path) > bytes) return `Usage of EmptyDir volume "${volume.name}" exceeds the limit "${String(limit)}". `
    }
    return undefined
  }

  private async storageExcess(pods: readonly Pod[]): Promise<void> {
    const stats = await this.stats()
    for (const pod of pods.filter(hasStorageLimit)) {
      const own = stats.find((item) => item.attributes.labels[podUidLabel] === uidOf(pod))
      for (const container of pod.spec?.containers ?? []) {
        const limit = container.resources?.limits?.['ephemeral-storage']
        const used = own?.linux.containers.find((item) => item.attributes.labels[containerNameLabel] === container.name)?.writableLayer.usedBytes ?? 0
        if (limit !== undefined && used > quantityValue(parseQuantity(String(limit)))) this.evict(pod, `Container ${container.name} exceeded its local ephemeral storage limit "${String(limit)}". `)
      }
    }
  }

  private async memoryShortage(pods: readonly Pod[]): Promise<void> {
    const { total, available } = memoryNow(this.context.process)
    const threshold = signalAmount(this.context.config.evictionHard['memory.available'], total)
    if (total === 0 || available >= threshold) return this.relax('memory')
    this.press('memory')
    this.parts.nodeEvent('EvictionThresholdMet', 'Attempting to reclaim memory')
    const stats = await this.stats()
    const ranked = pods.filter((pod) => !isCritical(pod) && !isStatic(pod)).map((pod) => ({ pod, used: usedMemory(stats, pod), asked: askedMemory(pod) })).sort((a, b) => Number(b.used > b.asked) - Number(a.used > a.asked) || (a.pod.spec?.priority ?? 0) - (b.pod.spec?.priority ?? 0) || b.used - b.asked - (a.used - a.asked))
    const [worst] = ranked
    if (!worst) return
    const text = (bytes: number): string => formatQuantity(quantityOf(Math.round(bytes / 1024) * 1024, 'BinarySI'))
    const [container] = worst.pod.spec?.containers ?? []
    this.evict(worst.pod, `The node was low on resource: memory. Threshold quantity: ${text(threshold)}, available: ${text(available)}. Container ${container?.name ?? ''} was using ${text(worst.used)}, request is ${worst.asked === 0 ? '0' : text(worst.asked)}, has larger consumption of memory. `)
  }

  private diskShortage(): void {
    const disk = this.context.process.files.statfs('/')
    const threshold = signalAmount(this.context.config.evictionHard['nodefs.available'], disk.totalBytes)
    if (disk.totalBytes - disk.usedBytes >= threshold) return this.relax('disk')
    this.press('disk')
    this.parts.nodeEvent('EvictionThresholdMet', 'Attempting to reclaim ephemeral-storage')
  }

  private press(kind: 'memory' | 'disk'): void {
    this.lastPressureMs = this.context.clock.now()
    if (this.parts.pressure[kind]) return
    this.parts.pressure[kind] = true
    this.parts.pressureChanged()
  }

  /** A pressure is over only after the transition period, so that the node does not flap. */
  private relax(kind: 'memory' | 'disk'): void {
    if (!this.parts.pressure[kind] || this.context.clock.now() - this.lastPressureMs < this.context.config.evictionPressureTransitionPeriodMs) return
    this.parts.pressure[kind] = false
    this.parts.pressureChanged()
  }

  private evict(pod: Pod, message: string): void {
    this.context.events.event(podReference(pod), 'Warning', 'Evicted', message)
    this.parts.evict(pod, { reason: 'Evicted', message })
  }

  private async stats(): Promise<readonly PodSandboxStats[]> {
    try {
      return (await this.context.cri.runtime.ListPodSandboxStats({})).stats
    } catch (error) {
      if (error instanceof RpcError) return []
      throw error
    }
  }
}

function hasStorageLimit(pod: Pod): boolean {
  return (pod.spec?.containers ?? []).some((container) => container.resources?.limits?.['ephemeral-storage'] !== undefined)
}

function usedMemory(stats: readonly PodSandboxStats[], pod: Pod): number {
  return stats.find((item) => item.attributes.labels[podUidLabel] === uidOf(pod))?.linux.memory.workingSetBytes ?? 0
}

function askedMemory(pod: Pod): number {
  return (pod.spec?.containers ?? []).reduce((sum, container) => sum + quantityValue(parseQuantity(String(container.resources?.requests?.['memory'] ?? '0'))), 0)
}

function treeBytes(files: Files, path: string): number {
  let budget = maxEntries
  const walk = (at: string): number => {
    if (budget-- <= 0) return 0
    const stat = files.lstat(at)
    if (stat.type !== 'directory') return stat.size
    return files.readDirectory(at).reduce((sum, entry) => sum + walk(`${at}/${entry.name}`), 0)
  }
  try {
    return walk(path)
  } catch (error) {
    if (isErrno(error)) return 0
    throw error
  }
}
