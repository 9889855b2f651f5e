/** Statements, by kind. A promise is returned only where something has to be waited for. */
import type { Awk } from '#engine/programs/text/awk/awk'
import { Jump } from '#engine/programs/text/awk/jump'
import { forIn, runLoop } from '#engine/programs/text/awk/loops'
import { elementKey } from '#engine/programs/text/awk/operands'
import { print } from '#engine/programs/text/awk/print'
import { eachInTurn, wait, whenDone } from '#engine/programs/text/awk/soon'
import type { Statement } from '#engine/programs/text/awk/syntax'
import { toBoolean, unset } from '#engine/programs/text/awk/values'

type Node<T extends Statement['type']> = Extract<Statement, { type: T }>
type Waiting = Promise<void> | undefined
type Kind = Exclude<Statement['type'], 'break' | 'continue' | 'next' | 'nextfile' | 'exit' | 'return'>

const executors: { readonly [T in Kind]: (awk: Awk, statement: Node<T>) => Waiting } = {
  expression: (awk, { expression }) => wait(awk.evaluate(expression)),
  block: (awk, { body }) => wait(eachInTurn(body, (statement) => awk.execute(statement))),
  print,
  if: (awk, { test, yes, no }) => wait(whenDone(awk.evaluate(test), (value) => (toBoolean(value) ? awk.execute(yes) : no && awk.execute(no)))),
  while: (awk, { test, body }) => runLoop(awk, { test, body, step: undefined }, true),
  do: (awk, { test, body }) => runLoop(awk, { test, body, step: undefined }, false),
  for: (awk, { start, test, step, body }) => wait(whenDone(start && awk.execute(start), () => runLoop(awk, { test, step, body }, true))),
  forin: forIn,
  delete: remove,
}

export function execute(awk: Awk, statement: Statement): Waiting {
  if (statement.type in executors) return (executors[statement.type as Kind] as (awk: Awk, statement: Statement) => Waiting)(awk, statement)
  return leave(awk, statement as Exclude<Statement, { type: Kind }>)
}

function leave(awk: Awk, statement: Exclude<Statement, { type: Kind }>): Waiting {
  if (!('value' in statement)) throw new Jump(statement.type)
  return wait(whenDone(statement.value ? awk.evaluate(statement.value) : unset, (value): undefined => {
    throw new Jump(statement.type, value)
  }))
}

function remove(awk: Awk, { name, index }: Node<'delete'>): Waiting {
  const array = awk.variables.array(name)
  if (index) return wait(whenDone(elementKey(awk, index), (key) => array.delete(key)))
  array.clear()
  return undefined
}
