/** Keeps a node's tables true to services and endpoints: only what changed is written, at most once a second. */
import type { Clock, Timer } from '#engine/base/clock'
import type { NetNamespace } from '#engine/linux/net/namespace'
import type { Rule } from '#engine/linux/net/netfilter/rule'
import type { TableName } from '#engine/linux/net/netfilter/table'
import { Iptables, rule } from '#engine/network/iptables'
import type { ServicePort } from '#engine/network/kube-proxy/model'
import { type PortRules, type RuleOptions, rulesFor } from '#engine/network/kube-proxy/rules'

interface Compiled {
  readonly rules: PortRules
  readonly shared: Readonly<Record<SharedChain, readonly Rule[]>>
}

const sharedChains = ['natServices', 'natNodePorts', 'filterServices', 'filterExternal', 'filterNodePorts'] as const
type SharedChain = (typeof sharedChains)[number]

export interface ProxierOptions extends RuleOptions {
  readonly masqueradeBit: number
  readonly minSyncPeriodMs: number
}

export class Proxier {
  private readonly iptables: Iptables
  /** By `namespace/service`. */
  private readonly wanted = new Map<string, readonly ServicePort[]>()
  private readonly compiled = new Map<string, readonly Compiled[]>()
  private readonly dirty = new Set<string>()
  private timer: Timer | undefined
  private lastSyncAt = Number.NEGATIVE_INFINITY
  private initialized = false
  syncedAt: number | undefined

  constructor(
    private readonly namespace: NetNamespace,
    private readonly clock: Clock,
    private readonly options: ProxierOptions,
  ) {
    this.iptables = new Iptables(namespace)
  }

  /** All ports of one service; none removes it. */
  set(key: string, ports: readonly ServicePort[]): void {
    if (ports.length === 0) this.wanted.delete(key)
    else this.wanted.set(key, ports)
    this.dirty.add(key)
    this.schedule()
  }

  /** The first time, once services and endpoints are known; then whenever something changed. */
  start(): void {
    this.initialized = true
    this.schedule()
  }

  stop(): void {
    this.timer?.cancel()
    this.initialized = false
  }

  private schedule(): void {
    if (!this.initialized || this.timer) return
    const wait = Math.max(10, this.lastSyncAt + this.options.minSyncPeriodMs - this.clock.now())
    this.timer = this.clock.after(wait, () => {
      this.timer = undefined
      this.sync()
    })
  }

  sync(): void {
    this.lastSyncAt = this.clock.now()
    if (this.syncedAt === undefined || !this.iptables.hasChain('nat', 'KUBE-SERVICES')) this.prepare()
    const first = this.syncedAt === undefined
    for (const key of this.dirty) this.rebuild(key)
    this.dirty.clear()
    if (first) this.dropForeign()
    this.writeShared()
    this.syncedAt = this.clock.now()
  }

  private rebuild(key: string): void {
    const before = this.compiled.get(key) ?? []
    const ports = this.wanted.get(key) ?? []
    const next = ports.map((port) => compile(rulesFor(port, this.options)))
    const chains = new Map(next.flatMap((each) => [...each.rules.nat]))
    const old = new Map(before.flatMap((each) => [...each.rules.nat]))
    for (const name of chains.keys()) this.iptables.ensureChain('nat', name)
    for (const [name, rules] of chains) if (!sameTexts(old.get(name), rules)) this.iptables.setChain('nat', name, rules)
    this.compiled.set(key, next)
    if (next.length === 0) this.compiled.delete(key)
    this.stale.push(...[...old.keys()].filter((name) => !chains.has(name)))
  }

  /** Chains that an earlier kube-proxy of this node left behind. */
  private dropForeign(): void {
    const own = new Set([...this.compiled.values()].flat().flatMap((each) => [...each.rules.nat.keys()]))
    for (const name of this.iptables.table('nat').chains.keys()) if (/^KUBE-(SVC|SVL|SEP|EXT|FW)-/.test(name) && !own.has(name)) this.stale.push(name)
  }

  /** Chains that nobody needs once the shared ones are written. */
  private stale: string[] = []

  private writeShared(): void {
    const all = [...this.compiled.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).flatMap(([, each]) => each)
    const collect = (chain: SharedChain): Rule[] => all.flatMap((each) => each.shared[chain])
    this.setRules('nat', 'KUBE-SERVICES', [...collect('natServices'), nodePortsJump])
    this.setRules('nat', 'KUBE-NODEPORTS', collect('natNodePorts'))
    this.setRules('filter', 'KUBE-SERVICES', collect('filterServices'))
    this.setRules('filter', 'KUBE-EXTERNAL-SERVICES', collect('filterExternal'))
    this.setRules('filter', 'KUBE-NODEPORTS', collect('filterNodePorts'))
    for (const name of this.stale) this.iptables.removeChain('nat', name)
    this.stale = []
  }

