/** kubeadm's configuration (kubeadm.k8s.io/v1beta4): defaults, and what files and flags change. Durations stay Go's text. */
import { emitYaml } from '#engine/base/yaml/emit'
import { parseYamlStream } from '#engine/base/yaml/parser'

/** The release that an executable without one is of. */
export const kubeadmVersion = 'v1.35.4'
export const apiVersion = 'kubeadm.k8s.io/v1beta4'
const supportedKinds = ['InitConfiguration', 'ClusterConfiguration', 'JoinConfiguration', 'ResetConfiguration', 'UpgradeConfiguration', 'KubeletConfiguration', 'KubeProxyConfiguration']

export interface Argument {
  readonly name: string
  readonly value: string
}

export interface ComponentSettings {
  readonly extraArgs?: readonly Argument[]
  readonly certSANs?: readonly string[]
  readonly extraVolumes?: readonly { readonly name: string; readonly hostPath: string; readonly mountPath: string; readonly readOnly?: boolean; readonly pathType?: string }[]
}

export interface ClusterConfiguration {
  apiServer: ComponentSettings
  apiVersion: string
  caCertificateValidityPeriod: string
  certificateValidityPeriod: string
  certificatesDir: string
  clusterName: string
  controlPlaneEndpoint?: string
  controllerManager: ComponentSettings
  dns: { readonly imageRepository?: string; readonly imageTag?: string }
  encryptionAlgorithm: string
  etcd: { readonly local?: { dataDir: string; readonly extraArgs?: readonly Argument[]; readonly serverCertSANs?: readonly string[]; readonly peerCertSANs?: readonly string[] }; readonly external?: unknown }
  featureGates?: Record<string, boolean>
  imageRepository: string
  kind: 'ClusterConfiguration'
  kubernetesVersion: string
  networking: { dnsDomain: string; podSubnet?: string; serviceSubnet: string }
  proxy: { readonly disabled?: boolean }
  scheduler: ComponentSettings
}

export interface NodeRegistration {
  criSocket: string
  imagePullPolicy: string
  imagePullSerial: boolean
  name: string
  taints: readonly unknown[] | null
  readonly kubeletExtraArgs?: readonly Argument[]
  readonly ignorePreflightErrors?: readonly string[]
}

export interface BootstrapTokenSettings {
  token: string
  ttl: string
  usages: string[]
  groups: string[]
  description?: string
}

export interface InitConfiguration {
  apiVersion: string
  bootstrapTokens: BootstrapTokenSettings[]
  kind: 'InitConfiguration'
  localAPIEndpoint: { advertiseAddress: string; bindPort: number }
  nodeRegistration: NodeRegistration
  skipPhases?: readonly string[]
  readonly patches?: { readonly directory?: string }
  timeouts: Record<string, string>
}

export interface JoinConfiguration {
  apiVersion: string
  caCertPath: string
  discovery: {
    bootstrapToken?: { apiServerEndpoint: string; token: string; caCertHashes?: string[]; unsafeSkipCAVerification?: boolean }
    file?: { kubeConfigPath: string }
    tlsBootstrapToken?: string
  }
  controlPlane?: unknown
  readonly patches?: { readonly directory?: string }
  kind: 'JoinConfiguration'
  nodeRegistration: NodeRegistration
  timeouts: Record<string, string>
}

export const defaultTimeouts: Record<string, string> = {
  controlPlaneComponentHealthCheck: '4m0s',
  discovery: '5m0s',
  etcdAPICall: '2m0s',
  kubeletHealthCheck: '4m0s',
  kubernetesAPICall: '1m0s',
  tlsBootstrap: '5m0s',
  upgradeManifests: '5m0s',
}

export const defaultSocket = 'unix:///var/run/containerd/containerd.sock'
export const defaultTokenGroups = ['system:bootstrappers:kubeadm:default-node-token']

export function defaultCluster(): ClusterConfiguration {
  return {
    apiServer: {},
    apiVersion,
    caCertificateValidityPeriod: '87600h0m0s',
    certificateValidityPeriod: '8760h0m0s',
    certificatesDir: '/etc/kubernetes/pki',
    clusterName: 'kubernetes',
    controllerManager: {},
    dns: {},
    encryptionAlgorithm: 'RSA-2048',
    etcd: { local: { dataDir: '/var/lib/etcd' } },
    imageRepository: 'registry.k8s.io',
    kind: 'ClusterConfiguration',
    kubernetesVersion: kubeadmVersion,
    networking: { dnsDomain: 'cluster.local', serviceSubnet: '10.96.0.0/12' },
    proxy: {},
    scheduler: {},
  }
}

export function defaultNodeRegistration(name: string): NodeRegistration {
  return { criSocket: defaultSocket, imagePullPolicy: 'IfNotPresent', imagePullSerial: true, name, taints: null }
}

