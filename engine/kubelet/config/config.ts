/** The kubelet's configuration: defaults, the file, drop-ins, flags. Zero durations mean the default, as kubeadm writes them. */
export interface KubeletConfig {
  readonly staticPodPath: string
  readonly podLogsDir: string
  readonly fileCheckFrequencyMs: number
  readonly address: string
  readonly port: number
  readonly readOnlyPort: number
  readonly tlsCertFile: string
  readonly tlsPrivateKeyFile: string
  readonly rotateCertificates: boolean
  readonly serverTLSBootstrap: boolean
  readonly clientCAFile: string
  readonly webhookAuthentication: boolean
  readonly anonymousAuthentication: boolean
  readonly authorizationMode: string
  readonly healthzPort: number
  readonly healthzBindAddress: string
  readonly clusterDomain: string
  readonly clusterDNS: readonly string[]
  readonly nodeStatusUpdateFrequencyMs: number
  readonly nodeStatusReportFrequencyMs: number
  readonly nodeLeaseDurationSeconds: number
  readonly imageMinimumGCAgeMs: number
  readonly imageMaximumGCAgeMs: number
  readonly imageGCHighThresholdPercent: number
  readonly imageGCLowThresholdPercent: number
  readonly cgroupDriver: string
  readonly cgroupsPerQOS: boolean
  readonly maxPods: number
  readonly podCIDR: string
  readonly podPidsLimit: number
  readonly resolvConf: string
  readonly serializeImagePulls: boolean
  readonly evictionHard: Readonly<Record<string, string>>
  readonly evictionSoft: Readonly<Record<string, string>>
  readonly evictionSoftGracePeriod: Readonly<Record<string, string>>
  readonly evictionPressureTransitionPeriodMs: number
  readonly systemReserved: Readonly<Record<string, string>>
  readonly kubeReserved: Readonly<Record<string, string>>
  readonly failSwapOn: boolean
  readonly containerLogMaxSize: string
  readonly containerLogMaxFiles: number
  readonly featureGates: Readonly<Record<string, boolean>>
  readonly shutdownGracePeriodMs: number
  readonly shutdownGracePeriodCriticalPodsMs: number
  readonly maxContainerRestartPeriodMs: number
  readonly seccompDefault: boolean
  readonly registerNode: boolean
  readonly registerWithTaints: readonly { key: string; value?: string; effect: string }[]
  readonly allowedUnsafeSysctls: readonly string[]
  readonly containerRuntimeEndpoint: string
  readonly imageServiceEndpoint: string
  readonly runtimeRequestTimeoutMs: number
  readonly enableDebuggingHandlers: boolean
  readonly enableServer: boolean
  readonly providerID: string
  readonly topologyManagerPolicy: string
  readonly cpuManagerPolicy: string
  readonly memoryManagerPolicy: string
  /** The document as merged, for /configz. */
  readonly document: Readonly<Record<string, unknown>>
}

/** Flags that have no field in the file. */
export interface KubeletFlags {
  readonly config: string
  readonly configDirectory: string
  readonly kubeconfig: string
  readonly bootstrapKubeconfig: string
  readonly hostnameOverride: string
  readonly nodeIp: string
  readonly nodeLabels: Readonly<Record<string, string>>
  readonly rootDirectory: string
  readonly certDirectory: string
  readonly verbosity: number
  /** Values of flags that stand for a field of the file; they win over it. */
  readonly overrides: Readonly<Record<string, unknown>>
}

/** The kubelet ends at once; its log has told why. */
export class KubeletExit extends Error {
  override readonly name = 'KubeletExit'
}

/** The kubelet cannot start; the text is the `err` of "command failed". */
export class KubeletStartError extends Error {
  override readonly name = 'KubeletStartError'
}
