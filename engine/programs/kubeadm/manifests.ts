/** The static pods of a control plane: kube-apiserver, kube-controller-manager, kube-scheduler and etcd. */
import { emitYaml } from '#engine/base/yaml/emit'
import type { Argument, ClusterConfiguration, ComponentSettings } from './configuration'

export interface ManifestContext {
  readonly cluster: ClusterConfiguration
  readonly nodeName: string
  readonly advertiseAddress: string
  readonly bindPort: number
  /** The members of the etcd that this one joins. */
  readonly joiningEtcd?: string
  /** Directories of certificates that stand on this machine besides /etc/ssl/certs. */
  readonly certificateDirectories: readonly string[]
}

interface Volume {
  readonly name: string
  readonly path: string
  readonly type: 'DirectoryOrCreate' | 'FileOrCreate' | ''
  readonly readOnly?: boolean
  readonly mountPath?: string
}

interface Probe {
  readonly host: string
  readonly path: string
  readonly scheme: 'HTTP' | 'HTTPS'
}

interface StaticPod {
  readonly name: string
  readonly command: readonly string[]
  readonly image: string
  readonly port: number
  readonly requests: Readonly<Record<string, string>>
  readonly liveness: Probe
  readonly readiness?: Probe
  readonly startup: Probe
  readonly volumes: readonly Volume[]
  readonly annotations?: Readonly<Record<string, string>>
  /** kubeadm lists mounts by volume name, etcd's by hand. */
  readonly mountOrder?: readonly string[]
}

export const etcdTag = '3.6.6-0'
export const corednsTag = 'v1.13.1'
export const pauseTag = '3.10.1'

export function componentManifest(component: string, context: ManifestContext): string {
  const pods: Record<string, () => StaticPod> = {
    'kube-apiserver': () => apiserver(context),
    'kube-controller-manager': () => controllerManager(context),
    'kube-scheduler': () => scheduler(context),
    etcd: () => etcd(context),
  }
  return podYaml((pods[component] as () => StaticPod)())
}

function apiserver(context: ManifestContext): StaticPod {
  const { cluster, advertiseAddress, bindPort } = context
  const pki = cluster.certificatesDir
  const probe = (path: string): Probe => ({ host: advertiseAddress, path, scheme: 'HTTPS' })
  return {
    name: 'kube-apiserver',
    annotations: { 'kubeadm.kubernetes.io/kube-apiserver.advertise-address.endpoint': `${advertiseAddress}:${bindPort}` },
    image: `${cluster.imageRepository}/kube-apiserver:${cluster.kubernetesVersion}`,
    port: bindPort,
    requests: { cpu: '250m' },
    liveness: probe('/livez'),
    readiness: probe('/readyz'),
    startup: probe('/livez'),
    volumes: [...certificateVolumes(context), { name: 'k8s-certs', path: pki, type: 'DirectoryOrCreate', readOnly: true }, ...extraVolumes(cluster.apiServer)],
    command: command('kube-apiserver', {
      'advertise-address': advertiseAddress,
      'allow-privileged': 'true',
      'authorization-mode': 'Node,RBAC',
      'client-ca-file': `${pki}/ca.crt`,
      'enable-admission-plugins': 'NodeRestriction',
      'enable-bootstrap-token-auth': 'true',
      'etcd-cafile': `${pki}/etcd/ca.crt`,
      'etcd-certfile': `${pki}/apiserver-etcd-client.crt`,
      'etcd-keyfile': `${pki}/apiserver-etcd-client.key`,
      'etcd-servers': 'https://127.0.0.1:2379',
      'kubelet-client-certificate': `${pki}/apiserver-kubelet-client.crt`,
      'kubelet-client-key': `${pki}/apiserver-kubelet-client.key`,
      'kubelet-preferred-address-types': 'InternalIP,ExternalIP,Hostname',
      'proxy-client-cert-file': `${pki}/front-proxy-client.crt`,
      'proxy-client-key-file': `${pki}/front-proxy-client.key`,
      'requestheader-allowed-names': 'front-proxy-client',
      'requestheader-client-ca-file': `${pki}/front-proxy-ca.crt`,
      'requestheader-extra-headers-prefix': 'X-Remote-Extra-',
      'requestheader-group-headers': 'X-Remote-Group',
      'requestheader-username-headers': 'X-Remote-User',
      'secure-port': String(bindPort),
      'service-account-issuer': `https://kubernetes.default.svc.${cluster.networking.dnsDomain}`,
      'service-account-key-file': `${pki}/sa.pub`,
      'service-account-signing-key-file': `${pki}/sa.key`,
      'service-cluster-ip-range': cluster.networking.serviceSubnet,
      'tls-cert-file': `${pki}/apiserver.crt`,
      'tls-private-key-file': `${pki}/apiserver.key`,
    }, cluster.apiServer.extraArgs),
  }
}

