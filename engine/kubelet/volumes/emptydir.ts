/** emptyDir volumes: a directory, or memory. */
import type { Volume } from '#engine/api/kinds'
import { parseQuantity, quantityValue } from '#engine/api/quantity'
import type { KubeletContext } from '../context'
import type { VolumePlugin, VolumeSetup } from './plugin'
import { unmountQuietly } from './unmount'

export function emptyDirPlugin(context: KubeletContext): VolumePlugin {
  const { files } = context.process
  return {
    directory: 'kubernetes.io~empty-dir',
    owned: true,
    handles: (volume: Volume) => volume.emptyDir !== undefined,
    async setUp({ volume, path }: VolumeSetup) {
      await Promise.resolve()
      if (!files.exists(path)) {
        files.mkdirAll(path, 0o777)
        if (volume.emptyDir?.medium === 'Memory') files.mount({ source: 'tmpfs', target: path, type: 'tmpfs', options: ['rw', 'relatime', ...sizeOption(volume)] })
      }
      files.chmod(path, 0o777)
      return path
    },
    async tearDown({ volume, path }: VolumeSetup) {
      await Promise.resolve()
      if (volume.emptyDir?.medium === 'Memory') unmountQuietly(context, path)
    },
  }
}

function sizeOption(volume: Volume): string[] {
  const limit = volume.emptyDir?.sizeLimit
  return limit === undefined ? [] : [`size=${quantityValue(parseQuantity(String(limit)))}`]
}
