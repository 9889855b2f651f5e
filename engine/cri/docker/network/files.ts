/** /etc/hosts, /etc/hostname and /etc/resolv.conf of a container. */
import { parseResolvConf } from '#engine/linux/net/dns/resolver'
import type { DockerHost } from '../host'
import type { ContainerRecord } from '../model'
import { dnsAddress } from './dns'

const localHosts = '127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\nfe00::0\tip6-localnet\nff00::0\tip6-mcastprefix\nff02::1\tip6-allnodes\nff02::2\tip6-allrouters\n'

export interface NetworkFiles { readonly addresses: readonly string[]; readonly embeddedDns: boolean; readonly gateway: string; readonly links: readonly (readonly [address: string, names: string])[]; readonly shared: boolean }

export function writeNetworkFiles(host: DockerHost, record: ContainerRecord, network: NetworkFiles): void {
  const { process: { files }, records } = host
  const { config, hostConfig } = record
  const put = (name: string, text: string): void => files.writeFile(records.path(record.id, name), text, 0o644)
  const machine = (path: string): string => (files.exists(path) ? files.readText(path) : '')
  put('hostname', `${config.Hostname}\n`)
  const extra = (hostConfig.ExtraHosts ?? []).map((entry) => {
    const at = entry.indexOf(':')
    const address = entry.slice(at + 1)
    return `${address === 'host-gateway' ? network.gateway : address}\t${entry.slice(0, at)}\n`
  })
  const name = config.Domainname === '' ? config.Hostname : `${config.Hostname}.${config.Domainname} ${config.Hostname}`
  const links = network.links.map(([address, names]) => `${address}\t${names}\n`)
  put('hosts', network.shared ? `${machine('/etc/hosts')}${extra.join('')}` : `${localHosts}${extra.join('')}${links.join('')}${network.addresses.map((address) => `${address}\t${name}\n`).join('')}`)
  put('resolv.conf', resolvConf(host, record, network, machine('/etc/resolv.conf')))
}

function resolvConf(host: DockerHost, { hostConfig }: ContainerRecord, network: NetworkFiles, machine: string): string {
  const { Dns, DnsSearch, DnsOptions } = hostConfig
  const given = Dns.length > 0 ? Dns : host.config.dns
  const untouched = [...given, ...DnsSearch, ...DnsOptions].length === 0 && !network.embeddedDns
  if (untouched) return machine
  const own = parseResolvConf(machine)
  const search = DnsSearch.length > 0 ? DnsSearch.filter((name) => name !== '.') : own.search
  const servers = network.embeddedDns ? [dnsAddress] : given.length > 0 ? given : own.servers
  const options = network.embeddedDns ? [...DnsOptions, 'ndots:0'] : DnsOptions
  const line = (keyword: string, words: readonly string[]): string => (words.length > 0 ? `${keyword} ${words.join(' ')}\n` : '')
  return `${line('search', search)}${servers.map((server) => line('nameserver', [server])).join('')}${line('options', options)}`
}
