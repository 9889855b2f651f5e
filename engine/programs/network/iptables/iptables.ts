/** `iptables` 1.8.9 (nf_tables) on the namespace's tables. */
import type { Process } from '#engine/linux/abi/process'
import type { Program } from '#engine/linux/abi/program'
import type { NetNamespace } from '#engine/linux/net/namespace'
import { parseRule } from '#engine/linux/net/netfilter/parse'
import { chainsInOrder, printRule, spaced } from '#engine/linux/net/netfilter/print'
import { type Rule, sameRule, type Target } from '#engine/linux/net/netfilter/rule'
import { builtinChains, type Chain, type Table, type TableName } from '#engine/linux/net/netfilter/table'
import { RuleError } from '#engine/linux/net/netfilter/words'
import { listChain, type ListOptions } from './list'
import { mayAdminister, namespaceOf } from '../namespace'

const banner = 'iptables v1.8.9 (nf_tables)'

/** A refusal: what is printed, and the exit code. */
class Refused extends Error {
  constructor(message: string, readonly exit: number) {
    super(message)
  }
}

interface Invocation {
  readonly table: string
  readonly command: string
  readonly chain: string | undefined
  /** What follows the chain, up to the rule: a number, a new name, a policy. */
  readonly rest: readonly string[]
  readonly rule: readonly string[]
  readonly list: ListOptions
}

const commands: Readonly<Record<string, string>> = {
  '-A': 'append', '--append': 'append', '-I': 'insert', '--insert': 'insert', '-D': 'delete', '--delete': 'delete', '-C': 'check', '--check': 'check', '-R': 'replace', '--replace': 'replace', '-L': 'list', '--list': 'list', '-S': 'save', '--list-rules': 'save', '-F': 'flush', '--flush': 'flush', '-Z': 'zero', '--zero': 'zero', '-N': 'new', '--new-chain': 'new', '-X': 'remove', '--delete-chain': 'remove', '-P': 'policy', '--policy': 'policy', '-E': 'rename', '--rename-chain': 'rename',
}

export function iptablesProgram(name: string, family: 4 | 6): Program {
  return {
    name,
    ...(family === 6 ? { unsupported: 'rules for IPv6 are neither kept nor walked' } : {}),
    async run(process) {
      const args = process.argv.slice(1)
      if (args.some((arg) => arg === '-V' || arg === '--version')) {
        await process.stdout.write(`${name} v1.8.9 (nf_tables)\n`)
        return 0
      }
      if (family === 6) return six(process, name, args)
      if (args.some((arg) => arg === '-h' || arg === '--help')) {
        await process.stdout.write(`${banner}\n\nUsage: iptables -[ACD] chain rule-specification [options]\n\tiptables -I chain [rulenum] rule-specification [options]\n\tiptables -R chain rulenum rule-specification [options]\n\tiptables -D chain rulenum [options]\n\tiptables -[LS] [chain [rulenum]] [options]\n\tiptables -[FZ] [chain] [options]\n\tiptables -[NX] chain\n\tiptables -P chain target [options]\n`)
        return 0
      }
      try {
        const invocation = parse(args)
        if (!mayAdminister(process)) throw new Refused(`${banner}: Could not fetch rule set generation id: Permission denied (you must be root)\n`, 4)
        const text = perform(invocation, namespaceOf(process))
        if (text !== '') await process.stdout.write(text)
        return 0
      } catch (error) {
        if (error instanceof Refused) {
          await process.stderr.write(error.message)
          return error.exit
        }
        if (!(error instanceof RuleError)) throw error
        await process.stderr.write(`${banner}: ${error.message}\n${error.hint === 'usage' ? "Try `iptables -h' or 'iptables --help' for more information.\n" : ''}`)
        return error.exit
      }
    },
  }
}

async function six(process: Process, name: string, args: readonly string[]): Promise<number> {
  if (args.some((arg) => /^-[nv]*[LS]/.test(arg))) {
    await process.stdout.write(['INPUT', 'FORWARD', 'OUTPUT'].map((chain) => (args.includes('-S') ? `-P ${chain} ACCEPT\n` : `Chain ${chain} (policy ACCEPT)\ntarget     prot opt source               destination         \n`)).join(args.includes('-S') ? '' : '\n'))
    return 0
  }
  if (args.some((arg) => /^-[FXZ]$/.test(arg)) || args.length === 0) return 0
  await process.stderr.write(`${name}: rules for IPv6 are not supported in this simulation\n`)
  return 1
}

function usage(message: string): RuleError {
  return new RuleError(message, 2)
}

/** An invocation while its words are read. */
interface Draft {
  table: string
  command: string | undefined
  chain: string | undefined
  readonly rest: string[]
  readonly rule: string[]
  readonly list: { numeric: boolean; verbose: boolean; lineNumbers: boolean; exact: boolean }
}

const listFlags = new Map<string, keyof Draft['list']>([
  ['-n', 'numeric'], ['--numeric', 'numeric'], ['-v', 'verbose'], ['--verbose', 'verbose'], ['-x', 'exact'], ['--exact', 'exact'], ['--line-numbers', 'lineNumbers'], ['--line-number', 'lineNumbers'],
])

function parse(args: readonly string[]): Invocation {
  const draft: Draft = { table: 'filter', command: undefined, chain: undefined, rest: [], rule: [], list: { numeric: false, verbose: false, lineNumbers: false, exact: false } }
  const words = args.flatMap(splitCluster)
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? ''
    const next = words[index + 1]
    const flag = listFlags.get(word)
    if (word === '-t' || word === '--table') {
      draft.table = next ?? ''
      index++
    } else if (commands[word] !== undefined) index = takeCommand(draft, words, index)
    else if (flag !== undefined) draft.list[flag] = true
    else if (word === '-w' || word === '--wait') {
      if (/^\d+$/.test(next ?? '')) index++
    } else draft.rule.push(word)
  }
  const { command } = draft
  if (command === undefined) throw usage('no command specified')
  return { ...draft, command }
}

