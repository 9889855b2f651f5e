/** The chains of one service port in iptables mode, named and worded as kube-proxy does. */
import { sha256 } from '@noble/hashes/sha2.js'
import { encodeUtf8 } from '#engine/base/bytes'
import { type Endpoint, portId, type ServicePort, usable } from '#engine/network/kube-proxy/model'

export interface RuleOptions {
  readonly clusterCidr: string | undefined
  readonly masqueradeAll: boolean
  readonly localhostNodePorts: boolean
}

/** What one service port adds: whole chains of its own, and rules in the shared ones. */
export interface PortRules {
  readonly nat: ReadonlyMap<string, readonly string[]>
  readonly natServices: readonly string[]
  readonly natNodePorts: readonly string[]
  readonly filterServices: readonly string[]
  readonly filterExternal: readonly string[]
  readonly filterNodePorts: readonly string[]
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

/** The first 16 characters of base32 over SHA-256. */
export function chainHash(text: string): string {
  const bytes = sha256(encodeUtf8(text))
  let out = ''
  let bits = 0
  let value = 0
  for (const byte of bytes) {
    value = (value << 8) | byte
    bits += 8
    while (bits >= 5 && out.length < 16) {
      out += alphabet.charAt((value >>> (bits - 5)) & 31)
      bits -= 5
      value &= (1 << bits) - 1
    }
  }
  return out
}

function comment(text: string): string {
  return `-m comment --comment "${text}"`
}

export function rulesFor(port: ServicePort, options: RuleOptions): PortRules {
  return new Writer(port, options).write()
}

class Writer {
  private readonly id: string
  private readonly hash: string
  private readonly all: Endpoint[]
  private readonly local: Endpoint[]
  private readonly nat = new Map<string, string[]>()
  private readonly natServices: string[] = []
  private readonly natNodePorts: string[] = []
  private readonly filterServices: string[] = []
  private readonly filterExternal: string[] = []
  private readonly filterNodePorts: string[] = []

  constructor(
    private readonly port: ServicePort,
    private readonly options: RuleOptions,
  ) {
    this.id = portId(port)
    this.hash = chainHash(this.id + port.protocol)
    this.all = usable(port.endpoints)
    this.local = usable(port.endpoints.filter((each) => each.local))
  }

  write(): PortRules {
    this.clusterIp()
    this.external()
    for (const endpoint of this.used()) this.endpointChain(endpoint)
    if (this.usesCluster()) this.balance(`KUBE-SVC-${this.hash}`, this.all)
    if (this.usesLocal()) this.balance(`KUBE-SVL-${this.hash}`, this.local)
    return { nat: this.nat, natServices: this.natServices, natNodePorts: this.natNodePorts, filterServices: this.filterServices, filterExternal: this.filterExternal, filterNodePorts: this.filterNodePorts }
  }

  private usesCluster(): boolean {
    return this.all.length > 0 && (!this.port.internalLocal || this.hasExternal())
  }

  private usesLocal(): boolean {
    return this.local.length > 0 && (this.port.internalLocal || (this.port.externalLocal && this.hasExternal()))
  }

  private hasExternal(): boolean {
    return this.port.nodePort > 0 || this.port.externalIps.length > 0 || this.port.loadBalancerIps.length > 0
  }

  private used(): Endpoint[] {
    const endpoints = [...(this.usesCluster() ? this.all : []), ...(this.usesLocal() ? this.local : [])]
    return [...new Map(endpoints.map((each) => [`${each.address}:${each.port}`, each])).values()]
  }

  private match(address: string, number: number, text: string): string {
    const { protocol } = this.port
    return `-d ${address}/32 -p ${protocol} ${comment(text)} -m ${protocol} --dport ${number}`
  }

  private clusterIp(): void {
    const { clusterIp, port, internalLocal } = this.port
    const reachable = internalLocal ? this.local : this.all
    if (reachable.length === 0) {
      const why = this.all.length === 0 ? ['has no endpoints', 'REJECT --reject-with icmp-port-unreachable'] : ['has no local endpoints', 'DROP']
      this.filterServices.push(`${this.match(clusterIp, port, `${this.id} ${why[0]}`)} -j ${why[1]}`)
      return
    }
    const chain = `${internalLocal ? 'KUBE-SVL-' : 'KUBE-SVC-'}${this.hash}`
    const matched = this.match(clusterIp, port, `${this.id} cluster IP`)
    this.natServices.push(`${matched} -j ${chain}`)
    const masquerade = this.options.masqueradeAll ? matched : this.options.clusterCidr === undefined ? undefined : `! -s ${this.options.clusterCidr} ${matched}`
    if (masquerade !== undefined && !internalLocal) this.nat.set(chain, [`${masquerade} -j KUBE-MARK-MASQ`])
    else this.nat.set(chain, [])
  }

