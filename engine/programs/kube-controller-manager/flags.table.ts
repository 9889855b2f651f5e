/** The flags of kube-controller-manager v1.35 by section, as `--name type default=VALUE`. */
export const flagTable = `
# Debugging flags:
--contention-profiling
--profiling  default=true
# Leader-migration flags:
--enable-leader-migration
--leader-migration-config string
# Generic flags:
--allocate-node-cidrs
--cidr-allocator-type string  default="RangeAllocator"
--cloud-config string
--cloud-provider string
--cluster-cidr string
--cluster-name string  default="kubernetes"
--configure-cloud-routes  default=true
--controller-shutdown-timeout duration  default=10s
--controller-start-interval duration
--controllers strings
--emulated-version strings
--external-cloud-volume-plugin string
--feature-gates colonSeparatedMultimapStringString
--kube-api-burst int32  default=30
--kube-api-content-type string  default="application/vnd.kubernetes.protobuf"
--kube-api-qps float32  default=20
--leader-elect  default=true
--leader-elect-lease-duration duration  default=15s
--leader-elect-renew-deadline duration  default=10s
--leader-elect-resource-lock string  default="leases"
--leader-elect-resource-name string  default="kube-controller-manager"
--leader-elect-resource-namespace string  default="kube-system"
--leader-elect-retry-period duration  default=2s
--min-compatibility-version strings
--min-resync-period duration  default=12h0m0s
--node-monitor-period duration  default=5s
--route-reconciliation-period duration  default=10s
--use-service-account-credentials
# Service-lb-controller flags:
--concurrent-service-syncs int32  default=1
# Secure serving flags:
--bind-address ip  default=0.0.0.0
--cert-dir string
--disable-http2-serving
--http2-max-streams-per-connection int
--permit-address-sharing
--permit-port-sharing
--secure-port int  default=10257
--tls-cert-file string
--tls-cipher-suites strings
--tls-min-version string
--tls-private-key-file string
--tls-sni-cert-key namedCertKey  default=[]
# Authentication flags:
--authentication-kubeconfig string
--authentication-skip-lookup
--authentication-token-webhook-cache-ttl duration  default=10s
--authentication-tolerate-lookup-failure
--client-ca-file string
--requestheader-allowed-names strings
--requestheader-client-ca-file string
--requestheader-extra-headers-prefix strings  default=[x-remote-extra-]
--requestheader-group-headers strings  default=[x-remote-group]
--requestheader-uid-headers strings
--requestheader-username-headers strings  default=[x-remote-user]
# Authorization flags:
--authorization-always-allow-paths strings  default=[/healthz,/readyz,/livez]
--authorization-kubeconfig string
--authorization-webhook-cache-authorized-ttl duration  default=10s
--authorization-webhook-cache-unauthorized-ttl duration  default=10s
# Persistentvolume-attach-detach-controller flags:
--attach-detach-reconcile-sync-period duration  default=1m0s
--disable-attach-detach-reconcile-sync
--disable-force-detach-on-timeout
# Certificatesigningrequest-signing-controller flags:
--cluster-signing-cert-file string
--cluster-signing-duration duration  default=8760h0m0s
--cluster-signing-key-file string
--cluster-signing-kube-apiserver-client-cert-file string
--cluster-signing-kube-apiserver-client-key-file string
--cluster-signing-kubelet-client-cert-file string
--cluster-signing-kubelet-client-key-file string
--cluster-signing-kubelet-serving-cert-file string
--cluster-signing-kubelet-serving-key-file string
--cluster-signing-legacy-unknown-cert-file string
--cluster-signing-legacy-unknown-key-file string
# Deployment-controller flags:
--concurrent-deployment-syncs int32  default=5
# Device-taint-eviction-controller flags:
--concurrent-device-taint-eviction-syncs int32  default=8
# Statefulset-controller flags:
--concurrent-statefulset-syncs int32  default=5
# Daemonset-controller flags:
--concurrent-daemonset-syncs int32  default=2
# Endpoints-controller flags:
--concurrent-endpoint-syncs int32  default=5
--endpoint-updates-batch-period duration
# Endpointslice-controller flags:
--concurrent-service-endpoint-syncs int32  default=5
--endpointslice-updates-batch-period duration
--max-endpoints-per-slice int32  default=100
# Endpointslice-mirroring-controller flags:
--mirroring-concurrent-service-endpoint-syncs int32  default=5
--mirroring-endpointslice-updates-batch-period duration
--mirroring-max-endpoints-per-subset int32  default=1000
# Ephemeral-volume-controller flags:
--concurrent-ephemeralvolume-syncs int32  default=5
# Garbage-collector-controller flags:
--concurrent-gc-syncs int32  default=20
--enable-garbage-collector  default=true
# Horizontal-pod-autoscaler-controller flags:
--concurrent-horizontal-pod-autoscaler-syncs int32  default=5
--horizontal-pod-autoscaler-cpu-initialization-period duration  default=5m0s
--horizontal-pod-autoscaler-downscale-stabilization duration  default=5m0s
--horizontal-pod-autoscaler-initial-readiness-delay duration  default=30s
--horizontal-pod-autoscaler-sync-period duration  default=15s
--horizontal-pod-autoscaler-tolerance float  default=0.1
# Job-controller flags:
--concurrent-job-syncs int32  default=5
# Cronjob-controller flags:
--concurrent-cron-job-syncs int32  default=5
# Legacy-serviceaccount-token-cleaner-controller flags:
--legacy-service-account-token-clean-up-period duration  default=8760h0m0s
# Namespace-controller flags:
--concurrent-namespace-syncs int32  default=10
--namespace-sync-period duration  default=5m0s
# Node-ipam-controller flags:
--node-cidr-mask-size int32
--node-cidr-mask-size-ipv4 int32
--node-cidr-mask-size-ipv6 int32
--service-cluster-ip-range string
# Node-lifecycle-controller flags:
--large-cluster-size-threshold int32  default=50
--node-eviction-rate float32  default=0.1
--node-monitor-grace-period duration  default=50s
--node-startup-grace-period duration  default=1m0s
--secondary-node-eviction-rate float32  default=0.01
--unhealthy-zone-threshold float32  default=0.55
# Persistentvolume-binder-controller flags:
--enable-dynamic-provisioning  default=true
--enable-hostpath-provisioner
--flex-volume-plugin-dir string  default="/usr/libexec/kubernetes/kubelet-plugins/volume/exec/"
--pv-recycler-increment-timeout-nfs int32  default=30
--pv-recycler-minimum-timeout-hostpath int32  default=60
--pv-recycler-minimum-timeout-nfs int32  default=300
--pv-recycler-pod-template-filepath-hostpath string
--pv-recycler-pod-template-filepath-nfs string
--pv-recycler-timeout-increment-hostpath int32  default=30
--pvclaimbinder-sync-period duration  default=15s
# Pod-garbage-collector-controller flags:
--terminated-pod-gc-threshold int32  default=12500
# Replicaset-controller flags:
--concurrent-replicaset-syncs int32  default=5
# Replicationcontroller-controller flags:
--concurrent-rc-syncs int32  default=5
# Resourcequota-controller flags:
--concurrent-resource-quota-syncs int32  default=5
--resource-quota-sync-period duration  default=5m0s
# Serviceaccount-controller flags:
--concurrent-serviceaccount-token-syncs int32  default=5
--root-ca-file string
--service-account-private-key-file string
# Ttl-after-finished-controller flags:
--concurrent-ttl-after-finished-syncs int32  default=5
# Validatingadmissionpolicy-status-controller flags:
--concurrent-validating-admission-policy-status-syncs int32  default=5
# Metrics flags:
--allow-metric-labels stringToString  default=[]
--allow-metric-labels-manifest string
--disabled-metrics strings
--show-hidden-metrics-for-version string
# Logs flags:
--log-flush-frequency duration  default=5s
--log-json-info-buffer-size quantity
--log-json-split-stream
--log-text-info-buffer-size quantity
--log-text-split-stream
--logging-format string  default="text"
-v, --v Level
--vmodule pattern=N,...
# Misc flags:
--kubeconfig string
--master string
# Global flags:
-h, --help
--version version[=true]
`
