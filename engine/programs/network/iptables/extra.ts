/** `ipset`, `conntrack -L|-D|-F`, `nft list`. */
import type { Process } from '#engine/linux/abi/process'
import type { Program } from '#engine/linux/abi/program'
import { printV4 } from '#engine/linux/net/address'
import { chainsInOrder, printRule } from '#engine/linux/net/netfilter/print'
import { tableNames } from '#engine/linux/net/netfilter/netfilter'
import type { TrackedConnection } from '#engine/linux/net/netfilter/conntrack'
import type { IpSet } from '#engine/linux/net/netfilter/ipset'
import { protocolNumbers } from '#engine/linux/net/packet'
import { namespaceOf } from '../namespace'

const ipsetVerbs: Readonly<Record<string, string>> = { '-N': 'create', '-A': 'add', '-D': 'del', '-X': 'destroy', '-L': 'list', '-F': 'flush', '-T': 'test' }

/** One call of `ipset`, its words taken apart. */
interface IpsetCall {
  readonly process: Process
  readonly sets: Map<string, IpSet>
  readonly name: string
  readonly rest: readonly string[]
  readonly exist: boolean
}

export const ipset: Program = {
  name: 'ipset',
  unsupported: 'timeouts, counters and comments of entries',
  async run(process) {
    const [verb = '', name = '', ...rest] = process.argv.slice(1).filter((arg) => arg !== '-exist' && arg !== '-!')
    const exist = process.argv.includes('-exist') || process.argv.includes('-!')
    const { sets } = namespaceOf(process).netfilter.sets
    const call: IpsetCall = { process, sets, name, rest, exist }
    switch (ipsetVerbs[verb] ?? verb) {
      case 'create':
        return createSet(call)
      case 'add': case 'del': case 'test':
        return changeEntry(call, ipsetVerbs[verb] ?? verb)
      case 'flush':
        return flushSets(call)
      case 'destroy':
        return destroySets(call)
      case 'list': case '':
        return listSets(call)
      default:
        return ipsetFailed(process, `No command specified: unknown argument ${verb}`)
    }
  },
}

async function ipsetFailed(process: Process, message: string): Promise<number> {
  await process.stderr.write(`ipset v7.17: ${message}\n`)
  return 1
}

const missingSet = 'The set with the given name does not exist'

async function createSet({ process, sets, name, rest, exist }: IpsetCall): Promise<number> {
  if (sets.has(name)) return exist ? 0 : ipsetFailed(process, 'Set cannot be created: set with the same name already exists')
  if (!/^(hash|bitmap|list):/.test(rest[0] ?? '')) return ipsetFailed(process, `Syntax error: typename '${rest[0] ?? ''}' is unknown`)
  sets.set(name, { name, type: rest[0] ?? 'hash:ip', options: 'family inet hashsize 1024 maxelem 65536', entries: new Set() })
  return 0
}

async function changeEntry({ process, sets, name, rest, exist }: IpsetCall, verb: string): Promise<number> {
  const entries = sets.get(name)?.entries
  const entry = rest[0] ?? ''
  if (!entries) return ipsetFailed(process, missingSet)
  if (verb === 'test') {
    await process.stderr.write(`${entry} is ${entries.has(entry) ? 'in' : 'NOT in'} set ${name}.\n`)
    return entries.has(entry) ? 0 : 1
  }
  if (verb === 'del') return entries.delete(entry) || exist ? 0 : ipsetFailed(process, "Element cannot be deleted from the set: it's not added")
  if (entries.has(entry)) return exist ? 0 : ipsetFailed(process, "Element cannot be added to the set: it's already added")
  entries.add(entry)
  return 0
}

function flushSets({ sets, name }: IpsetCall): number {
  const set = sets.get(name)
  for (const each of name === '' ? sets.values() : set ? [set] : []) each.entries.clear()
  return 0
}

async function destroySets({ process, sets, name }: IpsetCall): Promise<number> {
  if (name !== '' && !sets.has(name)) return ipsetFailed(process, missingSet)
  if (name === '') sets.clear()
  else sets.delete(name)
  return 0
}

async function listSets({ process, sets, name }: IpsetCall): Promise<number> {
  const set = sets.get(name)
  if (name !== '' && !name.startsWith('-') && !set) return ipsetFailed(process, missingSet)
  await process.stdout.write((set ? [set] : [...sets.values()]).map((each) => `Name: ${each.name}\nType: ${each.type}\nRevision: 5\nHeader: ${each.options} bucketsize 12 initval 0x12345678\nSize in memory: ${200 + each.entries.size * 64}\nReferences: 0\nNumber of entries: ${each.entries.size}\nMembers:\n${[...each.entries].map((entry) => `${entry}\n`).join('')}`).join('\n'))
  return 0
}

