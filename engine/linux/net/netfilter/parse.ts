/** Rules from words, as iptables takes them and iptables-save writes them. */
import { remembered } from '#engine/base/remembered'
import { networkOf, parsePrefix, parseV4 } from '#engine/linux/net/address'
import { parseMatchOption } from '#engine/linux/net/netfilter/parse-match'
import { parseTargetOption, startTarget } from '#engine/linux/net/netfilter/parse-target'
import { copyRule, type Match, type Negatable, type Rule, type Target } from '#engine/linux/net/netfilter/rule'
import { RuleError, Words } from '#engine/linux/net/netfilter/words'

/** A rule being put together; match modules are filled option by option. */
export interface RuleDraft {
  rule: { -readonly [K in keyof Rule]: Rule[K] }
  matches: Match[]
  target: Target | undefined
  /** The module or target that takes the options that follow. */
  words: Words
}

const protocols: Readonly<Record<string, string>> = { '0': 'all', '1': 'icmp', '6': 'tcp', '17': 'udp', '132': 'sctp', all: 'all', icmp: 'icmp', tcp: 'tcp', udp: 'udp', sctp: 'sctp', esp: 'esp', ah: 'ah', '50': 'esp', '51': 'ah' }

/** The same words are read again and again: by each copy of a cluster, by each sync of an agent. */
export function parseRule(list: readonly string[]): Rule {
  return list.length < 2 ? readRule(list) : copyRule(ruleOf(list.join('\0')))
}

const ruleOf = remembered(5000, (text) => readRule(text.split('\0')))

function readRule(list: readonly string[]): Rule {
  const draft: RuleDraft = { rule: { matches: [], packets: 0, bytes: 0 }, matches: [], target: undefined, words: new Words(list) }
  let not = false
  for (let word = draft.words.next(); word !== undefined; word = draft.words.next()) {
    if (word === '!') {
      not = true
      continue
    }
    parseOption(draft, word, not)
    not = false
  }
  checkMatches(draft)
  return { ...draft.rule, matches: draft.matches, ...(draft.target ? { target: draft.target } : {}) }
}

type OptionReader = (draft: RuleDraft, option: string, not: boolean) => void

/** Every spelling of the options that need no module. */
const readers = new Map<string, OptionReader>([
  ...spelled(['-s', '--source', '--src'], ({ rule, words }, option, not) => { rule.source = { not: negated(words, not), value: prefix(words.argument(option)) } }),
  ...spelled(['-d', '--destination', '--dst'], ({ rule, words }, option, not) => { rule.destination = { not: negated(words, not), value: prefix(words.argument(option)) } }),
  ...spelled(['-i', '--in-interface'], ({ rule, words }, option, not) => { rule.in = { not: negated(words, not), value: words.argument(option) } }),
  ...spelled(['-o', '--out-interface'], ({ rule, words }, option, not) => { rule.out = { not: negated(words, not), value: words.argument(option) } }),
  ...spelled(['-p', '--protocol', '--proto'], ({ rule, words }, _option, not) => parseProtocol(rule, words, negated(words, not))),
  ...spelled(['-m', '--match'], (draft, option) => startMatch(draft, draft.words.argument(option))),
  ...spelled(['-j', '--jump'], (draft, option) => { draft.target = startTarget(draft.words.argument(option), false) }),
  ...spelled(['-g', '--goto'], (draft, option) => { draft.target = startTarget(draft.words.argument(option), true) }),
  ...spelled(['-c', '--set-counters'], ({ rule, words }, option) => {
    rule.packets = Number(words.argument(option))
    rule.bytes = Number(words.argument(option))
  }),
])

function spelled(names: readonly string[], read: OptionReader): [string, OptionReader][] {
  return names.map((name) => [name, read])
}

function parseOption(draft: RuleDraft, option: string, not: boolean): void {
  const read = readers.get(option) ?? parseExtension
  read(draft, option, not)
}

/** The older `-s ! ADDRESS`. */
function negated(words: Words, before: boolean): boolean {
  if (words.peek() !== '!') return before
  words.next()
  return !before
}

