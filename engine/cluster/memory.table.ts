/** Mebibytes that a daemon holds at rest, rounded, as `kubectl top` and `ps` show them on a small idle cluster. Others hold one. */
export const residentMebibytes: Readonly<Record<string, number>> = {
  'kube-apiserver': 264, 'kube-controller-manager': 62, 'kube-scheduler': 31, 'kube-proxy': 24, kubelet: 88, etcd: 48, coredns: 19, 'metrics-server': 26,
  containerd: 64, 'containerd-shim-runc-v2': 12, nginx: 4, httpd: 6, 'redis-server': 8, systemd: 11, 'systemd-journald': 16, sshd: 8, bash: 4,
}
