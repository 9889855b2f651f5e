/** Image volumes: the files of an image, read only. The path of such a volume is the image's id. */
import type { Container, Pod, Volume } from '#engine/api/kinds'
import { WaitError } from '../images/puller'
import { MountError } from './errors'
import type { VolumePlugin } from './plugin'

interface ImageSource { reference?: string; pullPolicy?: string }

export function imageVolumePlugin(ensure: (pod: Pod, image: Pick<Container, 'name' | 'image' | 'imagePullPolicy'>) => Promise<{ readonly id: string }>): VolumePlugin {
  const source = (volume: Volume): ImageSource | undefined => (volume as { image?: ImageSource }).image
  return {
    directory: 'kubernetes.io~image',
    handles: (volume) => source(volume) !== undefined,
    async setUp({ pod, volume }) {
      const image = source(volume)
      try {
        return (await ensure(pod, { name: volume.name, image: image?.reference ?? '', imagePullPolicy: (image?.pullPolicy ?? 'IfNotPresent') as 'Always' })).id
      } catch (error) {
        if (!(error instanceof WaitError)) throw error
        throw new MountError(`MountVolume.SetUp failed for volume "${volume.name}" : ${error.message}`)
      }
    },
  }
}