/** Takes the command, its chain and what belongs to it; gives the index of the last word taken. */
function takeCommand(draft: Draft, words: readonly string[], start: number): number {
  const word = words[start] ?? ''
  if (draft.command !== undefined && !(draft.command === 'list' && word === '-Z')) throw usage(`Cannot use ${word} with ${draft.command}`)
  draft.command ??= commands[word]
  let index = start
  while (words[index + 1] !== undefined && !/^[-!]/.test(words[index + 1] ?? '') && (draft.chain === undefined || draft.rest.length < 1)) {
    index++
    if (draft.chain === undefined) draft.chain = words[index]
    else draft.rest.push(words[index] ?? '')
  }
  return index
}

/** `-nvL` is three flags; a cluster ends at the command. */
function splitCluster(word: string): string[] {
  return /^-[nvxLSFZ]{2,}$/.test(word) ? [...word.slice(1)].map((letter) => `-${letter}`) : [word]
}

function perform(invocation: Invocation, namespace: NetNamespace): string {
  if (!(invocation.table in builtinChains)) throw new Refused(`${banner}: table '${invocation.table}' does not exist\nPerhaps iptables or your kernel needs to be upgraded.\n`, 3)
  const table = namespace.netfilter.table(invocation.table as TableName)
  return new Runner(table, invocation).run()
}

/** What the kernel refuses: translation outside of `nat`, REJECT outside of `filter`, resets of what is not TCP. */
function misplaced(target: Target, rule: Rule, table: TableName): boolean {
  if (target.kind === 'DNAT' || target.kind === 'SNAT' || target.kind === 'MASQUERADE' || target.kind === 'REDIRECT') return table !== 'nat'
  if (target.kind !== 'REJECT') return false
  return table !== 'filter' || (target.with === 'tcp-reset' && rule.protocol?.value !== 'tcp')
}

class Runner {
  constructor(private readonly table: Table, private readonly call: Invocation) {}

  run(): string {
    const handlers: Readonly<Record<string, () => string | void>> = {
      append: () => this.change((rules, rule) => [...rules, rule]),
      insert: () => this.insert(), delete: () => this.delete(), check: () => this.check(), replace: () => this.replace(),
      list: () => this.list(), save: () => this.save(), flush: () => this.flush(), zero: () => this.zero(), new: () => this.create(), remove: () => this.remove(), policy: () => this.policy(), rename: () => this.rename(),
    }
    return handlers[this.call.command]?.() ?? ''
  }

  private chain(name = this.call.chain): Chain {
    const chain = name === undefined ? undefined : this.table.chains.get(name)
    if (!chain) throw new Refused('iptables: No chain/target/match by that name.\n', 1)
    return chain
  }

  private rule(): Rule {
    const rule = parseRule(this.call.rule)
    const target = rule.target
    if ((target?.kind === 'jump' || target?.kind === 'goto') && !this.table.chains.has(target.chain)) throw new RuleError(`Chain '${target.chain}' does not exist`, 2)
    if (target && misplaced(target, rule, this.table.name)) throw new RuleError(` RULE_APPEND failed (Invalid argument): rule in chain ${this.call.chain ?? ''}`, 4, 'none')
    return rule
  }

  private need(): void {
    if (this.call.chain === undefined) throw usage(`option "-${this.call.command.charAt(0).toUpperCase()}" requires an argument`)
  }

  private change(next: (rules: Rule[], rule: Rule) => Rule[]): void {
    this.need()
    const rule = this.rule()
    const chain = this.chain()
    this.table.setRules(chain, next(chain.rules, rule))
  }

