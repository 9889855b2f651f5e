/** KubeProxyConfiguration: read leniently, completed with defaults, validated in the component's words. */
import { remembered } from '#engine/base/remembered'
import { parseAddress, parseNetwork } from '#engine/api/validation/addresses'
import { parseYaml } from '#engine/base/yaml/parser'

export interface KubeProxyConfig {
  readonly kubeconfig: string
  readonly mode: 'iptables' | 'ipvs' | 'nftables'
  readonly clusterCidrs: readonly string[]
  readonly hostname: string
  readonly healthzAddress: string
  readonly metricsAddress: string
  readonly masqueradeAll: boolean
  readonly masqueradeBit: number
  readonly localhostNodePorts: boolean
  readonly nodePortAddresses: readonly string[]
  readonly minSyncPeriodMs: number
}

export class ConfigError extends Error {
  override readonly name = 'ConfigError'
}

interface Raw {
  readonly apiVersion?: string
  readonly kind?: string
  readonly mode?: string
  readonly clusterCIDR?: string
  readonly bindAddress?: string
  readonly configSyncPeriod?: string
  readonly hostnameOverride?: string
  readonly healthzBindAddress?: string
  readonly metricsBindAddress?: string
  readonly nodePortAddresses?: readonly string[] | null
  readonly clientConnection?: { readonly kubeconfig?: string }
  readonly iptables?: { readonly masqueradeAll?: boolean; readonly masqueradeBit?: number | null; readonly localhostNodePorts?: boolean | null; readonly minSyncPeriod?: string; readonly syncPeriod?: string }
}

export const defaultConfig: KubeProxyConfig = {
  kubeconfig: '', mode: 'iptables', clusterCidrs: [], hostname: '', healthzAddress: '0.0.0.0:10256', metricsAddress: '127.0.0.1:10249', masqueradeAll: false, masqueradeBit: 14, localhostNodePorts: true, nodePortAddresses: [], minSyncPeriodMs: 1000,
}

/** Read once for all copies of a cluster. */
const documentOf = remembered(20, (text) => (parseYaml(text) ?? {}) as Raw)

/** Throws ConfigError with what follows `command failed`. */
export function parseConfig(text: string, path: string): KubeProxyConfig {
  let raw: Raw
  try {
    raw = documentOf(text)
  } catch (error) {
    throw new ConfigError(`failed complete: error converting YAML to JSON: ${(error as Error).message}`)
  }
  if (raw === null || typeof raw !== 'object') throw new ConfigError(`failed complete: couldn't get version/kind; json parse error: json: cannot unmarshal ${typeof raw} into Go value of type struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }`)
  if (raw.kind !== 'KubeProxyConfiguration' || raw.apiVersion !== 'kubeproxy.config.k8s.io/v1alpha1') throw new ConfigError(wrongKind(raw, path))
  return complete(raw)
}

function wrongKind(raw: Raw, _path: string): string {
  if (!raw.kind) return 'failed complete: Object \'Kind\' is missing in the configuration'
  return `failed complete: no kind "${raw.kind}" is registered for version "${raw.apiVersion ?? ''}" in scheme "pkg/proxy/apis/config/scheme/scheme.go:31"`
}

function complete(raw: Raw): KubeProxyConfig {
  checkDurations(raw)
  const mode = raw.mode === undefined || raw.mode === '' ? 'iptables' : raw.mode
  const healthzAddress = withPort(raw.healthzBindAddress, defaultConfig.healthzAddress)
  const metricsAddress = withPort(raw.metricsBindAddress, defaultConfig.metricsAddress)
  const problems = [...modeProblem(mode), ...addressProblems(raw, healthzAddress, metricsAddress), ...cidrProblems(raw.clusterCIDR ?? '')]
  if (problems.length > 0) throw new ConfigError(`failed validate: ${problems.length > 1 ? `[${problems.join(', ')}]` : problems.join('')}`)
  return {
    ...defaultConfig, mode: mode as KubeProxyConfig['mode'], clusterCidrs: cidrsOf(raw.clusterCIDR ?? ''), kubeconfig: raw.clientConnection?.kubeconfig ?? '', hostname: raw.hostnameOverride ?? '', healthzAddress, metricsAddress,
    masqueradeAll: raw.iptables?.masqueradeAll ?? false, masqueradeBit: raw.iptables?.masqueradeBit ?? 14, localhostNodePorts: raw.iptables?.localhostNodePorts ?? true, nodePortAddresses: raw.nodePortAddresses ?? [],
  }
}

