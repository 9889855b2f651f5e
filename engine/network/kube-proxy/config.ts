/** KubeProxyConfiguration: read leniently, completed with defaults, validated in the component's words. */
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
  readonly hostnameOverride?: string
  readonly healthzBindAddress?: string
  readonly metricsBindAddress?: string
  readonly nodePortAddresses?: readonly string[] | null
  readonly clientConnection?: { readonly kubeconfig?: string }
  readonly iptables?: { readonly masqueradeAll?: boolean; readonly masqueradeBit?: number | null; readonly localhostNodePorts?: boolean | null; readonly minSyncPeriod?: string }
}

export const defaultConfig: KubeProxyConfig = {
  kubeconfig: '', mode: 'iptables', clusterCidrs: [], hostname: '', healthzAddress: '0.0.0.0:10256', metricsAddress: '127.0.0.1:10249', masqueradeAll: false, masqueradeBit: 14, localhostNodePorts: true, nodePortAddresses: [], minSyncPeriodMs: 1000,
}

/** Throws ConfigError with what follows `command failed`. */
export function parseConfig(text: string, path: string): KubeProxyConfig {
  let raw: Raw
  try {
    raw = (parseYaml(text) ?? {}) as Raw
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
  const mode = raw.mode === undefined || raw.mode === '' ? 'iptables' : raw.mode
  if (mode !== 'iptables' && mode !== 'ipvs' && mode !== 'nftables')
    throw new ConfigError(`failed validate: KubeProxyConfiguration.Mode.ProxyMode: Invalid value: ${JSON.stringify(mode)}: must be iptables, ipvs, nftables or blank (blank means the best-available proxy [currently iptables])`)
  const cidrs = (raw.clusterCIDR ?? '').split(',').filter((cidr) => cidr !== '')
  const bad = cidrs.find((cidr) => !/^[0-9a-fA-F.:]+\/\d+$/.test(cidr))
  if (bad !== undefined) throw new ConfigError(`failed validate: KubeProxyConfiguration.ClusterCIDR: Invalid value: ${JSON.stringify(raw.clusterCIDR)}: must be a valid CIDR block (e.g. 10.100.0.0/16 or fde4:8dba:82e1::/48)`)
  return {
    ...defaultConfig, mode, clusterCidrs: cidrs, kubeconfig: raw.clientConnection?.kubeconfig ?? '', hostname: raw.hostnameOverride ?? '',
    healthzAddress: withPort(raw.healthzBindAddress, defaultConfig.healthzAddress), metricsAddress: withPort(raw.metricsBindAddress, defaultConfig.metricsAddress),
    masqueradeAll: raw.iptables?.masqueradeAll ?? false, masqueradeBit: raw.iptables?.masqueradeBit ?? 14, localhostNodePorts: raw.iptables?.localhostNodePorts ?? true, nodePortAddresses: raw.nodePortAddresses ?? [],
  }
}

function withPort(given: string | undefined, fallback: string): string {
  if (!given) return fallback
  return /:\d+$/.test(given) ? given : `${given}:${fallback.split(':')[1] ?? ''}`
}