function controllerManager(context: ManifestContext): StaticPod {
  const { cluster } = context
  const pki = cluster.certificatesDir
  const kubeconfig = '/etc/kubernetes/controller-manager.conf'
  const probe: Probe = { host: '127.0.0.1', path: '/healthz', scheme: 'HTTPS' }
  const podSubnet = cluster.networking.podSubnet
  return {
    name: 'kube-controller-manager',
    image: `${cluster.imageRepository}/kube-controller-manager:${cluster.kubernetesVersion}`,
    port: 10257,
    requests: { cpu: '200m' },
    liveness: probe,
    startup: probe,
    volumes: [
      ...certificateVolumes(context),
      { name: 'k8s-certs', path: pki, type: 'DirectoryOrCreate', readOnly: true },
      { name: 'kubeconfig', path: kubeconfig, type: 'FileOrCreate', readOnly: true },
      { name: 'flexvolume-dir', path: '/usr/libexec/kubernetes/kubelet-plugins/volume/exec', type: 'DirectoryOrCreate' },
      ...extraVolumes(cluster.controllerManager),
    ],
    command: command('kube-controller-manager', {
      ...(podSubnet ? { 'allocate-node-cidrs': 'true', 'cluster-cidr': podSubnet } : {}),
      'authentication-kubeconfig': kubeconfig,
      'authorization-kubeconfig': kubeconfig,
      'bind-address': '127.0.0.1',
      'client-ca-file': `${pki}/ca.crt`,
      'cluster-name': cluster.clusterName,
      'cluster-signing-cert-file': `${pki}/ca.crt`,
      'cluster-signing-key-file': `${pki}/ca.key`,
      controllers: '*,bootstrapsigner,tokencleaner',
      kubeconfig,
      'leader-elect': 'true',
      'requestheader-client-ca-file': `${pki}/front-proxy-ca.crt`,
      'root-ca-file': `${pki}/ca.crt`,
      'service-account-private-key-file': `${pki}/sa.key`,
      ...(podSubnet ? { 'service-cluster-ip-range': cluster.networking.serviceSubnet } : {}),
      'use-service-account-credentials': 'true',
    }, cluster.controllerManager.extraArgs),
  }
}

function scheduler(context: ManifestContext): StaticPod {
  const { cluster } = context
  const kubeconfig = '/etc/kubernetes/scheduler.conf'
  const probe = (path: string): Probe => ({ host: '127.0.0.1', path, scheme: 'HTTPS' })
  return {
    name: 'kube-scheduler',
    image: `${cluster.imageRepository}/kube-scheduler:${cluster.kubernetesVersion}`,
    port: 10259,
    requests: { cpu: '100m' },
    liveness: probe('/livez'),
    readiness: probe('/readyz'),
    startup: probe('/livez'),
    volumes: [{ name: 'kubeconfig', path: kubeconfig, type: 'FileOrCreate', readOnly: true }, ...extraVolumes(cluster.scheduler)],
    command: command('kube-scheduler', {
      'authentication-kubeconfig': kubeconfig,
      'authorization-kubeconfig': kubeconfig,
      'bind-address': '127.0.0.1',
      kubeconfig,
      'leader-elect': 'true',
    }, cluster.scheduler.extraArgs),
  }
}

