/** What `kubeadm join` is to do, and what its phases share. */
import type { ClientConfig } from '#engine/client/config'
import type { ClusterConfiguration, JoinConfiguration } from './configuration'
import type { Patches } from './patches'

export interface ControlPlaneJoin {
  readonly advertiseAddress: string
  readonly bindPort: number
  readonly certificateKey: string
}

export interface JoinPlan {
  readonly join: JoinConfiguration
  readonly ignore: readonly string[]
  readonly skip: readonly string[]
  readonly patches?: Patches
  /** Where this machine is to become a control plane. */
  readonly controlPlane?: ControlPlaneJoin
}

export interface Discovered {
  readonly server: string
  readonly authority: string
}

/** What the phases share once the cluster is found. */
export interface JoinContext {
  readonly plan: JoinPlan
  readonly discovered: Discovered
  /** By the token. */
  readonly config: ClientConfig
  readonly cluster: ClusterConfiguration
}
