/** The reviewed table of differences that stay: what (a pattern of the difference's line) and why. */
export interface Accepted {
  readonly what: RegExp
  readonly why: string
}

export const accepted: readonly Accepted[] = [
  { what: /^configmaps kube-system\/kube-proxy\.data\.config\.conf: .*maxPerCore/s, why: 'the recorded machines set conntrack.maxPerCore to 0, which kubeadm leaves null' },
  { what: /^configmaps kube-system\/kubelet-config\.data\.kubelet: .*failCgroupV1/s, why: 'the recorded machines have cgroup v1 and say failCgroupV1: false' },
  { what: /^nodes \S+\.status\.(allocatable|capacity)\.(memory|ephemeral-storage): /, why: 'machines of other sizes' },
  { what: /^nodes \S+\.status\.images\[\d\]\.sizeBytes: /, why: 'the recorded images were packed anew: their manifests and configurations are of other lengths' },
  { what: /^pods kube-system\/coredns-[0-9a-z]+-SUFFIX(#2)?\.status\.containerStatuses\[coredns\]\.user\.linux\./, why: 'the recorded coredns image was packed anew and runs as root; the published one runs as 65532' },
  { what: /^endpoints kube-system\/kube-dns\.subsets\[0\]\.ports: order /, why: "the real controller orders ports by a hash of Go's memory dump of them; no client may rely on it" },
  { what: /^pods kube-system\/(etcd|kube-apiserver|kube-controller-manager|kube-scheduler)-controlplane\.status\.containerStatuses\[\S+\]\.volumeMounts: absent -> /, why: 'kubeadm init restarted the recorded kubelet while static pods ran, and a kubelet that finds a static pod running does not tell its mounts; ours always tells them' },
]