function etcd(context: ManifestContext): StaticPod {
  const { cluster, nodeName, advertiseAddress, joiningEtcd } = context
  const pki = `${cluster.certificatesDir}/etcd`
  const dataDir = cluster.etcd.local?.dataDir ?? '/var/lib/etcd'
  const probe = (path: string): Probe => ({ host: '127.0.0.1', path, scheme: 'HTTP' })
  return {
    name: 'etcd',
    annotations: { 'kubeadm.kubernetes.io/etcd.advertise-client-urls': `https://${advertiseAddress}:2379` },
    image: `${cluster.imageRepository}/etcd:${etcdTag}`,
    port: 2381,
    requests: { cpu: '100m', memory: '100Mi' },
    liveness: probe('/livez'),
    readiness: probe('/readyz'),
    startup: probe('/readyz'),
    volumes: [{ name: 'etcd-certs', path: pki, type: 'DirectoryOrCreate' }, { name: 'etcd-data', path: dataDir, type: 'DirectoryOrCreate' }],
    mountOrder: ['etcd-data', 'etcd-certs'],
    command: command('etcd', {
      'advertise-client-urls': `https://${advertiseAddress}:2379`,
      'cert-file': `${pki}/server.crt`,
      'client-cert-auth': 'true',
      'data-dir': dataDir,
      'feature-gates': 'InitialCorruptCheck=true',
      'initial-advertise-peer-urls': `https://${advertiseAddress}:2380`,
      'initial-cluster': joiningEtcd ?? `${nodeName}=https://${advertiseAddress}:2380`,
      ...(joiningEtcd === undefined ? {} : { 'initial-cluster-state': 'existing' }),
      'key-file': `${pki}/server.key`,
      'listen-client-urls': `https://127.0.0.1:2379,https://${advertiseAddress}:2379`,
      'listen-metrics-urls': 'http://127.0.0.1:2381',
      'listen-peer-urls': `https://${advertiseAddress}:2380`,
      name: nodeName,
      'peer-cert-file': `${pki}/peer.crt`,
      'peer-client-cert-auth': 'true',
      'peer-key-file': `${pki}/peer.key`,
      'peer-trusted-ca-file': `${pki}/ca.crt`,
      'snapshot-count': '10000',
      'trusted-ca-file': `${pki}/ca.crt`,
      'watch-progress-notify-interval': '5s',
    }, cluster.etcd.local?.extraArgs),
  }
}

/** Flags in the order of their names; extra arguments replace defaults of the same name. */
function command(program: string, defaults: Readonly<Record<string, string>>, extra: readonly Argument[] = []): string[] {
  const given = new Set(extra.map((argument) => argument.name))
  const all = [...Object.entries(defaults).filter(([name]) => !given.has(name)).map(([name, value]) => ({ name, value })), ...extra]
  all.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
  return [program, ...all.map(({ name, value }) => `--${name}=${value}`)]
}

function certificateVolumes(context: ManifestContext): Volume[] {
  const volumes: Volume[] = [{ name: 'ca-certs', path: '/etc/ssl/certs', type: 'DirectoryOrCreate', readOnly: true }]
  for (const path of context.certificateDirectories) volumes.push({ name: path.slice(1).replace(/\//g, '-'), path, type: 'DirectoryOrCreate', readOnly: true })
  return volumes
}

function extraVolumes(settings: ComponentSettings): Volume[] {
  return (settings.extraVolumes ?? []).map((volume) => ({
    name: volume.name,
    path: volume.hostPath,
    mountPath: volume.mountPath,
    type: (volume.pathType ?? '') as Volume['type'],
    ...(volume.readOnly ? { readOnly: true } : {}),
  }))
}

function podYaml(pod: StaticPod): string {
  const byName = [...pod.volumes].sort((a, b) => (a.name < b.name ? -1 : 1))
  const mounts = pod.mountOrder ? pod.mountOrder.map((name) => byName.find((volume) => volume.name === name) as Volume) : byName
  return emitYaml({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { annotations: pod.annotations, labels: { component: pod.name, tier: 'control-plane' }, name: pod.name, namespace: 'kube-system' },
    spec: {
      containers: [container(pod, mounts)],
      hostNetwork: true,
      priority: 2_000_001_000,
      priorityClassName: 'system-node-critical',
      securityContext: { seccompProfile: { type: 'RuntimeDefault' } },
      volumes: byName.map((volume) => ({ hostPath: { path: volume.path, ...(volume.type === '' ? {} : { type: volume.type }) }, name: volume.name })),
    },
    status: {},
  })
}

function container(pod: StaticPod, mounts: readonly Volume[]): Record<string, unknown> {
  const httpGet = (probe: Probe): Record<string, unknown> => ({ host: probe.host, path: probe.path, port: 'probe-port', scheme: probe.scheme })
  return {
    command: pod.command,
    image: pod.image,
    imagePullPolicy: 'IfNotPresent',
    livenessProbe: { failureThreshold: 8, httpGet: httpGet(pod.liveness), initialDelaySeconds: 10, periodSeconds: 10, timeoutSeconds: 15 },
    name: pod.name,
    ports: [{ containerPort: pod.port, name: 'probe-port', protocol: 'TCP' }],
    ...(pod.readiness ? { readinessProbe: { failureThreshold: 3, httpGet: httpGet(pod.readiness), periodSeconds: 1, timeoutSeconds: 15 } } : {}),
    resources: { requests: pod.requests },
    startupProbe: { failureThreshold: 24, httpGet: httpGet(pod.startup), initialDelaySeconds: 10, periodSeconds: 10, timeoutSeconds: 15 },
    volumeMounts: mounts.map((volume) => ({ mountPath: volume.mountPath ?? volume.path, name: volume.name, ...(volume.readOnly ? { readOnly: true } : {}) })),
  }
}
