/** Small steps on netfilter tables for agents that keep rules there. Rules are given in iptables' words. */
import { remembered } from '#engine/base/remembered'
import type { NetNamespace } from '#engine/linux/net/namespace'
import { parseRule } from '#engine/linux/net/netfilter/parse'
import { splitWords } from '#engine/linux/net/netfilter/restore'
import { type Rule, sameRule } from '#engine/linux/net/netfilter/rule'
import type { Chain, Table, TableName } from '#engine/linux/net/netfilter/table'

export function rule(text: string): Rule {
  return parseRule(wordsOf(text))
}

const wordsOf = remembered<readonly string[]>(2000, splitWords)

export class Iptables {
  constructor(private readonly namespace: NetNamespace) {}

  ensureChain(tableName: TableName, name: string): Chain {
    const table = this.table(tableName)
    return table.chains.get(name) ?? table.addChain(name)
  }

  hasChain(tableName: TableName, name: string): boolean {
    return this.namespace.netfilter.existing(tableName)?.chains.has(name) ?? false
  }

  /** Replaces all rules of a chain, made where it is missing. */
  setChain(tableName: TableName, name: string, rules: readonly string[]): void {
    const chain = this.ensureChain(tableName, name)
    this.table(tableName).setRules(chain, rules.map(rule))
  }

  /** At the end, or with `first` at the head, unless it stands already. */
  ensureRule(tableName: TableName, chainName: string, text: string, first = false): void {
    const chain = this.ensureChain(tableName, chainName)
    const wanted = rule(text)
    if (chain.rules.some((each) => sameRule(each, wanted))) return
    this.table(tableName).setRules(chain, first ? [wanted, ...chain.rules] : [...chain.rules, wanted])
  }

  removeRules(tableName: TableName, chainName: string, matches: (rule: Rule) => boolean): void {
    const table = this.namespace.netfilter.existing(tableName)
    const chain = table?.chains.get(chainName)
    if (!table || !chain || !chain.rules.some(matches)) return
    table.setRules(chain, chain.rules.filter((each) => !matches(each)))
  }

  removeChain(tableName: TableName, name: string): void {
    const table = this.namespace.netfilter.existing(tableName)
    const chain = table?.chains.get(name)
    if (!table || !chain) return
    table.setRules(chain, [])
    table.chains.delete(name)
  }

  table(name: TableName): Table {
    return this.namespace.netfilter.table(name)
  }
}
