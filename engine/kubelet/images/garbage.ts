/** Image garbage collection: when the image file system is fuller than the high threshold, unused images go, those least recently used first. */
import type { Image } from '#engine/cri/api'
import { RpcError } from '#engine/cri/rpc'
import { formatGoDuration } from '../config/duration'
import type { KubeletContext } from '../context'

const periodMs = 300_000

interface Seen { readonly firstMs: number; lastUsedMs: number }

export interface ImageGarbageHooks {
  nodeEvent(reason: string, message: string): void
}

export class ImageGarbage {
  private readonly seen = new Map<string, Seen>()
  private failures = 0

  constructor(
    private readonly context: KubeletContext,
    private readonly hooks: ImageGarbageHooks,
  ) {}

  start(): void {
    const { config, klog, clock } = this.context
    if (config.imageGCHighThresholdPercent === 100 && config.imageMaximumGCAgeMs === 0) return klog.info('kubelet.go:1551', 'ImageGCHighThresholdPercent is set 100 and ImageMaximumGCAge is 0, Disable image GC')
    this.context.process.background(async () => {
      await this.quietly(() => this.detect(0))
      for (;;) {
        await clock.sleep(periodMs)
        await this.quietly(() => this.collect())
      }
    })
  }

  private async quietly(work: () => Promise<unknown>): Promise<void> {
    try {
      await work()
    } catch (error) {
      if (!(error instanceof RpcError)) throw error
    }
  }

  /** One round: images that are too old first, then as many as the threshold asks for. */
  private async collect(): Promise<void> {
    const { config, klog } = this.context
    const { totalBytes, usedBytes } = this.context.process.files.statfs('/')
    let unused = await this.detect(this.context.clock.now())
    if (config.imageMaximumGCAgeMs > 0) unused = await this.removeOld(unused)
    const available = totalBytes - usedBytes
    const usage = totalBytes === 0 ? 0 : 100 - Math.floor((available * 100) / totalBytes)
    if (usage < config.imageGCHighThresholdPercent) {
      this.failures = 0
      return
    }
    const wanted = Math.floor((totalBytes * (100 - config.imageGCLowThresholdPercent)) / 100) - available
    klog.info('image_gc_manager.go:391', 'Disk usage on image filesystem is over the high threshold, trying to free bytes down to the low threshold', { usage, highThreshold: config.imageGCHighThresholdPercent, amountToFree: wanted, lowThreshold: config.imageGCLowThresholdPercent })
    const freed = await this.free(unused, wanted)
    if (freed >= wanted) return
    this.failed(wanted, freed)
  }

  /** Removes every image that no container has: what a node under pressure does first. Returns the bytes that were theirs. */
  async removeUnused(): Promise<number> {
    this.context.klog.info('image_gc_manager.go:366', 'Attempting to delete unused images')
    return this.free(await this.detect(this.context.clock.now()), Infinity)
  }

  private failed(wanted: number, found: number): void {
    const text = `Failed to garbage collect required amount of images. Attempted to free ${wanted} bytes, but only found ${found} bytes eligible to free.`
    this.hooks.nodeEvent('FreeDiskSpaceFailed', text)
    const message = `failed to garbage collect required amount of images. Attempted to free ${wanted} bytes, but only found ${found} bytes eligible to free`
    this.failures++
    if (this.failures > 1) this.hooks.nodeEvent('ImageGCFailed', message)
    this.context.klog.error('kubelet.go:1505', message, this.failures > 1 ? 'Image garbage collection failed multiple times in a row' : 'Image garbage collection failed once. Stats initialization may not have completed yet')
  }

  /** Notes what is there and what is in use; returns what is not, least recently used first. */
  private async detect(now: number): Promise<Image[]> {
    const { images } = await this.context.cri.images.ListImages({})
    const { containers } = await this.context.cri.runtime.ListContainers({})
    const used = new Set(containers.flatMap((container) => [container.imageRef, container.image?.image ?? '']))
    const isUsed = (image: Image): boolean => image.pinned || used.has(image.id) || [...image.repoTags, ...image.repoDigests].some((name) => used.has(name))
    for (const image of images) {
      const known = this.seen.get(image.id) ?? { firstMs: now, lastUsedMs: 0 }
      if (isUsed(image)) known.lastUsedMs = this.context.clock.now()
      this.seen.set(image.id, known)
    }
    const there = new Set(images.map((image) => image.id))
    for (const id of this.seen.keys()) if (!there.has(id)) this.seen.delete(id)
    const at = (image: Image): Seen => this.seen.get(image.id) ?? { firstMs: 0, lastUsedMs: 0 }
    return images.filter((image) => !isUsed(image)).sort((a, b) => at(a).lastUsedMs - at(b).lastUsedMs || at(a).firstMs - at(b).firstMs)
  }

  private async removeOld(unused: readonly Image[]): Promise<Image[]> {
    const { config, clock } = this.context
    const rest: Image[] = []
    for (const image of unused) {
      const { firstMs = 0, lastUsedMs = 0 } = this.seen.get(image.id) ?? {}
      const age = clock.now() - Math.max(firstMs, lastUsedMs)
      if (firstMs === 0 && lastUsedMs === 0) rest.push(image)
      else if (age > config.imageMaximumGCAgeMs) await this.remove(image, `Removing image to free bytes`, { age: formatGoDuration(age) })
      else rest.push(image)
    }
    return rest
  }

  private async free(images: readonly Image[], wanted: number): Promise<number> {
    const { clock, config } = this.context
    let freed = 0
    for (const image of images) {
      if (freed >= wanted) break
      const first = this.seen.get(image.id)?.firstMs ?? 0
      if (wanted !== Infinity && clock.now() - first < config.imageMinimumGCAgeMs) continue
      await this.remove(image, 'Removing image to free bytes', {})
      freed += image.size
    }
    return freed
  }

  private async remove(image: Image, message: string, pairs: Readonly<Record<string, string>>): Promise<void> {
    this.context.klog.info('image_gc_manager.go:487', message, { imageID: image.id, size: image.size, runtimeHandler: '', ...pairs })
    await this.context.cri.images.RemoveImage({ image: { image: image.id } })
    this.seen.delete(image.id)
  }
}
