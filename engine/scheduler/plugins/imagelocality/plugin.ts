/** Prefers nodes that hold the images already, less so where an image is on one node only. */
import { maxScore, type PluginFactory } from '#engine/scheduler/framework'

const mebibyte = 1024 * 1024
const minThreshold = 23 * mebibyte
const maxThresholdPerContainer = 1000 * mebibyte

export const imageLocality: PluginFactory = {
  name: 'ImageLocality',
  create: (handle) => ({
    name: 'ImageLocality',
    score(_state, info, node) {
      const containers = [...(info.pod.spec?.initContainers ?? []), ...(info.pod.spec?.containers ?? [])]
      let sum = 0
      for (const container of containers) {
        const name = normalized(container.image ?? '')
        const size = node.images.get(name)
        if (size !== undefined) sum += Math.floor(size * (handle.cache.imageSpread(name) / handle.cache.nodeCount))
      }
      const max = maxThresholdPerContainer * containers.length
      const clamped = Math.min(max, Math.max(minThreshold, sum))
      return Math.floor((maxScore * (clamped - minThreshold)) / (max - minThreshold))
    },
  }),
}

function normalized(image: string): string {
  return image.lastIndexOf(':') <= image.lastIndexOf('/') ? `${image}:latest` : image
}
