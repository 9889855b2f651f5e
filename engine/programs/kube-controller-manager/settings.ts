/** From flags and the files they name to the settings of controllers. */
import type { Process } from '#engine/linux/abi/process'
import { isErrno } from '#engine/linux/abi/errno'
import { type ControllerOptions, defaultOptions } from '#engine/controllers/options'
import type { Flags } from '#engine/programs/common/cobra/flags'
import { CommandFailed, fileError } from '#engine/programs/common/component/component'

const concurrency: Readonly<Record<string, string>> = {
  deployments: 'concurrent-deployment-syncs', statefulsets: 'concurrent-statefulset-syncs', daemonsets: 'concurrent-daemonset-syncs', replicasets: 'concurrent-replicaset-syncs',
  replicationcontrollers: 'concurrent-rc-syncs', endpoints: 'concurrent-endpoint-syncs', endpointslices: 'concurrent-service-endpoint-syncs', jobs: 'concurrent-job-syncs',
  cronjobs: 'concurrent-cron-job-syncs', namespaces: 'concurrent-namespace-syncs', garbage: 'concurrent-gc-syncs', horizontalpodautoscalers: 'concurrent-horizontal-pod-autoscaler-syncs', resourcequotas: 'concurrent-resource-quota-syncs',
}

export function settingsOf(process: Process, flags: Flags): ControllerOptions {
  checkNetwork(flags)
  checkSigners(process, flags)
  const rootCaFile = flags.string('root-ca-file')
  const keyFile = flags.string('service-account-private-key-file')
  return {
    ...defaultOptions,
    ...network(flags),
    nodeMonitorPeriodMs: flags.number('node-monitor-period'),
    nodeMonitorGracePeriodMs: flags.number('node-monitor-grace-period'),
    nodeStartupGracePeriodMs: flags.number('node-startup-grace-period'),
    nodeEvictionRate: flags.number('node-eviction-rate'),
    secondaryNodeEvictionRate: flags.number('secondary-node-eviction-rate'),
    unhealthyZoneThreshold: flags.number('unhealthy-zone-threshold'),
    largeClusterSizeThreshold: flags.number('large-cluster-size-threshold'),
    terminatedPodGcThreshold: flags.number('terminated-pod-gc-threshold'),
    clusterSigningDurationMs: flags.number('cluster-signing-duration'),
    hpaSyncPeriodMs: flags.number('horizontal-pod-autoscaler-sync-period'),
    hpaTolerance: flags.number('horizontal-pod-autoscaler-tolerance'),
    hpaDownscaleStabilizationMs: flags.number('horizontal-pod-autoscaler-downscale-stabilization'),
    hpaCpuInitializationPeriodMs: flags.number('horizontal-pod-autoscaler-cpu-initialization-period'),
    hpaInitialReadinessDelayMs: flags.number('horizontal-pod-autoscaler-initial-readiness-delay'),
    pvClaimBinderSyncPeriodMs: flags.number('pvclaimbinder-sync-period'),
    legacyTokenCleanUpPeriodMs: flags.number('legacy-service-account-token-clean-up-period'),
    concurrent: Object.fromEntries(Object.entries(concurrency).map(([name, flag]) => [name, flags.number(flag)])),
    ...(rootCaFile === '' ? {} : { rootCa: read(process, rootCaFile, 'error reading root-ca-file at') }),
    ...(keyFile === '' ? {} : { serviceAccountKey: read(process, keyFile, 'error reading key for service account token controller:') }),
    resumed: process.resumed,
    signer: (name) => signerPair(process, flags, name),
  }
}

function network(flags: Flags): Pick<ControllerOptions, 'clusterCidrs' | 'serviceCidrs' | 'allocateNodeCidrs' | 'nodeCidrMaskSizeIpv4' | 'nodeCidrMaskSizeIpv6'> {
  const list = (name: string): string[] => flags.string(name).split(',').map((text) => text.trim()).filter((text) => text !== '')
  const single = flags.number('node-cidr-mask-size')
  return {
    clusterCidrs: list('cluster-cidr'),
    serviceCidrs: list('service-cluster-ip-range'),
    allocateNodeCidrs: flags.bool('allocate-node-cidrs'),
    nodeCidrMaskSizeIpv4: flags.number('node-cidr-mask-size-ipv4') || single || 24,
    nodeCidrMaskSizeIpv6: flags.number('node-cidr-mask-size-ipv6') || single || 64,
  }
}

/** Node ranges are cut from the cluster's, which must be one. */
function checkNetwork(flags: Flags): void {
  if (!flags.bool('allocate-node-cidrs')) return
  for (const [index, text] of flags.string('cluster-cidr').split(',').map((part) => part.trim()).entries()) {
    if (!cidr.test(text)) throw new CommandFailed(`failed to start node-ipam-controller: invalid CIDR[${index}]: <nil> (invalid CIDR address: ${text})`)
  }
}

const cidr = /^(?:\d{1,3}\.){3}\d{1,3}\/(?:[12]?\d|3[0-2])$|^[0-9a-fA-F:]*:[0-9a-fA-F:.]*\/\d{1,3}$/

/** Signers read their files when they start. */
function checkSigners(process: Process, flags: Flags): void {
  for (const signerName of Object.keys(signerFlags)) {
    try {
      signerPair(process, flags, signerName)
    } catch (error) {
      if (!isErrno(error)) throw error
      throw new CommandFailed(`failed to start ${signerName} certificate controller: ${fileError(error)}`)
    }
  }
}

function read(process: Process, path: string, what: string): string {
  try {
    return process.files.readText(path)
  } catch (error) {
    if (!isErrno(error)) throw error
    throw new CommandFailed(`${what} ${fileError({ message: error.message, subject: path })}`)
  }
}

const signerFlags: Readonly<Record<string, string>> = {
  'kubernetes.io/kubelet-serving': 'kubelet-serving',
  'kubernetes.io/kube-apiserver-client-kubelet': 'kubelet-client',
  'kubernetes.io/kube-apiserver-client': 'kube-apiserver-client',
  'kubernetes.io/legacy-unknown': 'legacy-unknown',
}

/** A signer's own pair, or where any is given only those, else the common one. */
function signerPair(process: Process, flags: Flags, signerName: string): { certificate: string; key: string } | undefined {
  const kind = signerFlags[signerName]
  if (kind === undefined) return undefined
  const own = [flags.string(`cluster-signing-${kind}-cert-file`), flags.string(`cluster-signing-${kind}-key-file`)] as const
  const common = [flags.string('cluster-signing-cert-file'), flags.string('cluster-signing-key-file')] as const
  const [certificate, key] = own[0] !== '' && own[1] !== '' ? own : common
  if (certificate === '' || key === '') return undefined
  return { certificate: process.files.readText(certificate), key: process.files.readText(key) }
}
