/** What `kubeadm init` is to do: flags and configuration, put together. */
import type { ClusterConfiguration, InitConfiguration } from './configuration'
import type { Patches } from './patches'

export interface InitPlan {
  readonly cluster: ClusterConfiguration
  readonly init: InitConfiguration
  readonly kubelet: Record<string, unknown> | undefined
  readonly proxy: Record<string, unknown> | undefined
  readonly ignore: readonly string[]
  readonly skip: readonly string[]
  readonly skipTokenPrint: boolean
  /** The file whose credentials phases use that talk to the API server. */
  readonly kubeconfig: string
  /** Where the `kubeconfig` phase writes. */
  readonly kubeconfigDir: string
  readonly uploadCerts: boolean
  /** 32 bytes in hexadecimal; empty: one is made. */
  readonly certificateKey: string
  readonly showCertificateKey: boolean
  /** The add-ons are printed, not installed. */
  readonly printManifest: boolean
  readonly patches?: Patches
}
