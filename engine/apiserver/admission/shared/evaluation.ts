/** Expressions of admission policies. */
import { CelError, compileCel } from '#engine/api/cel/expression'
import { listOf } from '#engine/apiserver/registry/free'
import type { Free } from '#engine/apiserver/registry/free'
import { expressionVariables } from './match'

export type Bindings = Record<string, unknown>

/** Of variables that failed: why. They are missing among the others. */
const failures = new WeakMap<object, Map<string, string>>()

export function run(expression: string, bindings: Bindings): unknown {
  try {
    return compileCel(expression, expressionVariables).run(bindings)
  } catch (error) {
    throw blamed(error, expression, bindings['variables'])
  }
}

/** A key that is missing because its variable failed: that is the error. */
function blamed(error: unknown, expression: string, variables: unknown): unknown {
  const name = /^no such key: (\w+)$/.exec(words(error))?.[1]
  const why = name !== undefined && new RegExp(`\\bvariables\\.${name}\\b`).test(expression) && variables ? failures.get(variables)?.get(name) : undefined
  return why === undefined ? error : new CelError(`composited variable ${JSON.stringify(name)} fails to evaluate: ${why}`)
}

export const words = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** Each may use those before it; who uses one that fails, fails too. */
export function variablesOf(spec: Free, bindings: Bindings): Record<string, unknown> {
  const out: Record<string, unknown> = {}
  const failed = new Map<string, string>()
  failures.set(out, failed)
  for (const { name, expression } of listOf(spec.variables) as { name: string; expression: string }[]) {
    try {
      out[name] = run(expression, { ...bindings, variables: out })
    } catch (error) {
      failed.set(name, words(error))
    }
  }
  return out
}
