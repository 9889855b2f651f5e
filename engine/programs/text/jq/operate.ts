/** Operators between two values. */
import { arithmetic } from '#engine/programs/text/jq/arithmetic'
import { compareValues, type Json } from '#engine/programs/text/jq/values'

export function operate(operator: string, left: Json, right: Json): Json {
  switch (operator) {
    case '==': return compareValues(left, right) === 0
    case '!=': return compareValues(left, right) !== 0
    case '<': return compareValues(left, right) < 0
    case '<=': return compareValues(left, right) <= 0
    case '>': return compareValues(left, right) > 0
    case '>=': return compareValues(left, right) >= 0
    default: return arithmetic(operator, left, right)
  }
}
