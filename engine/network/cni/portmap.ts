/** `portmap`: host ports by DNAT, with masquerading for callers that share a network with the pod. */
import { sha512 } from '@noble/hashes/sha2.js'
import { encodeUtf8, toHex } from '#engine/base/bytes'
import { networkOf, parsePrefix, printPrefix, printV4 } from '#engine/linux/net/address'
import { type CniCall, CniError, type CniPlugin } from '#engine/network/cni/protocol'
import { Iptables } from '#engine/network/iptables'

interface PortMapping {
  readonly hostPort: number
  readonly containerPort: number
  readonly protocol?: string
  readonly hostIP?: string
}

export const portmap: CniPlugin = {
  add(call) {
    const previous = call.config.prevResult
    if (!previous) throw new CniError(999, 'must be called as chained plugin')
    const mappings = mappingsOf(call)
    const address = previous.ips?.[0]?.address
    if (mappings.length > 0 && address !== undefined) forward(call, mappings, address)
    return Promise.resolve(previous)
  },
  del(call) {
    const iptables = new Iptables(call.host)
    const chain = chainName(call)
    iptables.removeRules('nat', 'CNI-HOSTPORT-DNAT', (rule) => rule.target?.kind === 'jump' && rule.target.chain === chain)
    iptables.removeChain('nat', chain)
    return Promise.resolve()
  },
}

function mappingsOf(call: CniCall): PortMapping[] {
  const given = call.config.runtimeConfig?.portMappings
  return Array.isArray(given) ? (given as PortMapping[]).filter((mapping) => mapping.hostPort > 0) : []
}

function chainName(call: CniCall): string {
  return `CNI-DN-${toHex(sha512(encodeUtf8(call.config.name + call.containerId))).slice(0, 21)}`
}

function forward(call: CniCall, mappings: readonly PortMapping[], address: string): void {
  const iptables = new Iptables(call.host)
  const pod = parsePrefix(address)
  if (!pod) throw new CniError(999, `invalid address ${address}`)
  prepare(iptables)
  const chain = chainName(call)
  const rules = mappings.flatMap((mapping) => {
    const match = `${mapping.hostIP && mapping.hostIP !== '0.0.0.0' ? `-d ${mapping.hostIP}/32 ` : ''}-p ${protocolOf(mapping)} -m ${protocolOf(mapping)} --dport ${mapping.hostPort}`
    return [`-s ${printPrefix(networkOf(pod))} ${match} -j CNI-HOSTPORT-SETMARK`, `-s 127.0.0.1/32 ${match} -j CNI-HOSTPORT-SETMARK`, `${match} -j DNAT --to-destination ${printV4(pod.address)}:${mapping.containerPort}`]
  })
  iptables.setChain('nat', chain, rules)
  for (const protocol of new Set(mappings.map(protocolOf))) {
    const ports = mappings.filter((mapping) => protocolOf(mapping) === protocol).map((mapping) => mapping.hostPort)
    iptables.ensureRule('nat', 'CNI-HOSTPORT-DNAT', `-p ${protocol} -m comment --comment "dnat name: \\"${call.config.name}\\" id: \\"${call.containerId}\\"" -m multiport --dports ${ports.join(',')} -j ${chain}`)
  }
  call.host.setSysctl('ipv4.conf.all.route_localnet', '1')
}

function protocolOf(mapping: PortMapping): string {
  return (mapping.protocol ?? 'tcp').toLowerCase()
}

function prepare(iptables: Iptables): void {
  iptables.setChain('nat', 'CNI-HOSTPORT-SETMARK', ['-m comment --comment "CNI portfwd masquerade mark" -j MARK --set-xmark 0x2000/0x2000'])
  iptables.setChain('nat', 'CNI-HOSTPORT-MASQ', ['-m mark --mark 0x2000/0x2000 -j MASQUERADE'])
  iptables.ensureChain('nat', 'CNI-HOSTPORT-DNAT')
  iptables.ensureRule('nat', 'PREROUTING', '-m addrtype --dst-type LOCAL -j CNI-HOSTPORT-DNAT')
  iptables.ensureRule('nat', 'OUTPUT', '-m addrtype --dst-type LOCAL -j CNI-HOSTPORT-DNAT')
  iptables.ensureRule('nat', 'POSTROUTING', '-m comment --comment "CNI portfwd requiring masquerade" -j CNI-HOSTPORT-MASQ')
}
