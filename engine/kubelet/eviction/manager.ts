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
import { isCritical, isStatic, klogName, uidOf } from '../pods/names'
import type { EvictionStatus } from '../pods/worker'
import { containerNameLabel, podUidLabel } from '../runtime/podstatus'
import { podReference } from '../runtime/reference'
import { signalAmount } from './thresholds'

const periodMs = 10_000
const maxEntries = 100_000

export interface EvictionParts {
  /** Is the node's own object known? Without it there is no summary to go by. */
  nodeKnown(): boolean
  pods(): readonly Pod[]
  /** The directory of a volume of the pod on the host. */
  volumePath(pod: Pod, volume: string): string | undefined
  evict(pod: Pod, why: EvictionStatus): void
  pressure: { memory: boolean; disk: boolean; pid: boolean }
  pressureChanged(kind: 'memory' | 'disk', under: boolean): void
  nodeEvent(reason: string, message: string): void
  removeUnusedImages(): Promise<unknown>
  /** Looked at in the same rhythm. */
  rotateLogs(pod: Pod): Promise<void>
}

interface Shortage {
  readonly resource: string
  readonly threshold: number
  readonly available: number
  used(stats: readonly PodSandboxStats[], pod: Pod): number
  asked(pod: Pod): number
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
    const { klog, nodeName, client } = this.context
    if (client && !this.parts.nodeKnown()) return klog.error('eviction_manager.go:297', `failed to get node info: node ${JSON.stringify(nodeName)} not found`, 'Eviction manager: failed to get summary stats')
    const pods = this.parts.pods().filter((pod) => pod.status?.phase !== 'Failed' && pod.status?.phase !== 'Succeeded')
    for (const pod of pods) {
      const why = this.emptyDirExcess(pod)
      if (why !== undefined) this.evict(pod, why)
    }
    if (pods.some(hasStorageLimit)) await this.storageExcess(pods)
    await this.memoryShortage(pods)
    await this.diskShortage(pods)
    for (const pod of pods) await this.parts.rotateLogs(pod)
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
    this.press('memory', 'memory')
    await this.evictOne(pods, { resource: 'memory', threshold, available, used: usedMemory, asked: (pod) => asked(pod, 'memory') })
  }

  /** First what nobody uses goes; pods only where that is not enough. */
  private async diskShortage(pods: readonly Pod[]): Promise<void> {
    const resource = 'ephemeral-storage'
    if (!this.diskIsShort()) return this.relax('disk')
    this.press('disk', resource)
    await this.parts.removeUnusedImages()
    const { available, threshold } = this.disk()
    if (available >= threshold) return this.context.klog.info('eviction_manager.go:397', 'Eviction manager: able to reduce resource pressure without evicting pods.', { resourceName: resource })
    await this.evictOne(pods, { resource, threshold, available, used: usedStorage, asked: (pod) => asked(pod, resource) })
  }

  private diskIsShort(): boolean {
    const { available, threshold } = this.disk()
    return available < threshold
  }

  private disk(): { readonly available: number; readonly threshold: number } {
    const disk = this.context.process.files.statfs('/')
    return { available: disk.totalBytes - disk.usedBytes, threshold: signalAmount(this.context.config.evictionHard['nodefs.available'], disk.totalBytes) }
  }

  /** Who uses more than was asked for goes first, then who matters least, then who uses most. */
  private async evictOne(pods: readonly Pod[], { resource, threshold, available, used, asked: wish }: Shortage): Promise<void> {
    const { klog } = this.context
    const stats = await this.stats()
    const ranked = pods.map((pod) => ({ pod, used: used(stats, pod), asked: wish(pod) })).sort((one, other) => Number(other.used > other.asked) - Number(one.used > one.asked) || (one.pod.spec?.priority ?? 0) - (other.pod.spec?.priority ?? 0) || other.used - other.asked - (one.used - one.asked))
    klog.info('eviction_manager.go:408', 'Eviction manager: must evict pod(s) to reclaim', { resourceName: resource })
    klog.line('I', 'eviction_manager.go:426', `"Eviction manager: pods ranked for eviction" pods=${JSON.stringify(ranked.map(({ pod }) => klogName(pod)))}`)
    for (const { pod, used: amount, asked: wanted } of ranked) {
      if (isCritical(pod) || isStatic(pod)) {
        klog.error('eviction_manager.go:609', undefined, 'Eviction manager: cannot evict a critical pod', { pod: klogName(pod) })
        continue
      }
      const [container] = pod.spec?.containers ?? []
      const consumed = amount > wanted ? `Container ${container?.name ?? ''} was using ${bytesText(amount)}, request is ${wanted === 0 ? '0' : bytesText(wanted)}, has larger consumption of ${resource}. ` : ''
      this.evict(pod, `The node was low on resource: ${resource}. Threshold quantity: ${bytesText(threshold)}, available: ${bytesText(available)}. ${consumed}`)
      klog.info('eviction_manager.go:630', 'Eviction manager: pod is evicted successfully', { pod: klogName(pod) })
      return
    }
    klog.info('eviction_manager.go:455', 'Eviction manager: unable to evict any pods from the node')
  }

  private press(kind: 'memory' | 'disk', resource: string): void {
    this.lastPressureMs = this.context.clock.now()
    this.context.klog.info('eviction_manager.go:376', 'Eviction manager: attempting to reclaim', { resourceName: resource })
    this.parts.nodeEvent('EvictionThresholdMet', `Attempting to reclaim ${resource}`)
    if (this.parts.pressure[kind]) return
    this.parts.pressure[kind] = true
    this.parts.pressureChanged(kind, true)
  }

  /** A pressure is over only after the transition period, so that the node does not flap. */
  private relax(kind: 'memory' | 'disk'): void {
    if (!this.parts.pressure[kind] || this.context.clock.now() - this.lastPressureMs < this.context.config.evictionPressureTransitionPeriodMs) return
    this.parts.pressure[kind] = false
    this.parts.pressureChanged(kind, false)
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

/** Written by its containers. */
function usedStorage(stats: readonly PodSandboxStats[], pod: Pod): number {
  return (stats.find((item) => item.attributes.labels[podUidLabel] === uidOf(pod))?.linux.containers ?? []).reduce((sum, container) => sum + container.writableLayer.usedBytes, 0)
}

function asked(pod: Pod, resource: string): number {
  return (pod.spec?.containers ?? []).reduce((sum, container) => sum + quantityValue(parseQuantity(String(container.resources?.requests?.[resource] ?? '0'))), 0)
}

function bytesText(bytes: number): string {
  return formatQuantity(quantityOf(Math.round(bytes / 1024) * 1024, 'BinarySI'))
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