  private position(): number {
    const text = this.call.rest[0] ?? '1'
    if (!/^[1-9]\d*$/.test(text)) throw usage(`Invalid rule number \`${text}'`)
    return Number(text) - 1
  }

  private insert(): void {
    const at = this.position()
    this.change((rules, rule) => {
      if (at > rules.length) throw new Refused('iptables: Index of insertion too big.\n', 1)
      return [...rules.slice(0, at), rule, ...rules.slice(at)]
    })
  }

  private replace(): void {
    const at = this.position()
    this.change((rules, rule) => {
      if (at >= rules.length) throw new Refused('iptables: Index of replacement too big.\n', 1)
      return rules.map((each, index) => (index === at ? rule : each))
    })
  }

  private delete(): void {
    this.need()
    if (this.call.rest.length > 0) {
      const at = this.position()
      const chain = this.chain()
      if (at >= chain.rules.length) throw new Refused('iptables: Index of deletion too big.\n', 1)
      return this.table.setRules(chain, chain.rules.filter((_, index) => index !== at))
    }
    const { chain, index } = this.find()
    this.table.setRules(chain, chain.rules.filter((_, at) => at !== index))
  }

  private find(): { chain: Chain; index: number } {
    const wanted = this.rule()
    const chain = this.table.chains.get(this.call.chain ?? '')
    const index = chain?.rules.findIndex((each) => sameRule(each, wanted)) ?? -1
    if (!chain || index < 0) throw new Refused('iptables: Bad rule (does a matching rule exist in that chain?).\n', 1)
    return { chain, index }
  }

  private check(): void {
    this.need()
    this.find()
  }

  private chosen(): Chain[] {
    return this.call.chain === undefined ? chainsInOrder(this.table) : [this.chain()]
  }

  private list(): string {
    if (this.call.chain !== undefined && !this.table.chains.has(this.call.chain)) throw new Refused(`${banner}: chain \`${this.call.chain}' in table \`${this.table.name}' is incompatible, use 'nft' tool.\n`, 1)
    return this.chosen().map((chain) => listChain(chain, this.call.list)).join('\n')
  }

  private save(): string {
    const chains = this.chosen()
    const counters = (chain: Chain): string => (this.call.list.verbose ? ` -c ${chain.packets} ${chain.bytes}` : '')
    const heads = chains.map((chain) => (chain.policy ? `-P ${chain.name} ${chain.policy}${counters(chain)}\n` : `-N ${chain.name}\n`))
    const rules = chains.flatMap((chain) => chain.rules.map((rule) => `-A ${chain.name}${spaced(printRule(rule))}\n`))
    return [...heads, ...rules].join('')
  }

  private flush(): void {
    for (const chain of this.chosen()) this.table.setRules(chain, [])
  }

  private zero(): void {
    for (const chain of this.chosen()) {
      chain.packets = 0
      chain.bytes = 0
      for (const rule of chain.rules) {
        rule.packets = 0
        rule.bytes = 0
      }
    }
  }

  private create(): void {
    this.need()
    const name = this.call.chain ?? ''
    if (name.length > 28) throw usage(`chain name \`${name}' too long (must be under 29 chars)`)
    if (this.table.chains.has(name)) throw new Refused('iptables: Chain already exists.\n', 1)
    this.table.addChain(name)
  }

  private remove(): void {
    const chains = this.call.chain === undefined ? chainsInOrder(this.table).filter((chain) => !this.table.isBuiltin(chain.name)) : [this.chain()]
    for (const chain of chains) {
      if (this.table.isBuiltin(chain.name)) throw new Refused('iptables: Links exist... Invalid argument.\n', 1)
      if (chain.references > 0 || chain.rules.length > 0) throw new Refused(`${banner}:  CHAIN_DEL failed (Device or resource busy): chain ${chain.name}\n`, 4)
    }
    for (const chain of chains) this.table.chains.delete(chain.name)
  }

  private policy(): void {
    const name = this.call.chain ?? ''
    if (!this.table.isBuiltin(name)) throw new Refused('iptables: Bad built-in chain name.\n', 1)
    const policy = this.call.rest[0]
    if (policy !== 'ACCEPT' && policy !== 'DROP') throw new Refused("iptables: Bad policy name. Run `dmesg' for more information.\n", 1)
    this.chain(name).policy = policy
  }

  private rename(): void {
    const chain = this.chain()
    const name = this.call.rest[0] ?? ''
    if (this.table.chains.has(name)) throw new Refused('iptables: File exists.\n', 1)
    const next = this.table.addChain(name)
    this.table.setRules(next, chain.rules)
    this.table.setRules(chain, [])
    this.table.chains.delete(chain.name)
  }
}
