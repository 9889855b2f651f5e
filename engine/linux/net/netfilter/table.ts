/** Tables and chains, and the order in which hooks visit them. */
import type { Rule } from '#engine/linux/net/netfilter/rule'

export type TableName = 'raw' | 'mangle' | 'nat' | 'filter' | 'security'
export type Hook = 'PREROUTING' | 'INPUT' | 'FORWARD' | 'OUTPUT' | 'POSTROUTING'

export const builtinChains: Readonly<Record<TableName, readonly Hook[]>> = {
  raw: ['PREROUTING', 'OUTPUT'],
  mangle: ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'],
  nat: ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'],
  filter: ['INPUT', 'FORWARD', 'OUTPUT'],
  security: ['INPUT', 'FORWARD', 'OUTPUT'],
}

/** Which tables a hook visits, in order (filter before nat at INPUT as Linux does since 2.6.36). */
export const hookTables: Readonly<Record<Hook, readonly TableName[]>> = {
  PREROUTING: ['raw', 'mangle', 'nat'],
  INPUT: ['mangle', 'filter', 'security', 'nat'],
  FORWARD: ['mangle', 'filter', 'security'],
  OUTPUT: ['raw', 'mangle', 'nat', 'filter', 'security'],
  POSTROUTING: ['mangle', 'nat'],
}

export class Chain {
  rules: Rule[] = []
  packets = 0
  bytes = 0
  /** Jumps to this chain from rules of its table. */
  references = 0
  private addressIndex: Map<number, readonly Rule[]> | undefined
  private general: readonly Rule[] = []

  constructor(
    readonly name: string,
    /** Only of built-in chains. */
    public policy: 'ACCEPT' | 'DROP' | undefined,
  ) {}

  setRules(rules: Rule[]): void {
    this.rules = rules
    this.addressIndex = undefined
  }

  /** The rules that can match a destination: long chains (KUBE-SERVICES) are looked up, not walked. */
  rulesFor(destination: number): readonly Rule[] {
    if (this.rules.length < 16) return this.rules
    if (!this.addressIndex) this.buildIndex()
    return this.addressIndex?.get(destination) ?? this.general
  }

  private buildIndex(): void {
    const exact = (rule: Rule): number | undefined => (rule.destination && !rule.destination.not && rule.destination.value.length === 32 ? rule.destination.value.address : undefined)
    const addresses = new Set(this.rules.map(exact).filter((address) => address !== undefined))
    const general = this.rules.filter((rule) => exact(rule) === undefined)
    this.general = general
    const index = new Map<number, Rule[]>()
    const positions = new Map(this.rules.map((rule, position) => [rule, position]))
    for (const address of addresses) index.set(address, [])
    for (const rule of this.rules) {
      const address = exact(rule)
      if (address !== undefined) index.get(address)?.push(rule)
    }
    const at = (rule: Rule): number => positions.get(rule) ?? 0
    for (const [address, rules] of index) index.set(address, [...rules, ...general].sort((a, b) => at(a) - at(b)))
    this.addressIndex = index
  }
}

export class Table {
  readonly chains = new Map<string, Chain>()

  constructor(readonly name: TableName) {
    for (const hook of builtinChains[name]) this.chains.set(hook, new Chain(hook, 'ACCEPT'))
  }

  isBuiltin(chain: string): boolean {
    return (builtinChains[this.name] as readonly string[]).includes(chain)
  }

  addChain(name: string): Chain {
    const chain = new Chain(name, undefined)
    this.chains.set(name, chain)
    return chain
  }

  /** Replaces a chain's rules, keeping count of who refers to whom. */
  setRules(chain: Chain, rules: Rule[]): void {
    for (const rule of chain.rules) this.count(rule, -1)
    for (const rule of rules) this.count(rule, 1)
    chain.setRules(rules)
  }

  private count(rule: Rule, by: number): void {
    const target = rule.target
    if (target?.kind !== 'jump' && target?.kind !== 'goto') return
    const chain = this.chains.get(target.chain)
    if (chain) chain.references += by
  }
}
