/** The check that brings a control plane's images: what is there stays, what is missing is pulled. */
import { errorText } from '#engine/cri/rpc'
import { criClient, type CriClient } from '#engine/cri/transport'
import { images } from './config'
import type { ClusterConfiguration } from './configuration'
import { report } from './preflight'
import type { Session } from './session'

export async function pullImages(session: Session, cluster: ClusterConfiguration, criSocket: string, ignore: readonly string[]): Promise<void> {
  const cri = criClient(session.process.net, criSocket)
  const findings = []
  for (const image of images(cluster.imageRepository, cluster.kubernetesVersion)) {
    const failure = await bring(cri, image)
    if (failure !== undefined) findings.push({ check: 'ImagePull', message: `failed to pull image ${image}: failed to pull image ${image}: ${failure}`, level: 'error' as const })
  }
  await report(session, findings, ignore)
}

/** Why the image cannot be had; undefined where it is there now. */
async function bring(cri: CriClient, image: string): Promise<string | undefined> {
  try {
    const { image: present } = await cri.images.ImageStatus({ image: { image } })
    if (!present) await cri.images.PullImage({ image: { image } })
    return undefined
  } catch (error) {
    if ((error as Error).name === 'ProcessKilled') throw error
    return errorText(error)
  }
}
