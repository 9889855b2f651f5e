/** What jq finds before it runs: names that nobody defined, divisions by a literal zero. */
import { isDefined } from '#engine/programs/text/jq/scope'
import type { Filter, Pattern } from '#engine/programs/text/jq/syntax'

export interface CompileProblem {
  readonly message: string
  readonly at: number
}

interface Names {
  readonly variables: ReadonlySet<string>
  readonly functions: ReadonlySet<string>
}

export function checkProgram(filter: Filter, variables: Iterable<string>): CompileProblem[] {
  const problems: CompileProblem[] = []
  visit(filter, { variables: new Set(variables), functions: new Set() }, problems)
  return problems
}

type Visit<T extends Filter['type']> = (filter: Extract<Filter, { type: T }>, names: Names, problems: CompileProblem[]) => void

/** Nodes that name something, or that know what is wrong with them. */
const visitors: { readonly [T in Filter['type']]?: Visit<T> } = {
  variable: ({ name, at }, { variables }, problems) => {
    if (!variables.has(name)) problems.push({ message: `$${name} is not defined`, at })
  },
  call: ({ name, arguments: args, at }, names, problems) => {
    const signature = `${name}/${args.length}`
    if (!names.functions.has(signature) && !isDefined(name, args.length)) problems.push({ message: `${signature} is not defined`, at })
    for (const argument of args) visit(argument, names, problems)
  },
  def: visitDefinition,
  reduce: visitFold,
  foreach: visitFold,
  as: ({ source, patterns, body }, names, problems) => {
    visit(source, names, problems)
    visit(body, patterns.reduce((all, pattern) => withPattern(pattern, all), names), problems)
  },
  binary: ({ operator, left, right }, names, problems) => {
    if (/^[/%]$/.test(operator) && right.type === 'literal' && right.value === 0 && left.type === 'literal') problems.push({ message: 'Division by zero?', at: 0 })
    visit(left, names, problems)
    visit(right, names, problems)
  },
}

function visit(filter: Filter | undefined, names: Names, problems: CompileProblem[]): void {
  if (!filter) return
  const own = visitors[filter.type] as Visit<Filter['type']> | undefined
  if (own) return own(filter, names, problems)
  for (const inner of innerFilters(filter)) visit(inner, names, problems)
}

function visitDefinition({ definition, body }: Extract<Filter, { type: 'def' }>, names: Names, problems: CompileProblem[]): void {
  const { name, parameters } = definition
  const outer: Names = { variables: names.variables, functions: new Set([...names.functions, `${name}/${parameters.length}`]) }
  const variables = parameters.filter((parameter) => parameter.startsWith('$')).map((parameter) => parameter.slice(1))
  const closures = parameters.map((parameter) => `${parameter.replace(/^\$/, '')}/0`)
  visit(definition.body, { variables: new Set([...names.variables, ...variables]), functions: new Set([...outer.functions, ...closures]) }, problems)
  visit(body, outer, problems)
}

function visitFold(filter: Extract<Filter, { type: 'reduce' | 'foreach' }>, names: Names, problems: CompileProblem[]): void {
  visit(filter.source, names, problems)
  visit(filter.start, names, problems)
  const inner = withPattern(filter.pattern, names)
  visit(filter.update, inner, problems)
  if (filter.type === 'foreach') visit(filter.extract, inner, problems)
}

/** The filters that stand in a node. */
function innerFilters(filter: Filter): (Filter | undefined)[] {
  if (filter.type === 'object') return filter.entries.flatMap(({ key, value }) => [key, value])
  if (filter.type === 'string') return filter.parts.map((part) => ('filter' in part ? part.filter : undefined))
  return Object.values(filter).filter((value): value is Filter => typeof value === 'object' && value !== null && filter.type !== 'literal')
}

function withPattern(pattern: Pattern, names: Names): Names {
  const add = (one: Pattern): string[] => {
    if (one.type === 'variable') return [one.name]
    if (one.type === 'array') return one.items.flatMap(add)
    return one.entries.flatMap((entry) => [...(entry.variable === undefined ? [] : [entry.variable]), ...(entry.pattern ? add(entry.pattern) : [])])
  }
  return { variables: new Set([...names.variables, ...add(pattern)]), functions: names.functions }
}