export function defaultInit(name: string, advertiseAddress: string, token: string): InitConfiguration {
  return {
    apiVersion,
    bootstrapTokens: [{ groups: [...defaultTokenGroups], token, ttl: '24h0m0s', usages: ['signing', 'authentication'] }],
    kind: 'InitConfiguration',
    localAPIEndpoint: { advertiseAddress, bindPort: 6443 },
    nodeRegistration: defaultNodeRegistration(name),
    timeouts: { ...defaultTimeouts },
  }
}

export function defaultJoin(name: string): JoinConfiguration {
  return { apiVersion, caCertPath: '/etc/kubernetes/pki/ca.crt', discovery: {}, kind: 'JoinConfiguration', nodeRegistration: defaultNodeRegistration(name), timeouts: { ...defaultTimeouts } }
}

/** A configuration that kubeadm refuses; the message is what it prints after `error: `. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError'
}

export interface ConfigurationDocuments {
  readonly cluster?: Partial<ClusterConfiguration>
  readonly init?: Partial<InitConfiguration>
  readonly join?: Partial<JoinConfiguration>
  readonly kubelet?: Record<string, unknown>
  readonly proxy?: Record<string, unknown>
}

/** The documents of a `--config` file by kind. */
export function readConfiguration(text: string): ConfigurationDocuments {
  const found: Record<string, Record<string, unknown>> = {}
  for (const document of parseYamlStream(text)) {
    if (document === null || document === undefined) continue
    found[checkKind(document as { apiVersion?: string; kind?: string })] = document as Record<string, unknown>
  }
  const names = { cluster: 'ClusterConfiguration', init: 'InitConfiguration', join: 'JoinConfiguration', kubelet: 'KubeletConfiguration', proxy: 'KubeProxyConfiguration' }
  return Object.fromEntries(Object.entries(names).flatMap(([key, kind]) => (found[kind] ? [[key, found[kind]]] : []))) as ConfigurationDocuments
}

function checkKind({ apiVersion: version = '', kind = '' }: { apiVersion?: string; kind?: string }): string {
  if (kind === '' || version === '') throw new ConfigurationError('invalid configuration for GroupVersionKind /, Kind=: kind and apiVersion is mandatory information that must be specified')
  if (!supportedKinds.includes(kind)) throw new ConfigurationError(`no kind "${kind}" is registered for version "${version}" in scheme "k8s.io/kubernetes/cmd/kubeadm/app/apis/kubeadm/scheme/scheme.go:32"`)
  if (version.startsWith('kubeadm.k8s.io/') && version !== apiVersion && version !== 'kubeadm.k8s.io/v1beta3')
    throw new ConfigurationError(`your configuration file uses an old API spec: "${version}" (kind: "${kind}"). Please use kubeadm v1.22 instead and run 'kubeadm config migrate --old-config old-config-file --new-config new-config-file', which will write the new, similar spec using a newer API version.`)
  return kind
}

/** Lays what was given over the defaults: mappings merge, everything else replaces. */
export function overlay<T>(base: T, given: Partial<T> | undefined): T {
  if (given === undefined) return base
  const out = { ...base } as Record<string, unknown>
  for (const [key, value] of Object.entries(given)) {
    const current = out[key]
    out[key] = isMapping(current) && isMapping(value) ? overlay(current, value) : value
  }
  return out as T
}

/** As kubeadm stores it in the `kubeadm-config` ConfigMap. */
export function clusterYaml(cluster: ClusterConfiguration): string {
  return emitYaml(cluster)
}

/** `1.35`, `v1.35.4` and labels to a version, or the real complaint. */
export function normalizeVersion(text: string, own = kubeadmVersion): string {
  if (/^v?\d+\.\d+\.\d+([-+][0-9A-Za-z.-]+)?$/.test(text)) return text.startsWith('v') ? text : `v${text}`
  if (/^(stable|latest)(-\d+(\.\d+)?)?$/.test(text)) return own
  throw new ConfigurationError(`could not convert cfg to an internal cfg: version "${text}" doesn't match patterns for neither semantic version nor labels (stable, latest, ...)`)
}

/** Milliseconds of a Go duration such as `24h0m0s`; undefined where it is none. */
export function durationMs(text: string): number | undefined {
  if (text === '0') return 0
  if (!/^(\d+(\.\d+)?(h|m|s|ms))+$/.test(text)) return undefined
  const units: Record<string, number> = { h: 3_600_000, m: 60_000, s: 1000, ms: 1 }
  let total = 0
  for (const match of text.matchAll(/(\d+(?:\.\d+)?)(ms|h|m|s)/g)) total += Number(match[1]) * (units[match[2] ?? 's'] ?? 0)
  return total
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value)
}
