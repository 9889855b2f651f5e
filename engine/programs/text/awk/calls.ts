/** Calls of the program's own functions: values are copied, arrays and what may yet become one are shared. */
import type { Awk } from '#engine/programs/text/awk/awk'
import { Jump, RunTimeError } from '#engine/programs/text/awk/jump'
import { eachInTurn, type Soon, whenDone } from '#engine/programs/text/awk/soon'
import type { Expression, FunctionNode } from '#engine/programs/text/awk/syntax'
import { unset, type Value } from '#engine/programs/text/awk/values'
import type { Cell } from '#engine/programs/text/awk/variables'

const maxCalls = 4000

export function callFunction(awk: Awk, node: Extract<Expression, { type: 'call' }>): Soon<Value> {
  const definition = awk.functions.get(node.name)
  if (!definition) throw new RunTimeError(`function ${node.name} never defined`)
  const cells: Cell[] = []
  const passed = eachInTurn(node.arguments, (argument) => {
    const shared = sharedCell(awk, argument)
    if (shared) return void cells.push(shared)
    return whenDone(awk.evaluate(argument), (value) => void cells.push({ value, array: undefined, link: undefined }))
  })
  return whenDone(passed, () => enter(awk, definition, cells))
}

function sharedCell(awk: Awk, argument: Expression): Cell | undefined {
  if (argument.type !== 'name' || awk.variables.isCounted(argument.name)) return undefined
  const cell = awk.variables.cell(argument.name)
  return cell.array || cell.value === unset ? { value: unset, array: cell.array, link: cell } : undefined
}

function enter(awk: Awk, { parameters, body }: FunctionNode, cells: readonly Cell[]): Soon<Value> {
  if (++awk.calls > maxCalls) throw new RunTimeError('function call nesting too deep')
  const outer = awk.variables.locals
  awk.variables.locals = new Map(parameters.map((name, index) => [name, cells[index] ?? { value: unset, array: undefined, link: undefined }]))
  const leave = (): Value => {
    awk.calls--
    awk.variables.locals = outer
    return unset
  }
  const caught = (error: unknown): Value => {
    leave()
    if (error instanceof Jump && error.kind === 'return') return error.value
    throw error
  }
  try {
    const waiting = awk.execute(body)
    return waiting ? waiting.then(leave, caught) : leave()
  } catch (error) {
    return caught(error)
  }
}
