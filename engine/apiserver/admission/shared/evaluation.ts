/** Expressions of admission policies. */
import { compileCel } from '#engine/api/cel/expression'
import { listOf } from '#engine/apiserver/registry/free'
import type { Free } from '#engine/apiserver/registry/free'
import { expressionVariables } from './match'

export type Bindings = Record<string, unknown>

export function run(expression: string, bindings: Bindings): unknown {
  return compileCel(expression, expressionVariables).run(bindings)
}

export const words = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** A variable that fails is missing: whoever uses it fails too. */
export function variablesOf(spec: Free, bindings: Bindings): Record<string, unknown> {
  const out: Record<string, unknown> = {}
  for (const variable of listOf(spec.variables)) {
    try {
      out[variable.name as string] = run(variable.expression as string, { ...bindings, variables: out })
    } catch {
      continue
    }
  }
  return out
}
