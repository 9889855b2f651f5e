/** Does a policy's expression compile, and to what? Complaints in the words and the drawing of the server's compiler. */
import { celEnvironment } from '#engine/apiserver/cel/environment'

const policyVariables = ['object', 'oldObject', 'request', 'params', 'namespaceObject', 'authorizer', 'variables']
const anything = "{'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}"

/** Empty when the expression is fine. `type` is what it must give: bool, string, any. */
export function compileProblem(expression: string, type: string, _names: readonly string[]): string {
  try {
    const result = celEnvironment(policyVariables).parse(expression).check() as { valid: boolean; type?: unknown; error?: unknown }
    if (!result.valid) return `compilation failed: ${describe(expression, result.error)}`
    return typeProblem(String(result.type ?? 'dyn'), type)
  } catch (error) {
    return `compilation failed: ${describe(expression, error)}`
  }
}

function typeProblem(given: string, wanted: string): string {
  if (wanted === 'any' || given === 'dyn' || given === wanted || given.startsWith('optional')) return ''
  if (wanted === 'string or null' && (given === 'string' || given === 'null')) return ''
  return wanted === 'string or null' ? `must evaluate to one of [string null_type] but got ${given}` : `must evaluate to ${wanted} but got ${given}`
}

function describe(expression: string, error: unknown): string {
  const text = error instanceof Error ? error.message : String(error)
  const unknown = /Unknown variable: (\w+)/.exec(text)
  if (unknown?.[1]) return draw(expression, Math.max(0, expression.search(new RegExp(`\\b${unknown[1]}\\b`))), `undeclared reference to '${unknown[1]}' (in container '')`)
  const first = text.split('\n')[0] ?? text
  if (/EOF|end of/i.test(first) || endsOpen(expression)) return draw(expression, expression.length, `Syntax error: mismatched input '<EOF>' expecting ${anything}`)
  const at = /\^/.test(text) ? caret(text) : 0
  return draw(expression, at, first.replace(/^[A-Z]/, (letter) => letter.toLowerCase()))
}

function endsOpen(expression: string): boolean {
  return /(<=|>=|==|!=|&&|\|\||[-+*/%<>!?:(,[{.])\s*$/.test(expression)
}

/** Where the library points at. */
function caret(text: string): number {
  const lines = text.split('\n')
  const row = lines.findIndex((line) => /^\s*(\|\s*)?\s*\^/.test(line.replace(/^[>\s\d]*\|/, '')))
  if (row < 1) return 0
  const bar = (lines[row] ?? '').indexOf('|')
  return Math.max(0, (lines[row] ?? '').indexOf('^') - (bar >= 0 ? bar + 2 : 0))
}

function draw(expression: string, at: number, message: string): string {
  const before = expression.slice(0, at).split('\n')
  const line = before.length
  const column = (before.at(-1) ?? '').length
  const shown = expression.split('\n')[line - 1] ?? ''
  return `ERROR: <input>:${line}:${column + 1}: ${message}\n | ${shown}\n | ${'.'.repeat(column)}^`
}
