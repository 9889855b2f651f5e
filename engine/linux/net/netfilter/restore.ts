/** iptables-restore: whole tables from text, all or nothing per table. */
import { remembered } from '#engine/base/remembered'
import type { NetNamespace } from '#engine/linux/net/namespace'
import { parseRule } from '#engine/linux/net/netfilter/parse'
import { type Rule, sameRule } from '#engine/linux/net/netfilter/rule'
import type { Chain} from '#engine/linux/net/netfilter/table';
import { builtinChains, type Table, type TableName } from '#engine/linux/net/netfilter/table'
import { RuleError } from '#engine/linux/net/netfilter/words'

/** What is wrong, and in which line (1-based). */
export class RestoreError extends Error {
  override readonly name = 'RestoreError'

  constructor(message: string, readonly line: number, readonly problem?: RuleError) {
    super(message)
  }
}

export interface RestoreOptions {
  /** Keep chains that are not named in the text. */
  readonly noFlush?: boolean
  readonly counters?: boolean
  readonly table?: string
  readonly test?: boolean
}

interface Draft {
  readonly table: Table
  readonly rules: Map<string, Rule[]>
  readonly declared: Map<string, { policy: 'ACCEPT' | 'DROP' | undefined; packets: number; bytes: number }>
  readonly deleted: Set<string>
}

/** Throws RestoreError; tables committed before stay. */
export function restore(namespace: NetNamespace, text: string, options: RestoreOptions = {}): void {
  let draft: Draft | undefined
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.trim()
    if (line === '' || line.startsWith('#')) continue
    if (line.startsWith('*')) draft = begin(namespace, line.slice(1), options, index + 1)
    else if (line === 'COMMIT') {
      if (draft && !options.test) commit(draft)
      draft = undefined
    } else if (draft) applyLine(draft, line, index + 1)
    else throw new RestoreError('no table', index + 1)
  }
  if (draft) throw new RestoreError('COMMIT expected', text.split('\n').length)
}

function begin(namespace: NetNamespace, name: string, options: RestoreOptions, line: number): Draft {
  if (!(name in builtinChains)) throw new RestoreError(`can't initialize iptables table \`${name}'`, line)
  const table = namespace.netfilter.table(name as TableName)
  const draft: Draft = { table, rules: new Map(), declared: new Map(), deleted: new Set() }
  if (!options.noFlush) {
    for (const chain of table.chains.values()) {
      if (table.isBuiltin(chain.name)) draft.rules.set(chain.name, [])
      else draft.deleted.add(chain.name)
    }
  }
  return draft
}

function applyLine(draft: Draft, line: string, number: number): void {
  if (line.startsWith(':')) {
    const match = /^:(\S+) (\S+)(?: \[(\d+):(\d+)\])?$/.exec(line)
    if (!match) throw new RestoreError(`bad line: ${line}`, number)
    const [, name = '', policy, packets, bytes] = match
    draft.declared.set(name, { policy: policy === 'ACCEPT' || policy === 'DROP' ? policy : undefined, packets: Number(packets ?? 0), bytes: Number(bytes ?? 0) })
    draft.deleted.delete(name)
    draft.rules.set(name, [])
    return
  }
  const words = wordsOf(line.startsWith('[') ? line.replace(/^\[\d+:\d+\] /, '') : line)
  try {
    command(draft, words)
  } catch (error) {
    if (error instanceof RuleError) throw new RestoreError(error.message, number, error)
    throw error
  }
}

function rulesOf(draft: Draft, chain: string): Rule[] {
  let rules = draft.rules.get(chain)
  if (rules) return rules
  const standing = draft.table.chains.get(chain)
  if (!standing || draft.deleted.has(chain)) throw new RuleError('Chain does not exist', 1, 'none')
  draft.rules.set(chain, (rules = [...standing.rules]))
  return rules
}

type Command = (draft: Draft, chain: string, rest: readonly string[]) => void

const append: Command = (draft, chain, rest) => void rulesOf(draft, chain).push(parseRule(rest))

const insert: Command = (draft, chain, rest) => {
  const numbered = /^\d+$/.test(rest[0] ?? '')
  rulesOf(draft, chain).splice(numbered ? Number(rest[0]) - 1 : 0, 0, parseRule(numbered ? rest.slice(1) : rest))
}

const remove: Command = (draft, chain, rest) => {
  const wanted = parseRule(rest)
  const rules = rulesOf(draft, chain)
  const index = rules.findIndex((rule) => sameRule(rule, wanted))
  if (index < 0) throw new RuleError('Bad rule (does a matching rule exist in that chain?).', 1, 'none')
  rules.splice(index, 1)
}

const flush: Command = (draft, chain) => {
  rulesOf(draft, chain).length = 0
}

const removeChain: Command = (draft, chain) => {
  draft.deleted.add(chain)
  draft.rules.delete(chain)
}

const newChain: Command = (draft, chain) => {
  draft.declared.set(chain, { policy: undefined, packets: 0, bytes: 0 })
  draft.rules.set(chain, [])
}

const commands = new Map<string, Command>([
  ['-A', append], ['--append', append], ['-I', insert], ['--insert', insert], ['-D', remove], ['--delete', remove],
  ['-F', flush], ['--flush', flush], ['-X', removeChain], ['--delete-chain', removeChain], ['-N', newChain], ['--new-chain', newChain],
])

function command(draft: Draft, words: readonly string[]): void {
  const [verb = '', chain = '', ...rest] = words
  const perform = commands.get(verb)
  if (!perform) throw new RuleError(`unknown option "${verb}"`)
  perform(draft, chain, rest)
}

function commit(draft: Draft): void {
  const { table } = draft
  for (const [name, declared] of draft.declared) {
    const chain = table.chains.get(name) ?? table.addChain(name)
    if (table.isBuiltin(name)) chain.policy = declared.policy ?? 'ACCEPT'
    chain.packets = declared.packets
    chain.bytes = declared.bytes
  }
  checkTargets(draft)
  for (const [name, rules] of draft.rules) table.setRules(table.chains.get(name) as Chain, rules)
  for (const name of draft.deleted) {
    const chain = table.chains.get(name)
    if (!chain) continue
    table.setRules(chain, [])
    table.chains.delete(name)
  }
}

function checkTargets(draft: Draft): void {
  for (const rules of draft.rules.values()) {
    for (const { target } of rules) {
      if ((target?.kind === 'jump' || target?.kind === 'goto') && (!draft.table.chains.has(target.chain) || draft.deleted.has(target.chain))) throw new RestoreError(`Couldn't load target \`${target.chain}':No such file or directory`, 0)
    }
  }
}

const wordsOf = remembered<readonly string[]>(5000, splitWords)

/** Words of a line; double quotes hold spaces, backslashes escape within them. */
export function splitWords(line: string): string[] {
  const words: string[] = []
  for (const match of line.matchAll(/"((?:[^"\\]|\\.)*)"|'([^']*)'|(\S+)/g)) words.push(match[1] !== undefined ? match[1].replace(/\\(.)/g, '$1') : (match[2] ?? match[3] ?? ''))
  return words
}
