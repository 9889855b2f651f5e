/** What is wrong with an expression, in the words and the drawing of the server's compiler. */
import { plainSource } from './rewrite'
import type { Environment } from '@marcbachmann/cel-js'

interface Node {
  readonly op?: string
  readonly args?: unknown
  readonly pos: number
  readonly start: number
  readonly end: number
}

interface Failure {
  readonly code?: string
  readonly message: string
  readonly node?: Node
}

export interface Checked {
  /** `ERROR: <input>:1:5: undefined field 'x'` and the drawing; undefined when the expression compiles. */
  readonly problem?: string
  /** What it evaluates to: `bool`, `dyn`. */
  readonly type: string
}

export function checkExpression(environment: Environment, expression: string): Checked {
  try {
    const result = environment.parse(plainSource(expression)).check() as { valid: boolean; type?: unknown; error?: Failure }
    if (result.valid) return { type: String(result.type ?? 'dyn') }
    return { problem: typeComplaint(environment, expression, result.error as Failure), type: 'dyn' }
  } catch (error) {
    return { problem: syntaxComplaint(expression, error as Failure), type: 'dyn' }
  }
}

function typeComplaint(environment: Environment, expression: string, { code, message, node }: Failure): string {
  const first = message.split('\n')[0] ?? ''
  if (!node) return draw(expression, 0, lowered(first))
  switch (code) {
    case 'no_such_key': return draw(expression, dotBefore(expression, node), `undefined field '${first.replace(/^No such key: /, '')}'`)
    case 'unknown_variable': return draw(expression, node.pos, `undeclared reference to '${first.replace(/^Unknown variable: /, '')}' (in container '')`)
    case 'no_such_overload': return draw(expression, operatorAt(expression, node), `found no matching overload for ${operatorWords(node, first)}`)
    case 'invalid_logical_operand': return draw(expression, operatorAt(expression, node), `found no matching overload for '_${node.op ?? ''}_' applied to '(${operands(node).map((item) => typeOf(environment, expression, item)).join(', ')})'`)
    case 'no_matching_overload': return callComplaint(environment, expression, node, first)
    default: return draw(expression, node.pos, lowered(first))
  }
}

/** A function that nobody knows, or one that is given the wrong things. */
function callComplaint(environment: Environment, expression: string, node: Node, first: string): string {
  const name = String((node.args as unknown[])[0])
  const known = environment.getDefinitions().functions.some((item) => item.name === name)
  const target = node.op === 'rcall' ? ((node.args as unknown[])[1] as Node).end : node.start
  const at = expression.indexOf('(', target)
  if (!known) return draw(expression, at, `undeclared reference to '${name}' (in container '')`)
  const signature = /'(?:(.*)\.)?([A-Za-z_]\w*)\((.*)\)'$/.exec(first)
  return draw(expression, at, `found no matching overload for '${name}' applied to '${signature?.[1] ? `${typeName(signature[1])}.` : ''}(${(signature?.[3] ?? '').split(/, (?![^<]*>)/).map(typeName).join(', ')})'`)
}

/** `no such overload: int == string`, `no such overload: !int` */
function operatorWords(node: Node, first: string): string {
  const text = first.replace(/^no such overload: /, '')
  if (node.op === '!_' || node.op === '-_') return `'${node.op}' applied to '(${typeName(text.slice(1))})'`
  const operator = node.op ?? ''
  const [left = '', right = ''] = text.split(` ${operator} `)
  return `'${operator === 'in' ? '@in' : operator === '[]' ? '_[_]' : `_${operator}_`}' applied to '(${typeName(left)}, ${typeName(right)})'`
}

function operands(node: Node): Node[] {
  return Array.isArray(node.args) ? (node.args as Node[]) : [node.args as Node]
}

function typeOf(environment: Environment, expression: string, node: Node): string {
  return typeName(checkExpression(environment, expression.slice(node.start, node.end)).type)
}

/** Types as cel-go writes them. */
function typeName(name: string): string {
  return name.replaceAll('<', '(').replaceAll('>', ')')
}

function operatorAt(expression: string, node: Node): number {
  const [left] = operands(node)
  if (node.op === '!_' || node.op === '-_') return node.start
  return Math.max(0, expression.indexOf(node.op ?? '', left?.end ?? 0))
}

function dotBefore(expression: string, node: Node): number {
  const [left] = operands(node)
  return Math.max(0, expression.indexOf(node.op === '[]' ? '[' : '.', left?.end ?? 0))
}

const anything = "{'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}"

function syntaxComplaint(expression: string, { message, node }: Failure): string {
  const first = message.split('\n')[0] ?? message
  const at = node?.pos ?? 0
  if (/Unexpected token: EOF/.test(first) || endsOpen(expression)) return draw(expression, expression.length, `Syntax error: mismatched input '<EOF>' expecting ${anything}`)
  if (/Expected RPAREN, got EOF/.test(first)) return draw(expression, expression.length, "Syntax error: missing ')' at '<EOF>'")
  if (/Unexpected character: '?[0-9A-Za-z"(]/.test(first)) return draw(expression, at, `Syntax error: extraneous input '${/^\w+|^./.exec(expression.slice(at))?.[0] ?? ''}' expecting <EOF>`)
  if (/Unexpected character/.test(first)) return draw(expression, at, `Syntax error: token recognition error at: '${expression.slice(at, at + 2)}'`)
  if (/Unterminated string/.test(first)) return draw(expression, at, `Syntax error: token recognition error at: '${expression.slice(at)}'`)
  return draw(expression, at, `Syntax error: ${lowered(first)}`)
}

function endsOpen(expression: string): boolean {
  return /(<=|>=|==|!=|&&|\|\||[-+*/%<>!?:(,[{.])\s*$/.test(expression)
}

function lowered(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1)
}

function draw(expression: string, at: number, message: string): string {
  const before = expression.slice(0, at).split('\n')
  const line = before.length
  const column = (before.at(-1) ?? '').length
  const shown = expression.split('\n')[line - 1] ?? ''
  return `ERROR: <input>:${line}:${column + 1}: ${message}\n | ${shown}\n | ${'.'.repeat(column)}^`
}
