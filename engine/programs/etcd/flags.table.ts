/** Flags of etcd 3.6 that are accepted. Those in `effective` change what the simulated member does; the rest only parse. */
export const etcdFlags: ReadonlySet<string> = new Set([
  'name', 'data-dir', 'wal-dir', 'snapshot-count', 'heartbeat-interval', 'election-timeout', 'initial-election-tick-advance', 'listen-peer-urls', 'listen-client-urls',
  'listen-client-http-urls', 'max-snapshots', 'max-wals', 'quota-backend-bytes', 'backend-bbolt-freelist-type', 'backend-batch-interval', 'backend-batch-limit',
  'max-txn-ops', 'max-request-bytes', 'max-concurrent-streams', 'grpc-keepalive-min-time', 'grpc-keepalive-interval', 'grpc-keepalive-timeout', 'socket-reuse-port',
  'socket-reuse-address', 'enable-grpc-gateway', 'raft-read-timeout', 'raft-write-timeout', 'feature-gates', 'initial-advertise-peer-urls', 'initial-cluster',
  'initial-cluster-state', 'initial-cluster-token', 'advertise-client-urls', 'discovery-token', 'discovery-endpoints', 'discovery-srv', 'discovery-srv-name',
  'strict-reconfig-check', 'pre-vote', 'auto-compaction-retention', 'auto-compaction-mode', 'v2-deprecation', 'cert-file', 'key-file', 'client-cert-auth',
  'client-cert-file', 'client-key-file', 'client-crl-file', 'client-cert-allowed-hostname', 'trusted-ca-file', 'auto-tls', 'peer-cert-file', 'peer-key-file',
  'peer-client-cert-auth', 'peer-client-cert-file', 'peer-client-key-file', 'peer-trusted-ca-file', 'peer-cert-allowed-cn', 'peer-cert-allowed-hostname', 'peer-auto-tls',
  'self-signed-cert-validity', 'peer-crl-file', 'cipher-suites', 'cors', 'host-whitelist', 'tls-min-version', 'tls-max-version', 'auth-token', 'bcrypt-cost',
  'auth-token-ttl', 'enable-pprof', 'metrics', 'listen-metrics-urls', 'logger', 'log-outputs', 'log-level', 'log-format', 'enable-log-rotation',
  'log-rotation-config-json', 'force-new-cluster', 'unsafe-no-fsync', 'experimental-initial-corrupt-check', 'experimental-watch-progress-notify-interval',
  'watch-progress-notify-interval', 'corrupt-check-time', 'compact-hash-check-time', 'compaction-batch-limit', 'compaction-sleep-interval', 'warning-apply-duration',
  'warning-unary-request-duration', 'downgrade-check-time', 'enable-distributed-tracing', 'config-file', 'memory-mlock', 'bootstrap-defrag-threshold-megabytes',
  'max-learners', 'snapshot-catchup-entries', 'peer-skip-client-san-verification', 'proxy-refresh-interval', 'proxy-dial-timeout',
])

export const booleanFlags: ReadonlySet<string> = new Set([
  'client-cert-auth', 'peer-client-cert-auth', 'auto-tls', 'peer-auto-tls', 'force-new-cluster', 'unsafe-no-fsync', 'enable-pprof', 'pre-vote', 'strict-reconfig-check',
  'enable-grpc-gateway', 'socket-reuse-port', 'socket-reuse-address', 'initial-election-tick-advance', 'experimental-initial-corrupt-check', 'enable-log-rotation',
  'enable-distributed-tracing', 'memory-mlock', 'peer-skip-client-san-verification',
])