  /** Node port, external addresses and the load balancer's. */
  private external(): void {
    const { port } = this
    if (!this.hasExternal()) return
    if (this.all.length === 0) return this.externalWithout('has no endpoints', 'REJECT --reject-with icmp-port-unreachable')
    const chain = `KUBE-EXT-${this.hash}`
    this.nat.set(chain, this.externalChain())
    for (const address of port.externalIps) this.natServices.push(`${this.match(address, port.port, `${this.id} external IP`)} -j ${chain}`)
    for (const address of port.loadBalancerIps) this.natServices.push(`${this.match(address, port.port, `${this.id} loadbalancer IP`)} -j ${chain}`)
    if (port.nodePort > 0) this.nodePort(chain)
    if (port.externalLocal && this.local.length === 0) this.externalWithout('has no local endpoints', 'DROP')
    if (port.healthCheckNodePort > 0) this.filterNodePorts.push(`-p tcp ${comment(`${this.id} health check node port`)} -m tcp --dport ${port.healthCheckNodePort} -j ACCEPT`)
  }

  private externalWithout(why: string, target: string): void {
    const { port } = this
    for (const address of [...port.externalIps, ...port.loadBalancerIps]) this.filterExternal.push(`${this.match(address, port.port, `${this.id} ${why}`)} -j ${target}`)
    if (port.nodePort > 0) this.filterExternal.push(`-p ${port.protocol} ${comment(`${this.id} ${why}`)} -m addrtype --dst-type LOCAL -m ${port.protocol} --dport ${port.nodePort} -j ${target}`)
  }

  private nodePort(chain: string): void {
    const { protocol, nodePort } = this.port
    const tail = `-p ${protocol} ${comment(this.id)} -m ${protocol} --dport ${nodePort}`
    if (this.options.localhostNodePorts) this.natNodePorts.push(`-d 127.0.0.0/8 ${tail} -m nfacct --nfacct-name localhost_nps_accepted_pkts -j ${chain}`)
    this.natNodePorts.push(`${tail} -j ${chain}`)
  }

  private externalChain(): string[] {
    const about = `${this.id} external destinations`
    const cluster = `KUBE-SVC-${this.hash}`
    if (!this.port.externalLocal) return [`${comment(`masquerade traffic for ${about}`)} -j KUBE-MARK-MASQ`, `-j ${cluster}`]
    return [
      ...(this.options.clusterCidr === undefined ? [] : [`-s ${this.options.clusterCidr} ${comment(`pod traffic for ${about}`)} -j ${cluster}`]),
      `${comment(`masquerade LOCAL traffic for ${about}`)} -m addrtype --src-type LOCAL -j KUBE-MARK-MASQ`,
      `${comment(`route LOCAL traffic for ${about}`)} -m addrtype --src-type LOCAL -j ${cluster}`,
      ...(this.local.length > 0 ? [`-j KUBE-SVL-${this.hash}`] : []),
    ]
  }

  private endpointName(endpoint: Endpoint): string {
    return `KUBE-SEP-${chainHash(`${this.id}${this.port.protocol}${endpoint.address}:${endpoint.port}`)}`
  }

  private endpointChain(endpoint: Endpoint): void {
    const { protocol, affinitySeconds } = this.port
    const name = this.endpointName(endpoint)
    const recent = affinitySeconds > 0 ? ` -m recent --set --name ${name} --mask 255.255.255.255 --rsource` : ''
    this.nat.set(name, [
      `-s ${endpoint.address}/32 ${comment(this.id)} -j KUBE-MARK-MASQ`,
      `-p ${protocol} ${comment(this.id)}${recent} -m ${protocol} -j DNAT --to-destination ${endpoint.address}:${endpoint.port}`,
    ])
  }

  private balance(chain: string, endpoints: readonly Endpoint[]): void {
    const rules = this.nat.get(chain) ?? []
    const about = (endpoint: Endpoint): string => comment(`${this.id} -> ${endpoint.address}:${endpoint.port}`)
    if (this.port.affinitySeconds > 0) for (const endpoint of endpoints) rules.push(`${about(endpoint)} -m recent --rcheck --seconds ${this.port.affinitySeconds} --reap --name ${this.endpointName(endpoint)} --mask 255.255.255.255 --rsource -j ${this.endpointName(endpoint)}`)
    for (const [index, endpoint] of endpoints.entries()) {
      const left = endpoints.length - index
      const chance = left > 1 ? ` -m statistic --mode random --probability ${(1 / left).toFixed(11)}` : ''
      rules.push(`${about(endpoint)}${chance} -j ${this.endpointName(endpoint)}`)
    }
    this.nat.set(chain, rules)
  }
}
