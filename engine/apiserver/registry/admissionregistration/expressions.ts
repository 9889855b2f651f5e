/** Does a policy's expression compile, and to what? */
import { checkExpression } from '#engine/api/cel/complaint'
import { celEnvironment } from '#engine/api/cel/environment'

const policyVariables = ['object', 'oldObject', 'request', 'params', 'namespaceObject', 'authorizer', 'variables']

/** Empty when the expression is fine. `type` is what it must give: bool, string, any. */
export function compileProblem(expression: string, type: string, _names: readonly string[]): string {
  const checked = checkExpression(celEnvironment(policyVariables), expression)
  return checked.problem === undefined ? typeProblem(checked.type, type) : `compilation failed: ${checked.problem}`
}

function typeProblem(given: string, wanted: string): string {
  if (wanted === 'any' || given === 'dyn' || given === wanted || given.startsWith('optional')) return ''
  if (wanted === 'string or null' && (given === 'string' || given === 'null')) return ''
  return wanted === 'string or null' ? `must evaluate to one of [string null_type] but got ${given}` : `must evaluate to ${wanted} but got ${given}`
}