export const conntrack: Program = {
  name: 'conntrack',
  unsupported: 'events (-E) and changes (-U, -I)',
  async run(process) {
    const args = process.argv.slice(1)
    const command = args.find((arg) => /^(-L|-D|-F|-C|-S|--dump|--delete|--flush|--count)$/.test(arg))
    if (command === undefined) {
      await process.stderr.write("conntrack v1.4.7 (conntrack-tools): this simulation has -L, -D, -F and -C\nTry `conntrack -h' or 'conntrack --help' for more information.\n")
      return 2
    }
    const namespace = namespaceOf(process)
    const table = namespace.netfilter.conntrack
    const matches = filter(args)
    const now = process.clock.now()
    const found = table.list(now).filter(matches)
    if (command === '-F' || command === '--flush') {
      table.remove(() => true)
      await process.stderr.write('conntrack v1.4.7 (conntrack-tools): connection tracking table has been emptied.\n')
      return 0
    }
    if (command === '-C' || command === '--count') {
      await process.stdout.write(`${found.length}\n`)
      return 0
    }
    await process.stdout.write(found.map((entry) => print(entry, now)).join(''))
    const deleting = command === '-D' || command === '--delete'
    if (deleting) table.remove((entry) => found.includes(entry))
    await process.stderr.write(`conntrack v1.4.7 (conntrack-tools): ${found.length} flow entries have been ${deleting ? 'deleted' : 'shown'}.\n`)
    return deleting && found.length === 0 ? 1 : 0
  },
}

function filter(args: readonly string[]): (entry: TrackedConnection) => boolean {
  const value = (...names: string[]): string | undefined => {
    const at = args.findIndex((arg) => names.includes(arg))
    return at < 0 ? undefined : args[at + 1]
  }
  const [protocol, source, destination, sport, dport] = [value('-p', '--proto'), value('-s', '--orig-src', '--src'), value('-d', '--orig-dst', '--dst'), value('--sport', '--orig-port-src'), value('--dport', '--orig-port-dst')]
  return ({ protocol: own, original }) => (protocol === undefined || protocol === own) && (source === undefined || source === printV4(original.source)) && (destination === undefined || destination === printV4(original.destination)) && (sport === undefined || Number(sport) === original.sourcePort) && (dport === undefined || Number(dport) === original.destinationPort)
}

function print(entry: TrackedConnection, now: number): string {
  const { original, reply, protocol } = entry
  const left = Math.max(0, Math.round((entry.expiresAt - now) / 1000))
  const tuple = (each: typeof original): string => `src=${printV4(each.source)} dst=${printV4(each.destination)} sport=${each.sourcePort} dport=${each.destinationPort}`
  return `${protocol.padEnd(8)} ${protocolNumbers[protocol]} ${left}${entry.state === '' ? '' : ` ${entry.state}`} ${tuple(original)} ${tuple(reply)} ${protocol === 'tcp' ? '[ASSURED] ' : ''}mark=${entry.mark} use=1\n`
}

export const nft: Program = {
  name: 'nft',
  unsupported: 'only `nft list ruleset|tables`, which shows the tables of iptables',
  async run(process) {
    const args = process.argv.slice(1).filter((arg) => !arg.startsWith('-'))
    const namespace = namespaceOf(process)
    const tables = tableNames.map((name) => namespace.netfilter.existing(name)).filter((table) => table !== undefined)
    if (args[0] === 'list' && args[1] === 'tables') {
      await process.stdout.write(tables.map((table) => `table ip ${table.name}\n`).join(''))
      return 0
    }
    if (args[0] === 'list' && args[1] === 'ruleset') {
      await process.stdout.write(tables.map((table) => `table ip ${table.name} {\n${chainsInOrder(table).map((chain) => `\tchain ${chain.name} {\n${table.isBuiltin(chain.name) ? `\t\ttype ${table.name === 'nat' ? 'nat' : 'filter'} hook ${chain.name.toLowerCase()} priority ${table.name === 'nat' ? 'dstnat' : 'filter'}; policy ${(chain.policy ?? 'ACCEPT').toLowerCase()};\n` : ''}${chain.rules.map((rule) => `\t\t# xt ${printRule(rule)}\n`).join('')}\t}\n`).join('\n')}}\n`).join('\n'))
      return 0
    }
    return unsupported(process)
  },
}

async function unsupported(process: Process): Promise<number> {
  await process.stderr.write('nft: this simulation has only `nft list tables` and `nft list ruleset`\n')
  return 1
}
