/** The settings of kube-controller-manager that controllers read. Times in milliseconds. */
import type { Client } from '#engine/client/client'

export interface ControllerOptions {
  readonly clusterCidrs: readonly string[]
  readonly serviceCidrs: readonly string[]
  readonly allocateNodeCidrs: boolean
  readonly nodeCidrMaskSizeIpv4: number
  readonly nodeCidrMaskSizeIpv6: number
  readonly nodeMonitorPeriodMs: number
  readonly nodeMonitorGracePeriodMs: number
  readonly nodeStartupGracePeriodMs: number
  readonly nodeEvictionRate: number
  readonly secondaryNodeEvictionRate: number
  readonly unhealthyZoneThreshold: number
  readonly largeClusterSizeThreshold: number
  readonly terminatedPodGcThreshold: number
  readonly clusterSigningDurationMs: number
  /** PEM. */
  readonly rootCa?: string
  /** Reads anew at each use, so that a rotated pair counts. PEM; undefined where the flags name none. */
  readonly signer?: (signerName: string) => { readonly certificate: string; readonly key: string } | undefined
  /** PEM of --service-account-private-key-file. */
  readonly serviceAccountKey?: string
  readonly hpaSyncPeriodMs: number
  readonly hpaTolerance: number
  readonly hpaDownscaleStabilizationMs: number
  readonly hpaCpuInitializationPeriodMs: number
  readonly hpaInitialReadinessDelayMs: number
  readonly concurrent: Readonly<Record<string, number>>
  readonly pvClaimBinderSyncPeriodMs: number
  readonly legacyTokenCleanUpPeriodMs: number
  /** Goes on from a snapshot: what was told before is not told again. */
  readonly resumed?: boolean
  /** A client with another service account of kube-system, where controllers act as one that is not theirs. */
  readonly clientFor?: (account: string) => Client
}

export const defaultOptions: ControllerOptions = {
  clusterCidrs: [],
  serviceCidrs: [],
  allocateNodeCidrs: false,
  nodeCidrMaskSizeIpv4: 24,
  nodeCidrMaskSizeIpv6: 64,
  nodeMonitorPeriodMs: 5_000,
  nodeMonitorGracePeriodMs: 50_000,
  nodeStartupGracePeriodMs: 60_000,
  nodeEvictionRate: 0.1,
  secondaryNodeEvictionRate: 0.01,
  unhealthyZoneThreshold: 0.55,
  largeClusterSizeThreshold: 50,
  terminatedPodGcThreshold: 12_500,
  clusterSigningDurationMs: 365 * 24 * 3_600_000,
  hpaSyncPeriodMs: 15_000,
  hpaTolerance: 0.1,
  hpaDownscaleStabilizationMs: 300_000,
  hpaCpuInitializationPeriodMs: 300_000,
  hpaInitialReadinessDelayMs: 30_000,
  concurrent: {},
  pvClaimBinderSyncPeriodMs: 15_000,
  legacyTokenCleanUpPeriodMs: 365 * 24 * 3_600_000,
}
