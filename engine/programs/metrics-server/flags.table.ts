/** The flags of metrics-server v0.8 by section, as `--name type default=VALUE`. */
export const flagTable = `
# Metrics server flags:
--kubeconfig string
--metric-resolution duration  default=1m0s
-h, --help
--version version[=true]
# Kubelet client flags:
--deprecated-kubelet-completely-insecure
--kubelet-certificate-authority string
--kubelet-client-certificate string
--kubelet-client-key string
--kubelet-insecure-tls
--kubelet-port int  default=10250
--kubelet-preferred-address-types strings  default=[Hostname,InternalDNS,InternalIP,ExternalDNS,ExternalIP]
--kubelet-request-timeout duration  default=10s
--kubelet-use-node-status-port
--node-selector string
# Secure serving flags:
--bind-address ip  default=0.0.0.0
--cert-dir string
--disable-http2-serving
--http2-max-streams-per-connection int
--permit-address-sharing
--permit-port-sharing
--secure-port int  default=443
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
# Logging flags:
--logging-format string  default="text"
-v, --v Level
--vmodule pattern=N,...
`
