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

function visit(filter: Filter | undefined, names: Names, problems: CompileProblem[]): void {
  if (!filter) return
  const go = (inner: Filter | undefined, own: Names = names): void => visit(inner, own, problems)
  switch (filter.type) {
    case 'variable':
      if (!names.variables.has(filter.name)) problems.push({ message: `$${filter.name} is not defined`, at: filter.at })
      return
    case 'call':
      if (!names.functions.has(`${filter.name}/${filter.arguments.length}`) && !isDefined(filter.name, filter.arguments.length)) problems.push({ message: `${filter.name}/${filter.arguments.length} is not defined`, at: filter.at })
      for (const argument of filter.arguments) go(argument)
      return
    case 'def': {
      const own = `${filter.definition.name}/${filter.definition.parameters.length}`
      const outer: Names = { variables: names.variables, functions: new Set([...names.functions, own]) }
      const plain = filter.definition.parameters.map((name) => name.replace(/^\$/, ''))
      go(filter.definition.body, { variables: new Set([...names.variables, ...filter.definition.parameters.filter((name) => name.startsWith('$')).map((name) => name.slice(1))]), functions: new Set([...outer.functions, ...plain.map((name) => `${name}/0`)]) })
      return go(filter.body, outer)
    }
    case 'reduce': case 'foreach': {
      go(filter.source)
      go(filter.start)
      const inner = withPattern(filter.pattern, names)
      go(filter.update, inner)
      if (filter.type === 'foreach') go(filter.extract, inner)
      return
    }
    case 'as': {
      go(filter.source)
      return go(filter.body, filter.patterns.reduce((all, pattern) => withPattern(pattern, all), names))
    }
    case 'binary':
      if ((filter.operator === '/' || filter.operator === '%') && filter.right.type === 'literal' && filter.right.value === 0 && filter.left.type === 'literal') problems.push({ message: 'Division by zero?', at: 0 })
      go(filter.left)
      return go(filter.right)
    default: return others(filter, go)
  }
}

function others(filter: Filter, go: (inner: Filter | undefined) => void): void {
  switch (filter.type) {
    case 'index': go(filter.on); go(filter.key); return
    case 'slice': go(filter.on); go(filter.from); go(filter.to); return
    case 'each': go(filter.on); return
    case 'try': go(filter.body); go(filter.handler); return
    case 'pipe': case 'comma': case 'and': case 'or': case 'alternative': case 'assign': go(filter.left); go(filter.right); return
    case 'negate': go(filter.operand); return
    case 'array': case 'label': go(filter.body); return
    case 'object': for (const entry of filter.entries) { go(entry.key); go(entry.value) } return
    case 'if': go(filter.test); go(filter.yes); go(filter.no); return
    case 'string': for (const part of filter.parts) if ('filter' in part) go(part.filter); return
    default: return
  }
}

function withPattern(pattern: Pattern, names: Names): Names {
  const add = (one: Pattern): string[] => {
    if (one.type === 'variable') return [one.name]
    if (one.type === 'array') return one.items.flatMap(add)
    return one.entries.flatMap((entry) => [...(entry.variable === undefined ? [] : [entry.variable]), ...(entry.pattern ? add(entry.pattern) : [])])
  }
  return { variables: new Set([...names.variables, ...add(pattern)]), functions: names.functions }
}
