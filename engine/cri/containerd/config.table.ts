export type Toml = { [key: string]: unknown }

export const v3 = { images: 'io.containerd.cri.v1.images', runtime: 'io.containerd.cri.v1.runtime', grpc: 'io.containerd.grpc.v1.cri' }

/** What `containerd config default` holds, in its order, as far as its options matter here. */
const document: Toml = {
    version: 3,
    root: '/var/lib/containerd',
    state: '/run/containerd',
    temp: '',
    disabled_plugins: [],
    required_plugins: [],
    oom_score: 0,
    imports: ['/etc/containerd/conf.d/*.toml'],
    grpc: { address: '/run/containerd/containerd.sock', tcp_address: '', tcp_tls_ca: '', tcp_tls_cert: '', tcp_tls_key: '', uid: 0, gid: 0, max_recv_message_size: 16_777_216, max_send_message_size: 16_777_216 },
    ttrpc: { address: '', uid: 0, gid: 0 },
    debug: { address: '', uid: 0, gid: 0, level: '', format: '' },
    metrics: { address: '', grpc_histogram: false },
    plugins: {
      [v3.images]: {
        snapshotter: 'overlayfs',
        disable_snapshot_annotations: true,
        discard_unpacked_layers: false,
        max_concurrent_downloads: 3,
        image_pull_progress_timeout: '5m0s',
        image_pull_with_sync_fs: false,
        stats_collect_period: 10,
        use_local_image_pull: false,
        pinned_images: { sandbox: 'registry.k8s.io/pause:3.10.1' },
        registry: { config_path: '/etc/containerd/certs.d:/etc/docker/certs.d' },
        image_decryption: { key_model: 'node' },
      },
      [v3.runtime]: {
        enable_selinux: false,
        selinux_category_range: 1024,
        max_container_log_line_size: 16_384,
        disable_apparmor: false,
        restrict_oom_score_adj: false,
        disable_proc_mount: false,
        unset_seccomp_profile: '',
        tolerate_missing_hugetlb_controller: true,
        disable_hugetlb_controller: true,
        device_ownership_from_security_context: false,
        ignore_image_defined_volumes: false,
        netns_mounts_under_state_dir: false,
        enable_unprivileged_ports: true,
        enable_unprivileged_icmp: true,
        enable_cdi: true,
        cdi_spec_dirs: ['/etc/cdi', '/var/run/cdi'],
        drain_exec_sync_io_timeout: '0s',
        ignore_deprecation_warnings: [],
        containerd: {
          default_runtime_name: 'runc',
          ignore_blockio_not_enabled_errors: false,
          ignore_rdt_not_enabled_errors: false,
          runtimes: {
            runc: {
              runtime_type: 'io.containerd.runc.v2',
              runtime_path: '',
              pod_annotations: [],
              container_annotations: [],
              privileged_without_host_devices: false,
              privileged_without_host_devices_all_devices_allowed: false,
              cgroup_writable: false,
              base_runtime_spec: '',
              cni_conf_dir: '',
              cni_max_conf_num: 0,
              snapshotter: '',
              sandboxer: 'podsandbox',
              io_type: '',
              options: { BinaryName: '', CriuImagePath: '', CriuWorkPath: '', IoGid: 0, IoUid: 0, NoNewKeyring: false, Root: '', ShimCgroup: '', SystemdCgroup: false },
            },
          },
        },
        cni: { bin_dir: '', bin_dirs: ['/opt/cni/bin'], conf_dir: '/etc/cni/net.d', max_conf_num: 1, setup_serially: false, conf_template: '', ip_pref: '', use_internal_loopback: false },
      },
      'io.containerd.gc.v1.scheduler': { pause_threshold: 0.02, deletion_threshold: 0, mutation_threshold: 100, schedule_delay: '0s', startup_delay: '100ms' },
      [v3.grpc]: { disable_tcp_service: true, stream_server_address: '127.0.0.1', stream_server_port: '0', stream_idle_timeout: '4h0m0s', enable_tls_streaming: false, x509_key_pair_streaming: { tls_cert_file: '', tls_key_file: '' } },
      'io.containerd.image-verifier.v1.bindir': { bin_dir: '/opt/containerd/image-verifier/bin', max_verifiers: 10, per_verifier_timeout: '10s' },
      'io.containerd.internal.v1.opt': { path: '/opt/containerd' },
      'io.containerd.metadata.v1.bolt': { content_sharing_policy: 'shared', no_sync: false },
      'io.containerd.monitor.container.v1.restart': { interval: '10s' },
      'io.containerd.monitor.task.v1.cgroups': { no_prometheus: false },
      'io.containerd.nri.v1.nri': { disable: false, socket_path: '/var/run/nri/nri.sock', plugin_path: '/opt/nri/plugins', plugin_config_path: '/etc/nri/conf.d', plugin_registration_timeout: '5s', plugin_request_timeout: '2s', disable_connections: false },
      'io.containerd.runtime.v2.task': { platforms: ['linux/amd64'] },
      'io.containerd.service.v1.diff-service': { default: ['walking'], sync_fs: false },
      'io.containerd.snapshotter.v1.overlayfs': { root_path: '', upperdir_label: false, sync_remove: false, slow_chown: false, mount_options: [] },
      'io.containerd.transfer.v1.local': { max_concurrent_downloads: 3, concurrent_layer_fetch_buffer: 0, max_concurrent_uploaded_layers: 3, check_platform_supported: false, config_path: '' },
    },
    cgroup: { path: '' },
    timeouts: {
      'io.containerd.timeout.bolt.open': '0s', 'io.containerd.timeout.cri.defercleanup': '1m0s', 'io.containerd.timeout.metrics.shimstats': '2s', 'io.containerd.timeout.shim.cleanup': '5s',
      'io.containerd.timeout.shim.load': '5s', 'io.containerd.timeout.shim.shutdown': '3s', 'io.containerd.timeout.task.state': '2s',
    },
    stream_processors: {},
}

/** Shared: who changes something merges over it. */
export function defaultDocument(): Toml {
  return document
}

