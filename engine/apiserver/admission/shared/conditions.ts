/** matchConditions of webhooks and policies. */
import { compileCel } from '#engine/api/cel/expression'
import { listOf, type Free } from '#engine/apiserver/registry/free'
import { expressionVariables } from './match'

/** Whether all hold; words when some cannot be evaluated and none of the others is false. */
export function conditionsHold(conditions: Free, bindings: Readonly<Record<string, unknown>>): boolean | string {
  const problems: string[] = []
  for (const condition of listOf(conditions)) {
    const expression = condition.expression as string
    try {
      if (compileCel(expression, expressionVariables).run(bindings) === false) return false
    } catch (error) {
      problems.push(`expression '${expression}' resulted in error: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  if (problems.length === 0) return true
  return problems.length === 1 ? (problems[0] as string) : `[${problems.join(', ')}]`
}
