/** Fields of KubeletConfiguration v1beta1 with their Go types, for decoding errors and unknown fields. */
export type FieldType = 'bool' | 'string' | 'int32' | 'int64' | 'float64' | 'uint32' | 'duration' | '[]string' | 'map[string]string' | 'map[string]bool' | 'any' | { readonly struct: string; readonly fields: Readonly<Record<string, FieldType>> }

const struct = (name: string, fields: Readonly<Record<string, FieldType>>): FieldType => ({ struct: name, fields })

export const kubeletFields: Readonly<Record<string, FieldType>> = {
  apiVersion: 'string', kind: 'string',
  enableServer: 'bool', staticPodPath: 'string', podLogsDir: 'string', syncFrequency: 'duration', fileCheckFrequency: 'duration', httpCheckFrequency: 'duration', staticPodURL: 'string', staticPodURLHeader: 'any',
  address: 'string', port: 'int32', readOnlyPort: 'int32', tlsCertFile: 'string', tlsPrivateKeyFile: 'string', tlsCipherSuites: '[]string', tlsMinVersion: 'string', rotateCertificates: 'bool', serverTLSBootstrap: 'bool',
  authentication: struct('KubeletAuthentication', {
    x509: struct('KubeletX509Authentication', { clientCAFile: 'string' }),
    webhook: struct('KubeletWebhookAuthentication', { enabled: 'bool', cacheTTL: 'duration' }),
    anonymous: struct('KubeletAnonymousAuthentication', { enabled: 'bool' }),
  }),
  authorization: struct('KubeletAuthorization', { mode: 'string', webhook: struct('KubeletWebhookAuthorization', { cacheAuthorizedTTL: 'duration', cacheUnauthorizedTTL: 'duration' }) }),
  registryPullQPS: 'int32', registryBurst: 'int32', imagePullCredentialsVerificationPolicy: 'string', preloadedImagesVerificationAllowlist: '[]string', eventRecordQPS: 'int32', eventBurst: 'int32',
  enableDebuggingHandlers: 'bool', enableContentionProfiling: 'bool', healthzPort: 'int32', healthzBindAddress: 'string', oomScoreAdj: 'int32', clusterDomain: 'string', clusterDNS: '[]string',
  streamingConnectionIdleTimeout: 'duration', nodeStatusUpdateFrequency: 'duration', nodeStatusReportFrequency: 'duration', nodeLeaseDurationSeconds: 'int32', imageMinimumGCAge: 'duration', imageMaximumGCAge: 'duration',
  imageGCHighThresholdPercent: 'int32', imageGCLowThresholdPercent: 'int32', volumeStatsAggPeriod: 'duration', kubeletCgroups: 'string', systemCgroups: 'string', cgroupRoot: 'string', cgroupsPerQOS: 'bool', cgroupDriver: 'string',
  cpuManagerPolicy: 'string', singleProcessOOMKill: 'bool', cpuManagerPolicyOptions: 'map[string]string', cpuManagerReconcilePeriod: 'duration', memoryManagerPolicy: 'string', topologyManagerPolicy: 'string', topologyManagerScope: 'string',
  topologyManagerPolicyOptions: 'map[string]string', qosReserved: 'map[string]string', runtimeRequestTimeout: 'duration', hairpinMode: 'string', maxPods: 'int32', podCIDR: 'string', podPidsLimit: 'int64', resolvConf: 'string', runOnce: 'bool',
  cpuCFSQuota: 'bool', cpuCFSQuotaPeriod: 'duration', nodeStatusMaxImages: 'int32', maxOpenFiles: 'int64', contentType: 'string', kubeAPIQPS: 'int32', kubeAPIBurst: 'int32', serializeImagePulls: 'bool', maxParallelImagePulls: 'int32',
  evictionHard: 'map[string]string', evictionSoft: 'map[string]string', evictionSoftGracePeriod: 'map[string]string', evictionPressureTransitionPeriod: 'duration', evictionMaxPodGracePeriod: 'int32', evictionMinimumReclaim: 'map[string]string',
  mergeDefaultEvictionSettings: 'bool', podsPerCore: 'int32', enableControllerAttachDetach: 'bool', protectKernelDefaults: 'bool', makeIPTablesUtilChains: 'bool', iptablesMasqueradeBit: 'int32', iptablesDropBit: 'int32',
  featureGates: 'map[string]bool', failSwapOn: 'bool', memorySwap: struct('MemorySwapConfiguration', { swapBehavior: 'string' }), containerLogMaxSize: 'string', containerLogMaxFiles: 'int32', containerLogMaxWorkers: 'int32', containerLogMonitorInterval: 'duration',
  configMapAndSecretChangeDetectionStrategy: 'string', systemReserved: 'map[string]string', kubeReserved: 'map[string]string', reservedSystemCPUs: 'string', showHiddenMetricsForVersion: 'string', systemReservedCgroup: 'string', kubeReservedCgroup: 'string',
  enforceNodeAllocatable: '[]string', allowedUnsafeSysctls: '[]string', volumePluginDir: 'string', providerID: 'string', kernelMemcgNotification: 'bool', logging: 'any', enableSystemLogHandler: 'bool', enableSystemLogQuery: 'bool',
  shutdownGracePeriod: 'duration', shutdownGracePeriodCriticalPods: 'duration', shutdownGracePeriodByPodPriority: 'any', crashLoopBackOff: struct('CrashLoopBackOffConfig', { maxContainerRestartPeriod: 'duration' }), reservedMemory: 'any',
  enableProfilingHandler: 'bool', enableDebugFlagsHandler: 'bool', seccompDefault: 'bool', memoryThrottlingFactor: 'float64', registerWithTaints: 'any', registerNode: 'bool', tracing: 'any', localStorageCapacityIsolation: 'bool',
  containerRuntimeEndpoint: 'string', imageServiceEndpoint: 'string', failCgroupV1: 'bool', userNamespaces: 'any',
}
