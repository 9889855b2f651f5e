/** `bridge`: a bridge on the host, a cable from it into the pod, an address from the IPAM plugin, masquerading on request. */
import { sha512 } from '@noble/hashes/sha2.js'
import { encodeUtf8, toHex } from '#engine/base/bytes'
import { networkOf, parsePrefix, parseV4, type Prefix, printPrefix, printV4 } from '#engine/linux/net/address'
import type { Interface } from '#engine/linux/net/interface'
import type { NetNamespace } from '#engine/linux/net/namespace'
import { type CniCall, CniError, type CniPlugin, type CniResult, delegate, namespaceAt, sandboxOf } from '#engine/network/cni/protocol'
import { Iptables } from '#engine/network/iptables'

interface BridgeConfig {
  readonly bridge?: string
  readonly isGateway?: boolean
  readonly isDefaultGateway?: boolean
  readonly ipMasq?: boolean
  readonly hairpinMode?: boolean
  readonly promiscMode?: boolean
  readonly mtu?: number
}

export const bridge: CniPlugin = {
  async add(call) {
    const config = call.config as BridgeConfig
    const gateway = config.isGateway === true || config.isDefaultGateway === true
    const pod = sandboxOf(call)
    const device = ensureBridge(call.host, config.bridge ?? 'cni0', config)
    const [near, far] = cable(call, pod, call.ifName)
    near.master = device
    near.hairpin = config.hairpinMode === true
    device.ports.add(near)
    const base = { cniVersion: call.config.cniVersion ?? '1.0.0', interfaces: [{ name: device.name, mac: device.mac }, { name: near.name, mac: near.mac }, { name: far.name, mac: far.mac, sandbox: call.netns }] }
    if (call.config.ipam?.type === undefined) return { ...base, dns: {} }
    const addresses = await delegate(call, call.config.ipam.type, 'ADD')
    if (!addresses?.ips?.length) throw new CniError(999, 'IPAM plugin returned missing IP config')
    configure(call, pod, far, device, addresses, { gateway, isDefault: config.isDefaultGateway === true })
    if (config.ipMasq) for (const ip of addresses.ips) masquerade(call, ip.address)
    return { ...base, ips: addresses.ips.map((ip) => ({ interface: 2, ...ip })), routes: routesOf(addresses, config.isDefaultGateway === true), dns: addresses.dns ?? {} }
  },

  async del(call) {
    if (call.config.ipam?.type !== undefined) await delegate(call, call.config.ipam.type, 'DEL')
    const pod = namespaceAt(call)
    const device = pod?.interfaces.get(call.ifName)
    if (pod && device) pod.removeInterface(device)
    if ((call.config as BridgeConfig).ipMasq) unmasquerade(call)
  },
}

/** A cable with a random host end, as the reference plugins name it. */
export function cable(call: CniCall, pod: NetNamespace, ifName: string, hostName?: string): [Interface, Interface] {
  if (pod.interfaces.has(ifName)) throw new CniError(999, `container veth name provided (${ifName}) already exists`)
  const name = hostName ?? `veth${toHex(call.process.random.bytes(4))}`
  const [near, far] = call.host.addVeth(name, pod, ifName)
  call.host.setUp(near, true)
  pod.setUp(far, true)
  return [near, far]
}

function ensureBridge(host: NetNamespace, name: string, config: BridgeConfig): Interface {
  const existing = host.interfaces.get(name)
  if (existing && existing.kind !== 'bridge') throw new CniError(999, `"${name}" already exists but is not a bridge`)
  const device = existing ?? host.addInterface(name, 'bridge')
  if (config.mtu) device.mtu = config.mtu
  host.setUp(device, true)
  return device
}

function configure(call: CniCall, pod: NetNamespace, far: Interface, device: Interface, result: CniResult, options: { gateway: boolean; isDefault: boolean }): void {
  for (const ip of result.ips ?? []) {
    const prefix = parsePrefix(ip.address)
    if (!prefix) throw new CniError(999, `invalid address ${ip.address}`)
    pod.addAddress(far, prefix, { broadcast: broadcastOf(prefix) })
    const gateway = parseV4(ip.gateway ?? '')
    if (options.gateway && gateway !== undefined) giveGateway(call, device, { address: gateway, length: prefix.length })
  }
  for (const route of routesOf(result, options.isDefault)) {
    const destination = parsePrefix(route.dst)
    const gateway = parseV4(route.gw ?? result.ips?.[0]?.gateway ?? '')
    if (destination) pod.routes.add({ destination, device: far, ...(gateway === undefined ? {} : { gateway }), scope: 'global', protocol: 'boot', metric: 0, type: 'unicast' })
  }
}

export function broadcastOf(prefix: Prefix): number {
  return (networkOf(prefix).address + 2 ** (32 - prefix.length) - 1) >>> 0
}

function routesOf(result: CniResult, isDefault: boolean): { dst: string; gw?: string }[] {
  const routes = [...(result.routes ?? [])]
  const gateway = result.ips?.[0]?.gateway
  return isDefault && !routes.some((route) => route.dst === '0.0.0.0/0') ? [...routes, { dst: '0.0.0.0/0', ...(gateway === undefined ? {} : { gw: gateway }) }] : routes
}

/** The bridge gets the gateway's address, and the host forwards. */
function giveGateway(call: CniCall, device: Interface, prefix: Prefix): void {
  const { host } = call
  const other = device.addresses.find((each) => each.address !== prefix.address && each.scope === 'global')
  if (other) throw new CniError(999, `failed to set bridge addr: "${device.name}" already has an IP address different from ${printPrefix(prefix)}`)
  host.addAddress(device, prefix, { broadcast: broadcastOf(prefix) })
  host.setSysctl('ipv4.ip_forward', '1')
}

/** `CNI-` and 24 characters of the hash of network and container. */
function chainName(call: CniCall): string {
  return `CNI-${toHex(sha512(encodeUtf8(call.config.name + call.containerId))).slice(0, 24)}`
}

function comment(call: CniCall): string {
  return `-m comment --comment "name: \\"${call.config.name}\\" id: \\"${call.containerId}\\""`
}

function masquerade(call: CniCall, address: string): void {
  const iptables = new Iptables(call.host)
  const prefix = parsePrefix(address) as Prefix
  const chain = chainName(call)
  iptables.setChain('nat', chain, [
    `-d ${printPrefix(networkOf(prefix))} ${comment(call)} -j ACCEPT`,
    `! -d 224.0.0.0/4 ${comment(call)} -j MASQUERADE`,
  ])
  iptables.ensureRule('nat', 'POSTROUTING', `-s ${printV4(prefix.address)}/32 ${comment(call)} -j ${chain}`)
}

function unmasquerade(call: CniCall): void {
  const iptables = new Iptables(call.host)
  const chain = chainName(call)
  iptables.removeRules('nat', 'POSTROUTING', (rule) => rule.target?.kind === 'jump' && rule.target.chain === chain)
  iptables.removeChain('nat', chain)
}
