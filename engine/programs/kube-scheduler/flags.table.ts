/** The flags of kube-scheduler v1.35 by section, as `--name type default=VALUE`. */
export const flagTable = `
# Misc flags:
--config string
--master string
--write-config-to string
# Secure serving flags:
--bind-address ip  default=0.0.0.0
--cert-dir string
--disable-http2-serving
--http2-max-streams-per-connection int
--permit-address-sharing
--permit-port-sharing
--secure-port int  default=10259
--tls-cert-file string
--tls-cipher-suites strings
--tls-min-version string
--tls-private-key-file string
--tls-sni-cert-key namedCertKey  default=[]
# Authentication flags:
--authentication-kubeconfig string
--authentication-skip-lookup
--authentication-token-webhook-cache-ttl duration  default=10s
--authentication-tolerate-lookup-failure  default=true
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
# Deprecated flags:
--contention-profiling  default=true
--kube-api-burst int32  default=100
--kube-api-content-type string  default="application/vnd.kubernetes.protobuf"
--kube-api-qps float32  default=50
--kubeconfig string
--pod-max-in-unschedulable-pods-duration duration  default=5m0s
--profiling  default=true
# Leader election flags:
--leader-elect  default=true
--leader-elect-lease-duration duration  default=15s
--leader-elect-renew-deadline duration  default=10s
--leader-elect-resource-lock string  default="leases"
--leader-elect-resource-name string  default="kube-scheduler"
--leader-elect-resource-namespace string  default="kube-system"
--leader-elect-retry-period duration  default=2s
# Feature gate flags:
--emulated-version strings
--feature-gates colonSeparatedMultimapStringString
--min-compatibility-version strings
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
# Global flags:
-h, --help
--version version[=true]
`
