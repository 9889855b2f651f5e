/** What a prepared node has on its disk before kubeadm runs: packages, units, CNI plugins and their configuration. */
import type { Files } from '#engine/linux/abi/files'
import { defaultDocument, formatToml } from '#engine/cri/containerd/config'
import { bashCompletionScript } from '#engine/programs/common/cobra/bash'
import { installProgram } from '#engine/linux/distribution/rootfs'

const kubeletUnit = `[Unit]
Description=kubelet: The Kubernetes Node Agent
Documentation=https://kubernetes.io/docs/
Wants=network-online.target
After=network-online.target

[Service]
ExecStart=/usr/bin/kubelet
Restart=always
StartLimitInterval=0
RestartSec=10

[Install]
WantedBy=multi-user.target
`

const kubeletDropIn = `# Note: This dropin only works with kubeadm and kubelet v1.11+
[Service]
Environment="KUBELET_KUBECONFIG_ARGS=--bootstrap-kubeconfig=/etc/kubernetes/bootstrap-kubelet.conf --kubeconfig=/etc/kubernetes/kubelet.conf"
Environment="KUBELET_CONFIG_ARGS=--config=/var/lib/kubelet/config.yaml"
# This is a file that "kubeadm init" and "kubeadm join" generates at runtime, populating the KUBELET_KUBEADM_ARGS variable dynamically
EnvironmentFile=-/var/lib/kubelet/kubeadm-flags.env
# This is a file that the user can use for overrides of the kubelet args as a last resort. Preferably, the user should use
# the .NodeRegistration.KubeletExtraArgs object in the configuration files instead. KUBELET_EXTRA_ARGS should be sourced from this file.
EnvironmentFile=-/etc/default/kubelet
ExecStart=
ExecStart=/usr/bin/kubelet $KUBELET_KUBECONFIG_ARGS $KUBELET_CONFIG_ARGS $KUBELET_KUBEADM_ARGS $KUBELET_EXTRA_ARGS
`

const containerdUnit = `[Unit]
Description=containerd container runtime
Documentation=https://containerd.io
After=network.target dbus.service

[Service]
ExecStartPre=-/sbin/modprobe overlay
ExecStart=/usr/local/bin/containerd

Type=notify
Delegate=yes
KillMode=process
Restart=always
RestartSec=5

LimitNPROC=infinity
LimitCORE=infinity

TasksMax=infinity
OOMScoreAdjust=-999

[Install]
WantedBy=multi-user.target
`

/** Where the programs of a node lie. */
const nodePrograms: Readonly<Record<string, string>> = {
  kubelet: '/usr/bin', kubeadm: '/usr/bin', kubectl: '/usr/bin', crictl: '/usr/bin', containerd: '/usr/local/bin', 'containerd-shim-runc-v2': '/usr/local/bin', ctr: '/usr/local/bin',
  nerdctl: '/usr/local/bin', etcdctl: '/usr/local/bin', etcdutl: '/usr/local/bin', runc: '/usr/sbin',
}

export function writeNodeFiles(files: Files, programs: ReadonlyMap<string, unknown>, kubernetesVersion: string): void {
  const put = (path: string, text: string, mode = 0o644): void => {
    files.mkdirAll(path.slice(0, path.lastIndexOf('/')))
    files.writeFile(path, text)
    files.chmod(path, mode)
  }
  for (const [program, directory] of Object.entries(nodePrograms)) installProgram(files, program, `${directory}/${program}`, program.startsWith('kube') ? { version: kubernetesVersion } : {})
  for (const program of programs.keys()) if (program.startsWith('cni-')) installProgram(files, program, `/opt/cni/bin/${program.slice(4)}`)
  put('/usr/lib/systemd/system/kubelet.service', kubeletUnit)
  put('/usr/lib/systemd/system/kubelet.service.d/10-kubeadm.conf', kubeletDropIn)
  put('/etc/systemd/system/containerd.service', containerdUnit)
  put('/etc/containerd/config.toml', runtimeConfiguration())
  put('/etc/containerd/certs.d/registry.local:5000/hosts.toml', 'server = "http://registry.local:5000"\n')
  put('/etc/crictl.yaml', 'runtime-endpoint: unix:///run/containerd/containerd.sock\nimage-endpoint: unix:///run/containerd/containerd.sock\n')
  put('/etc/modules-load.d/k8s.conf', 'overlay\nbr_netfilter\n')
  put('/etc/sysctl.d/k8s.conf', 'net.bridge.bridge-nf-call-iptables  = 1\nnet.bridge.bridge-nf-call-ip6tables = 1\nnet.ipv4.ip_forward                 = 1\n')
  put('/etc/bash_completion.d/kubectl', `${bashCompletionScript('kubectl')}\nalias k=kubectl\ncomplete -o default -F __start_kubectl k\n`)
  put('/etc/default/kubelet', 'KUBELET_EXTRA_ARGS=\n')
  for (const [unit, path] of [['containerd.service', '/etc/systemd/system/containerd.service'], ['kubelet.service', '/lib/systemd/system/kubelet.service']] as const) files.symlink(path, `/etc/systemd/system/multi-user.target.wants/${unit}`)
  files.mkdirAll('/etc/kubernetes', 0o755)
  files.mkdirAll('/var/lib/containerd', 0o700)
  files.mkdirAll('/etc/kubernetes/manifests', 0o700)
}

/** containerd's defaults, with cgroups by systemd and registries by /etc/containerd/certs.d. */
function runtimeConfiguration(): string {
  return formatToml(defaultDocument())
    .replace('SystemdCgroup = false', 'SystemdCgroup = true')
    .replace(/config_path = '\/etc\/containerd\/certs\.d:[^']*'/, "config_path = '/etc/containerd/certs.d'")
}

/** The pod network of one node: a bridge with the node's part of the pod subnet. */
export function writeCniConfiguration(files: Files, podCidr: string): void {
  files.mkdirAll('/etc/cni', 0o755)
  files.mkdirAll('/etc/cni/net.d', 0o700)
  const bridge = { type: 'bridge', bridge: 'cni0', isGateway: true, ipMasq: true, hairpinMode: true, ipam: { type: 'host-local', ranges: [[{ subnet: podCidr }]], routes: [{ dst: '0.0.0.0/0' }] } }
  const list = { cniVersion: '1.0.0', name: 'k8s-pod-network', plugins: [bridge, { type: 'portmap', capabilities: { portMappings: true } }] }
  files.writeFile('/etc/cni/net.d/10-bridge.conflist', `${JSON.stringify(list, null, 2)}\n`, 0o644)
}

/** Routes to the other nodes' pods, laid at every boot by a unit, as where no network add-on does it. */
export function writePodRoutes(files: Files, routes: readonly { readonly cidr: string; readonly via: string }[]): void {
  const script = `#!/bin/sh\n# Routes to the pods of the other nodes.\n${routes.map(({ cidr, via }) => `ip route replace ${cidr} via ${via}\n`).join('')}`
  files.writeFile('/usr/local/sbin/pod-routes', script, 0o755)
  files.chmod('/usr/local/sbin/pod-routes', 0o755)
  files.writeFile('/etc/systemd/system/pod-routes.service', '[Unit]\nDescription=Routes between the nodes\' pod networks\nAfter=network.target\n\n[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/usr/local/sbin/pod-routes\n\n[Install]\nWantedBy=multi-user.target\n')
  if (!files.exists('/etc/systemd/system/multi-user.target.wants/pod-routes.service')) files.symlink('/etc/systemd/system/pod-routes.service', '/etc/systemd/system/multi-user.target.wants/pod-routes.service')
}
