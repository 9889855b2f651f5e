/** What nodes hold in other nodes: lists of values, keys of elements, regular expressions. */
import { PatternError } from '#engine/shell/patterns/posix'
import type { Key } from '#engine/programs/text/awk/array'
import type { Awk } from '#engine/programs/text/awk/awk'
import { RunTimeError } from '#engine/programs/text/awk/jump'
import { eachInTurn, type Soon, whenDone } from '#engine/programs/text/awk/soon'
import type { Expression } from '#engine/programs/text/awk/syntax'
import { toText, type Value } from '#engine/programs/text/awk/values'

export function valuesOf(awk: Awk, nodes: readonly Expression[]): Soon<Value[]> {
  const out: Value[] = []
  return whenDone(eachInTurn(nodes, (node) => whenDone(awk.evaluate(node), (value) => void out.push(value))), () => out)
}

export function elementKey(awk: Awk, index: readonly Expression[]): Soon<Key> {
  const { convert } = awk.variables
  if (index.length === 1) return whenDone(awk.evaluate(index[0] as Expression), (value) => keyOf(value, convert))
  return whenDone(valuesOf(awk, index), (values) => values.map((value) => toText(value, convert)).join(awk.variables.text('SUBSEP')))
}

function keyOf(value: Value, convert: string): Key {
  return typeof value === 'number' && Number.isInteger(value) && Math.abs(value) < 2147483648 ? value + 0 : toText(value, convert)
}

/** A regular expression: literal, or the text of a value. */
export function regexOf(awk: Awk, node: Expression): Soon<RegExp> {
  if (node.type === 'regex') return awk.regex(node.source)
  return whenDone(awk.evaluate(node), (value) => regexFromText(awk, toText(value, awk.variables.convert)))
}

function regexFromText(awk: Awk, source: string): RegExp {
  try {
    return awk.regex(source)
  } catch (error) {
    if (error instanceof PatternError) throw new RunTimeError(`regular expression compile failed (${error.message})\n${source}`)
    throw error
  }
}
