/** A cluster's state as bytes: what disk images and saved attempts are. */
import { decodeMachines, encodeMachines, ImageError } from '#engine/linux/image'
import type { ClusterSnapshot } from './cluster'
import { isProfileName, profiles } from './profiles'

interface Meta {
  readonly profile: string
  readonly seed: string
  readonly atMs: number
}

export function encodeClusterSnapshot(snapshot: ClusterSnapshot): Uint8Array {
  const meta: Meta = { profile: snapshot.profile.name, seed: snapshot.seed, atMs: snapshot.atMs }
  return encodeMachines(snapshot.machines, meta)
}

/** Throws ImageError on bytes that are none, damaged, or of another version of the program. */
export function decodeClusterSnapshot(bytes: Uint8Array): ClusterSnapshot {
  const { machines, meta } = decodeMachines(bytes)
  const { profile, seed, atMs } = meta as Meta
  if (!isProfileName(profile)) throw new ImageError(`the image is of an unknown profile: ${profile}`)
  return { profile: profiles[profile], seed, atMs, machines }
}

export { ImageError }