const fields = new Set(['apiVersion', 'kind', 'featureGates', 'clientConnection', 'logging', 'hostnameOverride', 'bindAddress', 'healthzBindAddress', 'metricsBindAddress', 'bindAddressHardFail', 'enableProfiling', 'showHiddenMetricsForVersion', 'mode', 'iptables', 'ipvs', 'nftables', 'winkernel', 'detectLocalMode', 'detectLocal', 'clusterCIDR', 'nodePortAddresses', 'oomScoreAdj', 'conntrack', 'configSyncPeriod', 'portRange', 'windowsRunAsService'])

/** What a strict reader complains of; the file is used all the same. */
export function unknownFields(text: string): string | undefined {
  const unknown = Object.keys(documentOf(text)).filter((field) => !fields.has(field))
  return unknown.length === 0 ? undefined : `strict decoding error: ${unknown.map((field) => `unknown field ${JSON.stringify(field)}`).join(', ')}`
}

function checkDurations({ configSyncPeriod, iptables }: Raw): void {
  for (const text of [configSyncPeriod, iptables?.minSyncPeriod, iptables?.syncPeriod]) {
    if (!text || /^[+-]?(0|(\d+(\.\d*)?(ns|us|µs|ms|s|m|h))+)$/.test(text)) continue
    const [, unit] = /^[+-]?[\d.]+([a-zA-Z]+)/.exec(text) ?? []
    const why = unit !== undefined ? `unknown unit ${JSON.stringify(unit)} in duration` : /^[+-]?\d+$/.test(text) ? 'missing unit in duration' : 'invalid duration'
    throw new ConfigError(`failed complete: time: ${why} ${JSON.stringify(text)}`)
  }
}

function modeProblem(mode: string): string[] {
  if (['iptables', 'ipvs', 'nftables'].includes(mode)) return []
  return [`KubeProxyConfiguration.Mode.ProxyMode: Invalid value: ${JSON.stringify(mode)}: must be iptables, ipvs, nftables or blank (blank means the best-available proxy [currently iptables])`]
}

function addressProblems({ bindAddress }: Raw, healthz: string, metrics: string): string[] {
  const isPlace = (text: string): boolean => parseAddress(text.slice(0, text.lastIndexOf(':')).replace(/^\[|\]$/g, '')) !== undefined
  return [
    ...(!bindAddress || parseAddress(bindAddress) ? [] : [`KubeProxyConfiguration.BindAddress: Invalid value: ${JSON.stringify(bindAddress)}: not a valid textual representation of an IP address`]),
    ...(isPlace(healthz) ? [] : [`KubeProxyConfiguration.HealthzBindAddress: Invalid value: ${JSON.stringify(healthz)}: must be IP:port`]),
    ...(isPlace(metrics) ? [] : [`KubeProxyConfiguration.MetricsBindAddress: Invalid value: ${JSON.stringify(metrics)}: must be IP:port`]),
  ]
}

function cidrsOf(text: string): string[] {
  return text.split(',').filter((cidr) => cidr !== '')
}

function cidrProblems(text: string): string[] {
  return cidrsOf(text).every((cidr) => parseNetwork(cidr)) ? [] : [`KubeProxyConfiguration.ClusterCIDR: Invalid value: ${JSON.stringify(text)}: must be a valid CIDR block (e.g. 10.100.0.0/16 or fde4:8dba:82e1::/48)`]
}

function withPort(given: string | undefined, fallback: string): string {
  if (!given) return fallback
  return /:\d+$/.test(given) ? given : `${given}:${fallback.split(':')[1] ?? ''}`
}
