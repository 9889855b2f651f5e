/** What a cluster is made with, all of it from the host. */
import type { KeySource } from '#engine/base/pki/keys'
import type { ClusterProfile } from './profiles'

export interface ClusterOptions {
  readonly profile: ClusterProfile
  readonly seed: string
  /** Virtual time at the start, milliseconds since the epoch. */
  readonly startMs: number
  /** RSA keys: costly to compute, so the host provides them. */
  readonly keys?: KeySource
  /** Told of errors that no program should throw: defects of the simulation. */
  readonly onProgramError?: (command: string, error: unknown) => void
}
