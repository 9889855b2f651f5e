/**
 * A limit on what one evaluation may do. The library has none for running, so its evaluator is reached through a macro,
 * and every step that it takes is counted: loops within loops end by this.
 */
import type { Environment } from '@marcbachmann/cel-js'

/** As cel-go counts it, per call. */
const costPerCall = 1_000_000
export const costExceeded = 'operation cancelled: actual cost limit exceeded'

interface Node {
  evaluate(evaluator: Evaluator, node: Node, context: unknown): unknown
}

interface Evaluator {
  run(node: Node, context: unknown): unknown
}

interface Checker {
  check(node: Node, context: unknown): unknown
}

interface Macro {
  readonly args: readonly Node[]
}

let left = 0

/** Expressions of this environment run within a budget from now on. */
export function limitCost(environment: Environment): void {
  const macro = ({ args }: Macro): unknown => ({
    typeCheck: (checker: Checker, _macro: unknown, context: unknown) => checker.check(args[0] as Node, context),
    evaluate: (evaluator: Evaluator) => {
      evaluator.run = (node, context) => {
        if (--left < 0) throw new Error(costExceeded)
        return node.evaluate(evaluator, node, context)
      }
      return true
    },
  })
  environment.registerFunction('__limitCost(ast): bool', macro as never)
  environment.evaluate('__limitCost(true)')
}

/** Runs one evaluation with a whole budget. A loop may swallow the error that ends it, so the budget is looked at once more. */
export function withinCost<T>(run: () => T): T {
  left = costPerCall
  const result = run()
  if (left < 0) throw new Error(costExceeded)
  return result
}
