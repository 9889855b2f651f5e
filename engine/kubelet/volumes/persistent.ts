/** Volumes of claims: bound local and hostPath volumes are bound in; a kind that is not simulated says so. */
import type { PersistentVolume, Pod, Volume } from '#engine/api/kinds'
import { persistentVolumeClaims, persistentVolumes } from '#engine/client/resources'
import { isErrno } from '#engine/linux/abi/errno'
import type { KubeletContext } from '../context'
import { MountError } from './errors'
import { checkHostPath } from './hostpath'
import type { VolumePlugin, VolumeSetup } from './plugin'

export function persistentPlugins(context: KubeletContext): VolumePlugin[] {
  return [claimPlugin(context), nfsPlugin(), unsupported()]
}

function claimPlugin(context: KubeletContext): VolumePlugin {
  return {
    directory: 'kubernetes.io~local-volume',
    owned: true,
    handles: (volume) => volume.persistentVolumeClaim !== undefined || volume.ephemeral !== undefined,
    async setUp({ pod, volume }: VolumeSetup) {
      const claim = volume.persistentVolumeClaim?.claimName ?? `${pod.metadata.name ?? ''}-${volume.name}`
      return mountPersistent(context, await boundVolume(context, pod, volume, claim))
    },
  }
}

async function boundVolume(context: KubeletContext, pod: Pod, volume: Volume, claimName: string): Promise<PersistentVolume> {
  const { client } = context
  if (!client) throw new MountError(`MountVolume.SetUp failed for volume "${volume.name}" : no API server is configured`)
  const namespace = pod.metadata.namespace ?? ''
  const waiting = (why: string): MountError => new MountError(`Unable to attach or mount volumes: unmounted volumes=[${volume.name}], unattached volumes=[], failed to process volumes=[${volume.name}]: error processing PVC ${namespace}/${claimName}: ${why}`)
  try {
    const claim = await client.of(persistentVolumeClaims).get(namespace, claimName)
    if (claim.metadata.deletionTimestamp !== undefined) throw waiting('PVC is being deleted')
    if (claim.status?.phase !== 'Bound' || !claim.spec?.volumeName) throw waiting('PVC is not bound')
    return await client.of(persistentVolumes).get('', claim.spec.volumeName)
  } catch (error) {
    if (error instanceof MountError || (error as Error).name === 'ProcessKilled') throw error
    throw waiting(`failed to fetch PVC from API server: ${(error as Error).message}`)
  }
}

function mountPersistent(context: KubeletContext, volume: PersistentVolume): string {
  const name = volume.metadata.name ?? ''
  const { files } = context.process
  const { hostPath, local } = volume.spec ?? {}
  try {
    if (hostPath) return checkHostPath(files, name, hostPath.path, hostPath.type ?? '')
    if (!local) throw unsimulated(name, volume)
    if (files.exists(local.path)) return local.path
  } catch (error) {
    if (!isErrno(error)) throw error
    throw new MountError(`MountVolume.SetUp failed for volume "${name}" : ${error.message.toLowerCase()}`)
  }
  throw new MountError(`MountVolume.NewMounter initialization failed for volume "${name}" : path "${local.path}" does not exist`)
}

function unsimulated(name: string, volume: PersistentVolume): MountError {
  const { csi, nfs } = (volume.spec ?? {}) as { csi?: { driver?: string }; nfs?: { server: string; path: string } }
  if (csi) return new MountError(`MountVolume.MountDevice failed for volume "${name}" : kubernetes.io/csi: attacher.MountDevice failed to create newCsiDriverClient: driver name ${csi.driver ?? ''} not found in the list of registered CSI drivers`)
  if (nfs) return nfsFailure(name, nfs.server, nfs.path)
  return new MountError(`MountVolume.SetUp failed for volume "${name}" : this kind of persistent volume is not simulated`)
}

function nfsPlugin(): VolumePlugin {
  return {
    directory: 'kubernetes.io~nfs',
    handles: (volume) => volume.nfs !== undefined,
    setUp: ({ volume }) => Promise.reject(nfsFailure(volume.name, volume.nfs?.server ?? '', volume.nfs?.path ?? '')),
  }
}

function nfsFailure(name: string, server: string, path: string): MountError {
  return new MountError(`MountVolume.SetUp failed for volume "${name}" : mount failed: exit status 32\nMounting command: mount\nMounting arguments: -t nfs ${server}:${path}\nOutput: mount: bad option; for several filesystems (e.g. nfs, cifs) you might need a /sbin/mount.<type> helper program.\n`)
}

function unsupported(): VolumePlugin {
  const known = ['name', 'configMap', 'secret', 'projected', 'downwardAPI', 'emptyDir', 'hostPath', 'persistentVolumeClaim', 'ephemeral', 'image', 'nfs']
  const source = (volume: Volume): string | undefined => Object.keys(volume).find((key) => !known.includes(key))
  return {
    directory: 'kubernetes.io~unsupported',
    handles: (volume) => source(volume) !== undefined,
    setUp: ({ volume }) => Promise.reject(new MountError(`MountVolume.SetUp failed for volume "${volume.name}" : volumes of kind ${source(volume) ?? ''} are not simulated`)),
  }
}