function prefix(text: string): NonNullable<Rule['source']>['value'] {
  const parsed = parsePrefix(text)
  if (parsed) return networkOf(parsed)
  if (/\//.test(text) && parseV4(text.split('/')[0] ?? '') !== undefined) throw new RuleError(`invalid mask \`${text.split('/')[1]}' specified`)
  throw new RuleError(`host/network \`${text}' not found`)
}

function parseProtocol(rule: RuleDraft['rule'], words: Words, not: boolean): void {
  const text = words.argument('-p')
  const known = protocols[text.toLowerCase()] ?? (/^\d+$/.test(text) && Number(text) < 256 ? text : undefined)
  if (known === undefined) throw new RuleError(`unknown protocol "${text}" specified`)
  if (known === 'all' && !not) return
  rule.protocol = { not, value: known } as Negatable<string>
}

const modules: Readonly<Record<string, () => Match>> = {
  tcp: () => ({ module: 'tcp' }), udp: () => ({ module: 'udp' }), sctp: () => ({ module: 'sctp' }), icmp: () => ({ module: 'icmp', type: { not: false, value: 'any' } }),
  comment: () => ({ module: 'comment', text: '' }),
  multiport: () => ({ module: 'multiport', side: 'dports', not: false, ranges: [] }),
  conntrack: () => ({ module: 'conntrack', not: false, states: [] }), state: () => ({ module: 'state', not: false, states: [] }),
  mark: () => ({ module: 'mark', not: false, value: 0, mask: 0 }),
  statistic: () => ({ module: 'statistic', mode: 'random', not: false, probability: 0 }),
  addrtype: () => ({ module: 'addrtype' }),
  recent: () => ({ module: 'recent', name: 'DEFAULT', action: 'rcheck', not: false, reap: false, side: 'rsource' }),
  set: () => ({ module: 'set', not: false, name: '', directions: [] }),
  iprange: () => ({ module: 'iprange' }),
  limit: () => ({ module: 'limit', rate: '3/hour', burst: 5 }),
  owner: () => ({ module: 'owner', uid: { not: false, value: 0 } }),
  physdev: () => ({ module: 'physdev', not: false, isBridged: true }),
  nfacct: () => ({ module: 'nfacct', name: '' }),
}

function startMatch(draft: RuleDraft, name: string): void {
  const make = modules[name]
  if (!make) throw new RuleError(`Couldn't load match \`${name}':No such file or directory`)
  draft.matches.push(make())
}

/** An option of a module named before, of the protocol's module, or of the target. */
function parseExtension(draft: RuleDraft, option: string, not: boolean): void {
  if (!option.startsWith('-')) throw new RuleError(`Bad argument \`${option}'`)
  for (let index = draft.matches.length - 1; index >= 0; index--) {
    const next = parseMatchOption(draft.matches[index] as Match, option, not, draft.words)
    if (!next) continue
    draft.matches[index] = next
    return
  }
  if (draft.target) {
    const next = parseTargetOption(draft.target, option, not, draft.words)
    if (next) {
      draft.target = next
      return
    }
  }
  const implied = draft.rule.protocol && !draft.rule.protocol.not ? modules[draft.rule.protocol.value] : undefined
  const match = implied && !draft.matches.some((each) => each.module === draft.rule.protocol?.value) ? parseMatchOption(implied(), option, not, draft.words) : undefined
  if (!match) throw new RuleError(option.startsWith('--') ? `unknown option "${option}"` : `unknown option "${option}"`)
  draft.matches.push(match)
}

function checkMatches(draft: RuleDraft): void {
  for (const match of draft.matches) checkMatch(match, draft.rule.protocol?.value)
  if (draft.target?.kind === 'DNAT' && draft.target.address === undefined && !draft.target.ports) throw new RuleError('DNAT: option "--to-destination" must be specified')
  if (draft.target?.kind === 'SNAT' && draft.target.address === 0 && !draft.target.ports) throw new RuleError('SNAT: option "--to-source" must be specified')
}

function checkMatch(match: Match, protocol: string | undefined): void {
  if ((match.module === 'tcp' || match.module === 'udp' || match.module === 'sctp') && protocol !== match.module) throw new RuleError(`The ${match.module} match needs -p ${match.module}`, 2)
  if (match.module === 'multiport' && !/^(tcp|udp|sctp)$/.test(protocol ?? '')) throw new RuleError('multiport needs `-p tcp\', `-p udp\', `-p udplite\', `-p sctp\' or `-p dccp\'')
  if ((match.module === 'conntrack' || match.module === 'state') && match.states.length === 0) throw new RuleError(match.module === 'state' ? 'You must specify "--state"' : 'conntrack: At least one option is required')
}
