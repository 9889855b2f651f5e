/** The `rewrite` plugin: names (exact, prefix, suffix, substring, regex) and types are changed on the way in, and back on the way out. */
import { RE2JS } from 're2js'
import { type DnsAnswer, type DnsQuery, type Setup, type SetupContext, setupError } from '#engine/network/dns/plugin'

type Rename = (name: string) => string | undefined

interface Rule {
  readonly type?: { readonly from: string; readonly to: string }
  readonly rename?: Rename
  readonly stop: boolean
  /** What answers are renamed by; default the way back of an exact rename. */
  readonly answer?: Rename | undefined
}

export const rewrite: Setup = (directive, context) => {
  const rules = [directive.args, ...(directive.block ?? []).map((line) => line.words)].filter((words) => words.length > 1)
  const parsed = combine(rules).map((words) => parseRule(words, directive.line, context))
  return {
    name: 'rewrite',
    handle: async (query, next) => {
      const changed = apply(parsed, query)
      if (!changed) return next(query)
      const answer = await next(changed.query)
      return answer && restore(answer, query, changed)
    },
  }
}

/** A block holds one rule: its lines after the first are that rule's `answer` parts. */
function combine(lines: readonly (readonly string[])[]): string[][] {
  const out: string[][] = []
  for (const line of lines) {
    if (line[0] === 'answer' && out.length > 0) out.at(-1)?.push(...line)
    else out.push([...line])
  }
  return out
}

function parseRule(given: readonly string[], line: number, context: SetupContext): Rule {
  let words = [...given]
  let stop = true
  if (words[0] === 'stop' || words[0] === 'continue') {
    stop = words[0] === 'stop'
    words = words.slice(1)
  }
  const [field, ...rest] = words
  if (field === 'type') return { stop, type: { from: (rest[0] ?? '').toUpperCase(), to: (rest[1] ?? '').toUpperCase() } }
  if (field !== 'name') {
    if (rest.length === 1 && field?.includes('.')) return { stop, rename: rename('exact', field, rest[0] ?? '') }
    throw setupError(context, 'rewrite', line, `invalid rule type "${field ?? ''}"`)
  }
  const kinds = new Set(['exact', 'prefix', 'suffix', 'substring', 'regex'])
  const kind = kinds.has(rest[0] ?? '') ? (rest[0] as string) : 'exact'
  const [from = '', to = '', ...more] = kinds.has(rest[0] ?? '') ? rest.slice(1) : rest
  if (to === '') throw setupError(context, 'rewrite', line, 'exactly two arguments needed for name rule')
  const at = more.indexOf('answer')
  const answer = at >= 0 ? answerRule(more.slice(at + 1), from, to, kind) : undefined
  return { stop, rename: rename(kind, from, to), answer: answer ?? reversed(from, to, kind) }
}

/** What gives the asked name back in the answer, where the rule can be turned round. */
function reversed(from: string, to: string, kind: string): Rename | undefined {
  return kind === 'suffix' || kind === 'prefix' ? rename(kind, to, from) : undefined
}

function answerRule(words: readonly string[], from: string, to: string, kind: string): Rename | undefined {
  if (words[0] === 'auto') return reversed(from, to, kind)
  const [first, ...rest] = words
  return first === 'name' || first === 'value' ? rename('regex', rest[0] ?? '', rest[1] ?? '') : undefined
}

function dotted(name: string): string {
  return `${name.toLowerCase().replace(/\.$/, '')}.`
}

function rename(kind: string, from: string, to: string): Rename {
  switch (kind) {
    case 'exact':
      return (name) => (name === dotted(from) ? dotted(to) : undefined)
    case 'prefix':
      return (name) => (name.startsWith(from.toLowerCase()) ? to + name.slice(from.length) : undefined)
    case 'suffix':
      return (name) => (name.endsWith(dotted(from)) ? name.slice(0, name.length - dotted(from).length) + dotted(to) : undefined)
    case 'substring':
      return (name) => (name.includes(from.toLowerCase()) ? name.replaceAll(from.toLowerCase(), to) : undefined)
    default: {
      const pattern = RE2JS.compile(from)
      return (name) => {
        const matcher = pattern.matcher(name)
        if (!matcher.find()) return undefined
        return dotted(to.replace(/\{(\d)\}/g, (_, group: string) => matcher.group(Number(group)) ?? ''))
      }
    }
  }
}

interface Changed {
  readonly query: DnsQuery
  readonly answer: Rename | undefined
}

function apply(rules: readonly Rule[], query: DnsQuery): Changed | undefined {
  let changed: Changed | undefined
  for (const rule of rules) {
    const current = changed?.query ?? query
    const name = rule.rename?.(current.name)
    const type = rule.type && current.question.type === rule.type.from ? rule.type.to : undefined
    if (name === undefined && type === undefined) continue
    changed = { query: { ...current, name: name ?? current.name, question: { name: (name ?? `${current.question.name}.`).replace(/\.$/, ''), type: (type as DnsQuery['question']['type'] | undefined) ?? current.question.type } }, answer: rule.answer }
    if (rule.stop) break
  }
  return changed
}

/** Records of the name that was asked in its place bear the name that was asked for. */
function restore(answer: DnsAnswer, query: DnsQuery, changed: Changed): DnsAnswer {
  const asked = changed.query.name
  const answers = answer.answers.map((record) => {
    const name = dotted(record.name)
    if (name === asked) return { ...record, name: query.question.name }
    const renamed = changed.answer?.(name)
    return renamed === undefined ? record : { ...record, name: renamed.replace(/\.$/, '') }
  })
  return { ...answer, answers }
}