  private setRules(table: TableName, chain: string, rules: Rule[]): void {
    this.iptables.table(table).setRules(this.iptables.ensureChain(table, chain), rules)
  }

  /** Chains and jumps that do not depend on services; everything is written anew after somebody flushed the tables. */
  private prepare(): void {
    const mark = `0x${(1 << this.options.masqueradeBit).toString(16)}`
    const { iptables } = this
    for (const table of ['mangle', 'nat', 'filter'] as const) iptables.ensureChain(table, 'KUBE-PROXY-CANARY')
    for (const chain of ['KUBE-SERVICES', 'KUBE-EXTERNAL-SERVICES', 'KUBE-FORWARD', 'KUBE-NODEPORTS', 'KUBE-PROXY-FIREWALL']) iptables.ensureChain('filter', chain)
    for (const chain of ['KUBE-SERVICES', 'KUBE-NODEPORTS', 'KUBE-POSTROUTING', 'KUBE-MARK-MASQ']) iptables.ensureChain('nat', chain)
    for (const [table, chain, text] of jumps) iptables.ensureRule(table, chain, text, true)
    iptables.setChain('nat', 'KUBE-MARK-MASQ', [`-j MARK --set-xmark ${mark}/${mark}`])
    iptables.setChain('nat', 'KUBE-POSTROUTING', [
      `-m mark ! --mark ${mark}/${mark} -j RETURN`,
      `-j MARK --set-xmark ${mark}/0x0`,
      '-m comment --comment "kubernetes service traffic requiring SNAT" -j MASQUERADE --random-fully',
    ])
    iptables.setChain('filter', 'KUBE-FORWARD', [
      '-m conntrack --ctstate INVALID -m nfacct --nfacct-name ct_state_invalid_dropped_pkts -j DROP',
      `-m comment --comment "kubernetes forwarding rules" -m mark --mark ${mark}/${mark} -j ACCEPT`,
      '-m comment --comment "kubernetes forwarding conntrack rule" -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
    ])
    if (this.options.localhostNodePorts) this.namespace.setSysctl('ipv4.conf.all.route_localnet', '1')
    for (const name of ['ct_state_invalid_dropped_pkts', 'localhost_nps_accepted_pkts']) this.namespace.netfilter.accounts.add(name)
    this.compiled.clear()
    for (const key of this.wanted.keys()) this.dirty.add(key)
  }
}

const nodePortsJump = rule('-m comment --comment "kubernetes service nodeports; NOTE: this must be the last rule in this chain" -m addrtype --dst-type LOCAL -j KUBE-NODEPORTS')

const fresh = '-m conntrack --ctstate NEW'
const firewall = `${fresh} -m comment --comment "kubernetes load balancer firewall" -j KUBE-PROXY-FIREWALL`
const portals = '-m comment --comment "kubernetes service portals" -j KUBE-SERVICES'
const external = `${fresh} -m comment --comment "kubernetes externally-visible service portals" -j KUBE-EXTERNAL-SERVICES`

/** Each is put at the head, so the last here comes first. */
const jumps: readonly (readonly [TableName, string, string])[] = [
  ['filter', 'INPUT', external],
  ['filter', 'FORWARD', external],
  ['filter', 'INPUT', '-m comment --comment "kubernetes health check service ports" -j KUBE-NODEPORTS'],
  ['filter', 'FORWARD', `${fresh} ${portals}`],
  ['filter', 'OUTPUT', `${fresh} ${portals}`],
  ['filter', 'FORWARD', '-m comment --comment "kubernetes forwarding rules" -j KUBE-FORWARD'],
  ['filter', 'INPUT', firewall],
  ['filter', 'OUTPUT', firewall],
  ['filter', 'FORWARD', firewall],
  ['nat', 'OUTPUT', portals],
  ['nat', 'PREROUTING', portals],
  ['nat', 'POSTROUTING', '-m comment --comment "kubernetes postrouting rules" -j KUBE-POSTROUTING'],
]

function compile(rules: PortRules): Compiled {
  return { rules, shared: Object.fromEntries(sharedChains.map((chain) => [chain, rules[chain].map(rule)])) as unknown as Compiled['shared'] }
}

function sameTexts(a: readonly string[] | undefined, b: readonly string[]): boolean {
  return a !== undefined && a.length === b.length && a.every((text, index) => text === b[index])
}
