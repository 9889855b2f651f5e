/** When an indexed job has succeeded before all of its indexes have. */
import { invalid, required, tooMany, type FieldError, type FieldPath } from '#engine/api/field'
import { notNegative } from '#engine/apiserver/registry/core/pods/validation/errors'
import { listOf } from '#engine/apiserver/registry/free'
import type { Free } from '#engine/apiserver/registry/free'

export function validateSuccessPolicy(errors: FieldError[], spec: Free, at: FieldPath): void {
  if (spec.completionMode !== 'Indexed') {
    errors.push(invalid(at, { Rules: spec.successPolicy.rules ?? null }, 'requires indexed completion mode'))
    return
  }
  const rules = listOf(spec.successPolicy.rules)
  if (rules.length === 0) errors.push(required(at.child('rules'), 'at least one rules must be specified when the successPolicy is specified'))
  if (rules.length > 20) errors.push(tooMany(at.child('rules'), rules.length, 20))
  for (const [index, rule] of rules.entries()) validateRule(errors, rule, (spec.completions ?? 0) as number, at.child('rules').index(index))
}

function validateRule(errors: FieldError[], rule: Free, completions: number, where: FieldPath): void {
  const { succeededIndexes, succeededCount } = rule as { succeededIndexes?: string; succeededCount?: number }
  if (succeededIndexes === undefined && succeededCount === undefined) errors.push(required(where, 'at least one of succeededCount or succeededIndexes must be specified'))
  const indexes = succeededIndexes === undefined ? undefined : countIndexes(succeededIndexes, completions)
  if (indexes?.problem !== undefined) errors.push(invalid(where.child('succeededIndexes'), succeededIndexes, `error parsing succeededIndexes: ${indexes.problem}`))
  if (succeededCount === undefined) return
  const at = where.child('succeededCount')
  notNegative(errors, succeededCount, at)
  if (succeededCount > completions) errors.push(invalid(at, succeededCount, `must be less than or equal to ${completions} (the number of specified completions)`))
  if (indexes && succeededCount > indexes.total) errors.push(invalid(at, succeededCount, `must be less than or equal to ${indexes.total} (the number of indexes in the specified succeededIndexes field)`))
}

/** `1,3-5`: how many, as far as it makes sense. */
function countIndexes(text: string, completions: number): { total: number; problem?: string } {
  let total = 0
  let last = -1
  for (const part of text.split(',')) {
    const ends = part.split('-')
    if (ends.length > 2) return { total, problem: `the fragment ${JSON.stringify(part)} violates the requirement that an index interval can have at most two parts separated by '-'` }
    for (const [position, end] of ends.entries()) {
      if (!/^[+-]?\d+$/.test(end)) return { total, problem: `cannot convert string to integer for index: ${JSON.stringify(end)}` }
      const index = Number(end)
      if (index >= completions) return { total, problem: `too large index: ${JSON.stringify(end)}` }
      if (last >= index) return { total, problem: `non-increasing order, previous: ${last}, current: ${index}` }
      total += position === 0 ? 1 : index - last
      last = index
    }
  }
  return { total }
}
