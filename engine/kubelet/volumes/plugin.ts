/** What the volume manager asks of each kind of volume. */
import type { Pod, Volume } from '#engine/api/kinds'

export interface VolumeSetup {
  readonly pod: Pod
  readonly volume: Volume
  /** The volume's place below the pod's directory. */
  readonly path: string
  readonly readOnly: boolean
}

export interface VolumePlugin {
  /** `kubernetes.io~configmap`: the directory below the pod's volumes. */
  readonly directory: string
  /** Its content follows its source. */
  readonly live?: boolean
  /** fsGroup is applied to it. */
  readonly owned?: boolean
  handles(volume: Volume): boolean
  /** Makes it, or brings it up to date; returns the path to mount. Throws MountError. */
  setUp(setup: VolumeSetup): Promise<string>
  tearDown?(setup: VolumeSetup): Promise<void>
}
