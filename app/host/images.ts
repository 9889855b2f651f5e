/** Disk images of the profiles: made once by running kubeadm, kept in dist/images or, where that is missing, in the home. */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { decodeClusterSnapshot, encodeClusterSnapshot, type ClusterSnapshot, type ProfileName } from '#engine/cluster/index'
import { ClusterHost } from './cluster-host'

const loaded = new Map<ProfileName, ClusterSnapshot>()

/** `dist/images`, from the bundle in dist as from this source. */
export function imageFolder(): string {
  const here = fileURLToPath(import.meta.url)
  return here.endsWith('.ts') ? join(dirname(here), '..', '..', 'dist', 'images') : join(dirname(here), '..', 'images')
}

/** Whether there is an image of a profile, without reading it. */
export function hasImage(profile: ProfileName): boolean {
  return existsSync(join(imageFolder(), `${profile}.image`))
}

/** The image of a profile, if one is there. */
export function loadImage(profile: ProfileName): ClusterSnapshot | undefined {
  const known = loaded.get(profile)
  if (known) return known
  const file = join(imageFolder(), `${profile}.image`)
  if (!existsSync(file)) return undefined
  const image = decodeClusterSnapshot(new Uint8Array(readFileSync(file)))
  loaded.set(profile, image)
  return image
}

/** The image of a profile; made now where it is missing. */
export async function profileImage(profile: ProfileName, progress: (text: string) => void): Promise<ClusterSnapshot> {
  return loadImage(profile) ?? (await buildImage(profile, progress))
}

export async function buildImage(profile: ProfileName, progress: (text: string) => void): Promise<ClusterSnapshot> {
  progress(`Making a cluster with kubeadm (profile ${profile})`)
  const host = await ClusterHost.build({ profile, seed: `image/${profile}`, startMs: Date.now() - 3_600_000, onProgramError: (command, error) => progress(`defect in ${command}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`) }, progress)
  const snapshot = host.cluster.snapshot()
  const bytes = encodeClusterSnapshot(snapshot)
  host.stop()
  mkdirSync(imageFolder(), { recursive: true })
  const file = join(imageFolder(), `${profile}.image`)
  writeFileSync(`${file}.part`, bytes)
  renameSync(`${file}.part`, file)
  loaded.set(profile, snapshot)
  return snapshot
}
