/** What kubeadm writes for the kubelet: config.yaml, kubeadm-flags.env, instance-config.yaml and its bootstrap kubeconfig. */
import { emitYaml } from '#engine/base/yaml/emit'
import type { Process } from '#engine/linux/abi/process'
import { firstAddress } from './certificates'
import type { Patches } from './patches'
import { overlay, type Argument, type ClusterConfiguration } from './configuration'

const directory = '/var/lib/kubelet'

/** The cluster-wide kubelet configuration, as the ConfigMap `kubelet-config` holds it. */
export function kubeletConfiguration(cluster: ClusterConfiguration, given: Record<string, unknown> | undefined): Record<string, unknown> {
  const base: Record<string, unknown> = {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    authentication: { anonymous: { enabled: false }, webhook: { cacheTTL: '0s', enabled: true }, x509: { clientCAFile: `${cluster.certificatesDir}/ca.crt` } },
    authorization: { mode: 'Webhook', webhook: { cacheAuthorizedTTL: '0s', cacheUnauthorizedTTL: '0s' } },
    cgroupDriver: 'systemd',
    clusterDNS: [firstAddress(cluster.networking.serviceSubnet, 10)],
    clusterDomain: cluster.networking.dnsDomain,
    containerRuntimeEndpoint: '',
    cpuManagerReconcilePeriod: '0s',
    crashLoopBackOff: {},
    evictionPressureTransitionPeriod: '0s',
    fileCheckFrequency: '0s',
    healthzBindAddress: '127.0.0.1',
    healthzPort: 10248,
    httpCheckFrequency: '0s',
    imageMaximumGCAge: '0s',
    imageMinimumGCAge: '0s',
    kind: 'KubeletConfiguration',
    logging: { flushFrequency: 0, options: { json: { infoBufferSize: '0' }, text: { infoBufferSize: '0' } }, verbosity: 0 },
    memorySwap: {},
    nodeStatusReportFrequency: '0s',
    nodeStatusUpdateFrequency: '0s',
    rotateCertificates: true,
    runtimeRequestTimeout: '0s',
    shutdownGracePeriod: '0s',
    shutdownGracePeriodCriticalPods: '0s',
    staticPodPath: '/etc/kubernetes/manifests',
    streamingConnectionIdleTimeout: '0s',
    syncFrequency: '0s',
    volumeStatsAggPeriod: '0s',
  }
  return overlay(base, given)
}

export interface KubeletFiles {
  readonly configuration: Record<string, unknown>
  readonly criSocket: string
  readonly extraArgs: readonly Argument[]
  readonly patches?: Patches
}

/** Writes the three files; the instance's own configuration (its runtime's socket) is laid over the cluster's. */
export async function writeKubeletFiles(process: Process, kubelet: KubeletFiles, say: (line: string) => Promise<void>): Promise<void> {
  const { files } = process
  files.mkdirAll(directory, 0o755)
  await say(`[kubelet-start] Writing kubelet environment file with flags to file "${directory}/kubeadm-flags.env"`)
  const flags = kubelet.extraArgs.map(({ name, value }) => `--${name}=${value}`).join(' ')
  files.writeFile(`${directory}/kubeadm-flags.env`, `KUBELET_KUBEADM_ARGS="${flags}"\n`, 0o644)
  await writeKubeletConfiguration(process, kubelet.configuration, kubelet.criSocket, say, kubelet.patches)
}

export async function writeKubeletConfiguration(process: Process, configuration: Record<string, unknown>, socket: string, say: (line: string) => Promise<void>, patches?: Patches): Promise<void> {
  const { files } = process
  const instance = `${directory}/instance-config.yaml`
  await say(`[kubelet-start] Writing kubelet configuration to file "${instance}"`)
  files.writeFile(instance, `containerRuntimeEndpoint: ${JSON.stringify(socket)}\n`, 0o644)
  await say('[patches] Applied patch of type "application/strategic-merge-patch+json" to target "kubeletconfiguration"')
  const whole = emitYaml({ ...configuration, containerRuntimeEndpoint: socket })
  const text = patches ? await patches.apply('kubeletconfiguration', whole) : whole
  await say(`[kubelet-start] Writing kubelet configuration to file "${directory}/config.yaml"`)
  files.writeFile(`${directory}/config.yaml`, text, 0o644)
}
