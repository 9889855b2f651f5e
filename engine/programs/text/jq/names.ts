/** Names that patterns bind and labels carry, and paths that lead nowhere. */
import type { Scope } from '#engine/programs/text/jq/scope'
import type { Pattern } from '#engine/programs/text/jq/syntax'
import { fail, type Json } from '#engine/programs/text/jq/values'

export function namesOf(pattern: Pattern): string[] {
  if (pattern.type === 'variable') return [pattern.name]
  if (pattern.type === 'array') return pattern.items.flatMap(namesOf)
  return pattern.entries.flatMap((entry) => [...(entry.variable === undefined ? [] : [entry.variable]), ...(entry.pattern ? namesOf(entry.pattern) : [])])
}

export function labelId(name: string, scope: Scope | undefined): object {
  for (let at = scope; at; at = at.next) if (at.kind === 'label' && at.name === name) return at.id
  return fail(`$*label-${name} is not defined`)
}

/** Marks a value that was made, not found: going on from it into a path is an error. */
export class MadeValue extends Array<Json> {}

export function noPath(value: Json): readonly Json[] {
  const path = new MadeValue()
  Object.assign(path, { made: value })
  return path
}
