/** Lays images on a machine's disk as if they had been imported there, without a running containerd. */
import type { Files } from '#engine/linux/abi/files'
import type { ImageDefinition } from './definition'
import { ImageStore } from './store'

export interface PreloadOptions {
  /** `k8s.io` for the kubelet, `default` for ctr and nerdctl. */
  readonly namespace?: string
  readonly root?: string
  readonly nowMs?: number
  /** Only these tags; default all of a definition's. */
  readonly tags?: readonly string[]
}

export function preloadImages(files: Files, definitions: readonly ImageDefinition[], options: PreloadOptions = {}): void {
  const store = new ImageStore(files, options.root ?? '/var/lib/containerd', () => options.nowMs ?? 0)
  for (const definition of definitions) {
    const tags = options.tags ?? definition.tags
    store.import(options.namespace ?? 'k8s.io', definition, tags.map((tag) => `${definition.repository}:${tag}`))
  }
}
