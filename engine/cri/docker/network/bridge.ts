/** A bridge on the machine with the rules that go with it: they stand as long as a container is on it. */
import { networkOf, parseV4, type Prefix, printPrefix } from '#engine/linux/net/address'
import type { Interface } from '#engine/linux/net/interface'
import type { NetNamespace } from '#engine/linux/net/namespace'
import { Iptables, rule } from '#engine/linux/net/netfilter/editor'
import { sameRule } from '#engine/linux/net/netfilter/rule'
import type { TableName } from '#engine/linux/net/netfilter/table'
import { deviceOf, type NetworkRecord, prefixOf } from './record'

type Line = readonly [table: TableName, chain: string, text: string]

export class Bridges {
  private readonly iptables: Iptables

  constructor(private readonly host: NetNamespace, private readonly rules: boolean) {
    this.iptables = new Iptables(host)
  }

  /** The device of a network with its gateway's address, made where it does not stand. */
  up(network: NetworkRecord): Interface {
    const name = deviceOf(network)
    const known = this.host.interfaces.get(name)
    if (known) return known
    const device = this.host.addInterface(name, 'bridge')
    this.host.setUp(device, true)
    const prefix = prefixOf(network)
    this.host.addAddress(device, { address: parseV4(network.gateway) as number, length: prefix.length }, { broadcast: broadcastOf(prefix) })
    this.host.setSysctl('ipv4.ip_forward', '1')
    if (this.rules) {
      this.common()
      for (const [table, chain, text, first] of this.own(network, name)) this.iptables.ensureRule(table, chain, text, first === 'first')
    }
    return device
  }

  down(network: NetworkRecord): void {
    const name = deviceOf(network)
    const device = this.host.interfaces.get(name)
    if (!device) return
    for (const [table, chain, text] of this.own(network, name)) this.drop(table, chain, text)
    this.host.removeInterface(device)
  }

  /** When no bridge is left the tables are as they were before. */
  clear(): void {
    for (const [table, chain, text] of commonRules) this.drop(table, chain, text)
    for (const [table, chain] of commonChains) this.iptables.removeChain(table, chain)
    const forward = this.host.netfilter.existing('filter')?.chains.get('FORWARD')
    if (forward) forward.policy = 'ACCEPT'
  }

  add(lines: readonly Line[]): void {
    if (this.rules) for (const [table, chain, text] of lines) this.iptables.ensureRule(table, chain, text)
  }

  remove(lines: readonly Line[]): void {
    for (const [table, chain, text] of lines) this.drop(table, chain, text)
  }

  private common(): void {
    for (const [table, chain] of commonChains) this.iptables.ensureChain(table, chain)
    for (const [table, chain, text] of commonRules) this.iptables.ensureRule(table, chain, text)
    const forward = this.iptables.ensureChain('filter', 'FORWARD')
    forward.policy = 'DROP'
  }

  private own(network: NetworkRecord, device: string): (readonly [TableName, string, string, 'first'?])[] {
    const subnet = printPrefix(networkOf(prefixOf(network)))
    const isolation = [['filter', 'DOCKER-ISOLATION-STAGE-1', `-i ${device} ! -o ${device} -j DOCKER-ISOLATION-STAGE-2`, 'first'], ['filter', 'DOCKER-ISOLATION-STAGE-2', `-o ${device} -j DROP`, 'first']] as const
    if (network.internal) {
      return [
        ['filter', 'DOCKER-ISOLATION-STAGE-1', `! -s ${subnet} -o ${device} -j DROP`, 'first'], ['filter', 'DOCKER-ISOLATION-STAGE-1', `! -d ${subnet} -i ${device} -j DROP`, 'first'],
        ['filter', 'FORWARD', `-i ${device} -o ${device} -j ACCEPT`],
      ]
    }
    return [
      ['nat', 'POSTROUTING', `-s ${subnet} ! -o ${device} -j MASQUERADE`], ['nat', 'DOCKER', `-i ${device} -j RETURN`, 'first'],
      ['filter', 'FORWARD', `-o ${device} -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT`], ['filter', 'FORWARD', `-o ${device} -j DOCKER`],
      ['filter', 'FORWARD', `-i ${device} ! -o ${device} -j ACCEPT`], ['filter', 'FORWARD', `-i ${device} -o ${device} -j ACCEPT`], ...isolation,
    ]
  }

  private drop(table: TableName, chain: string, text: string): void {
    const unwanted = rule(text)
    this.iptables.removeRules(table, chain, (each) => sameRule(each, unwanted))
  }
}

const commonChains: readonly (readonly [TableName, string])[] = [['nat', 'DOCKER'], ['filter', 'DOCKER'], ['filter', 'DOCKER-ISOLATION-STAGE-1'], ['filter', 'DOCKER-ISOLATION-STAGE-2'], ['filter', 'DOCKER-USER']]
const commonRules: readonly Line[] = [
  ['nat', 'PREROUTING', '-m addrtype --dst-type LOCAL -j DOCKER'], ['nat', 'OUTPUT', '! -d 127.0.0.0/8 -m addrtype --dst-type LOCAL -j DOCKER'],
  ['filter', 'FORWARD', '-j DOCKER-USER'], ['filter', 'FORWARD', '-j DOCKER-ISOLATION-STAGE-1'],
  ['filter', 'DOCKER-ISOLATION-STAGE-1', '-j RETURN'], ['filter', 'DOCKER-ISOLATION-STAGE-2', '-j RETURN'], ['filter', 'DOCKER-USER', '-j RETURN'],
]

function broadcastOf(prefix: Prefix): number {
  return (networkOf(prefix).address + 2 ** (32 - prefix.length) - 1) >>> 0
}
