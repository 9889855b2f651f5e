/** Files that the kubelet itself gives to containers: /etc/hosts and the termination log; and resolv.conf by DNS policy. */
import type { Pod } from '#engine/api/kinds'
import type { DnsConfig } from '#engine/cri/api'
import { isErrno } from '#engine/linux/abi/errno'
import type { Files } from '#engine/linux/abi/files'

export interface HostsInputs { readonly hostname: string; readonly domain: string; readonly podIps: readonly string[]; readonly hostFile: string }

export function hostsFile(pod: Pod, inputs: HostsInputs): string {
  const aliases = (pod.spec?.hostAliases ?? []).map((alias) => `${alias.ip}\t${(alias.hostnames ?? []).join('\t')}\n`).join('')
  const extra = aliases === '' ? '' : `\n# Entries added by HostAliases.\n${aliases}`
  if (pod.spec?.hostNetwork) return `# Kubernetes-managed hosts file (host network).\n${inputs.hostFile}${extra}`
  const names = inputs.domain === '' ? inputs.hostname : `${inputs.hostname}.${inputs.domain}\t${inputs.hostname}`
  const own = inputs.podIps.map((ip) => `${ip}\t${names}\n`).join('')
  return `# Kubernetes-managed hosts file.\n127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\nfe00::0\tip6-localnet\nfe00::0\tip6-mcastprefix\nfe00::1\tip6-allnodes\nfe00::2\tip6-allrouters\n${own}${extra}`
}

export interface DnsInputs { readonly clusterDNS: readonly string[]; readonly clusterDomain: string; readonly resolvConf: string }

/** Parses the host's file: the last `search` and all `nameserver` lines count. */
export function parseResolvConf(text: string): DnsConfig {
  const out: DnsConfig = { servers: [], searches: [], options: [] }
  for (const line of text.split('\n')) {
    const [word = '', ...rest] = line.trim().split(/\s+/)
    if (word === 'nameserver' && rest[0]) out.servers.push(rest[0])
    else if (word === 'search') out.searches = rest.map((search) => (search === '.' ? search : search.replace(/\.$/, '')))
    else if (word === 'options') out.options = rest
  }
  return out
}

const maxServers = 3
const maxSearches = 32

export function podDns(pod: Pod, inputs: DnsInputs, warn: (reason: string, message: string) => void): DnsConfig {
  const host = parseResolvConf(inputs.resolvConf)
  const config = base(pod, inputs, host, warn)
  const own = pod.spec?.dnsConfig
  if (own) {
    config.servers = unique([...config.servers, ...(own.nameservers ?? [])])
    config.searches = unique([...config.searches, ...(own.searches ?? [])])
    config.options = mergeOptions(config.options, (own.options ?? []).map(({ name = '', value }) => (value ? `${name}:${value}` : name)))
  }
  if (config.servers.length > maxServers) {
    warn('DNSConfigForming', `Nameserver limits were exceeded, some nameservers have been omitted, the applied nameserver line is: ${config.servers.slice(0, maxServers).join(' ')}`)
    config.servers = config.servers.slice(0, maxServers)
  }
  if (config.searches.length > maxSearches) {
    config.searches = config.searches.slice(0, maxSearches)
    warn('DNSConfigForming', `Search Line limits were exceeded, some search paths have been omitted, the applied search line is: ${config.searches.join(' ')}`)
  }
  return config
}

function base(pod: Pod, inputs: DnsInputs, host: DnsConfig, warn: (reason: string, message: string) => void): DnsConfig {
  const policy = pod.spec?.dnsPolicy ?? 'ClusterFirst'
  if (policy === 'None') return { servers: [], searches: [], options: [] }
  const own = { servers: [...host.servers], searches: [...host.searches], options: [...host.options] }
  if (!wantsCluster(policy, pod.spec?.hostNetwork ?? false)) return own
  if (inputs.clusterDNS.length > 0) return clusterDns(pod.metadata.namespace ?? '', inputs, host)
  const { name = '', namespace = '', uid = '' } = pod.metadata
  warn('MissingClusterDNS', `pod: "${name}_${namespace}(${uid})". kubelet does not have ClusterDNS IP configured and cannot create Pod using "${policy}" policy. Falling back to "Default" policy.`)
  return own
}

function wantsCluster(policy: string, hostNetwork: boolean): boolean {
  return policy === 'ClusterFirstWithHostNet' || (policy === 'ClusterFirst' && !hostNetwork)
}

function clusterDns(namespace: string, inputs: DnsInputs, host: DnsConfig): DnsConfig {
  const domain = inputs.clusterDomain
  const searches = domain === '' ? [] : [`${namespace}.svc.${domain}`, `svc.${domain}`, domain]
  return { servers: [...inputs.clusterDNS], searches: unique([...searches, ...host.searches]), options: ['ndots:5'] }
}

function unique(list: readonly string[]): string[] {
  return [...new Set(list)]
}

/** A pod's option replaces one of the same name. */
function mergeOptions(known: readonly string[], own: readonly string[]): string[] {
  const byName = new Map<string, string>()
  for (const option of [...known, ...own]) byName.set(option.split(':')[0] ?? option, option)
  return [...byName.values()]
}

export function readOptional(files: Files, path: string): string {
  try {
    return files.readText(path)
  } catch (error) {
    if (isErrno(error)) return ''
    throw error
  }
}
