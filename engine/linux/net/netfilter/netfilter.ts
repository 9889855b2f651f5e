/** All of netfilter of one namespace: tables made on first use, sets, lists, tracked connections. */
import { Conntrack } from '#engine/linux/net/netfilter/conntrack'
import { IpSets } from '#engine/linux/net/netfilter/ipset'
import { RecentLists } from '#engine/linux/net/netfilter/recent'
import { Table, type TableName } from '#engine/linux/net/netfilter/table'

export const tableNames: readonly TableName[] = ['raw', 'mangle', 'nat', 'filter', 'security']

export class Netfilter {
  private readonly tables = new Map<TableName, Table>()
  readonly sets = new IpSets()
  readonly recent = new RecentLists()
  readonly conntrack = new Conntrack()
  readonly accounts = new Set<string>()

  existing(name: TableName): Table | undefined {
    return this.tables.get(name)
  }

  /** The table, with its built-in chains, made if it was never touched. */
  table(name: TableName): Table {
    let table = this.tables.get(name)
    if (!table) this.tables.set(name, (table = new Table(name)))
    return table
  }
}
